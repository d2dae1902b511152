"""The product-limit curve: worked by hand, and as lifelines and scipy compute it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from madang.prognosis.engine.models.kaplan_meier import censoring_curve, kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes

TIED = Outcomes(np.array([1.0, 2.0, 2.0, 2.0, 5.0]), np.array([1, 1, 1, 0, 0], dtype=bool))


def test_worked_by_hand_with_a_tie_of_event_and_censoring() -> None:
    curve = kaplan_meier(TIED)

    assert curve.at([0.9, 1.0, 1.9, 2.0, 9.0]) == pytest.approx([1, 0.8, 0.8, 0.4, 0.4])


def test_events_leave_before_the_censorings_of_the_same_time() -> None:
    assert censoring_curve(TIED).at([1.9, 2.0, 4.9, 5.0]) == pytest.approx([1, 0.5, 0.5, 0])


def test_scipy_finds_the_same_curve_on_gbsg2(cohort_outcomes) -> None:
    time, event = cohort_outcomes
    judge = stats.ecdf(stats.CensoredData.right_censored(time, ~event)).sf

    found = kaplan_meier(cohort_outcomes)

    assert found.at(judge.quantiles) == pytest.approx(judge.probabilities)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_finds_the_same_curve_on_gbsg2(cohort_outcomes) -> None:
    from lifelines import KaplanMeierFitter

    judge = KaplanMeierFitter().fit(*cohort_outcomes).survival_function_["KM_estimate"]

    assert kaplan_meier(cohort_outcomes).at(judge.index) == pytest.approx(judge.to_numpy())


def test_without_ties_both_curves_multiply_to_the_share_still_there() -> None:
    """S(t)·G(t) is the share of patients followed beyond t."""
    rng = np.random.default_rng(0)
    outcomes = Outcomes(rng.permutation(np.arange(1.0, 101.0)), rng.random(100) < 0.5)
    times = np.arange(0.5, 99)

    product = kaplan_meier(outcomes).at(times) * censoring_curve(outcomes).at(times)

    assert product == pytest.approx(1 - np.floor(times) / 100)


def test_all_censored_stays_at_one_and_nobody_censored_too() -> None:
    time = np.array([1.0, 2.0])

    assert kaplan_meier(Outcomes(time, time < 0)).at([3.0]) == 1
    assert censoring_curve(Outcomes(time, time > 0)).at([3.0]) == 1


def test_one_patient_is_enough() -> None:
    assert kaplan_meier(Outcomes(np.array([2.0]), np.array([True]))).at([1.9, 2]).tolist() == [
        1,
        0,
    ]
