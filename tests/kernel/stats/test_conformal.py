"""Conformal limits hold the truth at least as often as promised, whatever the model."""

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.kernel.stats.conformal import (
    fewest_cases,
    finite_sample_quantile,
    one_sided,
    two_sided,
)


def test_the_quantile_counts_the_new_case_too():
    misses = np.random.default_rng(0).permutation(np.arange(1.0, 21))

    found = [finite_sample_quantile(misses, level=level) for level in (0.95, 0.9, 0.5)]

    # ceil(21 * .95) = 20, ceil(21 * .9) = 19, ceil(21 * .5) = 11
    assert found == [20, 19, 11]


@pytest.mark.parametrize(
    ("level", "needed"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)]
)
def test_the_fewest_cases_are_just_enough(level, needed):
    assert fewest_cases(level) == needed
    assert finite_sample_quantile(np.arange(needed), level=level) == needed - 1
    with pytest.raises(InputError) as refusal:
        finite_sample_quantile(np.arange(needed - 1), level=level)
    assert f"at least {needed} for a level of {level:.0%}" in refusal.value.sentence("en")


def test_limits_stand_around_and_below_the_prediction():
    truths, predictions = np.array([1.0, 2, 3, 4]), np.array([1.5, 1.0, 3.0, 4.2])

    around = two_sided(truths, predictions, level=0.8)
    below = one_sided(truths, predictions, level=0.8)

    # Misses .5 1 0 .2, the largest of four at 80 %; overshoots .5 -1 0 .2.
    assert (around.width, around.cases) == (1.0, 4)
    assert around.intervals(np.array([10.0])).tolist() == [[9.0, 11.0]]
    assert below.width == 0.5
    assert below.lower_bounds(np.array([10.0, 20.0])).tolist() == [9.5, 19.5]


def test_scales_stretch_the_limits_of_difficult_cases():
    scales = np.array([1.0, 2.0, 4.0, 1.0])
    truths = np.array([1.0, -2.0, 4.0, 0.5])

    around = two_sided(truths, np.zeros(4), level=0.8, scales=scales)
    below = one_sided(-truths, np.zeros(4), level=0.8, scales=scales)

    assert around.width == below.width == 1.0
    assert around.intervals(np.zeros(2), np.array([1.0, 3.0])).tolist() == [[-1, 1], [-3, 3]]
    assert below.lower_bounds(np.zeros(2), np.array([1.0, 3.0])).tolist() == [-1, -3]


@pytest.mark.parametrize("n", [19, 50, 199])
@pytest.mark.parametrize("sides", [one_sided, two_sided])
def test_a_bad_model_of_skewed_truths_is_covered_as_promised(n, sides):
    rng, held = np.random.default_rng(n), []
    for _ in range(2000):
        hard = rng.random(n + 1) + 0.1
        truths = hard * rng.exponential(size=n + 1)
        predictions = 0.3 * hard + 1
        margin = sides(truths[:n], predictions[:n], level=0.9)
        if sides is one_sided:
            held.append(margin.lower_bounds(predictions[n:])[0] <= truths[n])
        else:
            low, high = margin.intervals(predictions[n:])[0]
            held.append(low <= truths[n] <= high)

    # At least the promise, and above it by 1 / (n + 1) at most; three standard errors of a share.
    luck = 3 * np.sqrt(0.09 / 2000)
    assert 0.9 - luck <= np.mean(held) <= 0.9 + 1 / (n + 1) + luck


def test_missing_values_are_refused():
    with pytest.raises(InputError) as refusal:
        two_sided(np.array([1.0, np.nan] * 20), np.zeros(40), level=0.9)

    assert "20 calibration cases without a value" in refusal.value.sentence("en")


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_that_is_none_is_a_defect(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        finite_sample_quantile(np.arange(100.0), level=level)
