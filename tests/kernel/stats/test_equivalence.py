"""A margin fixed beforehand decides; agreement with the t test is exact."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.stats.equivalence import equivalent, non_inferior, tost, within_margin
from madang.kernel.stats.interval import Interval


def sample(mean, n=40, seed=0):
    return np.random.default_rng(seed).normal(mean, 1, size=n)


@pytest.mark.parametrize("mean", [-0.3, 0.0, 0.4])
def test_non_inferiority_is_a_one_sided_t_test_against_the_margin(mean):
    differences = sample(mean)

    found = non_inferior(differences.mean(), stats.sem(differences), margin=0.5, degrees=39)

    judge = stats.ttest_1samp(differences, 0.5, alternative="less")
    assert found.p_value == pytest.approx(judge.pvalue)
    assert found.shown == (judge.pvalue <= 0.025)
    assert (found.low, found.high) == pytest.approx(tuple(judge_interval(differences, 0.95)))


@pytest.mark.parametrize("mean", [-0.6, 0.0, 0.1, 0.3])
def test_equivalence_is_two_one_sided_t_tests(mean):
    differences = sample(mean, seed=1)

    found = tost(differences.mean(), stats.sem(differences), margin=0.4, degrees=39)

    upper = stats.ttest_1samp(differences, 0.4, alternative="less").pvalue
    lower = stats.ttest_1samp(differences, -0.4, alternative="greater").pvalue
    assert found.p_value == pytest.approx(max(upper, lower))
    assert found.shown == (max(upper, lower) <= 0.05)
    assert (found.low, found.high) == pytest.approx(tuple(judge_interval(differences, 0.90)))


def judge_interval(differences, level):
    return stats.ttest_1samp(differences, 0).confidence_interval(level)


def test_without_degrees_of_freedom_the_normal_holds():
    assert non_inferior(0.0, 0.1, margin=0.2).p_value == pytest.approx(stats.norm.cdf(-2))
    assert tost(0.1, 0.1, margin=0.3).p_value == pytest.approx(stats.norm.cdf(-2))


def test_for_scores_a_lower_one_is_the_worse():
    assert non_inferior(-0.05, 0.01, margin=0.1, better="higher").shown
    assert not non_inferior(-0.15, 0.01, margin=0.1, better="higher").shown
    assert non_inferior(0.5, 0.01, margin=0.1, better="higher").shown
    assert not non_inferior(0.5, 0.01, margin=0.1, better="lower").shown


@pytest.mark.parametrize("difference", [-0.09, -0.07, 0.0, 0.07, 0.09])
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_intervals_and_p_values_decide_alike(difference, better):
    found = non_inferior(difference, 0.015, margin=0.1, better=better)
    both = tost(difference, 0.015, margin=0.1)

    assert found.shown == within_margin(
        Interval(difference, found.low, found.high, 0.95), margin=0.1, better=better
    )
    assert both.shown == equivalent(Interval(difference, both.low, both.high, 0.9), margin=0.1)


def test_no_significant_difference_shows_nothing_by_itself():
    # A wide interval holds 0 and the margin.
    assert not non_inferior(0.0, 1.0, margin=0.1).shown
    assert not tost(0.0, 1.0, margin=0.1).shown


def test_identical_solutions_are_equivalent():
    assert tost(0.0, 0.0, margin=0.01).shown
    assert non_inferior(0.0, 0.0, margin=0.01).shown
    assert non_inferior(0.0, 0.0, margin=0.01).p_value == 0.0
    assert not non_inferior(0.01, 0.0, margin=0.01).shown


def test_on_the_margin_the_error_is_alpha():
    rng = np.random.default_rng(2)
    means = rng.normal(0.2, 0.05, size=4000)

    wrong = np.mean([non_inferior(mean, 0.05, margin=0.2).shown for mean in means])

    assert wrong == pytest.approx(0.025, abs=3 * np.sqrt(0.025 * 0.975 / 4000))


@pytest.mark.parametrize("margin", [0.0, -0.1, np.nan])
def test_a_margin_that_is_none_is_a_defect(margin):
    with pytest.raises(ValueError, match="margin"):
        non_inferior(0.0, 0.1, margin=margin)
    with pytest.raises(ValueError, match="margin"):
        tost(0.0, 0.1, margin=margin)
    with pytest.raises(ValueError, match="margin"):
        within_margin(Interval(0, 0, 0, 0.95), margin=margin)


def test_an_error_that_is_none_is_a_defect():
    with pytest.raises(ValueError, match="standard error"):
        tost(0.0, np.nan, margin=0.1)
