"""Extraction from the agency's columns to the score."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.trials.engine.tasks.extraction import read_answer, write_answers
from madang.trials.tasks import Extraction
from tests.contract.korean_texts import notices

TASK = Extraction()
OPTIONS = {"text": "text", "fields": ["agency", "amount", "closes"]}
ONE = {"text": "text", "fields": ["closes"]}
TABLE = notices()
INPUTS, OUTCOMES = TABLE.select("text"), TABLE.drop("id", "text")
FRAME = TASK.frame(INPUTS, OUTCOMES, options=OPTIONS)


def score(metric, answers, *, outcomes=OUTCOMES, options=OPTIONS):
    return TASK.score(metric, outcomes, answers, frame=FRAME, options=options)


def truth_as_answers() -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in OUTCOMES.to_dicts()]


def test_perfect_answers_score_one_in_every_metric_absent_fields_included():
    assert OUTCOMES["amount"].null_count() > 0
    for metric in TASK.metrics(frame=FRAME, options=OPTIONS):
        assert score(metric.name, truth_as_answers()) == 1.0


def test_scores_by_hand():
    """Two texts of two fields: one half right in each, one spelled otherwise, one absent."""
    outcomes = pl.DataFrame({"a": ["가람시청", None], "b": ["1,000원", "내일"]})
    answers = ['{"a": "가람 시청", "b": "1000"}', '{"a": "있음", "b": "내일"}']
    options = {"text": "t", "fields": ["a", "b"]}
    found = {
        metric.name: score(metric.name, answers, outcomes=outcomes, options=options)
        for metric in TASK.metrics(frame=FRAME, options=options)
    }

    assert found["exact_match"] == pytest.approx((0.5 + 0.5) / 2)
    assert found["exact_match_a"] == 0.5
    assert found["exact_match_b"] == 0.5
    # 1000 against 1000원: four of four and four of five characters.
    assert found["character_f1_b"] == pytest.approx((8 / 9 + 1) / 2)
    assert found["all_fields"] == 0.0


def test_losses_are_those_of_each_text():
    answers = truth_as_answers()
    answers[3] = "{}"
    losses = TASK.losses("all_fields", OUTCOMES, answers, frame=FRAME, options=OPTIONS)

    assert losses.tolist() == [0.0 if row == 3 else 1.0 for row in range(120)]


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ('{"a": " 가 나 ", "c": 1}', {"a": "가나", "b": ""}),
        ('{"a": 12, "b": null}', {"a": "12", "b": ""}),
        ('{"a": ["x"], "b": true}', {"a": None, "b": None}),
        ("no json", {"a": None, "b": None}),
        ('["a"]', {"a": None, "b": None}),
        ("[" * 100_000, {"a": None, "b": None}),
    ],
)
def test_an_unreadable_answer_is_wrong_and_never_a_crash(answer, read):
    assert read_answer(answer, ["a", "b"]) == read


def test_an_unreadable_answer_scores_nothing_even_where_nothing_is_to_be_found():
    outcomes = pl.DataFrame(
        {"a": [None, "x"], "b": [None, "y"]}, schema={"a": pl.String, "b": pl.String}
    )
    options = {"text": "t", "fields": ["a", "b"]}

    for metric in ("exact_match", "character_f1", "all_fields"):
        assert score(metric, ["?", "?"], outcomes=outcomes, options=options) == 0.0


def test_with_one_field_the_answer_is_its_value():
    values = OUTCOMES["closes"].to_list()

    assert [metric.name for metric in TASK.metrics(frame=FRAME, options=ONE)] == [
        "exact_match",
        "character_f1",
    ]
    assert score("exact_match", values, options=ONE) == 1.0
    assert write_answers({"a": ["x", "y"]}) == ["x", "y"]
    assert write_answers({"a": ["x"], "b": ["가"]}) == ['{"a": "x", "b": "가"}']


def test_the_baselines_rank_as_their_knowledge():
    known, asked = INPUTS[:80], INPUTS[80:]
    found = {
        each.name: score(
            "exact_match",
            each.predict(known, OUTCOMES[:80], asked, frame=FRAME, options=OPTIONS),
            outcomes=OUTCOMES[80:],
        )
        for each in TASK.baselines(options=OPTIONS)
    }

    assert found["commonest_values"] < found["nearest_text"] < found["between_marks"]


def test_the_commonest_value_is_right_as_often_as_it_occurs():
    options = {"text": "text", "fields": ["agency"]}
    answers = TASK.baselines(options=options)[0].predict(
        INPUTS, OUTCOMES, INPUTS, frame=FRAME, options=options
    )
    most = max(OUTCOMES["agency"].value_counts()["count"])

    assert score("exact_match", answers, options=options) == pytest.approx(most / 120)


def test_the_split_balances_which_fields_are_filled():
    parts = TASK.split(
        INPUTS,
        OUTCOMES,
        groups=None,
        shares={"open": 0.5, "final": 0.5},
        rng=np.random.default_rng(0),
        options=OPTIONS,
    )
    empty = OUTCOMES["amount"].is_null().to_numpy()

    assert abs((parts[empty] == 0).mean() - 0.5) < 0.1


def test_a_field_that_is_empty_everywhere_or_no_text_is_refused():
    empty = OUTCOMES.with_columns(amount=pl.lit(None, dtype=pl.String))
    for broken, said in (
        (empty, "no value at all"),
        (OUTCOMES.with_columns(amount=1.5), "no texts"),
        (OUTCOMES.drop("amount"), "without the column"),
        (OUTCOMES.clear(), "without a case"),
    ):
        with pytest.raises(InputError, match=said):
            TASK.check_outcomes(broken, options=OPTIONS)


def test_whole_numbers_are_values_too():
    outcomes = pl.DataFrame({"closes": [3, None]})

    TASK.check_outcomes(outcomes, options=ONE)
    assert score("exact_match", ["3", ""], outcomes=outcomes, options=ONE) == 1.0


def test_columns_of_another_kind_are_refused():
    text, field = Column(name="text", kind="text"), Column(name="closes", kind="text")

    TASK.check((text,), (field,), options=ONE)
    for inputs, outcomes in (
        ((), (field,)),
        ((text,), ()),
        ((text,), (Column(name="closes", kind="number"),)),
        ((text, field), (field,)),
    ):
        with pytest.raises(InputError):
            TASK.check(inputs, outcomes, options=ONE)


def test_a_copy_of_one_field_is_flagged_once():
    copied = INPUTS.with_columns(due=OUTCOMES["closes"].str.replace_all(" ", ""))

    assert TASK.leaks(INPUTS, OUTCOMES, options=OPTIONS) == ()
    assert [leak.column for leak in TASK.leaks(copied, OUTCOMES, options=OPTIONS)] == ["due"]
