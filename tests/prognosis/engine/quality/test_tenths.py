"""Observed risk by tenth: groups of one size, Greenwood's interval as another program has it."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.tenths import tenths
from tests.prognosis.conftest import invented


def test_every_patient_stands_in_one_group_and_groups_rise() -> None:
    matrix, outcomes = invented(300)
    risk = 1 / (1 + np.exp(-matrix[:, 0]))
    found = tenths(outcomes, risk, 1.0)

    assert [each.patients for each in found] == [30] * 10
    assert list(found) == sorted(found, key=lambda each: each.predicted)
    mean = sum(each.patients * each.predicted for each in found) / 300
    assert mean == pytest.approx(float(risk.mean()))


@pytest.mark.parametrize("ties", [False, True])
def test_observed_risk_and_interval_are_lifelines_own(ties) -> None:
    from lifelines import KaplanMeierFitter

    matrix, outcomes = invented(60, ties=ties)
    found = tenths(outcomes, np.full(60, 0.4), 1.0)
    curve = KaplanMeierFitter().fit(outcomes.time, outcomes.event)
    ends = curve.confidence_interval_.loc[:1.0].iloc[-1]

    assert len(found) == 1
    assert found[0].observed == pytest.approx(1 - float(curve.predict(1.0)))
    assert found[0].low == pytest.approx(1 - ends.max(), abs=1e-6)
    assert found[0].high == pytest.approx(1 - ends.min(), abs=1e-6)


def test_few_patients_make_fewer_groups() -> None:
    matrix, outcomes = invented(35)
    found = tenths(outcomes, matrix[:, 0], 1.0)

    assert len(found) == 3
    assert min(each.patients for each in found) >= 10


def test_equal_risks_are_not_pulled_apart() -> None:
    _, outcomes = invented(100)
    found = tenths(outcomes, np.repeat([0.2, 0.7], 50), 1.0)

    assert [each.patients for each in found] == [50, 50]


def test_a_group_without_events_has_no_interval() -> None:
    outcomes = Outcomes(np.full(20, 2.0), np.zeros(20, dtype=bool))
    found = tenths(outcomes, np.full(20, 0.1), 1.0)

    assert (found[0].observed, found[0].low, found[0].high) == (0.0, 0.0, 0.0)
