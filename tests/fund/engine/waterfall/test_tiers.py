"""Money runs through the tiers: known divisions, and what holds of every division."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.fund.engine.waterfall.standing import Standing
from madang.fund.engine.waterfall.tiers import allot, distribute
from tests.fund.terms import small

START = date(2025, 1, 1)
FIVE_YEARS = date.fromordinal(START.toordinal() + 5 * 365)


def after_five_years(**changes: object) -> Standing:
    """100 million won paid in by all in proportion, five years of 365 days ago."""
    standing = Standing(small(**changes))
    standing.pay_in(START, {1: 60_000_000, 2: 39_000_000, 3: 1_000_000})
    return standing


@pytest.mark.parametrize(
    ("out", "partners", "manager"),
    # Hand calculation: 8 % simple for five years on 100 is 40; full catch-up to 20 % is 10.
    [(200, 180, 20), (145, 140, 5), (128, 128, 0), (150, 140, 10), (100, 100, 0), (7, 7, 0)],
)
def test_a_whole_fund_waterfall_gives_what_the_hand_calculation_gives(
    out: int, partners: int, manager: int
) -> None:
    found = distribute(after_five_years(), FIVE_YEARS, out * 1_000_000)

    assert found.carry == manager * 1_000_000
    assert sum(found.partner(number) for number in (1, 2, 3)) == partners * 1_000_000


def test_a_compounded_hurdle_earns_on_what_was_not_paid() -> None:
    """1.08 ** 2 on 100 million over two years of 365 days, when nothing is paid between."""
    tiers = [
        {"pay": "capital"},
        {"pay": "preferred", "rate": "8%", "compounded": True},
        {"pay": "residual", "carry": "20%"},
    ]
    standing = after_five_years(distribution__tiers=tiers)
    found = distribute(standing, date(2027, 1, 1), 200_000_000)
    preferred = sum(won for part, won in found.won.items() if part.tier == 1)

    assert preferred == 16_640_000


def test_interest_on_interest_stops_when_it_is_paid() -> None:
    tiers = [
        {"pay": "preferred", "rate": "10%", "compounded": True},
        {"pay": "capital"},
        {"pay": "residual", "carry": "0%"},
    ]
    standing = after_five_years(distribution__tiers=tiers)
    distribute(standing, date(2026, 1, 1), 10_000_000)
    standing.bring_to(date(2027, 1, 1))
    due = sum(standing.due(lot, standing.goals[0]) for lot in standing.lots)

    assert due == 10_000_000


def test_private_partners_come_first_where_the_terms_say_so() -> None:
    tiers = [
        {"pay": "capital", "to": ["private"]},
        {"pay": "preferred", "to": ["private"], "rate": "3%"},
        {"pay": "capital", "to": ["public", "manager"]},
        {"pay": "preferred", "rate": "7%"},
        {"pay": "residual", "carry": "20%"},
    ]
    found = distribute(after_five_years(distribution__tiers=tiers), FIVE_YEARS, 50_000_000)

    # 39 million and 15 % of it go to the private partner before the others have anything.
    assert found.partner(2) == 39_000_000 + 5_850_000
    assert found.partner(1) == 50_000_000 * 0 + (50_000_000 - 44_850_000) * 60 // 61 + 1


def test_the_second_hurdle_pays_only_what_the_first_left() -> None:
    tiers = [
        {"pay": "capital"},
        {"pay": "preferred", "to": ["private"], "rate": "3%"},
        {"pay": "preferred", "rate": "7%"},
        {"pay": "residual", "carry": "20%"},
    ]
    found = distribute(after_five_years(distribution__tiers=tiers), FIVE_YEARS, 135_000_000)

    assert found.partner(2) == 39_000_000 * 135 // 100
    assert found.carry == 0


def test_the_first_loss_bearer_waits_with_its_part() -> None:
    changes = {
        "distribution__first_loss": {"bearer": "public", "share": "10%"},
        "distribution__tiers": [
            {"pay": "capital"},
            {"pay": "first-loss"},
            {"pay": "residual", "carry": "20%"},
        ],
    }
    lost = distribute(after_five_years(**changes), FIVE_YEARS, 90_000_000)
    whole = distribute(after_five_years(**changes), FIVE_YEARS, 100_000_000)

    assert [lost.partner(number) for number in (1, 2, 3)] == [50_000_000, 39_000_000, 1_000_000]
    assert whole.partner(1) == 60_000_000


def test_an_option_moves_its_part_of_the_excess() -> None:
    tiers = [
        {"pay": "capital"},
        {"pay": "residual", "carry": "0%", "rate": "4%", "until": ["public"]},
        {
            "pay": "residual",
            "carry": "0%",
            "option": {"giver": "public", "holder": "private", "share": "50%"},
        },
    ]
    found = distribute(after_five_years(distribution__tiers=tiers), FIVE_YEARS, 140_000_000)

    # 20 of profit up to 4 % a year go by what was paid in; of the other 20 the public partner's
    # 12 are shared with the private one.
    assert found.partner(1) == 60_000_000 + 12_000_000 + 6_000_000
    assert found.partner(2) == 39_000_000 + 7_800_000 + 7_800_000 + 6_000_000


def test_a_partial_catch_up_ends_at_the_agreed_share() -> None:
    tiers = [
        {"pay": "capital"},
        {"pay": "preferred", "rate": "8%"},
        {"pay": "catch-up", "catch_up": "50%", "carry": "20%"},
        {"pay": "residual", "carry": "20%"},
    ]
    found = distribute(after_five_years(distribution__tiers=tiers), FIVE_YEARS, 300_000_000)

    assert found.carry == 40_000_000


amounts = st.integers(0, 10**12)
paid = st.tuples(*[st.integers(1, 10**11)] * 3)


def _standing(paid_in: tuple[int, int, int], order: tuple[int, ...]) -> Standing:
    standing = Standing(small())
    standing.pay_in(START, {number: paid_in[number - 1] for number in order})
    standing.bring_to(date(2028, 7, 15))
    return standing


@given(paid_in=paid, amount=amounts)
def test_partners_and_manager_get_all_of_it(paid_in: tuple[int, int, int], amount: int) -> None:
    found = allot(_standing(paid_in, (1, 2, 3)), amount)

    assert sum(found.exact.values()) == amount
    assert found.carry + sum(found.partner(number) for number in (1, 2, 3)) == amount
    assert all(won >= 0 and abs(won - found.exact[part]) < 1 for part, won in found.won.items())


@given(paid_in=paid, amount=amounts)
def test_the_order_of_rows_does_not_matter(paid_in: tuple[int, int, int], amount: int) -> None:
    one = allot(_standing(paid_in, (1, 2, 3)), amount)
    other = allot(_standing(paid_in, (3, 1, 2)), amount)

    assert dict(one.won) == dict(other.won)


@given(paid_in=paid, amount=amounts, more=st.integers(0, 10**9))
def test_more_money_gives_nobody_less(
    paid_in: tuple[int, int, int], amount: int, more: int
) -> None:
    """Exactly so before rounding; in whole won to within the one won of a largest remainder."""
    less, rest = (allot(_standing(paid_in, (1, 2, 3)), each) for each in (amount, amount + more))

    for number in (1, 2, 3):
        before, after = (
            sum(
                (
                    exact
                    for part, exact in found.exact.items()
                    if part.lot.partner == number and not part.carry
                ),
                Fraction(0),
            )
            for found in (less, rest)
        )
        assert after >= before
        assert rest.partner(number) >= less.partner(number) - 1
    assert rest.carry >= less.carry - 1
