"""Scores of answers at visits: known by hand, and by models that are right or wrong on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.dynamic.model import OutOfFold
from madang.prognosis.engine.dynamic.quality import incidence, quality
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes


def test_incidence_of_a_cause_by_hand() -> None:
    """Ten patients: 1 at t=1, competing 2 at t=2, censored at 3, 1 at t=4, six left at 9.

    S(1)=9/10, S(2)=9/10·8/9=8/10, at t=4 seven are at risk: F₁(4) = 1/10 + 8/10·1/7.
    """
    time = np.array([1.0, 2.0, 3.0, 4.0, *[9.0] * 6])
    cause = np.array([1, 2, 0, 1, *[0] * 6])

    assert incidence(time, cause, 0.5) == 0.0
    assert incidence(time, cause, 1.0) == pytest.approx(0.1)
    assert incidence(time, cause, 5.0) == pytest.approx(0.1 + 0.8 / 7)


def test_where_nothing_competes_it_is_one_less_kaplan_meier() -> None:
    rng = np.random.default_rng(4)
    time, cause = rng.exponential(1.0, 300).round(1) + 0.1, rng.integers(0, 2, 300)

    for until in (0.3, 1.0, 2.0):
        expected = 1 - float(kaplan_meier(Outcomes(time, cause == 1)).at(until))
        assert incidence(time, cause, until) == pytest.approx(expected)


def test_a_weight_of_two_is_the_patient_twice() -> None:
    time, cause = np.array([1.0, 2.0, 3.0]), np.array([1, 0, 1])
    twice = incidence(np.array([1.0, 1.0, 2.0, 3.0]), np.array([1, 1, 0, 1]), 2.5)

    assert incidence(time, cause, 2.5, weight=np.array([2.0, 1.0, 1.0])) == pytest.approx(twice)


def told(count: int = 3000, *, factor: float = 1.0, power: float = 1.0) -> dict[float, OutOfFold]:
    """Patients whose hazards are known, answered by a model that multiplies or stretches them."""
    rng = np.random.default_rng(7)
    log_risk = rng.normal(0, 0.8, count)
    hazard = 0.3 * np.exp(log_risk)
    death, other = rng.exponential(1 / hazard), rng.exponential(5.0, count)
    leaves = rng.uniform(0.5, 6, count)
    time = np.minimum(np.minimum(death, other), leaves)
    cause = np.where(time == death, 1, np.where(time == other, 2, 0))
    said = factor * 0.3 * np.exp(power * log_risk)
    whole = said + 0.2
    reached = said / whole * (1 - np.exp(-whole))
    causes = np.stack([reached, 0.2 / whole * (1 - np.exp(-whole))])[:, :, None]
    names = np.array([f"p{place}" for place in range(count)])
    free = np.exp(-said)[:, None]
    return {0.0: OutOfFold(names, time, cause, causes, free)}


def test_a_model_that_is_right_is_found_right() -> None:
    found = quality(told(), window=1.0, place=0)

    assert found.observed_to_expected == pytest.approx(1.0, abs=0.06)
    assert found.slope == pytest.approx(1.0, abs=0.12)
    assert found.ici < 0.02
    inside = [each.low - 0.02 <= each.predicted <= each.high + 0.02 for each in found.tenths]
    assert sum(inside) >= 9
    assert [each.answers for each in found.tenths] == [300] * 10


def test_a_model_that_says_double_or_too_little_apart_is_found_out() -> None:
    double = quality(told(factor=2.0), window=1.0, place=0)
    narrow = quality(told(power=0.5), window=1.0, place=0)

    assert double.observed_to_expected < 0.7
    assert narrow.slope > 1.6
    assert double.ici > 0.08
    assert narrow.auc == pytest.approx(double.auc)  # the order is the same
    assert narrow.brier > quality(told(), window=1.0, place=0).brier


def test_a_landmark_with_few_events_is_not_told_apart() -> None:
    rows = told()
    rows[5.0] = rows[0.0]._replace(
        patient=rows[0.0].patient[:20],
        time=rows[0.0].time[:20],
        cause=np.zeros(20, dtype=np.int64),
        causes=rows[0.0].causes[:, :20],
        free_of_event=rows[0.0].free_of_event[:20],
    )

    assert [each.at for each in quality(rows, window=1.0, place=0).landmarks] == [0.0]


def test_its_facts_are_plain() -> None:
    facts = quality(told(500), window=1.0, place=0).facts()

    assert facts["landmarks"][0]["patients"] == 500
    assert facts["auc"] == pytest.approx(facts["landmarks"][0]["auc"])
    assert facts["tenths"][0]["low"] <= facts["tenths"][0]["observed"]
