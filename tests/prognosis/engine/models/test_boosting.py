"""Discrete-time boosting: its rows, its curves, and what happens at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.boosting import (
    _ends,
    _observed,
    _one_thread,
    _pooled,
    fit_boosting,
)
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from tests.prognosis.conftest import invented


def test_a_patient_gives_one_row_for_each_interval_entered() -> None:
    pooled = _pooled(np.array([[5.0], [6.0]]), np.array([3, 1]))

    assert pooled.tolist() == [[5, 0], [5, 1], [5, 2], [6, 0]]


def test_only_the_last_interval_of_a_censored_patient_counts_in_part() -> None:
    ends = np.array([10.0, 20.0])

    weight = _observed(
        np.array([15.0, 15.0, 30.0]), np.array([1, 0, 0]) == 1, np.array([2, 2, 2]), ends
    )

    assert weight.tolist() == [1, 1, 1, 0.5, 1, 1]


def test_intervals_end_at_quantiles_of_the_event_times() -> None:
    time, event = np.arange(1.0, 101.0), np.arange(100) % 2 == 0

    ends = _ends(time, event, 4)

    assert ends == pytest.approx(np.quantile(time[event], [0.25, 0.5, 0.75, 1.0]))
    assert len(_ends(np.ones(9), np.ones(9, dtype=bool), 4)) == 1


def test_without_signal_the_curve_is_about_kaplan_meier() -> None:
    _, outcomes = invented(2000, seed=3)
    noise = np.random.default_rng(3).normal(size=(2000, 1))
    grid = np.quantile(outcomes.time, [0.2, 0.5, 0.8])

    curves = fit_boosting(noise, *outcomes).survival(noise, grid)

    assert curves.mean(axis=0) == pytest.approx(kaplan_meier(outcomes).at(grid), abs=0.02)


def test_partial_intervals_keep_heavy_censoring_from_bending_the_curve() -> None:
    """Counting a censored interval as wholly survived would leave risks too low."""
    rng = np.random.default_rng(0)
    time, end = rng.exponential(1.0, 4000), rng.exponential(0.5, 4000)
    outcomes = Outcomes(np.minimum(time, end), time <= end)

    found = fit_boosting(np.zeros((4000, 1)), *outcomes, intervals=4)

    inner = found.ends[:3]
    assert found.survival([[0.0]], inner)[0] == pytest.approx(np.exp(-inner), abs=0.02)


def test_higher_hazard_gives_lower_curves() -> None:
    matrix, outcomes = invented(1500, seed=4)
    found = fit_boosting(matrix, *outcomes)

    low, high = found.survival([[-1.5, 0, 0], [1.5, 0, 0]], [0.5])[:, 0]

    assert low == pytest.approx(np.exp(-0.5 * np.exp(-1.5)), abs=0.12)
    assert high == pytest.approx(np.exp(-0.5 * np.exp(1.5)), abs=0.12)


def test_curves_are_linear_within_intervals_flat_behind_and_never_rise() -> None:
    matrix, outcomes = invented(400)
    found = fit_boosting(matrix, *outcomes, intervals=5)
    start, end = found.ends[1], found.ends[2]

    curves = found.survival(matrix, [0.0, start, (start + end) / 2, end, found.ends[-1], 1e9])

    assert (curves[:, 0] == 1).all()
    assert curves[:, 2] == pytest.approx((curves[:, 1] + curves[:, 3]) / 2)
    assert (curves[:, 4] == curves[:, 5]).all()
    assert (np.diff(found.survival(matrix, np.linspace(0, 5, 99)), axis=1) <= 0).all()


def test_curves_are_the_product_of_what_is_left_in_each_interval() -> None:
    matrix, outcomes = invented(300)
    found = fit_boosting(matrix, *outcomes, intervals=6)

    curves = found.survival(matrix, found.ends)

    assert curves == pytest.approx(np.cumprod(1 - found.hazards(matrix), axis=1))


def test_the_same_input_gives_the_same_bits() -> None:
    matrix, outcomes = invented(600)

    first, second = (fit_boosting(matrix, *outcomes).survival(matrix, [0.5]) for _ in range(2))

    assert first.tobytes() == second.tobytes()


def test_one_thread_adds_up_the_sums() -> None:
    """Several threads add in any order, and then the last bits differ."""
    import sklearn.ensemble  # noqa: F401 - loads the library whose threads are counted
    from threadpoolctl import threadpool_info

    with _one_thread():
        threads = {pool["num_threads"] for pool in threadpool_info()}

    assert threads == {1}


def test_unit_of_time_and_scale_of_covariates_do_not_matter() -> None:
    matrix, outcomes = invented(500)
    found = fit_boosting(matrix, *outcomes).survival(matrix, [0.5])

    other = fit_boosting(matrix * 1024, outcomes.time * 2, outcomes.event)

    assert other.survival(matrix * 1024, [1.0]) == pytest.approx(found, abs=1e-9)


def test_all_censored_gives_curves_of_one() -> None:
    matrix, outcomes = invented(50)

    found = fit_boosting(matrix, outcomes.time, np.zeros(50, dtype=bool))

    assert (found.survival(matrix, [0.1, 9.0]) == 1).all()


def test_one_event_makes_one_interval() -> None:
    matrix, outcomes = invented(80)
    event = np.zeros(80, dtype=bool)
    event[np.argsort(outcomes.time)[40]] = True

    found = fit_boosting(matrix, outcomes.time, event)

    assert len(found.ends) == 1
    assert 0.9 < found.survival(matrix, [9.0]).mean() < 1


def test_events_of_everybody_in_one_interval_leave_nothing() -> None:
    found = fit_boosting(np.zeros((3, 1)), [1.0, 1.0, 1.0], [1, 1, 1])

    assert (found.survival(np.zeros((1, 1)), [1.0]) == 0).all()


@pytest.mark.parametrize(
    ("matrix", "time", "event"),
    [
        (np.empty((0, 2)), [], []),
        (np.zeros((2, 1)), [1.0], [1]),
        (np.zeros((2, 1)), [0.0, 1.0], [1, 1]),
        (np.full((2, 1), np.nan), [1.0, 1.0], [1, 1]),
    ],
)
def test_what_cannot_be_fitted_is_refused(matrix, time, event) -> None:
    with pytest.raises(ValueError, match="rows|above 0"):
        fit_boosting(matrix, time, event)
