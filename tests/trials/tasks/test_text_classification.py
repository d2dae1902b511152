"""Text classification from the agency's columns to the score."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, f1_score

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.trials.engine.tasks.alike import alike
from madang.trials.tasks import TextClassification
from tests.contract.korean_texts import complaints

TASK = TextClassification()
OPTIONS = {"text": "text", "outcome": "kind"}
SURE = {**OPTIONS, "answer": "probabilities"}
TABLE = complaints()
INPUTS, OUTCOMES = TABLE.select("text", "channel"), TABLE.select("kind")
FRAME = TASK.frame(INPUTS, OUTCOMES, options=OPTIONS)
TRUTH = OUTCOMES["kind"].to_list()


def parts_of(inputs=INPUTS, outcomes=OUTCOMES, *, groups=None):
    return TASK.split(
        inputs,
        outcomes,
        groups=groups,
        shares={"open": 0.5, "board": 0.2, "final": 0.3},
        rng=np.random.default_rng(0),
        options=OPTIONS,
    )


def answers_of(name: str, options) -> tuple:
    known, asked = INPUTS[:100], INPUTS[100:]
    predict = {each.name: each.predict for each in TASK.baselines(options=options)}[name]
    return predict(known, OUTCOMES[:100], asked, frame=FRAME, options=options)


def test_labels_are_scored_as_scikit_learn_scores_them():
    answers = answers_of("nearest_class", OPTIONS)
    judged = TRUTH[100:]

    for name, judge in (
        ("accuracy", accuracy_score(judged, answers)),
        ("macro_f1", f1_score(judged, answers, average="macro")),
    ):
        assert TASK.score(
            name, OUTCOMES[100:], answers, frame=FRAME, options=OPTIONS
        ) == pytest.approx(judge)


def test_perfect_labels_score_one_and_the_commonest_its_share():
    for name in ("accuracy", "macro_f1"):
        assert TASK.score(name, OUTCOMES, TRUTH, frame=FRAME, options=OPTIONS) == 1.0
    answers = answers_of("commonest_class", OPTIONS)
    share = TRUTH[100:].count("교통") / 60

    assert answers == ["교통"] * 60
    assert TASK.score(
        "accuracy", OUTCOMES[100:], answers, frame=FRAME, options=OPTIONS
    ) == pytest.approx(share)


def test_probabilities_are_scored_as_in_classification():
    names = [metric.name for metric in TASK.metrics(frame=FRAME, options=SURE)]
    shares, nearest = (answers_of(name, SURE) for name in ("class_shares", "nearest_class"))

    assert names[:2] == ["brier", "log_loss"]
    assert TASK.outputs(frame=FRAME, options=SURE).row_rule == "sums_to_one"
    assert TASK.score("brier", OUTCOMES[100:], nearest, frame=FRAME, options=SURE) < TASK.score(
        "brier", OUTCOMES[100:], shares, frame=FRAME, options=SURE
    )


def test_the_nearest_class_says_the_same_with_and_without_probabilities():
    sure = answers_of("nearest_class", SURE).argmax(axis=1)

    assert [FRAME["classes"][place] for place in sure] == answers_of("nearest_class", OPTIONS)


def test_the_outputs_are_the_class_names():
    outputs = TASK.outputs(frame=FRAME, options=OPTIONS)

    assert (outputs.kind, outputs.levels, outputs.longest) == (
        "texts",
        ("교통", "복지", "세금", "환경"),
        2,
    )


def test_no_text_and_no_near_copy_is_both_open_and_sealed():
    copies = INPUTS.with_columns(pl.col("text") + " 감사합니다.")
    parts = parts_of(pl.concat([INPUTS, copies]), pl.concat([OUTCOMES, OUTCOMES]))
    labels = alike([*INPUTS["text"], *copies["text"]])

    assert (parts[: len(TRUTH)] == parts[len(TRUTH) :]).all()
    assert all(len(set(parts[labels == label])) == 1 for label in set(labels))


def test_groups_hold_beside_the_copies():
    groups = np.arange(len(TRUTH)) // 2
    parts = parts_of(groups=groups)

    assert (parts[::2] == parts[1::2]).all()


def test_every_class_keeps_its_shares():
    parts = parts_of()
    for kind in FRAME["classes"]:
        mine = parts[np.array(TRUTH) == kind]

        np.testing.assert_allclose(
            np.bincount(mine, minlength=4) / len(mine), [0.5, 0, 0.2, 0.3], atol=0.2
        )


@pytest.mark.parametrize("answers", [["교통"] * 3, ["교통", "우주"] * 80, [1] * 160])
def test_answers_of_another_form_are_refused(answers):
    with pytest.raises(InputError):
        TASK.score("accuracy", OUTCOMES, answers, frame=FRAME, options=OPTIONS)


def test_a_text_of_another_kind_is_refused():
    kind = Column(name="kind", kind="category", levels=("a", "b"))
    for inputs in ((), (Column(name="text", kind="number"),)):
        with pytest.raises(InputError):
            TASK.check(inputs, (kind,), options=OPTIONS)
    with pytest.raises(InputError, match="no texts"):
        TASK.leaks(INPUTS.with_columns(text=pl.lit(1)), OUTCOMES, options=OPTIONS)


def test_only_planted_leaks_are_flagged():
    tagged = INPUTS.with_columns(text=pl.lit("[") + OUTCOMES["kind"] + "] " + pl.col("text"))
    coded = INPUTS.with_columns(desk=OUTCOMES["kind"].replace({"교통": "3과", "환경": "5과"}))

    assert TASK.leaks(INPUTS, OUTCOMES, options=OPTIONS) == ()
    assert [leak.column for leak in TASK.leaks(tagged, OUTCOMES, options=OPTIONS)] == ["text"]
    assert [leak.column for leak in TASK.leaks(coded, OUTCOMES, options=OPTIONS)] == ["desk"]
