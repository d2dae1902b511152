"""Every rate of return is found, and none that is not there."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from madang.fund.engine.measures import rates
from madang.fund.engine.measures.flows import Flow

START = date(2025, 1, 1)


def dated(*pairs: tuple[int, int]) -> list[Flow]:
    """Flows by days after the start."""
    return [Flow(START + timedelta(days=days), won) for days, won in pairs]


def test_the_documented_example_of_the_spreadsheet_function() -> None:
    """The vendor's documentation of XIRR gives 0.373362535."""
    days = ("2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01")
    won = (-10_000, 2_750, 4_250, 3_250, 2_750)
    flows = [Flow(date.fromisoformat(on), each) for on, each in zip(days, won, strict=True)]

    # Nine digits in the documentation; more of them by an independent computation.
    assert rates.of_days(flows).value == pytest.approx(0.373362535, abs=2e-9)
    assert rates.of_days(flows).value == pytest.approx(0.37336253351, abs=2e-11)
    assert rates.of_days(flows[::-1]) == rates.of_days(flows)


def test_two_rates_are_both_told_and_called_not_unique() -> None:
    """[-100, 230, -132] is 100 (1.1 x - 1)(1 - 1.2 x) turned: 10 % and 20 %."""
    found = rates.of_periods([-100, 230, -132])

    assert found.roots == pytest.approx((0.1, 0.2), abs=1e-12)
    assert (found.status, found.value) == ("several", None)
    assert found.note is not None and "10.0000%, 20.0000%" in found.note.en
    assert rates.of_days(dated((0, -100), (365, 230), (730, -132))).roots == pytest.approx(
        (0.1, 0.2), abs=1e-9
    )


@pytest.mark.parametrize("amounts", [[], [0, 0], [5, 3], [-5, -3], [1, -2, 2], [-100, 180, -100]])
def test_where_there_is_none_it_says_so(amounts: list[int]) -> None:
    """The last two have a discriminant below 0."""
    found = rates.of_periods(amounts)
    days = [(365 * place, won) for place, won in enumerate(amounts)]

    assert found.status == rates.of_days(dated(*days)).status == "none"
    assert found.note is not None and "No rate" in found.note.en


def test_a_rate_at_which_the_sum_only_touches_zero_is_one_rate() -> None:
    """100 (1 - 1.1 x)^2 has the one root 10 %, twice."""
    assert rates.of_periods([100, -220, 121]).roots == pytest.approx((0.1,), abs=1e-9)
    assert rates.of_days(dated((0, 100), (365, -220), (730, 121))).roots == pytest.approx(
        (0.1,), abs=1e-6
    )


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        # (x - 11/4 …) products with double roots, at which halving an interval lands exactly.
        ([-44, 60, -27, 4], (-7 / 11, -1 / 2)),
        ([1, -10, 37, -60, 36], (1.0, 2.0)),
        ([9, -66, 181, -220, 100], (2 / 3, 1.0)),
    ],
)
def test_double_roots_at_a_halving_are_found(
    amounts: list[int], wanted: tuple[float, ...]
) -> None:
    found = rates.of_periods(amounts)

    assert len(found.roots) == len(wanted)
    for rate in found.roots:
        total = sum(each / (1 + rate) ** place for place, each in enumerate(amounts))
        assert abs(total) < 1e-6 * sum(map(abs, amounts))


def expanded(factors: list[Fraction]) -> list[int]:
    """Whole coefficients of the product of (1 - (1 + r) x): its rates are the r."""
    product = [Fraction(1)]
    for rate in factors:
        step = [Fraction(1), -(1 + rate)]
        product = [
            sum(
                (
                    product[place - shift] * step[shift]
                    for shift in (0, 1)
                    if 0 <= place - shift < len(product)
                ),
                Fraction(0),
            )
            for place in range(len(product) + 1)
        ]
    common = math.lcm(*(each.denominator for each in product))
    return [int(each * common) for each in product]


@given(st.lists(st.integers(-90, 300), min_size=1, max_size=5, unique=True))
@settings(max_examples=60, deadline=None)
def test_all_rates_of_a_product_are_found(percents: list[int]) -> None:
    wanted = sorted(each / 100 for each in percents)
    amounts = expanded([Fraction(each, 100) for each in percents])
    found = rates.of_periods(amounts)

    assert found.roots == pytest.approx(wanted, abs=1e-9)
    assert rates.roots_between(rates.sturm_chain(amounts), Fraction(0), Fraction(100)) == len(
        wanted
    )


def test_random_funds_have_the_rate_that_brentq_finds() -> None:
    """A thousand dated funds that pay in before they pay out: one rate, to 1e-9."""
    chance = random.Random(6)
    for _ in range(1_000):
        flows = dated(
            *((chance.randint(0, 1_500), -chance.randint(1, 10**9)) for _ in range(5)),
            *((chance.randint(1_600, 4_000), chance.randint(1, 10**10)) for _ in range(6)),
        )
        found = rates.of_days(flows)

        def value(rate: float, flows: list[Flow] = flows) -> float:
            return math.fsum(won / (1 + rate) ** ((on - START).days / 365) for on, won in flows)

        assert found.status == "one"
        assert found.value is not None
        judge = brentq(value, -0.99, 50, xtol=1e-14)
        assert found.value == pytest.approx(judge, abs=1e-9)
        assert pyxirr.xirr([each.on for each in flows], [each.won for each in flows])


def test_random_rows_of_yearly_flows_have_as_many_rates_as_sturm_counts() -> None:
    chance = random.Random(7)
    seen = set()
    for _ in range(400):
        amounts = [chance.randint(-50, 50) for _ in range(chance.randint(2, 8))]
        exact = rates.of_periods(amounts)
        days = dated(*((365 * place, won) for place, won in enumerate(amounts)))
        found = rates.of_days(days)
        seen.add(len(exact.roots))

        assert len(found.roots) == len(exact.roots), amounts
        assert found.roots == pytest.approx(exact.roots, rel=1e-6, abs=1e-8)
    assert {0, 1, 2} <= seen


def test_a_rate_beyond_all_floats_is_still_counted() -> None:
    found = rates.of_days(dated((0, -1), (1, 10**9), (365, -1)))

    assert len(found.roots) == 2
    assert found.roots[1] == math.inf


@pytest.mark.judge
def test_numpy_financial_agrees_where_there_is_one_rate() -> None:
    import numpy_financial

    chance = random.Random(8)
    for _ in range(200):
        amounts = [-chance.randint(1, 1_000) for _ in range(3)]
        amounts += [chance.randint(1, 2_000) for _ in range(5)]

        assert rates.of_periods(amounts).value == pytest.approx(
            numpy_financial.irr(amounts), abs=1e-9
        )
