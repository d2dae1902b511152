"""Question answering from the agency's columns to the score."""

from __future__ import annotations

import re
import string
from collections import Counter

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.trials.tasks import QuestionAnswering
from tests.contract.korean_texts import questions

TASK = QuestionAnswering()
OPTIONS = {"question": "question", "context": "passage", "outcome": "answers", "separator": "|"}
TABLE = questions()
INPUTS, OUTCOMES = TABLE.select("passage", "question"), TABLE.select("answers")
FRAME = TASK.frame(INPUTS, OUTCOMES, options=OPTIONS)


def score(metric, answers, *, outcomes=OUTCOMES, options=OPTIONS):
    return TASK.score(metric, outcomes, answers, frame=FRAME, options=options)


def judged(answer: str, truth: str) -> tuple[float, bool]:
    """F1 and exact match as the paper on KorQuAD 1.0 words them, step by step."""

    def form(text: str) -> str:
        text = re.sub(r"['\"《》<>〈〉()‘’]", " ", text).lower()
        return " ".join("".join(c for c in text if c not in string.punctuation).split())

    mine, theirs = (form(text).replace(" ", "") for text in (answer, truth))
    same = sum((Counter(mine) & Counter(theirs)).values())
    if not same:
        return 0.0, form(answer) == form(truth)
    precision, recall = same / len(mine), same / len(theirs)
    return 2 * precision * recall / (precision + recall), form(answer) == form(truth)


def test_scores_are_those_of_the_published_definition():
    rng = np.random.default_rng(71)
    letters = list("가나다라마 '()《》1,.2ab")
    pairs = [
        ("".join(rng.choice(letters, 6)), "가" + "".join(rng.choice(letters, 5)))
        for _ in range(300)
    ]
    outcomes = pl.DataFrame({"answers": [truth for _, truth in pairs]})
    options = {"question": "question", "outcome": "answers"}
    answers = [answer for answer, _ in pairs]
    f1, exact = zip(*(judged(*pair) for pair in pairs), strict=True)

    for metric, judge in (("character_f1", f1), ("exact_match", exact)):
        losses = TASK.losses(metric, outcomes, answers, frame=FRAME, options=options)
        np.testing.assert_allclose(losses, np.array(judge, dtype=float))


def test_the_best_of_several_accepted_answers_counts():
    for spelling in (0, 1):
        answers = [text.split("|")[spelling] for text in OUTCOMES["answers"]]

        assert score("exact_match", answers) == score("character_f1", answers) == 1.0
    # "김하늘" against "김하늘|김하늘 씨": the first is met exactly, the second by 6 of 7.
    outcomes = pl.DataFrame({"answers": ["바다|김하늘 씨"]})
    assert score("character_f1", ["김하늘"], outcomes=outcomes) == pytest.approx(6 / 7)


def test_without_a_separator_the_whole_text_is_the_answer():
    options = {"question": "question", "outcome": "answers"}
    outcomes = pl.DataFrame({"answers": ["가|나"]})

    assert score("exact_match", ["가"], outcomes=outcomes, options=options) == 0.0
    assert score("exact_match", ["가|나"], outcomes=outcomes, options=options) == 1.0


def test_a_question_without_an_answer_is_answered_by_nothing():
    outcomes = pl.DataFrame({"answers": [None, " | "]}, schema={"answers": pl.String})

    assert score("character_f1", ["", "무엇"], outcomes=outcomes) == 0.5
    assert score("exact_match", ["", ""], outcomes=outcomes) == 1.0


def test_questions_on_one_passage_stay_together():
    parts = TASK.split(
        INPUTS,
        OUTCOMES,
        groups=None,
        shares={"open": 0.5, "board": 0.2, "final": 0.3},
        rng=np.random.default_rng(0),
        options=OPTIONS,
    )
    together = (
        TABLE.with_columns(part=pl.Series(parts))
        .group_by("passage")
        .agg(pl.col("part").n_unique())
    )

    assert together["part"].max() == 1
    assert set(parts) == {0, 2, 3}


def test_the_same_question_stays_together_where_there_is_no_passage():
    options = {"question": "question", "outcome": "answers"}
    doubled = pl.concat([INPUTS, INPUTS])
    parts = TASK.split(
        doubled,
        pl.concat([OUTCOMES, OUTCOMES]),
        groups=None,
        shares={"open": 0.5, "final": 0.5},
        rng=np.random.default_rng(0),
        options=options,
    )

    assert (parts[:120] == parts[120:]).all()


def test_the_baselines_say_what_their_names_say():
    known, asked = INPUTS[:80], INPUTS[80:]
    predict = {each.name: each.predict for each in TASK.baselines(options=OPTIONS)}
    given = {"frame": FRAME, "options": OPTIONS}
    commonest = predict["commonest_answer"](known, OUTCOMES[:80], asked, **given)
    sentences = predict["nearest_sentence"](known, OUTCOMES[:80], asked, **given)
    again = predict["nearest_question"](known, OUTCOMES[:80], known, **given)

    assert len(set(commonest)) == 1
    assert all(s in p for s, p in zip(sentences, asked["passage"], strict=True))
    assert score("exact_match", again, outcomes=OUTCOMES[:80]) == 1.0
    assert "nearest_sentence" not in {
        each.name for each in TASK.baselines(options={"question": "q", "outcome": "a"})
    }


@pytest.mark.parametrize("values", [[None, None], ["", " "], ["|", "||"]])
def test_outcomes_without_any_answer_are_refused(values):
    outcomes = pl.DataFrame({"answers": values}, schema={"answers": pl.String})
    with pytest.raises(InputError, match="no answer at all"):
        TASK.check_outcomes(outcomes, options=OPTIONS)


def test_columns_of_another_kind_are_refused():
    inputs = tuple(Column(name=name, kind="text") for name in ("question", "passage"))
    answers = (Column(name="answers", kind="text"),)

    TASK.check(inputs, answers, options=OPTIONS)
    for broken, outcomes in (
        (inputs[:1], answers),
        (inputs, (Column(name="answers", kind="number"),)),
        ((Column(name="question", kind="category", levels=("a", "b")), inputs[1]), answers),
    ):
        with pytest.raises(InputError):
            TASK.check(broken, outcomes, options=OPTIONS)
    with pytest.raises(InputError, match="two roles"):
        TASK.check(inputs, answers, options={**OPTIONS, "context": "question"})


@pytest.mark.parametrize("answers", [["x"], [None] * 120, [1.0] * 120])
def test_answers_of_another_form_are_refused(answers):
    with pytest.raises(InputError):
        score("exact_match", answers)


def test_only_planted_leaks_are_flagged():
    first = OUTCOMES["answers"].str.split("|").list.first()
    hinted = INPUTS.with_columns(question=pl.col("question") + pl.lit(" 힌트: ") + first)
    copied = INPUTS.with_columns(key=first)

    assert TASK.leaks(INPUTS, OUTCOMES, options=OPTIONS) == ()
    assert [leak.column for leak in TASK.leaks(hinted, OUTCOMES, options=OPTIONS)] == ["question"]
    assert [leak.column for leak in TASK.leaks(copied, OUTCOMES, options=OPTIONS)] == ["key"]
