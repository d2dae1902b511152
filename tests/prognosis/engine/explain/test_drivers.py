"""Drivers in words: the largest first, the rest as one, and the sum as shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import words
from madang.prognosis.engine.explain.contributions import Contributions
from madang.prognosis.engine.explain.drivers import Drivers, Named, drivers

FIVE = words("5년", "5-year")
NAMED = {
    "bilirubin": Named(name=words("빌리루빈", "Bilirubin"), unit="mg/dL"),
    "edema": Named(name=words("부종", "Edema"), levels={"1": words("있음", "present")}),
}
PATIENT = {"bilirubin": 4.2, "edema": 1, "age": np.float64(61), "sex": "f", "copper": None}


def shared(points: dict[str, float], *, reference: float = 0.2, error: Any = 0.0) -> Contributions:
    size = np.array([*points.values()])[:, None]
    return Contributions(
        columns=tuple(points),
        risk=np.array([reference + size.sum()]),
        reference_risk=np.array([reference]),
        points=size,
        error=np.zeros_like(size) + error,
    )


def told(points: dict[str, float], most: int = 6, **more: Any) -> Drivers:
    return drivers(shared(points, **more), PATIENT, horizon=FIVE, named=NAMED, most=most)


def test_a_line_names_value_unit_horizon_and_points() -> None:
    line = told({"bilirubin": 0.123}).lines[0]

    assert line.sentence.ko == "빌리루빈 4.2 mg/dL: 5년 위험 +12.3%p"
    assert line.sentence.en == "Bilirubin 4.2 mg/dL: +12.3 points of 5-year risk"
    assert (line.column, line.tenths) == ("bilirubin", 123)


@pytest.mark.parametrize(
    ("column", "points", "korean", "english"),
    [
        ("edema", 0.05, "부종 있음: 5년 위험 +5.0%p", "Edema present: +5.0 points of 5-year risk"),
        ("age", -0.021, "age 61: 5년 위험 −2.1%p", "age 61: −2.1 points of 5-year risk"),
        ("sex", 0.0001, "sex f: 5년 위험 0.0%p", "sex f: 0.0 points of 5-year risk"),
        (
            "copper",
            0.004,
            "copper 값 없음: 5년 위험 +0.4%p",
            "copper without a value: +0.4 points of 5-year risk",
        ),
        ("liver", -0.1, "liver: 5년 위험 −10.0%p", "liver: −10.0 points of 5-year risk"),
    ],
)
def test_levels_gaps_and_groups_are_told(column, points, korean, english) -> None:
    sentence = told({column: points}).lines[0].sentence

    assert (sentence.ko, sentence.en) == (korean, english)


def test_the_largest_come_first_and_the_rest_is_one_line() -> None:
    found = told({"age": 0.01, "sex": -0.2, "bilirubin": 0.1, "edema": -0.02, "copper": 0}, most=2)

    assert [line.column for line in found.lines] == ["sex", "bilirubin", None]
    assert found.lines[2].sentence.en == "2 others: −1.0 points of 5-year risk"
    assert found.lines[2].sentence.ko == "그 밖의 항목 2개: 5년 위험 −1.0%p"
    assert (found.reference, found.risk) == (200, 90)


def test_a_single_one_left_is_one_other() -> None:
    line = told({"age": 0.1, "sex": 0.02}, most=1).lines[1]

    assert line.sentence.en.startswith("1 other: ")


def test_what_adds_nothing_is_not_told() -> None:
    assert told({"age": 0.0, "sex": 0.0}).lines == ()


def test_the_time_is_chosen() -> None:
    found = Contributions(
        columns=("age",),
        risk=np.array([0.3, 0.5]),
        reference_risk=np.array([0.2, 0.2]),
        points=np.array([[0.1, 0.3]]),
        error=np.zeros((1, 2)),
    )

    tenths = [drivers(found, PATIENT, horizon=FIVE, at=at).lines[0].tenths for at in (0, 1, -1)]

    assert tenths == [100, 300, 300]


def test_rounding_goes_to_the_largest_remainder() -> None:
    """16.6 + 16.6 + 16.8 tenths are 50: two are raised, 16.8 and the first 16.6."""
    found = told({"age": 0.0166, "sex": 0.0166, "edema": 0.0168})

    assert {line.column: line.tenths for line in found.lines} == {
        "edema": 17,
        "age": 17,
        "sex": 16,
    }


def test_ends_that_lie_on_the_half_are_met_too() -> None:
    """1.5 and 2.5 tenths are both shown as 2, so that the line between them shows nothing."""
    found = Contributions(
        columns=("age",),
        risk=np.array([0.0025]),
        reference_risk=np.array([0.0015]),
        points=np.array([[0.001]]),
        error=np.zeros((1, 1)),
    )

    lines = drivers(found, PATIENT, horizon=FIVE)

    assert (lines.reference, lines.risk, lines.lines[0].tenths) == (2, 2, 0)


@given(
    points=st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=9),
    reference=st.floats(0.05, 0.95),
    most=st.integers(1, 9),
)
def test_lines_add_up_as_shown_and_none_is_far_off(points, reference, most) -> None:
    found = told(
        {f"c{number}": size for number, size in enumerate(points)}, most=most, reference=reference
    )

    if found.lines:
        assert found.reference + sum(line.tenths for line in found.lines) == found.risk
    sizes = {f"c{number}": size for number, size in enumerate(points)}
    for line in found.lines:
        if line.column is not None:
            assert abs(line.tenths - sizes[line.column] * 1000) < 3


@pytest.mark.parametrize(("error", "certain"), [(0.0, True), (0.004, True), (0.006, False)])
def test_a_sign_within_two_errors_is_not_certain(error: float, certain: bool) -> None:
    found = told({"age": 0.01, "sex": 0.009}, error=error, most=1)

    assert found.lines[0].certain is certain
    assert found.lines[1].certain is (error < 0.0045)
