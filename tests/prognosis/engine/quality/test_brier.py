"""The Brier score under censoring: by definition, in closed form, and where censoring depends."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.kaplan_meier import censoring_curve, kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import (
    brier_losses,
    fit_covariate_censoring,
    followed_alike,
    integrated_brier_losses,
)
from tests.prognosis.conftest import invented

GRID = np.array([0.2, 0.5, 0.9, 1.4])


def score(outcomes: Outcomes, curves, grid, followed=None) -> float:
    followed = followed or followed_alike(censoring_curve(outcomes), outcomes, grid)
    return float(integrated_brier_losses(outcomes, curves, grid, followed).mean())


def test_each_loss_is_the_stated_sum_of_weighted_squares() -> None:
    _, outcomes = invented(60, ties=True)
    curves = np.sort(np.random.default_rng(0).random((60, 4)))[:, ::-1]
    kept = censoring_curve(outcomes)

    found = integrated_brier_losses(outcomes, curves, GRID, followed_alike(kept, outcomes, GRID))

    for row, (time, event) in enumerate(zip(*outcomes, strict=True)):
        errors = []
        for place, when in enumerate(GRID):
            if time > when:
                errors.append((1 - curves[row, place]) ** 2 / float(kept.at(when)))
            else:
                own = max(float(kept.at(time)), 1e-3)
                errors.append(event * curves[row, place] ** 2 / own)
        area = sum(
            (errors[i] + errors[i + 1]) / 2 * (GRID[i + 1] - GRID[i]) for i in range(len(GRID) - 1)
        )
        assert found[row] == pytest.approx(area / (GRID[-1] - GRID[0]))


def test_without_censoring_it_is_the_plain_brier_score() -> None:
    time = np.random.default_rng(0).exponential(size=50)
    outcomes = Outcomes(time, np.ones(50, dtype=bool))
    curves = np.tile([0.8, 0.6, 0.4, 0.2], (50, 1))
    followed = followed_alike(censoring_curve(outcomes), outcomes, GRID)

    found = brier_losses(outcomes, curves, GRID, followed)

    assert found == pytest.approx((curves - (time[:, None] > GRID)) ** 2)


def test_of_constant_answers_kaplan_meier_is_the_best() -> None:
    """At one time the weighted mean of being free is the product-limit estimate, and minimises."""
    _, outcomes = invented(300)
    best = float(kaplan_meier(outcomes).at(0.5))

    scores = [
        score(outcomes, np.full((300, 1), share), [0.5])
        for share in (best - 0.02, best, best + 0.02)
    ]

    assert scores[1] < min(scores[0], scores[2])
    assert scores[1] == pytest.approx(best * (1 - best))


def test_half_for_everybody_scores_a_quarter() -> None:
    """Weights add up to n at every time without ties of event and censoring."""
    _, outcomes = invented(400)

    assert score(outcomes, np.full((400, 4), 0.5), GRID) == pytest.approx(0.25, abs=1e-9)


def test_the_truth_beats_kaplan_meier() -> None:
    matrix, outcomes = invented(800)
    truth = np.exp(-np.exp(matrix @ [1.0, -0.5, 0])[:, None] * GRID)

    assert score(outcomes, truth, GRID) < score(
        outcomes, np.tile(kaplan_meier(outcomes).at(GRID), (800, 1)), GRID
    )


def test_one_time_alone_is_the_brier_score_there() -> None:
    _, outcomes = invented(50)
    followed = followed_alike(censoring_curve(outcomes), outcomes, [0.5])
    curves = np.full((50, 1), 0.4)

    found = integrated_brier_losses(outcomes, curves, [0.5], followed)

    assert found == pytest.approx(brier_losses(outcomes, curves, [0.5], followed)[:, 0])


def test_the_unit_of_time_does_not_matter() -> None:
    _, outcomes = invented(80)
    curves = np.tile([0.8, 0.6, 0.4, 0.2], (80, 1))

    days = Outcomes(outcomes.time * 365, outcomes.event)

    assert score(days, curves, GRID * 365) == pytest.approx(score(outcomes, curves, GRID))


def test_a_tiny_chance_of_being_followed_does_not_make_one_patient_the_score() -> None:
    outcomes = Outcomes(np.array([1.0, 1.0]), np.array([True, False]))
    followed = followed_alike(censoring_curve(outcomes), outcomes, [1.0])

    assert brier_losses(outcomes, np.ones((2, 1)), [1.0], followed).max() == pytest.approx(1000)


def covariate_censored(size: int) -> tuple:
    """Both event and censoring come early where x is high."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=size)
    time = rng.exponential(np.exp(-x))
    end = rng.exponential(np.exp(0.3 - 1.2 * x))
    return x[:, None], time, Outcomes(np.minimum(time, end), time <= end)


def test_conditional_weights_find_the_score_that_full_follow_up_would_give() -> None:
    x, time, outcomes = covariate_censored(6000)
    hopeful = np.full((6000, 4), 0.9)
    whole = Outcomes(time, np.ones(len(time), dtype=bool))
    expected = score(whole, hopeful, GRID)
    model = fit_covariate_censoring(x, outcomes, penalty=0.0)

    conditional = score(outcomes, hopeful, GRID, model.followed(x, outcomes, GRID))
    marginal = score(outcomes, hopeful, GRID)

    assert conditional == pytest.approx(expected, abs=0.008)
    assert abs(marginal - expected) > 0.04


def test_without_covariates_conditional_weights_are_nearly_the_marginal_ones() -> None:
    _, outcomes = invented(500, ties=True)
    model = fit_covariate_censoring(np.zeros((500, 1)), outcomes)

    followed = model.followed(np.zeros((500, 1)), outcomes, GRID)

    alike = followed_alike(censoring_curve(outcomes), outcomes, GRID)
    assert followed.own == pytest.approx(alike.own, abs=0.02)
    assert followed.grid == pytest.approx(alike.grid, abs=0.02)


def test_the_censoring_model_lets_events_leave_first_at_a_tie() -> None:
    outcomes = Outcomes(np.array([1.0, 1.0, 1.0, 2.0]), np.array([1, 1, 0, 0], dtype=bool))

    model = fit_covariate_censoring(np.zeros((4, 1)), outcomes)

    assert model.times.tolist() == [1.0, 2.0]
    assert model.hazard == pytest.approx([1 / 2, 1 / 2 + 1])
