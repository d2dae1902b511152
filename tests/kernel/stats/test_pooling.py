"""Units are pooled as published, and a new unit lies where it is said to."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from madang.kernel.stats.pooling import pool, units_needed

# Thirteen trials of the BCG vaccine: vaccinated with and without tuberculosis, then controls
# (G. Colditz et al., JAMA 271 (1994), 698-702).
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)


def risk_ratios():
    """Log risk ratios and their standard errors."""
    a, b, c, d = BCG.T
    return np.log(a / (a + b) * (c + d) / c), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def t_limits(values, level=0.95):
    """The exact interval for a new unit whose siblings were measured without error."""
    k = len(values)
    return stats.t.ppf((1 + level) / 2, k - 1) * np.std(values, ddof=1) * math.sqrt(1 + 1 / k)


def slow_reml(values, errors):
    """The restricted likelihood's peak, by brute force over its textbook matrix form."""

    def likelihood(tau_squared):
        variance = np.diag(errors**2 + tau_squared)
        inverse = np.linalg.inv(variance)
        ones = np.ones((len(values), 1))
        mean = np.linalg.solve(ones.T @ inverse @ ones, ones.T @ inverse @ values)
        rest = values - ones @ mean
        return -0.5 * (
            np.linalg.slogdet(variance)[1]
            + np.linalg.slogdet(ones.T @ inverse @ ones)[1]
            + float(rest @ inverse @ rest)
        )

    grid = np.linspace(0, 4 * np.var(values), 401)
    best = int(np.argmax([likelihood(tau) for tau in grid]))
    fine = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, 400)], 401)
    return fine[int(np.argmax([likelihood(tau) for tau in fine]))]


class TestPublishedFigures:
    """W. Viechtbauer, J. Stat. Softw. 36(3) (2010), tables of the BCG data, and Stat. Med. 26
    (2007), 37-52, for the interval of tau squared."""

    def test_heterogeneity(self):
        values, errors = risk_ratios()

        pooled = pool(values, errors)

        assert pooled.tau_squared == pytest.approx(0.3132, abs=5e-5)
        assert pooled.q == pytest.approx(152.2330, abs=5e-5)
        assert pooled.q_p_value < 0.0001
        assert pooled.i_squared == pytest.approx(1 - 12 / 152.2330, abs=1e-6)
        assert (pooled.tau_squared_low, pooled.tau_squared_high) == pytest.approx(
            (0.1197, 1.1115), abs=5e-5
        )

    def test_mean_with_hartung_and_knapps_interval(self):
        values, errors = risk_ratios()

        pooled = pool(values, errors)

        assert pooled.estimate == pytest.approx(-0.7145, abs=5e-5)
        assert pooled.standard_error == pytest.approx(0.1808, abs=5e-5)
        assert (pooled.interval.low, pooled.interval.high) == pytest.approx(
            (-1.1084, -0.3206), abs=5e-5
        )

    def test_paule_and_mandels_tau_squared(self):
        assert pool(*risk_ratios(), method="PM").tau_squared == pytest.approx(0.3181, abs=5e-5)


class TestMean:
    @given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=9))
    @settings(max_examples=12, deadline=None)
    def test_tau_squared_is_the_peak_of_the_restricted_likelihood(self, units):
        values, errors = (np.array(each) for each in zip(*units, strict=True))

        found = pool(values, errors).tau_squared

        assert found == pytest.approx(slow_reml(values, errors), abs=2e-3 * max(1, np.var(values)))

    def test_equal_errors_give_the_t_interval_of_the_estimates(self):
        # With equal errors the weights are equal: mean ± t(k - 1) s / sqrt(k), a textbook formula.
        values = [0.3, -0.1, 0.8, 0.5]
        pooled = pool(values, [0.1] * 4)
        half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2

        assert pooled.estimate == pytest.approx(0.375)
        assert pooled.interval.high - pooled.estimate == pytest.approx(half)
        assert pooled.tau_squared == pytest.approx(np.var(values, ddof=1) - 0.01)
        assert pooled.shares == pytest.approx((0.25,) * 4)

    def test_the_floor_keeps_the_interval_as_wide_as_the_errors_ask(self):
        # Three estimates that agree by luck: the spread would claim to know the mean exactly.
        values, errors = [0.2, 0.2, 0.2001], [0.3] * 3
        floored, bare = pool(values, errors), pool(values, errors, floor=False)

        assert bare.standard_error < 1e-4
        assert floored.standard_error == pytest.approx(0.3 / math.sqrt(3))
        assert floored.tau_squared == 0

    def test_the_surer_unit_weighs_more(self):
        pooled = pool([0.0, 1.0], [0.1, 1.0])

        assert pooled.shares[0] > pooled.shares[1]
        assert sum(pooled.shares) == pytest.approx(1)

    def test_tau_squared_is_found_where_the_likelihood_has_two_peaks(self):
        # One exact and two inexact units: the likelihood falls from 0 and rises again.
        values, errors = np.array([0.0, 0.1, 9.0]), np.array([1e-4, 1e-4, 2.0])

        assert pool(values, errors).tau_squared == pytest.approx(
            slow_reml(values, errors), rel=0.02
        )

    def test_units_scale_and_shift_with_their_quantity(self):
        values, errors = risk_ratios()
        once, again = pool(values, errors), pool(1000 * values + 7, 1000 * errors)

        assert again.estimate == pytest.approx(1000 * once.estimate + 7)
        assert again.tau_squared == pytest.approx(1e6 * once.tau_squared)
        assert again.prediction.high == pytest.approx(1000 * once.prediction.high + 7)


class TestNextUnit:
    @pytest.mark.parametrize("k", [3, 4, 5, 8, 20])
    @pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
    def test_without_measurement_error_it_is_the_exact_interval(self, k, level):
        values = np.random.default_rng(k).normal(size=k)
        pooled = pool(values, [1e-6] * k, level=level)

        assert pooled.prediction.high - values.mean() == pytest.approx(
            t_limits(values, level), rel=2e-5
        )
        assert values.mean() - pooled.prediction.low == pytest.approx(
            t_limits(values, level), rel=2e-5
        )

    def test_it_is_wider_than_the_mean_and_than_one_tau_squared_allows(self):
        values, errors = risk_ratios()
        pooled = pool(values, errors)
        plain = stats.norm.ppf(0.975) * math.sqrt(pooled.tau_squared + pooled.standard_error**2)

        assert pooled.prediction.low < pooled.estimate - plain
        assert pooled.prediction.high > pooled.estimate + plain

    def test_units_that_agree_leave_room_for_differences_not_seen(self):
        # tau squared is estimated as 0; nobody can know that it is.
        pooled = pool([0.10, 0.15, 0.05, 0.12], [0.05] * 4)

        assert (pooled.tau_squared, pooled.tau_squared_low) == (0, 0)
        assert pooled.tau_squared_high > 0.05**2
        assert pooled.prediction.high > pooled.interval.high

    def test_estimates_too_alike_for_their_errors_leave_tau_squared_without_limits(self):
        # Q is .08; the lower 2.5 % point of chi-squared with three degrees is .216.
        pooled = pool([0.10, 0.11, 0.09, 0.10], [0.05] * 4)

        assert pooled.tau_squared == 0
        assert (pooled.tau_squared_low, pooled.tau_squared_high) == (None, None)

    def test_it_is_never_told_more_exactly_than_the_mean(self):
        pooled = pool([0.10, 0.11, 0.09, 0.10], [0.05] * 4)

        assert pooled.predictive.interval().high < pooled.interval.high
        assert pooled.prediction.high == pooled.interval.high
        assert pooled.prediction.low == pooled.interval.low

    def test_the_chance_agrees_with_the_limits(self):
        pooled = pool([0.1, 0.4, 0.2, 0.35], [0.1, 0.2, 0.1, 0.15])

        assert pooled.predictive.below(pooled.prediction.low) == pytest.approx(0.025)
        assert pooled.predictive.below(pooled.prediction.high) == pytest.approx(0.975)
        assert pooled.predictive.quantile(0.5) == pytest.approx(pooled.prediction.estimate)

    def test_its_own_measurement_error_widens_what_it_will_see(self):
        predictive = pool([0.1, 0.4, 0.2, 0.35], [0.1] * 4).predictive
        true, seen = predictive.interval(0.9), predictive.interval(0.9, standard_error=0.5)

        assert seen.low < true.low
        assert seen.high > true.high

    @pytest.mark.parametrize("ratio", [0.0, 0.6, 1.7])
    def test_four_units_foretell_the_fifth(self, ratio):
        # 250 worlds, fixed seeds; three standard errors below .95 are .909.
        rng = np.random.default_rng([int(10 * ratio), 4])
        held = 0
        for _ in range(250):
            true = ratio * rng.normal(size=5)
            errors = np.exp(rng.uniform(-0.5, 0.5, 4))
            seen = true[:4] + errors * rng.normal(size=4)
            held += pool(seen, errors).prediction.covers(true[4])

        assert held / 250 >= 0.909


class TestFewUnits:
    def test_one_unit_tells_of_itself_and_of_nothing_else(self):
        pooled = pool([0.2], [0.1])

        assert pooled.estimate == 0.2
        assert (pooled.interval, pooled.tau_squared, pooled.prediction) == (None, None, None)
        assert (pooled.standard_error, pooled.i_squared, pooled.q_p_value) == (None, None, None)
        assert pooled.predictive is None

    def test_two_units_tell_of_the_mean_and_not_of_the_next(self):
        pooled = pool([0.2, 0.4], [0.1, 0.1])

        # One degree of freedom: t is 12.7; the spread .02 / .01 = 2 is above the floor.
        half = stats.t.ppf(0.975, 1) * 0.1
        assert pooled.interval.high - pooled.interval.estimate == pytest.approx(half)
        assert pooled.tau_squared == pytest.approx(0.01)
        assert (pooled.prediction, pooled.predictive) == (None, None)

    def test_three_units_tell_of_the_next(self):
        assert pool([0.2, 0.4, 0.3], [0.1] * 3).prediction is not None

    @pytest.mark.parametrize(
        ("values", "errors"),
        [
            ([], []),
            ([0.1], [0.1, 0.2]),
            ([0.1], [0.0]),
            ([0.1], [-1.0]),
            ([0.1], [math.inf]),
            ([math.nan], [0.1]),
            ([[0.1]], [[0.1]]),
        ],
    )
    def test_what_cannot_be_pooled_is_refused(self, values, errors):
        with pytest.raises(ValueError):
            pool(values, errors)

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
    def test_a_level_is_a_share(self, level):
        with pytest.raises(ValueError, match="level"):
            pool([0.1], [0.1], level=level)


class TestUnitsNeeded:
    def test_it_is_the_first_number_whose_interval_clears_the_bound(self):
        pooled = pool([-0.3, -0.1, -0.35], [0.05] * 3)

        k = units_needed(pooled, below=0.0)

        def limit(units):
            spread = pooled.tau_squared * (1 + 1 / units) + 0.05**2 / units
            return pooled.estimate + stats.t.ppf(0.975, units - 1) * math.sqrt(spread)

        assert limit(k) < 0 < limit(k - 1)

    def test_it_lies_above_the_units_there_are(self):
        assert units_needed(pool([-9.0] * 4, [0.05] * 4), below=0.0) == 5

    def test_none_where_no_number_would_do(self):
        differing = pool([-1.0, 0.9, -0.5, 0.4], [0.05] * 4)

        assert units_needed(differing, below=0.0) is None
        assert units_needed(pool([0.1, 0.2, 0.3], [0.1] * 3), below=0.0) is None
        assert units_needed(pool([-0.1], [0.1]), below=0.0) is None


def test_the_figures_are_plain_json():
    for k in (1, 2, 3):
        plain = pool([0.1 * n for n in range(1, k + 1)], [0.1] * k).plain()

        assert json.loads(json.dumps(plain)) == plain
        assert plain["k"] == k
        assert (plain["prediction"] is None) == (k < 3)
