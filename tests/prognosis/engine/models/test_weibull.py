"""Weibull's model: the truth of invented data, lifelines' fit on real ones, and the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from madang.kernel.errors import InputError
from madang.prognosis.engine.models.weibull import _loss, fit_weibull
from madang.prognosis.engine.outcomes import Outcomes


def test_it_finds_what_made_the_data() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5000, 2))
    time = np.exp(1.0 + matrix @ [0.5, -0.3]) * rng.weibull(1 / 0.6, 5000)
    end = rng.exponential(6.0, 5000)

    found = fit_weibull(matrix, Outcomes(np.minimum(time, end), time <= end))

    assert found.location == pytest.approx(1.0, abs=0.03)
    assert found.scale == pytest.approx(0.6, abs=0.03)
    assert found.coefficients == pytest.approx([0.5, -0.3], abs=0.03)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_finds_the_same_on_gbsg2(cohort_matrix, cohort_outcomes) -> None:
    import pandas as pd
    from lifelines import WeibullAFTFitter

    table = pd.DataFrame(cohort_matrix).assign(time=cohort_outcomes[0], event=cohort_outcomes[1])
    judge = WeibullAFTFitter().fit(table, "time", "event").params_

    found = fit_weibull(cohort_matrix, cohort_outcomes)

    assert found.location == pytest.approx(judge["lambda_"]["Intercept"], abs=1e-3)
    assert found.coefficients == pytest.approx(judge["lambda_"][:-1].to_numpy(), abs=1e-3)
    assert 1 / found.scale == pytest.approx(np.exp(judge["rho_"]["Intercept"]), abs=1e-3)


def test_the_gradient_is_that_of_the_loss(sample) -> None:
    matrix, outcomes = sample
    at = np.array([0.1, -0.2, 0.3, 0.4, -0.5])
    rest = (matrix, np.log(outcomes.time), outcomes.event, 0.1)

    numeric = approx_fprime(at, lambda parameters: _loss(parameters, *rest)[0], 1e-7)

    assert _loss(at, *rest)[1] == pytest.approx(numeric, abs=1e-5)


def test_the_ridge_shrinks_coefficients_and_nothing_else(sample) -> None:
    matrix, outcomes = sample

    free, held = (fit_weibull(matrix, outcomes, penalty=p) for p in (0.0, 100.0))

    assert np.abs(held.coefficients).max() < 0.02 < np.abs(free.coefficients).max()
    alone = fit_weibull(np.zeros((200, 1)), outcomes)
    assert held.location == pytest.approx(alone.location, abs=0.02)


def test_curves_fall_from_one_and_reach_the_median_where_they_should(sample) -> None:
    matrix, outcomes = sample
    found = fit_weibull(matrix, outcomes)
    median = np.exp(found.location + matrix[0] @ found.coefficients) * np.log(2) ** found.scale

    curves = found.survival(matrix, np.geomspace(1e-3, 1e3, 40))

    assert (np.diff(curves, axis=1) <= 0).all()
    assert found.survival(matrix[:1], [median])[0, 0] == pytest.approx(0.5)


def test_without_an_event_it_says_so(sample) -> None:
    matrix, outcomes = sample

    with pytest.raises(InputError, match="without an event"):
        fit_weibull(matrix, Outcomes(outcomes.time, outcomes.event & False))
