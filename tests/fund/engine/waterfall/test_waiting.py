"""A lot is looked at as long as it has something to get, and grows whenever it is asked."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from madang.fund.engine.waterfall.standing import Goal, Lot, Standing
from tests.fund.terms import small

if TYPE_CHECKING:
    from madang.fund.engine.terms.agreement import Agreement

SIMPLE: list[dict[str, Any]] = [
    {"pay": "capital"},
    {"pay": "preferred", "rate": "8%"},
    {"pay": "residual", "carry": "20%", "rate": "12%", "until": ["public"]},
    {"pay": "residual", "carry": "30%"},
]
COMPOUNDED: list[dict[str, Any]] = [
    {"pay": "capital"},
    {"pay": "preferred", "rate": "8%", "compounded": True},
    {"pay": "residual", "carry": "20%"},
]


def step(standing: Standing, day: date, chance: random.Random) -> None:
    """Something happens to a fund of three partners and two deals."""
    lot = Lot(chance.randint(1, 3), chance.choice(("", "a", "b")))
    what = chance.choice(("pay", "pay", "back", "all", "take-back", "transfer"))
    if what == "pay" or lot not in standing.lots:
        standing.pay_in(day, {lot.partner: chance.randint(1, 10**9)}, lot.deal)
    elif what == "back":
        standing.receive(day, lot, capital=chance.randint(0, standing.lots[lot].capital))
    elif what == "all":
        dues = [standing.due(lot, goal) for goal in standing.goals]
        more = -(-max(dues, default=Fraction(0)) // 1)
        standing.receive(day, lot, capital=standing.lots[lot].capital, preferred=int(more))
    elif what == "take-back":
        standing.receive(day, lot, preferred=-chance.randint(0, standing.lots[lot].preferred))
    else:
        taker = chance.choice([each for each in (1, 2, 3) if each != lot.partner])
        standing.transfer(day, lot.partner, taker, Fraction(chance.randint(1, 3), 3))


def expected(standing: Standing, goals: tuple[Goal, ...]) -> list[Lot]:
    """The lots with capital, or with a return due, each one asked."""
    return sorted(
        lot
        for lot, account in standing.lots.items()
        if account.capital or any(standing.due(lot, goal) for goal in goals)
    )


@pytest.mark.parametrize("tiers", [SIMPLE, COMPOUNDED], ids=["simple", "compounded"])
def test_nobody_with_something_to_get_is_passed_over(tiers: list[dict[str, Any]]) -> None:
    terms = small(distribution__tiers=tiers, distribution__basis="deal-by-deal")
    chance = random.Random(7)  # noqa: S311 - chance for a test
    for _ in range(150):
        standing, day = Standing(terms), date(2025, 1, 1)
        for _ in range(chance.randint(2, 15)):
            day += timedelta(days=chance.randint(0, 300))
            standing.bring_to(day)
            step(standing, day, chance)
            due = expected(standing, standing.goals)
            assert standing.waiting(("", "a", "b")) == due
            # A lot that was settled to the won waits no more.
            settled = {lot for lot in standing.lots if lot not in due}
            later = standing.copy()
            later.bring_to(day + timedelta(days=1000))
            assert not settled & set(expected(later, later.goals))


def once(terms: Agreement, looks: list[date]) -> Fraction:
    """What is due after three years if somebody looked on days between."""
    standing = Standing(terms)
    standing.pay_in(date(2025, 1, 1), {1: 10**9, 2: 3})
    for day in looks:
        standing.bring_to(day)
        standing.due(Lot(1), standing.goals[0])
    standing.bring_to(date(2028, 2, 29))
    return standing.due(Lot(1), standing.goals[0])


@pytest.mark.parametrize("tiers", [SIMPLE, COMPOUNDED], ids=["simple", "compounded"])
def test_looking_changes_nothing(tiers: list[dict[str, Any]]) -> None:
    terms = small(distribution__tiers=tiers)
    chance = random.Random(3)  # noqa: S311 - chance for a test
    plain = once(terms, [])
    assert plain > 10**9 * Fraction(8, 100) * 3
    for _ in range(20):
        days = sorted(chance.randint(0, 1100) for _ in range(5))
        assert once(terms, [date(2025, 1, 1) + timedelta(days=each) for each in days]) == plain


def test_a_copy_goes_its_own_way() -> None:
    standing = Standing(small(distribution__basis="deal-by-deal"))
    standing.pay_in(date(2025, 1, 1), {1: 10**9, 2: 10**8}, "a")
    standing.bring_to(date(2026, 1, 1))
    lot = Lot(1, "a")

    def seen() -> tuple[object, ...]:
        waiting = standing.waiting(("", "a", "b"))
        dues = [standing.due(each, standing.goals[0]) for each in waiting]
        return waiting, dues, standing.lots[lot].capital, standing.paid_in, standing.released

    before = repr(seen())
    other = standing.copy()
    other.pay_in(date(2027, 1, 1), {3: 5}, "b")
    other.receive(date(2027, 1, 1), lot, capital=10**9, preferred=3 * 10**8)
    other.release(["b"])

    assert repr(seen()) == before
    assert other.lots[lot].capital == 0
    assert other.waiting(("a", "b")) == [Lot(2, "a"), Lot(3, "b")]
