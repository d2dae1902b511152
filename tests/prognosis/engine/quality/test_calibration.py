"""Calibration: zero where risks are true, and of known size where they are bent on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.kaplan_meier import censoring_curve, kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import fit_covariate_censoring
from madang.prognosis.engine.quality.calibration import (
    cloglog,
    in_the_large,
    in_the_large_weighted,
    restricted_cubic_spline,
    smooth_calibration,
)
from tests.prognosis.conftest import invented

HORIZON = 0.7


def true_risk(matrix) -> np.ndarray:
    return 1 - np.exp(-HORIZON * np.exp(matrix @ [1.0, -0.5, 0.0]))


@pytest.fixture(scope="module")
def large() -> tuple:
    return invented(6000, seed=11)


def test_true_risks_are_calibrated(large) -> None:
    matrix, outcomes = large

    found = smooth_calibration(outcomes, true_risk(matrix), HORIZON)

    assert found.slope == pytest.approx(1, abs=0.05)
    assert found.ici < 0.01
    assert found.e90 < 0.02
    assert in_the_large(outcomes, true_risk(matrix), HORIZON) == pytest.approx(0, abs=0.012)


def test_risks_spread_half_as_wide_as_the_truth_have_slope_two(large) -> None:
    matrix, outcomes = large
    narrow = 1 - np.exp(-np.exp(cloglog(true_risk(matrix)) / 2))

    assert smooth_calibration(outcomes, narrow, HORIZON).slope == pytest.approx(2, abs=0.1)


def test_ici_is_the_mean_distance_between_told_and_true_risk(large) -> None:
    matrix, outcomes = large
    truth = true_risk(matrix)
    told = truth**0.25

    found = smooth_calibration(outcomes, told, HORIZON)

    distance = np.abs(told - truth)
    assert found.ici == pytest.approx(distance.mean(), abs=0.005)
    assert found.e90 == pytest.approx(np.quantile(distance, 0.9), abs=0.008)


def test_what_happens_after_the_horizon_does_not_count(large) -> None:
    matrix, outcomes = large
    later = np.where(outcomes.time > HORIZON, outcomes.time * 3, outcomes.time)
    altered = Outcomes(later, outcomes.event | (outcomes.time > HORIZON))

    risk = true_risk(matrix)

    assert smooth_calibration(altered, risk, HORIZON) == smooth_calibration(
        outcomes, risk, HORIZON
    )


def test_one_risk_for_everybody_is_off_by_its_distance_from_kaplan_meier() -> None:
    _, outcomes = invented(500)
    observed = 1 - float(kaplan_meier(outcomes).at(HORIZON))

    found = smooth_calibration(outcomes, np.full(500, observed + 0.1), HORIZON)

    assert found.slope == pytest.approx(0, abs=1e-9)
    assert found.ici == pytest.approx(0.1, abs=0.002)
    assert found.ici == pytest.approx(found.e90)


def test_in_the_large_is_above_zero_where_told_risks_are_too_high() -> None:
    _, outcomes = invented(500)
    observed = 1 - float(kaplan_meier(outcomes).at(HORIZON))

    assert in_the_large(outcomes, np.full(500, observed + 0.05), HORIZON) == pytest.approx(0.05)


def test_weighted_with_one_curve_for_everybody_is_nearly_kaplan_meier(large) -> None:
    matrix, outcomes = large
    until = np.minimum(outcomes.time, HORIZON)

    found = in_the_large_weighted(
        outcomes, true_risk(matrix), HORIZON, censoring_curve(outcomes).at(until)
    )

    assert found == pytest.approx(in_the_large(outcomes, true_risk(matrix), HORIZON), abs=1e-3)


def test_weights_by_patient_see_through_censoring_that_depends_on_the_patient() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(6000, 1))
    time, end = rng.exponential(np.exp(-x[:, 0])), rng.exponential(np.exp(0.3 - 1.5 * x[:, 0]))
    outcomes = Outcomes(np.minimum(time, end), time <= end)
    risk = 1 - np.exp(-HORIZON * np.exp(x[:, 0]))
    model = fit_covariate_censoring(x, outcomes, penalty=0.0)
    until = Outcomes(np.minimum(outcomes.time, HORIZON), outcomes.event)

    followed = model.followed(x, until, [HORIZON]).own

    by_patient = in_the_large_weighted(outcomes, risk, HORIZON, followed)
    assert abs(by_patient) < 0.015
    assert abs(in_the_large(outcomes, risk, HORIZON)) > 0.03


def test_the_spline_is_linear_beyond_its_outer_knots_and_smooth_inside() -> None:
    x = np.array([-9.0, -8.0, -7.0, 0.3, 7.0, 8.0, 9.0])

    basis = restricted_cubic_spline(x, np.array([-1.0, 0.0, 2.0]))

    assert basis[:, 0].tolist() == x.tolist()
    assert (basis[:3, 1] == 0).all()
    assert basis[3, 1] == pytest.approx((1.3**3 - 0.3**3 * 3 / 2) / 9)
    assert np.diff(basis[4:, 1], 2) == pytest.approx(0, abs=1e-9)


def test_equal_knots_leave_a_straight_line() -> None:
    assert restricted_cubic_spline(np.ones(5), np.ones(3)).shape == (5, 1)


def test_cloglog_undoes_the_survival_curve_and_bears_the_edges() -> None:
    assert cloglog([1 - np.exp(-2.0)]) == pytest.approx([np.log(2)])
    assert np.isfinite(cloglog([0.0, 1.0])).all()


def test_without_an_event_every_risk_is_too_high() -> None:
    outcomes = Outcomes(np.array([1.0, 2.0, 3.0]), np.zeros(3, dtype=bool))

    found = smooth_calibration(outcomes, [0.1, 0.2, 0.3], HORIZON)

    assert found.ici == pytest.approx(0.2)
