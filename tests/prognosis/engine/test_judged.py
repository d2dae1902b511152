"""scikit-survival judges: Uno's C, Brier scores, Cox with elastic net, censoring curves."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.models.kaplan_meier import censoring_curve, kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import followed_alike, integrated_brier_losses
from madang.prognosis.engine.quality.uno import uno_c_score

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore")]

GRID = np.linspace(300.0, 1900.0, 17)


def labelled(outcomes: Outcomes) -> object:
    from sksurv.util import Surv

    return Surv.from_arrays(outcomes.event, outcomes.time)


@pytest.fixture
def halves(cohort_matrix, cohort_outcomes) -> tuple:
    first = np.arange(686) % 2 == 0
    time, event = cohort_outcomes
    return (
        (cohort_matrix[first], Outcomes(time[first], event[first])),
        (cohort_matrix[~first], Outcomes(time[~first], event[~first])),
    )


def test_kaplan_meier_and_the_censoring_curve(cohort_outcomes) -> None:
    from sksurv.nonparametric import CensoringDistributionEstimator, kaplan_meier_estimator

    times, survival = kaplan_meier_estimator(cohort_outcomes.event, cohort_outcomes.time)
    judge = CensoringDistributionEstimator().fit(labelled(cohort_outcomes))

    assert kaplan_meier(cohort_outcomes).at(times) == pytest.approx(survival)
    inner = times[times < times.max()]
    assert censoring_curve(cohort_outcomes).at(inner) == pytest.approx(judge.predict_proba(inner))


@pytest.mark.parametrize("limit", [1000.0, 1900.0])
def test_unos_c(halves, limit) -> None:
    from sksurv.metrics import concordance_index_ipcw

    (matrix, training), (new, tested) = halves
    risk = fit_cox(matrix, *training).predictor(new)
    judged = concordance_index_ipcw(labelled(training), labelled(tested), risk, tau=limit)[0]

    found = uno_c_score(tested, risk, censoring_curve(training).at(tested.time), limit=limit)

    assert found == pytest.approx(judged, abs=1e-12)


def test_unos_c_with_tied_risks(halves) -> None:
    from sksurv.metrics import concordance_index_ipcw

    (_, training), (new, tested) = halves
    risk = np.round(new[:, 2])
    judged = concordance_index_ipcw(labelled(training), labelled(tested), risk, tau=1800.0)[0]

    found = uno_c_score(tested, risk, censoring_curve(training).at(tested.time), limit=1800.0)

    assert found == pytest.approx(judged, abs=1e-12)


def test_the_integrated_brier_score(halves) -> None:
    from sksurv.metrics import brier_score, integrated_brier_score

    (matrix, training), (new, tested) = halves
    inside = tested.time < training.time.max()
    tested, new = Outcomes(tested.time[inside], tested.event[inside]), new[inside]
    curves = fit_cox(matrix, *training).survival(new, GRID)
    judged = integrated_brier_score(labelled(training), labelled(tested), curves, GRID)
    followed = followed_alike(censoring_curve(training), tested, GRID)

    found = integrated_brier_losses(tested, curves, GRID, followed).mean()

    assert found == pytest.approx(judged, abs=1e-12)
    single = brier_score(labelled(training), labelled(tested), curves[:, 3:4], GRID[3:4])[1][0]
    at_one = followed_alike(censoring_curve(training), tested, GRID[3:4])
    assert integrated_brier_losses(
        tested, curves[:, 3:4], GRID[3:4], at_one
    ).mean() == pytest.approx(single, abs=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_with_a_ridge(cohort_matrix, cohort_outcomes, ties) -> None:
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    ridge = 5.0
    judge = CoxPHSurvivalAnalysis(alpha=ridge, ties=ties, tol=1e-12, n_iter=200)
    judge.fit(cohort_matrix, labelled(cohort_outcomes))

    found = fit_cox(cohort_matrix, *cohort_outcomes, penalty=ridge / 686, l1_ratio=0.0, ties=ties)

    assert found.coefficients == pytest.approx(judge.coef_, abs=1e-5)


def test_curves_of_breslows_cox(cohort_matrix, cohort_outcomes) -> None:
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    judge = CoxPHSurvivalAnalysis(ties="breslow", tol=1e-12, n_iter=200)
    judge.fit(cohort_matrix, labelled(cohort_outcomes))
    expected = [curve(GRID) for curve in judge.predict_survival_function(cohort_matrix[:20])]

    found = fit_cox(cohort_matrix, *cohort_outcomes, ties="breslow").survival(
        cohort_matrix[:20], GRID
    )

    assert found == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize("l1_ratio", [0.3, 0.9])
def test_the_elastic_net_path(cohort_matrix, cohort_outcomes, l1_ratio) -> None:
    from sksurv.linear_model import CoxnetSurvivalAnalysis

    penalties = [0.05, 0.02, 0.005]
    judge = CoxnetSurvivalAnalysis(l1_ratio=l1_ratio, alphas=penalties, tol=1e-12, max_iter=10**6)
    judge.fit(cohort_matrix, labelled(cohort_outcomes))

    for place, penalty in enumerate(penalties):
        found = fit_cox(
            cohort_matrix, *cohort_outcomes, penalty=penalty, l1_ratio=l1_ratio, ties="breslow"
        )
        assert found.coefficients == pytest.approx(judge.coef_[:, place], abs=2e-4)
