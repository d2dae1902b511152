"""No won is lost and none is made when an amount is divided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.programme.engine.money import share, split


@given(
    st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)
)
def test_the_parts_add_up_to_the_whole(total_krw: int, weights: list[int]) -> None:
    parts = split(total_krw, weights)

    assert sum(parts) == total_krw
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total_krw * weight / sum(weights)) < 1 + 1e-3


def test_what_is_left_goes_to_the_largest_fraction_and_then_to_the_earlier_part() -> None:
    assert split(10, [1, 1, 1]) == (4, 3, 3)
    assert split(100, [1, 2, 4]) == (14, 29, 57)


@pytest.mark.parametrize(("total_krw", "weights"), [(-1, [1]), (1, [0, 0]), (1, [2, -1])])
def test_what_cannot_be_divided_is_refused(total_krw: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        split(total_krw, weights)


def test_of_nothing_the_share_is_nothing() -> None:
    assert share(1, 0) == 0.0
    assert share(1, 4) == 0.25
