"""The paired bootstrap agrees with SciPy, with closed forms, and with itself."""

import numpy as np
import pytest
from scipy import stats

from madang.kernel.errors import InputError
from madang.kernel.stats.bootstrap import (
    Resampled,
    bca,
    differences,
    intervals,
    mean_differences,
    resampled_means,
    resampled_statistic,
    resamples,
    statistic_replicates,
)
from madang.kernel.stats.jackknife import left_out_means
from madang.kernel.stats.sampling import units


def generator(seed=0):
    return np.random.default_rng(seed)


def skewed_losses(k=4, n=300, seed=0):
    rng = generator(seed)
    return rng.exponential(size=n) + rng.gamma(0.5, 0.4, size=(k, n))


class TestResamples:
    def test_counts_sum_to_the_cases(self):
        counts = resamples(40, count=100, rng=generator())

        assert counts.shape == (100, 40)
        assert (counts.sum(axis=1) == 40).all()

    def test_the_same_generator_gives_the_same_resamples(self):
        one, other = (resamples(40, count=9, rng=generator(5)) for _ in range(2))

        assert np.array_equal(one, other)
        assert not np.array_equal(one, resamples(40, count=9, rng=generator(6)))

    def test_cases_of_a_cluster_are_drawn_together(self):
        clusters = np.array([0, 1, 2, 0, 1, 3, 4, 5, 0])

        counts = resamples(9, count=200, rng=generator(), clusters=clusters)

        for cluster in range(6):
            own = counts[:, clusters == cluster]
            assert (own == own[:, :1]).all()
        assert len(np.unique(counts.sum(axis=1))) > 1

    def test_strata_keep_their_number_of_clusters(self):
        clusters = np.repeat(np.arange(12), 2)
        strata = np.repeat([0, 1], [8, 16])

        counts = resamples(24, count=50, rng=generator(), clusters=clusters, strata=strata)

        assert (counts[:, strata == 0].sum(axis=1) == 8).all()
        assert (counts[:, strata == 1].sum(axis=1) == 16).all()


class TestBca:
    def test_limits_are_scipys_on_the_same_replicates(self):
        # SciPy hands out its replicates, so that the limits must agree to rounding.
        sample = generator(1).exponential(size=40)
        judge = stats.bootstrap(
            (sample,), np.mean, n_resamples=999, method="BCa", rng=generator(2)
        )

        found = bca(
            sample.mean(),
            judge.bootstrap_distribution,
            left_out_means(sample[None], units(40))[:, 0],
        )

        assert found.low == pytest.approx(judge.confidence_interval.low, rel=1e-12)
        assert found.high == pytest.approx(judge.confidence_interval.high, rel=1e-12)
        assert found.estimate == sample.mean()

    def test_limits_are_scipys_for_another_level_and_statistic(self):
        sample = generator(3).exponential(size=60)
        judge = stats.bootstrap(
            (sample,),
            np.std,
            n_resamples=999,
            method="BCa",
            confidence_level=0.9,
            rng=generator(4),
        )
        jackknife = np.array([np.delete(sample, i).std() for i in range(60)])

        found = bca(sample.std(), judge.bootstrap_distribution, jackknife, level=0.9)

        assert found[1:3] == pytest.approx(tuple(judge.confidence_interval), rel=1e-9)
        assert found.level == 0.9

    def test_without_bias_and_skewness_they_are_the_percentiles(self):
        replicates = np.linspace(-1, 1, 2001)

        found = bca(0.0, replicates, np.full(10, 0.5))

        assert (found.low, found.high) == pytest.approx((-0.95, 0.95))

    def test_few_degrees_of_freedom_widen_as_students_t_does(self):
        normal = stats.norm.ppf((np.arange(20_001) + 0.5) / 20_001)

        found = bca(0.0, normal, np.zeros(9), degrees=8)

        assert found.high == pytest.approx(stats.t.ppf(0.975, 8) * np.sqrt(9 / 8), rel=1e-2)

    def test_a_quantity_that_never_varies_has_an_interval_of_no_width(self):
        assert bca(0.25, np.full(500, 0.25), np.full(30, 0.25))[:3] == (0.25, 0.25, 0.25)

    def test_replicates_on_one_side_of_the_estimate_still_give_finite_limits(self):
        found = bca(1.0, np.linspace(0, 0.9, 500), np.linspace(0, 1, 20))

        assert 0 <= found.low <= found.high <= 0.9

    def test_a_lone_outlier_leaves_the_limits_ordered(self):
        # The skewest jackknife that n values can have, and the most extreme level.
        jackknife = np.array([0.0] * 9 + [-1.0])

        found = bca(0.5, np.linspace(0, 1, 1001), jackknife, level=0.9999, degrees=9)

        assert found.low <= found.high
        assert np.isfinite(found).all()


class TestMeanDifferences:
    def test_every_pair_is_compared_once(self):
        found = mean_differences(skewed_losses(k=4), rng=generator(), count=200)

        assert [(each.first, each.second) for each in found] == [
            (0, 1),
            (0, 2),
            (0, 3),
            (1, 2),
            (1, 3),
            (2, 3),
        ]

    def test_each_solution_is_compared_with_the_reference(self):
        losses = skewed_losses(k=3)

        found = mean_differences(losses, rng=generator(), count=200, reference=1)

        assert [(each.first, each.second) for each in found] == [(0, 1), (2, 1)]
        assert found[1].difference.estimate == pytest.approx(losses[2].mean() - losses[1].mean())

    def test_one_solution_has_nobody_to_be_compared_with(self):
        assert mean_differences(skewed_losses(k=1), rng=generator()) == ()

    def test_intervals_are_scipys_up_to_the_luck_of_the_draw(self):
        losses = skewed_losses(k=2, n=400)
        judge = stats.bootstrap(
            (losses[0] - losses[1],), np.mean, n_resamples=20_000, rng=generator(1)
        )

        found = mean_differences(losses, rng=generator(2), count=20_000)[0]

        low, high = judge.confidence_interval
        assert found.difference.low == pytest.approx(low, abs=0.03 * (high - low))
        assert found.difference.high == pytest.approx(high, abs=0.03 * (high - low))
        assert found.standard_error == pytest.approx(stats.sem(losses[0] - losses[1]))

    def test_the_p_value_is_that_of_the_t_test_where_nothing_is_skewed(self):
        losses = generator(3).normal(size=(2, 50))
        losses[0] += 0.35
        judge = stats.ttest_rel(losses[0], losses[1]).pvalue

        found = mean_differences(losses, rng=generator(4), count=40_000)[0]

        assert 0.01 < judge < 0.3
        assert found.p_value == pytest.approx(judge, rel=0.1)

    @pytest.mark.parametrize("seed", range(12))
    def test_p_values_of_the_family_and_its_intervals_agree(self, seed):
        losses = skewed_losses(k=5, n=60, seed=seed)
        losses[0] += 0.08

        for each in mean_differences(losses, rng=generator(seed), count=500):
            assert (each.adjusted_p_value < 0.05) == (not each.simultaneous.covers(0)) or (
                abs(each.adjusted_p_value - 0.05) < 0.005
            )
            assert each.p_value <= each.adjusted_p_value + 0.02

    def test_simultaneous_intervals_are_wider(self):
        found = mean_differences(skewed_losses(k=5), rng=generator())

        for each in found:
            alone = each.difference.high - each.difference.low
            assert each.simultaneous.high - each.simultaneous.low > 1.15 * alone

    def test_identical_solutions_differ_by_exactly_nothing(self):
        losses = skewed_losses(k=3)
        losses[2] = losses[0]

        found = mean_differences(losses, rng=generator())[1]

        assert found.difference[:3] == (0.0, 0.0, 0.0)
        assert found.simultaneous[:3] == (0.0, 0.0, 0.0)
        assert (found.p_value, found.adjusted_p_value, found.standard_error) == (1.0, 1.0, 0.0)

    def test_identical_solutions_leave_the_others_as_they_are(self):
        losses = skewed_losses(k=3)
        alone = mean_differences(losses[:2], rng=generator(), count=500)[0]
        losses[2] = losses[1]

        found = mean_differences(losses, rng=generator(), count=500)

        assert found[0].difference == pytest.approx(alone.difference)
        assert found[0].simultaneous[:3] == pytest.approx(alone.simultaneous[:3])

    def test_a_difference_that_is_the_same_on_every_case_is_certain(self):
        losses = skewed_losses(k=1)
        both = np.concatenate([losses, losses + 0.1])

        found = mean_differences(both, rng=generator(), count=999)[0]

        assert found.difference[:3] == pytest.approx((-0.1, -0.1, -0.1))
        assert found.difference.low == found.difference.high
        assert found.p_value == found.adjusted_p_value == 0.001

    def test_clusters_widen_the_interval_of_repeated_cases(self):
        losses, clusters = skewed_losses(k=2, n=60), np.repeat(np.arange(60), 6)
        once = mean_differences(losses, rng=generator(), count=500)[0]

        found = mean_differences(
            np.repeat(losses, 6, axis=1), rng=generator(), count=500, clusters=clusters
        )[0]

        assert found.difference[:3] == pytest.approx(once.difference[:3])
        assert found.p_value == pytest.approx(once.p_value)

    def test_strata_take_what_they_explain_out_of_the_error(self):
        rng, strata = generator(), np.repeat([0, 1], 100)
        losses = np.stack([10.0 * strata, np.zeros(200)]) + rng.normal(size=(2, 200))

        loose, tied = (
            mean_differences(losses, rng=generator(1), count=500, strata=given)[0]
            for given in (None, strata)
        )

        assert tied.standard_error < 0.4 * loose.standard_error
        assert (tied.difference.high - tied.difference.low) == pytest.approx(
            2 * 1.96 * tied.standard_error, rel=0.15
        )

    def test_a_loss_that_is_no_number_is_refused_without_showing_any(self):
        losses = skewed_losses()
        losses[1, 3], losses[2, 3], losses[2, 7] = np.nan, np.nan, np.inf

        with pytest.raises(InputError) as refusal:
            mean_differences(losses, rng=generator())

        assert "2 cases whose loss is not a finite number" in refusal.value.sentence("en")
        assert "2건" in refusal.value.sentence("ko")

    def test_too_few_cases_are_refused(self):
        with pytest.raises(InputError):
            mean_differences(np.zeros((2, 5)), rng=generator())


class TestStatistics:
    """What holds for means must hold when the mean is computed as any other statistic."""

    def test_replicates_are_those_of_the_matrix_product(self):
        losses = skewed_losses(k=3, n=50)
        clusters = np.repeat(np.arange(14), [1, 9, 2, 2, 1, 5, 5, 1, 1, 1, 9, 1, 5, 7])
        strata = (clusters > 6).astype(int)

        found = statistic_replicates(
            lambda cases: losses[:, cases].mean(axis=1),
            50,
            count=40,
            rng=generator(7),
            strata=strata,
            clusters=clusters,
        )

        expected = resampled_means(
            losses, count=40, rng=generator(7), strata=strata, clusters=clusters
        )
        assert found == pytest.approx(expected.replicates)

    def test_leaving_out_single_cases_gives_the_same_comparison_as_means(self):
        losses = skewed_losses(k=3, n=80)

        resampled = resampled_statistic(
            lambda cases: losses[:, cases].mean(axis=1), 80, count=400, rng=generator(8)
        )

        assert len(resampled.jackknife) == 80
        for found, expected in zip(
            differences(resampled),
            mean_differences(losses, rng=generator(8), count=400),
            strict=True,
        ):
            assert found.difference == pytest.approx(expected.difference)
            assert found.standard_error == pytest.approx(expected.standard_error)
            assert found.adjusted_p_value == expected.adjusted_p_value

    def test_leaving_out_blocks_approximates_leaving_out_cases(self):
        losses = skewed_losses(k=2, n=4000)
        strata = np.repeat([0, 1], [1000, 3000])

        resampled = resampled_statistic(
            lambda cases: losses[:, cases].mean(axis=1),
            4000,
            count=400,
            blocks=100,
            rng=generator(9),
            strata=strata,
        )

        assert np.bincount(resampled.strata).tolist() == [25, 75]
        expected = mean_differences(losses, rng=generator(9), count=400, strata=strata)[0]
        found = differences(resampled)[0]
        assert found.standard_error == pytest.approx(expected.standard_error, rel=0.25)
        assert found.difference[:3] == pytest.approx(
            expected.difference[:3], abs=0.3 * expected.standard_error
        )

    def test_the_median_has_a_sensible_interval(self):
        values = generator(10).exponential(size=400)
        resampled = resampled_statistic(
            lambda cases: np.array([np.median(values[cases])]), 400, count=1000, rng=generator(11)
        )

        found = intervals(resampled)[0]

        # The order statistics that hold the median with 95 %: ranks 200 -+ 1.96 * 10.
        ordered = np.sort(values)
        assert found.low == pytest.approx(ordered[180], abs=0.03)
        assert found.high == pytest.approx(ordered[219], abs=0.03)

    def test_differences_compare_with_a_reference(self):
        resampled = Resampled(
            np.array([1.0, 2.0, 4.0]),
            generator().normal([1.0, 2.0, 4.0], 0.1, size=(300, 3)),
            generator().normal([1.0, 2.0, 4.0], 0.01, size=(50, 3)),
            np.zeros(50, dtype=np.int64),
            49,
        )

        found = differences(resampled, reference=0)

        assert [each.difference.estimate for each in found] == [1.0, 3.0]
        assert differences(resampled._replace(estimates=np.array([1.0]))) == ()


def repeated_trials(draw, truths, *, trials, seed, **options):
    """Shares of trials whose first pair, and whose whole family, hold the truth."""
    rng = generator(seed)
    alone = family = 0
    for _ in range(trials):
        found = mean_differences(draw(rng), rng=rng, **options)
        held = [
            each.simultaneous.covers(truths[each.first] - truths[each.second]) for each in found
        ]
        first = found[0]
        alone += first.difference.covers(truths[first.first] - truths[first.second])
        family += all(held)
    return alone / trials, family / trials


def test_intervals_hold_the_truth_as_often_as_they_promise():
    shift = np.array([0.0, 0.05, 0.1, 0.2])

    def draw(rng):
        hard = rng.exponential(size=150)
        return hard * rng.exponential(size=(4, 150)) + shift[:, None]

    alone, family = repeated_trials(draw, shift, trials=300, seed=12, count=400)

    # Three standard errors of a share of .95 over 300 trials are .038.
    assert 0.91 < alone < 0.99
    assert 0.91 < family < 0.99


def test_few_clusters_keep_the_promise_too():
    clusters = np.repeat(np.arange(10), 6)

    def draw(rng):
        return rng.normal(size=(2, 10))[:, clusters] + 0.5 * rng.normal(size=(2, 60))

    alone, family = repeated_trials(
        draw, np.zeros(2), trials=300, seed=13, count=400, clusters=clusters
    )

    assert 0.91 < alone < 0.99
    assert 0.91 < family < 0.99


def test_strata_of_two_cases_keep_the_promise_too():
    strata = np.repeat(np.arange(25), 2)

    def draw(rng):
        return rng.normal(size=(3, 50)) + 3 * np.array([[0], [1], [-1]]) * (strata % 2 - 12 / 25)

    alone, family = repeated_trials(
        draw, np.zeros(3), trials=300, seed=15, count=400, strata=strata
    )

    assert 0.91 < alone < 0.99
    assert 0.91 < family < 0.99


@pytest.mark.parametrize("shape", ["coin flips", "heavy tails"])
def test_equally_good_solutions_are_rarely_called_different(shape):
    rng, called = generator(14), 0
    for _ in range(400):
        # Other answers with the same expected loss.
        losses = (
            (rng.random((2, 200)) > 0.7).astype(float)
            if shape == "coin flips"
            else rng.gamma(2.0, 0.5, size=200) * rng.gamma(1.5, 1 / 1.5, size=(2, 200))
        )
        called += mean_differences(losses, rng=rng, count=400)[0].p_value < 0.05

    # 5 % of 400 and two standard errors.
    assert 5 < called <= 20 + 2 * np.sqrt(400 * 0.05 * 0.95)


def test_two_solutions_are_a_family_of_one():
    found = mean_differences(skewed_losses(k=2), rng=generator(), count=500)[0]

    assert found.p_value == found.adjusted_p_value
