"""The stack: weights learnt on patients not seen, groups kept together, nothing random."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.stack.mixing import Score
from madang.prognosis.engine.stack.stacking import dealt, fit_stack, rows
from tests.prognosis.patients import DECLARED, fitted, invented, true_survival


def test_weights_are_convex_and_the_mixture_is_not_worse_than_its_best_part() -> None:
    _, found = fitted()

    weights = found.stack.parts.weights

    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) >= 0
    best = min(found.losses[name] for name in ("cox", "hazards", "forest"))
    assert found.losses["mixture"] <= best + 1e-9


def test_a_part_without_a_weight_is_not_fitted() -> None:
    parts = fitted()[1].stack.parts
    shown = {"cox": parts.cox, "hazards": parts.hazards, "forest": parts.forest}

    assert {n for n, part in shown.items() if part} == {n for n, w in parts.weights.items() if w}


def test_out_of_fold_noise_does_not_predict() -> None:
    """Trees that had seen the patients they answer for would beat Kaplan–Meier by far."""
    _, watched = invented(300)
    rng = np.random.default_rng(1)
    table = {name: rng.normal(size=300) for name in ("a", "b", "c")}
    declared = [{"name": name, "kind": "number"} for name in table]

    found = fit_stack(table, declared, watched)

    outcomes = Outcomes(watched.time, watched.event)
    cut = found.stack.parts.intervals
    everybody = np.tile(kaplan_meier(outcomes).at(cut.ends), (300, 1))
    none = Score.of(outcomes, watched.weight, cut).of_curves(everybody)
    for name in ("cox", "hazards", "forest"):
        assert found.losses[name] > 0.98 * none


def test_predictions_near_the_truth() -> None:
    table, _ = invented(2000, seed=9)
    marker = np.nan_to_num(table["marker"], nan=2.0)

    found = fitted(1500)[1].stack.survival(table, [5.0, 15.0])

    error = np.abs(found - true_survival(table, marker, [5.0, 15.0])).mean()
    assert error < 0.06


def test_members_of_a_group_are_dealt_into_one_fold_and_events_evenly() -> None:
    _, watched = invented(200)
    groups = np.arange(200) // 4

    fold = dealt(watched, 5, 0, groups)

    assert all(len(set(fold[groups == each])) == 1 for each in range(50))
    alone = dealt(watched, 5, 0)
    assert np.ptp(np.bincount(alone[watched.event], minlength=5)) <= 1
    assert np.ptp(np.bincount(alone, minlength=5)) <= 1


def test_with_delayed_entry_or_weights_trees_answer_alone() -> None:
    table, watched = invented(200)
    late = Watched.of(watched.time, watched.cause, entry=watched.time * 0.3)
    heavy = Watched.of(watched.time, watched.cause, weight=1.0 + np.arange(200) % 2)

    for each in (late, heavy):
        found = fit_stack(table, DECLARED, each, folds=2)

        assert found.stack.parts.cox is None
        assert found.stack.parts.weights["cox"] == 0
        assert np.isfinite(found.stack.survival(table, [3.0, 9.0])).all()


def test_delayed_entry_is_not_taken_for_immortal_time() -> None:
    """Those who died before they could enter are missing: the naive curve is too good."""
    table, watched = invented(1500, seed=4)
    entry = np.random.default_rng(0).uniform(0, 15, 1500)
    there = entry < watched.time
    seen, kept = watched.part(there), rows(table, there)
    right = Watched.of(seen.time, seen.cause, entry=entry[there])

    honest = fit_stack(kept, DECLARED, right, folds=2).stack.survival(table, [10.0]).mean()
    naive = fit_stack(kept, DECLARED, seen, folds=2).stack.survival(table, [10.0]).mean()

    truth = true_survival(table, np.nan_to_num(table["marker"], nan=2.0), [10.0]).mean()
    assert abs(honest - truth) < 0.06
    assert naive > truth + 0.06


def test_incidences_and_survival_add_up_for_ten_thousand_random_patients() -> None:
    stack = fitted(400, 2)[1].stack
    table, _ = invented(10_000, seed=8)
    rng = np.random.default_rng(2)
    table["age"] = rng.normal(50, 80, 10_000)
    times = np.sort(rng.uniform(0, 70, 9))

    free, reached = stack.survival(table, times), stack.incidences(table, times)

    assert reached.shape == (10_000, 9, 2)
    assert np.abs(free + reached.sum(axis=2) - 1).max() < 1e-9
    assert reached.min() >= 0
    assert np.diff(reached, axis=1).min() > -1e-12


def test_causes_that_are_equally_frequent_share_alike() -> None:
    stack = fitted(1500, 2)[1].stack
    table, _ = invented(1000, seed=3)

    reached = stack.incidences(table, [15.0]).mean(axis=0)[0]

    assert reached[0] == pytest.approx(reached[1], rel=0.15)


def test_curves_start_at_one_and_never_rise() -> None:
    curves = fitted()[1].stack.curves(invented(500, seed=5)[0])

    assert (curves[:, 0] == 1).all()
    assert np.diff(curves, axis=1).max() <= 0
    assert curves.min() >= 0
