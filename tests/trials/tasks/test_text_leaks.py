"""Texts and columns that already hold the answer."""

from __future__ import annotations

import numpy as np
import polars as pl

from madang.trials.engine.tasks.text_leaks import (
    answer_inside_leaks,
    answer_leaks,
    answer_target,
    named_class_leaks,
)

CASES = 60
RNG = np.random.default_rng(61)
ANSWERS = [f"값 {number}" for number in RNG.permutation(CASES)]
SETS = [(answer,) for answer in ANSWERS]


def test_a_column_that_holds_the_answer_in_any_spelling_is_flagged():
    inputs = pl.DataFrame(
        {
            "text": ANSWERS,
            "copy": [f"{each.replace(' ', '')}." for each in ANSWERS],
            "noise": RNG.permutation(ANSWERS),
        }
    )

    assert [leak.column for leak in answer_leaks(inputs, SETS, skip={"text"})] == ["copy"]


def test_nine_in_ten_are_enough_and_eight_are_not():
    for right, flagged in ((54, True), (53, False)):
        column = pl.Series([*ANSWERS[:right], *["?"] * (CASES - right)])
        leaks = answer_leaks(pl.DataFrame({"copy": column}), SETS)

        assert bool(leaks) is flagged


def test_cases_without_an_answer_neither_help_nor_hurt():
    given = RNG.random(CASES) < 0.5
    sets = [each if known else ("",) for each, known in zip(SETS, given, strict=True)]
    inputs = pl.DataFrame({"copy": np.where(given, ANSWERS, "무엇이든")})

    assert [leak.column for leak in answer_leaks(inputs, sets)] == ["copy"]
    assert answer_leaks(pl.DataFrame({"empty": [""] * CASES}), sets) == ()


def test_a_code_for_repeated_answers_is_flagged():
    codes = RNG.integers(0, 3, CASES)
    sets = [(("서울", "부산", "광주")[code],) for code in codes]
    (leak,) = answer_leaks(pl.DataFrame({"code": codes}), sets)

    assert leak.column == "code"
    assert "explained" in leak.measure


def test_rare_answers_count_as_one():
    target = answer_target(["가", "가", "나", "다", "가", "라", "라"])

    assert target.sum(axis=0).tolist() == [3, 2, 2]


def test_texts_that_name_their_class_are_flagged():
    classes = ["교통", "환경"]
    labels = [classes[at % 2] for at in range(CASES)]
    tagged = [f"[{label}] 민원 {at}" for at, label in enumerate(labels)]
    both = [f"교통과 환경에 대한 민원 {at}" for at in range(CASES)]

    assert [leak.column for leak in named_class_leaks("text", tagged, labels, classes)] == ["text"]
    assert named_class_leaks("text", both, labels, classes) == ()
    assert named_class_leaks("text", tagged, labels[::-1], classes) == ()


def test_names_of_one_character_and_few_cases_are_not_measured():
    labels = ["1", "2"] * 30

    assert named_class_leaks("text", labels, labels, ["1", "2"]) == ()
    assert named_class_leaks("text", ["교통"] * 19, ["교통"] * 19, ["교통", "환경"]) == ()


def test_questions_that_hold_their_answer_are_flagged():
    asked = [f"답은 {answer}입니까?" for answer in ANSWERS]

    assert [leak.column for leak in answer_inside_leaks("q", asked, SETS)] == ["q"]
    assert answer_inside_leaks("q", asked[::-1], SETS) == ()
    assert answer_inside_leaks("q", asked[:10], SETS[:10]) == ()
