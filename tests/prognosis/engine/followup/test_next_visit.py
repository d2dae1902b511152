"""The next visit comes before the risk could cross the line, within the clinic's limits."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.followup.next_visit import WHY, Limits, next_visit

LIMITS = Limits(threshold=0.2, window=1.0, shortest=0.1, longest=2.0)
TIMES = np.linspace(0.01, 4, 400)


def rising(rate: float) -> np.ndarray:
    """A curve whose hazard is rate·t: the risk over a window grows with the day."""
    return np.exp(-rate * TIMES**2 / 2)


def test_it_comes_when_the_risk_crosses() -> None:
    # 1 − exp(−rate·(u + 1/2)) = 0.2 where u = −ln(0.8)/rate − 1/2.
    for rate in (0.15, 0.2, 0.3):
        plan = next_visit(TIMES, rising(rate), LIMITS)
        assert plan.why == "crosses"
        assert plan.at == pytest.approx(-np.log(0.8) / rate - 0.5, abs=0.02)
        assert plan.risk == pytest.approx(0.2, abs=0.005)


def test_it_keeps_to_the_limits() -> None:
    low = next_visit(TIMES, rising(0.01), LIMITS)
    high = next_visit(TIMES, rising(1.0), LIMITS)

    assert (low.at, low.why) == (2.0, "below")
    assert (high.at, high.why) == (0.1, "above")
    assert set(WHY) == {"above", "crosses", "below"}


def test_worse_curves_never_put_it_off() -> None:
    visits = [next_visit(TIMES, rising(rate), LIMITS).at for rate in np.linspace(0.02, 0.6, 40)]

    assert (np.diff(visits) <= 1e-12).all()


def test_a_curve_that_is_already_down_is_seen_soonest() -> None:
    plan = next_visit([0.5, 1.0, 4.0], [0.0, 0.0, 0.0], LIMITS)

    assert (plan.at, plan.why, plan.risk) == (0.1, "above", 1.0)


@pytest.mark.parametrize(
    ("times", "survival"),
    [
        ([0.5, 1.0], [0.9, 0.8]),
        ([0.5, 4.0], [0.8, 0.9]),
        ([4.0, 0.5], [0.9, 0.8]),
        ([0.5, 4.0], [0.9, -0.1]),
        ([0.5, 4.0], [1.1, 0.5]),
        ([0.5, 4.0], [0.9]),
        ([0.5, 4.0], [np.nan, 0.5]),
    ],
)
def test_a_curve_that_cannot_be_is_refused(times: list[float], survival: list[float]) -> None:
    with pytest.raises(InputError, match="a curve of"):
        next_visit(times, survival, LIMITS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.0},
        {"threshold": 1.0},
        {"window": 0.0},
        {"shortest": 0.0},
        {"longest": 0.05},
    ],
)
def test_limits_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="threshold"):
        Limits(**{"threshold": 0.2, "window": 1.0, "shortest": 0.1, "longest": 2.0} | wrong)
