"""The smallest detectable difference is found as often as promised."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.errors import InputError
from madang.kernel.stats.power import needed_n, power_of, smallest_detectable_difference


def test_many_cases_give_the_normal_closed_form():
    # (1.959964 + 0.841621) s / sqrt n
    assert smallest_detectable_difference(0.2, 100_000) == pytest.approx(
        2.801585 * 0.2 / np.sqrt(100_000), rel=1e-4
    )


def test_the_textbook_number_of_pairs():
    # Half a standard deviation with 80 %: 34 pairs (J. Cohen, Statistical Power Analysis, 1988).
    assert needed_n(0.5, 1.0) == 34


@pytest.mark.parametrize("n", [8, 30, 300])
@pytest.mark.parametrize("comparisons", [1, 6])
def test_simulated_trials_find_it_as_often_as_promised(n, comparisons):
    rng = np.random.default_rng(n)
    truth = smallest_detectable_difference(2.0, n, comparisons=comparisons)
    differences = rng.normal(truth, 2.0, size=(4000, n))

    p_values = stats.ttest_1samp(differences, 0, axis=1, alternative="two-sided").pvalue

    found = (p_values < 0.05 / comparisons).mean()
    assert found == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 4000))


@pytest.mark.parametrize("n", [4, 17, 5000])
@pytest.mark.parametrize("power", [0.3, 0.8, 0.95])
def test_the_power_at_the_smallest_detectable_difference_is_the_promised(n, power):
    difference = smallest_detectable_difference(3.0, n, power=power, alpha=0.1)

    assert power_of(difference, 3.0, n, alpha=0.1) == pytest.approx(power, abs=1e-6)
    assert power_of(-difference, 3.0, n, alpha=0.1) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("difference", [2.0, 0.3, 0.05])
def test_the_needed_number_is_the_fewest(difference):
    n = needed_n(difference, 1.0, power=0.9, comparisons=3)

    assert smallest_detectable_difference(1.0, n, power=0.9, comparisons=3) <= difference
    if n > 4:
        fewer = smallest_detectable_difference(1.0, n - 1, power=0.9, comparisons=3)
        assert fewer > difference
    assert needed_n(-difference, 1.0, power=0.9, comparisons=3) == n


def test_no_variation_shows_any_difference():
    assert smallest_detectable_difference(0.0, 50) == 0.0
    assert needed_n(0.1, 0.0) == 4


def test_too_few_cases_are_refused():
    with pytest.raises(InputError) as refusal:
        smallest_detectable_difference(1.0, 3)

    assert refusal.value.sentence("en").startswith("Found 3 cases; expected at least 4")


def test_promises_that_make_no_sense_are_defects():
    with pytest.raises(ValueError, match="difference of 0"):
        needed_n(0.0, 1.0)
    with pytest.raises(ValueError, match="power"):
        smallest_detectable_difference(1.0, 10, power=1.0)
    with pytest.raises(ValueError, match="comparisons 0"):
        smallest_detectable_difference(1.0, 10, comparisons=0)
