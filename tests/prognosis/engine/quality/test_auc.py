"""The area is what counting pairs gives, and censoring does not bend it."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.auc import auc_at


def test_by_hand() -> None:
    # Cases at 1 (G = 1) and 3 (G = 1/2), controls at 5 and 6; one censored at 2 counts for none.
    outcomes = Outcomes(
        np.array([1.0, 2.0, 3.0, 5.0, 6.0]), np.array([True, False, True, True, False])
    )
    followed = np.array([1.0, 1.0, 0.5, 0.5, 0.5])
    risk = np.array([0.4, 0.9, 0.6, 0.5, 0.4])

    # First case: below 0.5, equal to 0.4 → 1/4; second: above both → 1; weights 1 and 2.
    assert auc_at(outcomes, risk, followed, 4.0) == pytest.approx((0.25 + 2) / 3)
    assert auc_at(outcomes, -risk, followed, 4.0) == pytest.approx(1 - (0.25 + 2) / 3)


def test_a_horizon_with_nothing_to_compare() -> None:
    outcomes = Outcomes(np.array([1.0, 2.0]), np.array([True, True]))

    assert auc_at(outcomes, [1.0, 0.0], [1.0, 1.0], 0.5) == 0.5
    assert auc_at(outcomes, [1.0, 0.0], [1.0, 1.0], 3.0) == 0.5


def test_weights_undo_censoring() -> None:
    rng = np.random.default_rng(1)
    risk = rng.normal(size=40_000)
    # Late events are found more by risk than early ones, so leaving out censored ones would bend.
    time = rng.exponential(np.exp(-risk * rng.choice([0.2, 1.5], size=len(risk))))
    full = Outcomes(time, np.ones(len(time), dtype=bool))
    truth = auc_at(full, risk, np.ones(len(time)), 1.0)
    leaves = rng.exponential(0.8, size=len(time))
    seen = Outcomes(np.minimum(time, leaves), time <= leaves)
    followed = censoring_curve(seen).at(seen.time)

    assert auc_at(seen, risk, followed, 1.0) == pytest.approx(truth, abs=0.006)
    unweighted = auc_at(seen, risk, np.ones(len(time)), 1.0)
    assert abs(unweighted - truth) > abs(auc_at(seen, risk, followed, 1.0) - truth)
