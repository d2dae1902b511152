"""Families of comparisons keep their promise together."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.stats.multiplicity import holm, max_t


class TestHolm:
    def test_by_hand(self):
        # Sorted .01 .02 .03 .04 times 4 3 2 1 = .04 .06 .06 .04, and none below the one before.
        assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])

    def test_never_exceeds_one(self):
        assert holm([0.9, 0.8, 0.7]).tolist() == [1.0, 1.0, 1.0]

    def test_one_p_value_stays_as_it_is(self):
        assert holm([0.03]).tolist() == [0.03]
        assert holm([]).tolist() == []

    @pytest.mark.parametrize("broken", [-0.1, 1.1, np.nan])
    def test_what_is_no_p_value_is_a_defect(self, broken):
        with pytest.raises(ValueError, match="within"):
            holm([0.5, broken])

    def test_keeps_the_family_error_under_dependence(self):
        rng = np.random.default_rng(1)
        normal = 0.7 * rng.normal(size=(4000, 1)) + np.sqrt(0.51) * rng.normal(size=(4000, 6))
        p_values = 2 * stats.norm.sf(np.abs(normal))

        wrong = np.mean([holm(row).min() <= 0.05 for row in p_values])

        assert 0.02 < wrong < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


class TestCovariance:
    def test_one_estimate_has_the_normal_interval(self):
        found = max_t(np.array([0.3]), covariance=np.array([[0.01]]))

        assert found.intervals[0][:3] == pytest.approx(
            (0.3, 0.3 - 0.195996, 0.3 + 0.195996), abs=1e-5
        )
        assert found.p_values[0] == pytest.approx(2 * stats.norm.sf(3))

    @pytest.mark.parametrize("m", [2, 5, 20])
    def test_independent_estimates_have_sidaks_quantile(self, m):
        found = max_t(np.ones(m), covariance=np.eye(m))

        assert found.quantile == pytest.approx(
            stats.norm.ppf((1 + 0.95 ** (1 / m)) / 2), abs=0.004
        )

    @pytest.mark.parametrize("k", [3, 5, 8])
    def test_all_pairs_have_tukeys_quantile(self, k):
        # The studentized range with infinite degrees of freedom, over sqrt 2.
        contrast = np.array(
            [np.eye(k)[a] - np.eye(k)[b] for a in range(k) for b in range(a + 1, k)]
        )

        found = max_t(np.ones(len(contrast)), covariance=contrast @ contrast.T, level=0.9)

        tukey = stats.studentized_range.ppf(0.9, k, np.inf) / np.sqrt(2)
        assert found.quantile == pytest.approx(tukey, abs=0.006)

    def test_p_values_far_out_have_their_true_size(self):
        found = max_t(np.array([6.0, 0.5, 0.0]), covariance=np.eye(3))

        assert found.p_values[0] == pytest.approx(1 - (1 - 2 * stats.norm.sf(6)) ** 3, rel=0.1)
        assert found.p_values[1] == pytest.approx(1 - (1 - 2 * stats.norm.sf(0.5)) ** 3, rel=0.01)
        assert found.p_values[2] == pytest.approx(1.0)

    def test_scales_do_not_matter(self):
        scale = np.array([1e-3, 1.0, 1e3])
        joint = np.array([[1, 0.5, 0.2], [0.5, 1, 0.1], [0.2, 0.1, 1]])

        found = max_t(scale, covariance=joint * np.outer(scale, scale))

        plain = max_t(np.ones(3), covariance=joint)
        assert found.quantile == pytest.approx(plain.quantile)
        assert found.p_values == pytest.approx(plain.p_values)

    def test_p_values_and_intervals_agree(self):
        joint = np.array([[1, 0.8], [0.8, 1]])
        quantile = max_t(np.zeros(2), covariance=joint).quantile

        inside, outside = (
            max_t(np.array([quantile + shift, 0.0]), covariance=joint).p_values[0]
            for shift in (-0.001, 0.001)
        )

        assert outside < 0.05 < inside


class TestReplicates:
    def test_normal_replicates_give_what_the_covariance_gives(self):
        rng = np.random.default_rng(2)
        joint = np.array([[1, 0.6, 0.3], [0.6, 1, 0.5], [0.3, 0.5, 1]]) / 25
        estimates = np.array([0.1, -0.5, 0.45])
        replicates = rng.multivariate_normal(estimates, joint, size=40_000)

        found = max_t(estimates, replicates=replicates)

        expected = max_t(estimates, covariance=joint)
        assert found.quantile == pytest.approx(expected.quantile, abs=0.03)
        assert found.p_values == pytest.approx(expected.p_values, abs=0.01)
        assert found.standard_errors == pytest.approx(expected.standard_errors, rel=0.02)

    def test_given_standard_errors_and_widening_are_used(self):
        replicates = np.random.default_rng(3).normal(size=(2000, 2))

        plain = max_t(np.zeros(2), replicates=replicates, standard_errors=np.array([2.0, 2.0]))
        wide = max_t(
            np.zeros(2), replicates=replicates, standard_errors=np.array([2.0, 2.0]), widening=1.5
        )

        assert plain.standard_errors.tolist() == [2.0, 2.0]
        assert wide.quantile == pytest.approx(1.5 * plain.quantile)
        assert plain.quantile == pytest.approx(1.12, abs=0.06)

    def test_p_values_count_the_observed_itself(self):
        replicates = np.random.default_rng(4).normal(size=(99, 2))

        assert max_t(np.array([50.0, 0.0]), replicates=replicates + [50, 0]).p_values[0] == 0.01

    def test_the_quantile_leaves_the_promised_share_beyond(self):
        replicates = np.arange(1.0, 21)[:, None]

        found = max_t(np.zeros(1), replicates=replicates, standard_errors=np.ones(1), level=0.9)

        # The observed counts as a 21st: the smallest rank of at least .9 * 21.
        assert found.quantile == 19.0


@pytest.mark.parametrize("source", ["replicates", "covariance"])
class TestWithoutVariation:
    def given(self, source, estimates):
        covariance = np.diag([0.01, 0.0, 0.0])
        if source == "covariance":
            return max_t(estimates, covariance=covariance)
        rng = np.random.default_rng(5)
        return max_t(estimates, replicates=estimates + rng.normal(size=(999, 3)) * [0.1, 0, 0])

    def test_no_difference_is_certainly_none(self, source):
        found = self.given(source, np.array([0.3, 0.0, 0.0]))

        assert found.intervals[1][:3] == (0.0, 0.0, 0.0)
        assert found.p_values[1:].tolist() == [1.0, 1.0]
        assert found.quantile == pytest.approx(1.96, abs=0.1)

    def test_any_difference_is_certain(self, source):
        found = self.given(source, np.array([0.3, 0.2, -0.1]))

        assert found.intervals[1][:3] == (0.2, 0.2, 0.2)
        assert found.p_values[1:].tolist() == (
            [0.0, 0.0] if source == "covariance" else [0.001] * 2
        )

    def test_nothing_at_all_varies(self, source):
        zeros = np.zeros(2)
        found = (
            max_t(zeros, covariance=np.zeros((2, 2)))
            if source == "covariance"
            else max_t(zeros, replicates=np.zeros((50, 2)))
        )

        assert found.p_values.tolist() == [1.0, 1.0]
        assert found.intervals[0][:3] == (0.0, 0.0, 0.0)


def test_exactly_one_source_is_wanted():
    with pytest.raises(ValueError, match="either"):
        max_t(np.zeros(1))
    with pytest.raises(ValueError, match="either"):
        max_t(np.zeros(1), replicates=np.zeros((9, 1)), covariance=np.eye(1))
