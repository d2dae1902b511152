"""What the open sample fixes: the grid, and censoring weights that survive a trip through JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from madang.prognosis.engine.frame import (
    OTHER_SCORES,
    conditional_losses,
    marginal_losses,
    survival_frame,
)
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import (
    fit_covariate_censoring,
    followed_alike,
    integrated_brier_losses,
)
from tests.prognosis.conftest import invented

MATRIX, OUTCOMES = invented(300)
COLUMNS = {
    "marker": MATRIX[:, 0],
    "sex": np.array(["f", "m", None] * 100, dtype=object),
    "case": np.array([f"open-{i}" for i in range(300)], dtype=object),
}
FRAME = json.loads(json.dumps(survival_frame(COLUMNS, OUTCOMES)))
CURVES = np.sort(np.random.default_rng(0).random((300, len(FRAME["grid"]))))[:, ::-1]


def test_the_grid_is_thirty_quantiles_of_events_before_most_watching_ended() -> None:
    limit = np.quantile(OUTCOMES.time, 0.9)
    events = OUTCOMES.time[OUTCOMES.event & (OUTCOMES.time < limit)]

    assert FRAME["grid"] == pytest.approx(np.quantile(events, np.linspace(0.1, 1, 30)))
    assert FRAME["horizon"] == FRAME["grid"][-1] == events.max()
    assert FRAME["limit"] == limit


def test_a_demand_may_fix_the_horizon_or_the_whole_grid() -> None:
    to_one = survival_frame(COLUMNS, OUTCOMES, horizon=1.0)
    given = survival_frame(COLUMNS, OUTCOMES, grid=[0.2, 0.9])

    assert to_one["horizon"] == to_one["grid"][-1] == to_one["limit"] == 1.0
    assert len(to_one["grid"]) == 30
    assert sorted(set(to_one["grid"])) == to_one["grid"]
    assert given["grid"] == [0.2, 0.9]
    assert given["horizon"] == 0.9


def test_events_at_one_time_make_a_grid_of_one() -> None:
    outcomes = Outcomes(np.array([2.0, 2.0, 3.0]), np.array([True, True, False]))

    assert survival_frame({}, outcomes)["grid"] == [2.0]


def test_marginal_losses_use_the_open_samples_curve() -> None:
    grid = FRAME["grid"]
    expected = integrated_brier_losses(
        OUTCOMES, CURVES, grid, followed_alike(censoring_curve(OUTCOMES), OUTCOMES, grid)
    )

    assert marginal_losses(OUTCOMES, CURVES, FRAME) == pytest.approx(expected)


def test_conditional_losses_use_each_patients_own_chance() -> None:
    declared = [{"name": "marker", "kind": "number"}, {"name": "sex", "kind": "category"}]
    matrix = fit_encoding(COLUMNS, declared).matrix(COLUMNS)
    model = fit_covariate_censoring(matrix, OUTCOMES)
    followed = model.followed(matrix, OUTCOMES, FRAME["grid"])

    found = conditional_losses(COLUMNS, OUTCOMES, CURVES, FRAME)

    expected = integrated_brier_losses(OUTCOMES, CURVES, FRAME["grid"], followed)
    assert found == pytest.approx(expected)
    assert np.abs(found - marginal_losses(OUTCOMES, CURVES, FRAME)).max() > 1e-3


def test_identifiers_are_no_covariates_of_censoring() -> None:
    names = [column["name"] for column in FRAME["censoring_by_patient"]["columns"]]

    assert names == ["marker", "sex"]


def test_without_covariates_there_is_no_conditional_loss() -> None:
    only_names = survival_frame({"case": COLUMNS["case"]}, OUTCOMES)

    assert only_names["censoring_by_patient"] == {}
    assert conditional_losses(COLUMNS, OUTCOMES, CURVES, only_names) is None
    assert conditional_losses({"sex": COLUMNS["sex"]}, OUTCOMES, CURVES, FRAME) is None


def test_a_patients_loss_does_not_depend_on_who_else_is_scored() -> None:
    few = np.array([3, 50, 200])
    part = Outcomes(OUTCOMES.time[few], OUTCOMES.event[few])

    found = marginal_losses(part, CURVES[few], FRAME)

    assert found.tolist() == marginal_losses(OUTCOMES, CURVES, FRAME)[few].tolist()


def test_scores_bear_a_part_without_events_and_one_patient() -> None:
    few = Outcomes(np.array([0.4]), np.array([False]))

    for score in OTHER_SCORES.values():
        assert np.isfinite(score(few, CURVES[:1], FRAME))


def test_too_high_and_too_low_risks_count_alike() -> None:
    low, high = np.full_like(CURVES, 0.99), np.full_like(CURVES, 0.01)
    score = OTHER_SCORES["calibration_in_the_large"]

    assert score(OUTCOMES, low, FRAME) > 0.3
    assert score(OUTCOMES, low, FRAME) + score(OUTCOMES, high, FRAME) == pytest.approx(0.98)
