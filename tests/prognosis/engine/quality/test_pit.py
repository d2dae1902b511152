"""Randomised D-calibration: right curves pass, rounded and censored; wrong ones fail."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.pit import d_calibration


def test_right_curves_pass_where_times_are_rounded() -> None:
    rng = np.random.default_rng(1)
    rate = np.exp(rng.normal(0, 0.5, 4000))
    time = np.ceil(rng.exponential(1 / rate) * 2) / 2
    outcomes = Outcomes(time, np.ones(4000, dtype=bool))

    found = d_calibration(outcomes, np.exp(-rate * (time - 0.5)), np.exp(-rate * time))

    assert found.p_value > 0.01
    assert found.largest < 0.02
    assert sum(found.shares) == pytest.approx(1)


def test_without_randomising_the_same_curves_would_fail() -> None:
    """The control: all patients at the curve of their rounded time."""
    rng = np.random.default_rng(1)
    rate = np.exp(rng.normal(0, 0.5, 4000))
    time = np.ceil(rng.exponential(1 / rate) * 2) / 2
    at = np.exp(-rate * time)

    found = d_calibration(Outcomes(time, np.ones(4000, dtype=bool)), at, at)

    assert found.p_value < 1e-6


def test_censored_patients_do_not_look_like_error() -> None:
    rng = np.random.default_rng(2)
    time, end = rng.exponential(1.0, 5000), rng.exponential(1.0, 5000)
    outcomes = Outcomes(np.minimum(time, end), time <= end)
    at = np.exp(-outcomes.time)

    assert d_calibration(outcomes, at, at).p_value > 0.01


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_wrong_curves_fail_and_the_distance_says_how_much(scale) -> None:
    """Of exponential times S^scale is below s for a share of s^(1/scale)."""
    time = np.random.default_rng(3).exponential(1.0, 5000)
    at = np.exp(-time * scale)

    found = d_calibration(Outcomes(time, np.ones(5000, dtype=bool)), at, at)

    assert found.p_value < 1e-6
    expected = 0.1 ** (1 / scale)
    assert found.shares[0] == pytest.approx(expected, abs=0.02)
    assert found.largest >= abs(found.shares[0] - 0.1)
