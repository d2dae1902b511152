"""An interval says what it covers."""

import pytest

from madang.kernel.stats.interval import Interval


@pytest.mark.parametrize(
    ("value", "covered"), [(0.1, True), (0.3, True), (0.2, True), (0.09, False), (0.31, False)]
)
def test_an_interval_covers_what_lies_between_its_limits(value, covered):
    assert Interval(0.2, 0.1, 0.3, 0.95).covers(value) is covered
