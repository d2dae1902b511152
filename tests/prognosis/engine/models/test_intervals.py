"""Follow-up with entry, weight and cause, and its cut into intervals."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.intervals import Intervals, Watched
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes


def test_a_late_entrant_is_at_risk_only_after_entry() -> None:
    """By hand: at 2 patients 1 and 3 are watched, at 5 patients 2 and 3."""
    watched = Watched.of([2.0, 5.0, 6.0], [1, 1, 0], entry=[0.0, 2.0, 0.0])

    times, hazard = watched.hazard()

    assert times.tolist() == [2.0, 5.0]
    assert watched.at_risk(times).tolist() == [2.0, 2.0]
    assert hazard.tolist() == [0.5, 1.0]


def test_a_weight_of_two_is_the_patient_twice() -> None:
    once = Watched.of([1.0, 2.0, 3.0], [1, 0, 1], weight=[2.0, 1.0, 1.0])
    twice = Watched.of([1.0, 1.0, 2.0, 3.0], [1, 1, 0, 1])

    assert once.hazard()[1].tolist() == twice.hazard()[1].tolist()


def test_martingale_residuals_sum_to_nothing() -> None:
    rng = np.random.default_rng(0)
    time = rng.integers(1, 9, 60).astype(float)
    watched = Watched.of(
        time, rng.integers(0, 2, 60), entry=time * rng.uniform(0, 0.9, 60), weight=time
    )

    assert watched.weight @ watched.martingale_residuals() == pytest.approx(0, abs=1e-12)


def test_counts_are_shares_of_intervals_and_events() -> None:
    cut = Intervals(ends=np.array([2.0, 4.0]))
    watched = Watched.of([1.0, 3.0, 9.0, 3.0], [0, 1, 1, 0], entry=[0.0, 0.0, 1.0, 2.5])

    at_risk, events = cut.counts(watched)

    assert at_risk.tolist() == [[0.5, 0], [1, 1], [0.5, 1], [0, 0.25]]
    assert events.tolist() == [[0, 0], [0, 1], [0, 0], [0, 0]]


def test_without_censoring_the_life_table_is_kaplan_meier_at_the_ends() -> None:
    time = np.arange(1.0, 41.0)
    watched = Watched.of(time, np.ones(40))
    cut = Intervals.at_events(watched, 8)
    at_risk, events = cut.counts(watched)

    curve = cut.survival((events.sum(0) / at_risk.sum(0))[None, :], cut.ends)

    curve_of_all = kaplan_meier(Outcomes(time, np.ones(40, dtype=bool)))
    assert curve[0] == pytest.approx(curve_of_all.at(cut.ends))


def test_between_ends_values_lie_on_straight_lines() -> None:
    cut = Intervals(ends=np.array([2.0, 4.0]))

    found = cut.between(np.array([[1.0, 0.5, 0.4]]), [0.0, 1.0, 2.0, 3.0, 4.0, 9.0])

    assert found[0] == pytest.approx([1, 0.75, 0.5, 0.45, 0.4, 0.4])


@pytest.mark.parametrize(
    "given",
    [
        {"time": [1.0, 2.0], "cause": [1]},
        {"time": [], "cause": []},
        {"time": [1.0], "cause": [1], "entry": [1.0]},
        {"time": [1.0], "cause": [1], "weight": [0.0]},
        {"time": [np.inf], "cause": [1]},
        {"time": [1.0], "cause": [-1]},
    ],
)
def test_what_cannot_be_is_refused(given) -> None:
    with pytest.raises(ValueError, match="entry|weight"):
        Watched.of(**given)
