"""Scores with a known covariance are compared pair by pair."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.stats.auc import delong
from madang.kernel.stats.comparison import covariance_differences, pairs


def test_all_pairs_or_each_with_the_reference():
    assert pairs(3) == [(0, 1), (0, 2), (1, 2)]
    assert pairs(3, reference=1) == [(0, 1), (2, 1)]
    assert pairs(1) == pairs(1, reference=0) == []


def test_a_reference_that_is_none_of_them_is_a_defect():
    with pytest.raises(ValueError, match="reference 3 of 3"):
        pairs(3, reference=3)


def test_a_pair_is_compared_by_the_variance_of_its_difference():
    estimates = np.array([0.80, 0.77])
    covariance = np.array([[4e-4, 3e-4], [3e-4, 5e-4]])

    found = covariance_differences(estimates, covariance)[0]

    error = np.sqrt(3e-4)  # 4e-4 + 5e-4 - 2 * 3e-4
    assert found.standard_error == pytest.approx(error)
    assert found.difference[:3] == pytest.approx(
        (0.03, 0.03 - 1.959964 * error, 0.03 + 1.959964 * error)
    )
    assert found.p_value == pytest.approx(2 * stats.norm.sf(0.03 / error))
    assert found.adjusted_p_value == pytest.approx(found.p_value)
    assert found.simultaneous == pytest.approx(found.difference, rel=1e-4)


def test_a_family_is_wider_and_its_p_values_larger():
    found = covariance_differences(np.array([0.8, 0.7, 0.6]), np.eye(3) * 0.01)

    for each in found:
        assert each.simultaneous.low < each.difference.low
        assert each.adjusted_p_value > each.p_value


def test_the_sign_is_that_of_first_less_second():
    found = covariance_differences(np.array([0.8, 0.6, 0.9]), np.eye(3) * 0.01, reference=1)

    assert [round(each.difference.estimate, 9) for each in found] == [0.2, 0.3]
    assert [(each.first, each.second) for each in found] == [(0, 1), (2, 1)]


def test_identical_scores_differ_by_exactly_nothing():
    rng = np.random.default_rng(1)
    labels, score = rng.random(200) < 0.4, rng.random(200)
    areas = delong(labels, np.stack([score, rng.random(200), score]))

    found = covariance_differences(*areas)[1]

    assert (found.first, found.second) == (0, 2)
    assert found.difference[:3] == found.simultaneous[:3] == (0.0, 0.0, 0.0)
    assert found.p_value == found.adjusted_p_value == 1.0


def test_equally_good_rankings_are_rarely_called_different():
    rng, called, unpaired = np.random.default_rng(2), 0, 0
    for _ in range(600):
        labels = rng.random(200) < 0.3
        scores = labels + rng.normal(size=200) + 0.7 * rng.normal(size=(2, 200))
        areas = delong(labels, scores)
        called += covariance_differences(*areas)[0].p_value < 0.05
        unpaired += abs(np.diff(areas.estimates)[0]) > 1.96 * np.sqrt(np.trace(areas.covariance))

    # 5 % of 600 and three standard errors; the two separate intervals would hardly ever speak.
    assert 10 < called <= 30 + 3 * np.sqrt(600 * 0.05 * 0.95)
    assert unpaired < 10
