"""The lower bound keeps its promise even where the model is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.stack.conformal import fit_bound, reached

TIMES = np.linspace(0.0, 6.0, 121)


def sample(size: int, seed: int, wrong: float, end_of: float = 2.0):
    """Outcomes, times of the event, and curves with a hazard that is `wrong` times too high."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(0, 0.7, size))
    time, end = rng.exponential(1 / rate), rng.exponential(end_of, size)
    outcomes = Outcomes(np.minimum(time, end), time <= end)
    return outcomes, time, np.exp(-np.outer(rate * wrong, TIMES))


@pytest.mark.parametrize("wrong", [0.4, 1.0, 2.5])
def test_nine_of_ten_new_patients_reach_their_bound(wrong) -> None:
    outcomes, _, curves = sample(3000, 1, wrong)
    followed = censoring_curve(outcomes).at(outcomes.time)

    bound = fit_bound(outcomes, curves, TIMES, followed)

    _, time, new = sample(20_000, 2, wrong)
    assert 0.88 < (time >= bound.times(new, TIMES)).mean() < 0.92


def test_ignoring_the_weights_would_break_the_promise() -> None:
    """The control: censored patients hide events, so that bounds come too late."""
    outcomes, _, curves = sample(3000, 1, 1.0, end_of=0.1)
    followed = censoring_curve(outcomes).at(outcomes.time)

    naive = fit_bound(outcomes, curves, TIMES, np.ones(3000))
    right = fit_bound(outcomes, curves, TIMES, followed)

    _, time, new = sample(20_000, 2, 1.0)
    assert (time >= naive.times(new, TIMES)).mean() < 0.85
    assert (time >= right.times(new, TIMES)).mean() > 0.88


def test_a_patient_who_counts_twice_weighs_twice() -> None:
    outcomes, _, curves = sample(400, 4, 1.0)
    often = np.where(outcomes.event, 2.0, 1.0)

    plain = fit_bound(outcomes, curves, TIMES, np.ones(400))
    heavy = fit_bound(outcomes, curves, TIMES, np.ones(400), often=often)

    assert heavy.level > plain.level


def test_few_patients_get_the_safest_bound() -> None:
    outcomes, _, curves = sample(8, 3, 1.0)

    bound = fit_bound(outcomes, curves, TIMES, np.ones(8))

    assert bound.level == 1.0
    assert (bound.times(curves, TIMES) == 0).all()


def test_a_level_is_reached_on_a_straight_line() -> None:
    curves = np.array([[1.0, 0.8, 0.4], [1.0, 1.0, 0.9], [0.5, 0.4, 0.3]])

    found = reached(curves, [0.0, 1.0, 2.0], 0.6)

    assert found == pytest.approx([1.5, 2.0, 0.0])
