"""Convex weights: the score is the integrated Brier score, the weights are its minimum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from madang.prognosis.engine.models.intervals import Intervals, Watched
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import followed_alike, integrated_brier_losses
from madang.prognosis.engine.stack.mixing import Score
from tests.prognosis.patients import invented


@pytest.fixture(scope="module")
def setting():
    _, watched = invented(250)
    outcomes = Outcomes(watched.time, watched.event)
    cut = Intervals.at_events(watched, 20)
    rng = np.random.default_rng(3)
    curves = [
        np.cumprod(1 - rng.uniform(0, 0.1, (250, len(cut.ends))) * scale, axis=1)
        for scale in (0.3, 1.0, 2.0)
    ]
    return outcomes, cut, curves


def test_the_score_is_the_integrated_brier_score(setting) -> None:
    outcomes, cut, (_, curves, _) = setting
    score = Score.of(outcomes, np.ones(250), cut)

    found = score.of_curves(curves)

    at_grid = cut.between(np.hstack([np.ones((250, 1)), curves]), score.grid)
    followed = followed_alike(censoring_curve(outcomes), outcomes, score.grid)
    expected = integrated_brier_losses(outcomes, at_grid, score.grid, followed).mean()
    assert found == pytest.approx(expected, rel=1e-9)


def test_no_mixture_on_the_simplex_is_better(setting) -> None:
    outcomes, cut, curves = setting
    score = Score.of(outcomes, np.ones(250), cut)

    weights = score.weights(curves)

    assert sum(weights) == pytest.approx(1)
    assert min(weights) >= 0
    best = score.of_curves(sum(w * c for w, c in zip(weights, curves, strict=True)))
    for a, b in itertools.product(np.linspace(0, 1, 21), repeat=2):
        if a + b <= 1:
            other = score.of_curves(a * curves[0] + b * curves[1] + (1 - a - b) * curves[2])
            assert best <= other + 2e-6


def test_a_perfect_part_gets_all_the_weight(setting) -> None:
    outcomes, cut, curves = setting
    known = (outcomes.time[:, None] > cut.ends).astype(float)

    assert Score.of(outcomes, np.ones(250), cut).weights([curves[0], known])[1] > 0.9


def test_a_patient_who_counts_twice_weighs_twice(setting) -> None:
    outcomes, cut, (curves, _, _) = setting
    often = np.where(np.arange(250) < 50, 2.0, 1.0)
    twice = np.r_[np.arange(250), np.arange(50)]

    weighted = Score.of(outcomes, often, cut)
    plain = Score.of(outcomes, np.ones(250), cut)

    expected = (plain.weight * (plain.alive - plain._at(curves)) ** 2).sum(axis=1)
    assert weighted.of_curves(curves) == pytest.approx(expected[twice].sum() * 250 / 300)


def test_the_horizon_is_the_last_event_before_nine_tenths_of_the_follow_up() -> None:
    watched = Watched.of(np.arange(1.0, 101.0), np.ones(100))
    score = Score.of(
        Outcomes(watched.time, watched.event), np.ones(100), Intervals.at_events(watched, 10)
    )

    assert score.horizon == 90.0
