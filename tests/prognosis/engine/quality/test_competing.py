"""Scores of one cause among several, against plain loops over their definitions and the truth."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import Followed, followed_alike
from madang.prognosis.engine.quality.competing import (
    Ends,
    aalen_johansen,
    cause_auc,
    cause_brier_losses,
    cause_in_the_large,
    integrated_cause_brier,
)

GRID = np.array([0.5, 1.0, 1.5, 2.0])


def sample(size: int, seed: int, *, censored: bool = True) -> tuple[Ends, np.ndarray, np.ndarray]:
    """Ends of two exponential causes, the true incidence of the first on the grid, and x."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=size)
    first, second = 0.3 * np.exp(0.8 * x), np.full(size, 0.25)
    time = rng.exponential(1 / (first + second))
    cause = np.where(rng.uniform(size=size) < first / (first + second), 1, 2)
    end = rng.uniform(0.3, 4.0, size) if censored else np.full(size, np.inf)
    both = (first + second)[:, None]
    truth = (first[:, None] / both) * (1 - np.exp(-both * GRID))
    return Ends(np.minimum(time, end), np.where(time <= end, cause, 0)), truth, x


def followed(ends: Ends) -> Followed:
    outcomes = Outcomes(ends.time, ends.cause > 0)
    return followed_alike(censoring_curve(outcomes), outcomes, GRID)


def test_the_incidence_is_that_of_another_program() -> None:
    ends, _, _ = sample(300, 1)
    other = AalenJohansenFitter(calculate_variance=False)
    other.fit(ends.time, ends.cause, event_of_interest=1)

    found = aalen_johansen(ends, 1).at(GRID)

    assert found == pytest.approx(other.predict(GRID).to_numpy(), abs=1e-9)


def test_incidences_of_all_causes_add_up_with_ties() -> None:
    ends = Ends(np.array([1.0, 1.0, 2.0, 2.0, 3.0]), np.array([1, 2, 1, 0, 2]))

    # At 1: 1/5 each; at 2: 3/5 free times 1/3; at 3: 2/5 free, the last one.
    assert aalen_johansen(ends, 1).at([0.5, 1, 2, 3]) == pytest.approx([0, 0.2, 0.4, 0.4])
    assert aalen_johansen(ends, 2).at([0.5, 1, 2, 3]) == pytest.approx([0, 0.2, 0.2, 0.6])


def test_without_censoring_the_score_is_the_mean_squared_distance() -> None:
    ends, truth, _ = sample(200, 2, censored=False)
    had = (ends.time[:, None] <= GRID) & (ends.cause == 1)[:, None]

    found = cause_brier_losses(ends, truth, 1, GRID, followed(ends))

    assert found == pytest.approx((had - truth) ** 2)


def test_losses_are_the_definition_patient_by_patient() -> None:
    """Gone by another cause is known not to have had this one; censored early is unknown."""
    ends, truth, _ = sample(80, 3)
    chances = followed(ends)
    expected = np.zeros((80, len(GRID)))
    for i in range(80):
        for j, t in enumerate(GRID):
            if ends.time[i] > t:
                expected[i, j] = truth[i, j] ** 2 / chances.grid[i, j]
            elif ends.cause[i] == 1:
                expected[i, j] = (1 - truth[i, j]) ** 2 / chances.own[i]
            elif ends.cause[i] == 2:
                expected[i, j] = truth[i, j] ** 2 / chances.own[i]

    assert cause_brier_losses(ends, truth, 1, GRID, chances) == pytest.approx(expected)


def test_censoring_does_not_bend_the_scores() -> None:
    """What is estimated under censoring is what the same patients show without it."""
    ends, truth, x = sample(20_000, 4)
    whole, same, _ = sample(20_000, 4, censored=False)

    score = integrated_cause_brier(ends, truth, 1, GRID, followed(ends))
    area = cause_auc(ends, x, 1, 2.0, followed(ends))

    assert (same == truth).all()
    assert score == pytest.approx(
        integrated_cause_brier(whole, truth, 1, GRID, followed(whole)), abs=0.002
    )
    assert area == pytest.approx(cause_auc(whole, x, 1, 2.0, followed(whole)), abs=0.01)


def test_the_area_is_the_weighted_share_of_pairs() -> None:
    ends, _, x = sample(90, 5)
    chances, score, t = followed(ends), x.round(1), 2.0
    right = total = 0.0
    for i in range(90):
        if ends.time[i] > t or ends.cause[i] != 1:
            continue
        for j in range(90):
            if ends.time[j] > t:
                weight = 1 / chances.grid[j, -1]
            elif ends.cause[j] == 2:
                weight = 1 / chances.own[j]
            else:
                continue
            weight /= chances.own[i]
            right += weight * ((score[i] > score[j]) + 0.5 * (score[i] == score[j]))
            total += weight

    assert cause_auc(ends, score, 1, t, chances) == pytest.approx(right / total)


def test_no_case_or_no_control_is_a_half() -> None:
    ends = Ends(np.array([1.0, 2.0]), np.array([1, 1]))
    alike = Followed(np.ones(2), np.ones((2, 1)))

    assert cause_auc(ends, [0.1, 0.2], 2, 2.0, alike) == 0.5
    assert cause_auc(ends, [0.1, 0.2], 1, 2.0, alike) == 0.5


def test_the_truth_is_calibrated_in_the_large_and_a_cause_taken_for_censoring_is_not() -> None:
    ends, truth, _ = sample(20_000, 6)
    alone = Ends(ends.time, np.where(ends.cause == 1, 1, 0))  # the other cause as censoring

    assert cause_in_the_large(ends, truth[:, -1], 1, 2.0) == pytest.approx(0, abs=0.01)
    assert cause_in_the_large(alone, truth[:, -1], 1, 2.0) < -0.04


def test_a_single_time_gives_the_plain_score() -> None:
    ends, truth, _ = sample(100, 7)
    chances = followed(ends)
    last = Followed(chances.own, chances.grid[:, -1:])

    found = integrated_cause_brier(ends, truth[:, -1:], 1, GRID[-1:], last)

    assert found == pytest.approx(
        cause_brier_losses(ends, truth[:, -1:], 1, GRID[-1:], last).mean()
    )
