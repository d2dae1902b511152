"""Limits of a running mean hold however often one looks, and say no more than was seen."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from madang.kernel.stats.sequential import STEPS, Tally

RATE = Tally.empty()


def rate(n, events):
    """A tally of yes-no observations."""
    return RATE.with_counts(n=n, events=events)


class TestKeeping:
    def test_an_empty_tally_knows_nothing(self):
        assert (RATE.n, RATE.mean, RATE.interval()) == (0, None, None)
        assert (RATE.lower(0.05), RATE.upper(0.05)) == (0.0, 1.0)
        assert RATE.evidence_above(-0.1) == RATE.evidence_below(1.1) == 0

    def test_counts_and_single_values_are_the_same_observations(self):
        assert rate(5, 2) == RATE.with_values([0, 1, 0, 1, 0])

    @given(st.lists(st.floats(-2, 3), min_size=1, max_size=30))
    @settings(max_examples=60)
    def test_number_and_mean_stay_whatever_grid_they_are_kept_on(self, values):
        tally = Tally.empty(-2, 3).with_values(values)

        assert tally.n == len(values)
        assert tally.mean == pytest.approx(np.mean(values), abs=1e-9)

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.integers(0, 20))
    @settings(max_examples=40)
    def test_batches_may_be_cut_and_ordered_in_any_way(self, values, cut):
        whole = RATE.with_values(values)
        cut_up = RATE.with_values(values[cut:]).with_values(values[:cut])

        assert cut_up.n == whole.n
        assert cut_up.lower(0.1) == pytest.approx(whole.lower(0.1), abs=1e-6)
        assert cut_up.upper(0.1) == pytest.approx(whole.upper(0.1), abs=1e-6)

    def test_paired_observations_are_minus_one_nought_and_one(self):
        empty = Tally.empty(-1, 1)

        assert empty.with_pairs(n=6, worse=1, better=2) == empty.with_values([1, -1, -1, 0, 0, 0])

    def test_it_grows_no_larger_than_its_grid(self):
        tally = RATE.with_values(np.random.default_rng(1).random(5000))

        assert len(tally.counts) <= STEPS + 1

    def test_it_comes_back_from_json_as_it_was(self):
        tally = Tally.empty(-1, 1).with_values([0.123, -0.7]).with_pairs(n=9, worse=4, better=2)

        assert Tally.from_plain(json.loads(json.dumps(tally.plain()))) == tally

    @pytest.mark.parametrize(
        "plain",
        [
            {},
            {"low": 0, "high": 1, "counts": []},
            {"low": 0, "high": 1, "counts": {"x": 1}},
            {"low": 0, "high": 1, "counts": {"65": 1}},
            {"low": 0, "high": 1, "counts": {"1": -1}},
            {"low": 0, "high": 1, "counts": {"1": math.inf}},
            {"low": 1, "high": 1, "counts": {}},
            {"low": 0, "high": math.nan, "counts": {}},
            None,
        ],
    )
    def test_what_is_no_tally_is_refused(self, plain):
        with pytest.raises(ValueError):
            Tally.from_plain(plain)

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: RATE.with_counts(n=3, events=4),
            lambda: RATE.with_counts(n=3, events=-1),
            lambda: RATE.with_values([1.01]),
            lambda: RATE.with_values([math.nan]),
            lambda: RATE.with_mean(n=-1, mean=0.5),
            lambda: RATE.with_mean(n=4, mean=1.5),
            lambda: RATE.with_mean(n=4, mean=math.nan),
            lambda: RATE.with_pairs(n=4, worse=1, better=1),
            lambda: Tally.empty(-1, 1).with_pairs(n=3, worse=2, better=2),
            lambda: Tally.empty(-1, 1).with_pairs(n=3, worse=-1, better=2),
            lambda: RATE.lower(0.0),
            lambda: rate(9, 1).upper(1.0),
        ],
    )
    def test_what_cannot_have_been_observed_is_refused(self, wrong):
        with pytest.raises(ValueError):
            wrong()


class TestLimits:
    @pytest.mark.parametrize(("n", "events"), [(20, 3), (300, 30), (5000, 100), (40, 40), (40, 0)])
    def test_a_limit_is_where_the_stake_reaches_one_over_alpha(self, n, events):
        tally = rate(n, events)

        for alpha in (0.05, 0.001):
            lower, upper = tally.lower(alpha), tally.upper(alpha)
            if lower > 0:
                assert tally.evidence_above(lower) >= -math.log(alpha)
            assert tally.evidence_above(lower + 1e-5) < -math.log(alpha)
            if upper < 1:
                assert tally.evidence_below(upper) >= -math.log(alpha)
            assert tally.evidence_below(upper - 1e-5) < -math.log(alpha)

    def test_the_stake_is_the_mean_over_bets_of_what_each_would_have_grown_to(self):
        # By hand for three observations: every bet is a share of 1 / m.
        shares = 2.0 ** -(np.arange(24) / 2)
        stakes = (1 + shares * (1 / 0.2 - 1)) ** 2 * (1 - shares)

        assert rate(3, 2).evidence_above(0.2) == pytest.approx(math.log(stakes.mean()))
        assert rate(3, 1).evidence_below(0.8) == pytest.approx(math.log(stakes.mean()))

    def test_the_stake_is_not_expected_to_grow_where_the_claim_is_true(self):
        # The sum over all outcomes of probability times stake is at most 1, exactly 1 at m.
        for mean, n in ((0.1, 7), (0.5, 12)):
            expected = sum(
                stats.binom.pmf(k, n, mean) * math.exp(rate(n, k).evidence_above(mean))
                for k in range(n + 1)
            )
            assert expected == pytest.approx(1)
            lower = sum(
                stats.binom.pmf(k, n, mean / 2) * math.exp(rate(n, k).evidence_above(mean))
                for k in range(n + 1)
            )
            assert lower < 1

    def test_the_grid_never_lends_the_stake_anything(self):
        # One value drawn evenly from [0, 1], whose mean is one half: the expected stake is 1 for
        # exact values and no more for values split between grid points.
        expected, _ = integrate.quad(
            lambda x: math.exp(RATE.with_values([x]).evidence_above(0.5)), 0, 1, limit=200
        )

        assert 0.999 < expected <= 1 + 1e-9

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=25), st.floats(0.01, 0.2))
    @settings(max_examples=40)
    def test_a_mean_alone_never_tells_more_than_the_values(self, values, alpha):
        values_told = RATE.with_values(values)
        mean_told = RATE.with_mean(n=len(values), mean=float(np.mean(values)))

        assert mean_told.lower(alpha) <= values_told.lower(alpha) + 1e-6
        assert mean_told.upper(alpha) >= values_told.upper(alpha) - 1e-6

    @given(st.integers(1, 200), st.floats(0, 1))
    @settings(max_examples=60)
    def test_limits_lie_around_the_mean_and_inside_the_range(self, n, share):
        tally = rate(n, round(share * n))
        interval = tally.interval(0.9)

        assert 0 <= interval.low <= interval.estimate <= interval.high <= 1

    def test_they_mirror_where_yes_and_no_change_places(self):
        assert rate(50, 8).lower(0.05) == pytest.approx(1 - rate(50, 42).upper(0.05), abs=1e-6)

    def test_they_move_with_the_range(self):
        wide = Tally.empty(10, 30).with_values([10.0] * 42 + [30.0] * 8)

        assert wide.lower(0.05) == pytest.approx(10 + 20 * rate(50, 8).lower(0.05), abs=1e-4)

    def test_a_single_event_refutes_that_there_are_none(self):
        assert rate(1, 1).evidence_above(0.0) == math.inf
        assert rate(100, 0).evidence_above(0.0) == 0
        assert rate(1, 0).evidence_above(-0.1) == math.inf

    def test_more_of_the_same_narrows_them(self):
        narrow, wide = rate(4000, 400).interval(), rate(400, 40).interval()

        assert wide.low < narrow.low < 0.1 < narrow.high < wide.high

    @pytest.mark.parametrize(("n", "p"), [(200, 0.1), (2000, 0.02), (2000, 0.5), (20000, 0.1)])
    def test_the_price_of_looking_at_any_time_is_at_most_threefold(self, n, p):
        # Against Wald's interval, which is right only if looked at once.
        interval = rate(n, round(n * p)).interval()
        wald = stats.norm.ppf(0.975) * math.sqrt(p * (1 - p) / n)

        assert (interval.high - interval.low) / 2 < 3 * wald


def log_stakes(values, mean):
    """The logarithm of the stake against "at most mean" after every single observation."""
    shares = 2.0 ** -(np.arange(24) / 2)
    with np.errstate(divide="ignore"):
        logs = np.cumsum(np.log1p(shares[:, None] * (values / mean - 1)), axis=1)
    return np.logaddexp.reduce(logs, axis=0) - math.log(24)


class TestAnyTime:
    """Looked at after every observation; the bigger simulation stands in the bench."""

    def test_the_simulated_stake_is_that_of_a_tally(self):
        values = np.random.default_rng(3).random(200).round(3) < 0.3

        assert log_stakes(values.astype(float), 0.2)[-1] == pytest.approx(
            RATE.with_values(values.astype(float)).evidence_above(0.2)
        )

    @pytest.mark.parametrize("p", [0.02, 0.3])
    def test_a_true_claim_is_ever_refuted_in_at_most_alpha_of_the_pilots(self, p):
        # 400 pilots of 2,000 cases; the bound of 5 % plus three standard errors is 8.3 %.
        rng = np.random.default_rng(int(100 * p))
        refuted = sum(
            log_stakes((rng.random(2000) < p).astype(float), p).max() >= math.log(20)
            for _ in range(400)
        )

        assert refuted / 400 <= 0.083

    def test_a_fixed_interval_looked_at_each_time_is_wrong_far_more_often(self):
        rng = np.random.default_rng(7)
        wrong = 0
        for _ in range(200):
            seen = np.cumsum(rng.random(2000) < 0.3)[50:]
            n = np.arange(51, 2001)
            error = np.sqrt(seen / n * (1 - seen / n) / n)
            wrong += bool((seen / n - stats.norm.ppf(0.95) * error > 0.3).any())

        assert wrong / 200 > 0.2

    def test_harm_is_found(self):
        # 9 % where 3 % is allowed: nearly every pilot of 1,000 cases notices.
        rng = np.random.default_rng(11)
        found = sum(
            log_stakes((rng.random(1000) < 0.09).astype(float), 0.03).max() >= math.log(20)
            for _ in range(200)
        )

        assert found / 200 > 0.97
