"""Leaving out one unit at a time gives standard errors and skewness."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.errors import InputError
from madang.kernel.stats.jackknife import (
    acceleration,
    left_out_means,
    mean_error,
    standard_errors,
)
from madang.kernel.stats.sampling import units


def test_each_mean_leaves_out_one_cluster():
    clusters = np.array([0, 0, 1, 2, 3, 4, 5])
    values = np.array([[3.0, 1, 4, 1, 5, 9, 2], [2, 7, 1, 8, 2, 8, 1]])

    found = left_out_means(values, units(7, clusters=clusters))

    for cluster in range(6):
        assert found[cluster] == pytest.approx(values[:, clusters != cluster].mean(axis=1))


def test_the_error_of_a_mean_is_the_closed_form():
    values = np.random.default_rng(1).exponential(size=50)

    assert mean_error(values) == pytest.approx(stats.sem(values))


def test_the_error_of_a_stratified_mean_is_the_closed_form():
    rng = np.random.default_rng(2)
    strata = np.repeat([0, 1, 2], [2, 50, 40])
    values = rng.normal(size=92) * (1 + strata) + 5 * strata
    grouped = units(92, strata=strata)

    found = standard_errors(left_out_means(values[None], grouped), grouped.strata)[0]

    # Var = sum over strata of n_h s_h^2 / n^2.
    closed = np.sqrt(sum((strata == h).sum() * values[strata == h].var(ddof=1) for h in range(3)))
    assert found == pytest.approx(closed / 92, rel=1e-9)


def test_cases_that_repeat_one_another_count_once():
    values = np.random.default_rng(3).normal(size=40)

    repeated = mean_error(np.repeat(values, 5), clusters=np.repeat(np.arange(40), 5))

    assert repeated == pytest.approx(mean_error(values))
    assert mean_error(np.repeat(values, 5)) < 0.5 * repeated


def test_acceleration_of_a_mean_is_a_sixth_of_its_skewness():
    values = np.random.default_rng(4).exponential(size=80)
    jackknife = left_out_means(values[None], units(80))[:, 0]

    assert acceleration(jackknife) == pytest.approx(stats.skew(values) / (6 * np.sqrt(80)))


def test_a_constant_statistic_has_no_acceleration():
    assert acceleration(np.full(30, 0.1 + 0.2)) == 0.0
    assert acceleration(np.zeros(30)) == 0.0


def test_differences_between_strata_are_no_skewness():
    strata = np.repeat([0, 1], [10, 90])
    values = np.where(strata == 0, 100.0, 0.0) + np.tile([-1.0, 1.0], 50)
    grouped = units(100, strata=strata)
    jackknife = left_out_means(values[None], grouped)[:, 0]

    assert acceleration(jackknife, grouped.strata) == pytest.approx(0.0, abs=1e-9)
    assert abs(acceleration(jackknife)) > 0.03


def test_too_few_cases_are_refused():
    with pytest.raises(InputError):
        mean_error(np.ones(3))
