"""Boosted hazards: evaluated as the classifier does, and causes that add up."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from madang.prognosis.engine.models import hazards as module
from madang.prognosis.engine.models.hazards import fit_hazards
from madang.prognosis.engine.models.intervals import Watched
from tests.prognosis.patients import invented


def sample(causes: int):
    table, watched = invented(400, causes=causes)
    matrix = np.column_stack([table["age"], table["marker"], table["stage"] == "II"])
    return matrix.astype(float), watched


@pytest.mark.parametrize("causes", [1, 2, 3])
def test_every_hazard_is_the_classifiers(causes) -> None:
    matrix, watched = sample(causes)
    model = fit_hazards(matrix, watched, causes=causes, rounds=20)
    patient, number, label, weight = module._pooled(watched, model.intervals)
    classifier = HistGradientBoostingClassifier(
        max_iter=20,
        learning_rate=module.RATE,
        max_leaf_nodes=module.LEAVES,
        min_samples_leaf=module.PER_LEAF,
        l2_regularization=module.L2,
        early_stopping=False,
        random_state=0,
    ).fit(np.column_stack([matrix[patient], number]), label, sample_weight=weight)
    asked = matrix[:50]
    asked[::7, 0] = np.nan
    width = len(model.intervals.ends)
    pooled = np.column_stack([np.repeat(asked, width, axis=0), np.tile(np.arange(width), 50)])

    found = model.hazards(asked)

    expected = classifier.predict_proba(pooled)[:, 1:].reshape(50, width, causes)
    assert np.isnan(asked).any()
    assert found == pytest.approx(expected, abs=1e-6)


def test_incidences_and_survival_add_up_for_ten_thousand_random_patients() -> None:
    matrix, watched = sample(3)
    model = fit_hazards(matrix, watched, causes=3)
    asked = np.random.default_rng(5).normal(50, 60, (10_000, 3))
    times = np.random.default_rng(6).uniform(0, 80, 7)
    times.sort()

    free, reached = model.survival(asked, times), model.incidences(asked, times)

    assert np.abs(free + reached.sum(axis=2) - 1).max() < 1e-9
    assert reached.min() >= 0
    assert np.diff(reached, axis=1).min() >= 0
    assert np.diff(free, axis=1).max() <= 0


def test_a_cause_that_never_happened_has_no_incidence() -> None:
    matrix, watched = sample(1)

    reached = fit_hazards(matrix, watched, causes=2).incidences(matrix, [20.0])

    assert reached[:, 0, 1].max() == 0
    assert reached[:, 0, 0].min() > 0


def test_without_any_event_nobody_is_at_risk() -> None:
    model = fit_hazards(np.zeros((5, 1)), Watched.of(np.arange(1.0, 6.0), np.zeros(5)))

    assert (model.survival([[0.0]], [1.0, 5.0]) == 1).all()


def test_delayed_entry_raises_the_hazard_that_was_diluted() -> None:
    """Patients who enter late were not at risk before: fewer at risk, same events."""
    matrix, watched = sample(1)
    late = Watched.of(watched.time, watched.cause, entry=watched.time * 0.8)

    from_start = fit_hazards(matrix, watched).survival(matrix, [20.0]).mean()
    from_entry = fit_hazards(matrix, late).survival(matrix, [20.0]).mean()

    assert from_entry < from_start - 0.2


def test_weights_and_shares_of_intervals_count() -> None:
    """Without covariates that tell: hazard = weighted events over weighted time at risk."""
    _, watched = sample(1)
    heavy = Watched.of(watched.time, watched.cause, weight=np.where(watched.event, 3.0, 1.0))
    nothing = np.zeros((400, 1))
    for each in (watched, heavy):
        model = fit_hazards(nothing, each, intervals=1, rounds=1, rate=1e-9)
        at_risk, events = model.intervals.counts(each)

        found = model.hazards(nothing[:1])[0, 0, 0]

        assert found == pytest.approx((each.weight @ events) / (each.weight @ at_risk), rel=1e-5)


def test_the_same_rows_give_the_same_bits_and_blocks_do_not_matter() -> None:
    matrix, watched = sample(1)
    one, other = fit_hazards(matrix, watched), fit_hazards(matrix, watched)

    assert (one.hazards(np.tile(matrix, (6, 1)))[-400:] == other.hazards(matrix)).all()
