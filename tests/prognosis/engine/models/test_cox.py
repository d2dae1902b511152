"""Cox's model against brute force, scipy, lifelines and the conditions of optimality."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from madang.prognosis.engine.models.cox import (
    _dealt,
    fit_cox,
    fit_cox_cross_validated,
    fit_cox_path,
    penalty_path,
)
from tests.prognosis.conftest import invented


def slow_loss(beta, matrix, time, event, ties) -> float:
    """−(log partial likelihood)/n by definition, one event after another."""
    relative = np.exp(matrix @ beta)
    total = 0.0
    for when in np.unique(time[event]):
        dead = np.flatnonzero(event & (time == when))
        at_risk = relative[time >= when].sum()
        for rank, each in enumerate(dead):
            left = rank / len(dead) * relative[dead].sum() if ties == "efron" else 0.0
            total += matrix[each] @ beta - np.log(at_risk - left)
    return -total / len(time)


def slow_fit(matrix, time, event, ties, penalty=0.0, l1_ratio=0.5) -> np.ndarray:
    """By a general optimiser, with |β| as the sum of two halves that are not negative."""
    columns = matrix.shape[1]

    def loss(halves):
        beta = halves[:columns] - halves[columns:]
        cost = l1_ratio * halves.sum() + (1 - l1_ratio) / 2 * beta @ beta
        return slow_loss(beta, matrix, time, event, ties) + penalty * cost

    bounds = [(0, None)] * (2 * columns)
    found = minimize(
        loss, np.full(2 * columns, 0.1), bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9}
    )
    return found.x[:columns] - found.x[columns:]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_without_penalty_the_partial_likelihood_is_at_its_maximum(tied_sample, ties) -> None:
    matrix, outcomes = tied_sample

    found = fit_cox(matrix, *outcomes, ties=ties)

    assert found.converged
    assert found.coefficients == pytest.approx(slow_fit(matrix, *outcomes, ties), abs=2e-5)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_with_penalty_it_finds_the_minimum_of_the_stated_objective(tied_sample, l1_ratio) -> None:
    matrix, outcomes = tied_sample

    found = fit_cox(matrix, *outcomes, penalty=0.1, l1_ratio=l1_ratio)

    expected = slow_fit(matrix, *outcomes, "efron", penalty=0.1, l1_ratio=l1_ratio)
    assert found.coefficients == pytest.approx(expected, abs=2e-5)


def test_ties_matter_and_the_two_treatments_differ(tied_sample) -> None:
    matrix, outcomes = tied_sample

    efron = fit_cox(matrix, *outcomes, ties="efron").coefficients
    breslow = fit_cox(matrix, *outcomes, ties="breslow").coefficients

    assert np.abs(efron - breslow).max() > 0.02


@pytest.mark.filterwarnings("ignore")
def test_lifelines_finds_the_same_on_gbsg2(cohort_matrix, cohort_outcomes) -> None:
    import pandas as pd
    from lifelines import CoxPHFitter

    table = pd.DataFrame(cohort_matrix).assign(time=cohort_outcomes[0], event=cohort_outcomes[1])
    judge = CoxPHFitter().fit(table, "time", "event", fit_options={"precision": 1e-9})
    grid = [300.0, 1000.0, 2000.0]

    found = fit_cox(cohort_matrix, *cohort_outcomes)

    assert found.coefficients == pytest.approx(judge.params_.to_numpy(), abs=5e-6)
    curves = judge.predict_survival_function(pd.DataFrame(cohort_matrix), times=grid)
    # Lifelines adds Breslow's steps to Efron's coefficients: the third digit differs.
    assert found.survival(cohort_matrix, grid) == pytest.approx(curves.to_numpy().T, abs=5e-3)


def test_the_solution_obeys_the_conditions_of_optimality(cohort_matrix, cohort_outcomes) -> None:
    """Where β ≠ 0 the gradient cancels the penalty's; where β = 0 it stays below the lasso's."""
    penalty, l1_ratio, step = 0.05, 0.7, 1e-6
    found = fit_cox(cohort_matrix, *cohort_outcomes, penalty=penalty, l1_ratio=l1_ratio)
    beta = found.coefficients
    gradient = np.array(
        [
            (
                slow_loss(beta + step * unit, cohort_matrix, *cohort_outcomes, "efron")
                - slow_loss(beta - step * unit, cohort_matrix, *cohort_outcomes, "efron")
            )
            / (2 * step)
            for unit in np.eye(len(beta))
        ]
    )
    kept = beta != 0

    assert 0 < kept.sum() < len(beta)
    whole = gradient + penalty * (l1_ratio * np.sign(beta) + (1 - l1_ratio) * beta)
    assert whole[kept] == pytest.approx(0, abs=1e-5)
    assert (np.abs(gradient[~kept]) <= penalty * l1_ratio + 1e-6).all()


def test_the_baseline_of_no_covariates_is_the_nelson_aalen_step() -> None:
    time, event = np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 0, 1], dtype=bool)

    found = fit_cox(np.zeros((5, 1)), time, event)

    assert found.cumulative_hazard([0.5, 1, 2, 3.9, 4, 9]) == pytest.approx(
        [0, 1 / 5, 1 / 5 + 1 / 4, 9 / 20, 9 / 20 + 1, 9 / 20 + 1]
    )
    assert found.survival(np.zeros((1, 1)), [4.0])[0, 0] == pytest.approx(np.exp(-1.45))


def test_tied_events_leave_the_risk_set_one_after_another_in_efrons_baseline() -> None:
    time, event = np.array([1.0, 1.0, 2.0]), np.array([True, True, False])

    found = fit_cox(np.zeros((3, 1)), time, event)

    assert found.hazard == pytest.approx([1 / 3 + 1 / 2])


def test_curves_fall_from_one_and_stay_within_bounds(cohort_matrix, cohort_outcomes) -> None:
    curves = fit_cox(cohort_matrix, *cohort_outcomes).survival(
        cohort_matrix * 1000, np.linspace(1, 3000, 50)
    )

    assert curves.min() >= 0
    assert curves.max() <= 1
    assert (np.diff(curves, axis=1) <= 0).all()


def test_the_path_starts_empty_and_the_first_penalty_is_the_smallest_that_does(sample) -> None:
    matrix, outcomes = sample
    path = penalty_path(matrix, *outcomes, count=10)

    models = fit_cox_path(matrix, *outcomes, penalties=path)

    assert (models[0].coefficients == 0).all()
    assert (fit_cox(matrix, *outcomes, penalty=path[0] * 0.97).coefficients != 0).any()
    assert np.abs(models[-1].coefficients).sum() > 1
    assert path[-1] == pytest.approx(path[0] * 0.01)


def test_each_model_of_a_path_is_the_one_fitted_alone(sample) -> None:
    matrix, outcomes = sample
    path = penalty_path(matrix, *outcomes, count=6)

    for model in fit_cox_path(matrix, *outcomes, penalties=path):
        alone = fit_cox(matrix, *outcomes, penalty=model.penalty)
        assert model.coefficients == pytest.approx(alone.coefficients, abs=1e-5)


def test_order_of_rows_and_unit_of_time_do_not_matter(cohort_matrix, cohort_outcomes) -> None:
    time, event = cohort_outcomes
    order = np.random.default_rng(1).permutation(len(time))
    found = fit_cox(cohort_matrix, time, event, penalty=0.02)

    turned = fit_cox(cohort_matrix[order], time[order] / 365.25, event[order], penalty=0.02)

    assert turned.coefficients == pytest.approx(found.coefficients, abs=1e-6)
    assert turned.hazard == pytest.approx(found.hazard, rel=1e-6)


def test_a_shifted_covariate_changes_nothing(sample) -> None:
    matrix, outcomes = sample
    far = matrix + np.array([1e6, -50.0, 0.0])

    near, moved = fit_cox(matrix, *outcomes), fit_cox(far, *outcomes)

    assert moved.coefficients == pytest.approx(near.coefficients, abs=1e-6)
    assert moved.survival(far, [1.0]) == pytest.approx(near.survival(matrix, [1.0]), abs=1e-6)


def test_the_same_input_gives_the_same_bits(cohort_matrix, cohort_outcomes) -> None:
    first, second = (
        fit_cox_cross_validated(cohort_matrix, *cohort_outcomes, count=8) for _ in range(2)
    )

    assert first.coefficients.tobytes() == second.coefficients.tobytes()
    assert first.hazard.tobytes() == second.hazard.tobytes()


@pytest.mark.parametrize("l1_ratio", [0.2, 1.0])
def test_the_penalty_has_the_best_cross_validated_likelihood(l1_ratio) -> None:
    """Of all rows less that of the training rows, at the training rows' coefficients."""
    matrix, (time, event) = invented(90, seed=8, columns=8)
    path = penalty_path(matrix, time, event, l1_ratio=l1_ratio, count=12)
    gain = np.zeros(12)
    for left_out in _dealt(event, 5, 0):
        kept = ~left_out
        for place, penalty in enumerate(path):
            part = (matrix[kept], time[kept], event[kept])
            beta = fit_cox(*part, penalty=penalty, l1_ratio=l1_ratio).coefficients
            whole = slow_loss(beta, matrix, time, event, "efron") * len(time)
            gain[place] += slow_loss(beta, *part, "efron") * kept.sum() - whole

    found = fit_cox_cross_validated(matrix, time, event, l1_ratio=l1_ratio, count=12)

    assert 0 < gain.argmax() < 11
    assert found.penalty == pytest.approx(path[gain.argmax()])


def test_folds_hold_out_every_row_once_and_balance_events() -> None:
    event = np.arange(53) % 3 == 0

    folds = _dealt(event, 5, 0)

    assert np.sum(folds, axis=0).tolist() == [1] * 53
    assert {int(event[fold].sum()) for fold in folds} <= {3, 4}


def test_noise_gets_a_high_penalty_and_signal_a_low_one(sample) -> None:
    matrix, outcomes = sample
    noise = np.random.default_rng(5).normal(size=matrix.shape)

    kept = fit_cox_cross_validated(matrix, *outcomes)
    dropped = fit_cox_cross_validated(noise, *outcomes)

    assert kept.coefficients[:2] == pytest.approx([1.0, -0.5], abs=0.25)
    assert np.abs(dropped.coefficients).max() < 0.15
    assert kept.penalty < penalty_path(matrix, *outcomes)[0] / 10


def test_all_censored_gives_flat_curves(sample) -> None:
    matrix, outcomes = sample

    found = fit_cox(matrix, outcomes.time, np.zeros(len(matrix), dtype=bool), penalty=0.1)

    assert (found.coefficients == 0).all()
    assert (found.survival(matrix, [1.0, 100.0]) == 1).all()
    alone = fit_cox_cross_validated(matrix, outcomes.time, np.zeros(len(matrix), dtype=bool))
    assert (alone.survival(matrix, [1.0]) == 1).all()


def test_one_event_can_be_fitted(sample) -> None:
    matrix, outcomes = sample
    event = np.zeros(len(matrix), dtype=bool)
    event[np.argsort(outcomes.time)[50]] = True

    found = fit_cox(matrix, outcomes.time, event, penalty=0.01)

    assert found.converged
    assert np.isfinite(found.survival(matrix, [1.0])).all()
    assert len(found.times) == 1


def test_a_constant_or_doubled_column_gets_no_or_half_the_weight(sample) -> None:
    matrix, outcomes = sample
    alone = fit_cox(matrix, *outcomes).coefficients
    wider = np.column_stack([matrix, np.full(len(matrix), 7.0), matrix[:, 0]])

    found = fit_cox(wider, *outcomes)

    assert found.coefficients[3] == pytest.approx(0, abs=1e-9)
    assert found.coefficients[[0, 4]] == pytest.approx([alone[0] / 2] * 2, abs=1e-5)
    lasso = fit_cox(wider, *outcomes, penalty=0.01, l1_ratio=1.0)
    assert lasso.coefficients[3] == 0


def test_separation_ends_with_finite_curves(sample) -> None:
    """Order of time known from a covariate: the likelihood has no maximum."""
    _, outcomes = sample
    rank = np.argsort(np.argsort(outcomes.time)).astype(float)[:, None]

    found = fit_cox(-rank, *outcomes)

    curves = found.survival(-rank, np.quantile(outcomes.time, [0.2, 0.8]))
    assert np.isfinite(found.coefficients).all()
    assert np.isfinite(curves).all()
    assert curves.max() <= 1


@pytest.mark.parametrize(
    ("matrix", "time", "event"),
    [
        (np.empty((0, 2)), [], []),
        (np.zeros(3), [1, 2, 3], [1, 1, 1]),
        (np.zeros((3, 1)), [1, 2], [1, 1, 1]),
        (np.zeros((3, 1)), [1, 2, 3], [1, 1]),
        ([[np.nan], [1.0]], [1, 2], [1, 1]),
        ([[0.0], [1.0]], [1, np.inf], [1, 1]),
    ],
)
def test_what_cannot_be_fitted_is_refused(matrix, time, event) -> None:
    with pytest.raises(ValueError, match="rows|finite"):
        fit_cox(matrix, time, event)
