"""Whose are the results of a period? They are allocated to the partners, and the period closes.

Each kind of result goes to the partners by what they committed (fees, costs) or paid in (all
else). Then the capital accounts are taken to what each partner would get if everything were sold
at fair value on the closing day: that row is the incentive allocation, which holds the carried
interest accrued and the order of the partners.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import EXPENSES, Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.waterfall.tiers import allot
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.book import Book

KINDS: dict[str, tuple[str, ...]] = {
    "share-fee": ("management-fee",),
    "share-expense": tuple(name for name in EXPENSES if name != "management-fee"),
    "share-income": ("dividends", "interest", "late-interest"),
    "share-realised": ("realised",),
    "share-unrealised": ("unrealised-change",),
}
"""Which results make which row of a capital account."""
_BY_COMMITMENT = ("share-fee", "share-expense")


def results(book: Book, through: date) -> dict[str, int]:
    """What has not been allocated of each kind of result up to a day: gains above 0, in won."""
    found = {}
    for share, names in KINDS.items():
        all_krw = -sum(book.journal.total(name, through) for name in names)
        found[share] = all_krw + book.journal.total(share, through)
    return found


def close(book: Book, *, through: date, evidence: tuple[str, ...] = ()) -> tuple[Draft, ...]:
    """Allocate the results up to a day, and close the period that it ends.

    Raises:
        FlowRefused: The day is closed already, or nobody has paid in anything.
    """
    closed = book.journal.closed_through
    if closed is not None and through <= closed:
        raise FlowRefused(
            words(f"마감일 {through}", f"a close through {through}"),
            words(f"{closed} 다음 날부터", f"a day after {closed}"),
        )
    return (
        Draft(
            on=through,
            kind=Kind.CLOSE,
            memo=f"~ {through}",
            postings=tuple(allocation(book, through)),
            facts={"through": through.isoformat(), "nav": book.nav(through)},
            evidence=evidence,
        ),
    )


def allocation(book: Book, through: date) -> list[Posting]:
    """The postings that allocate everything up to a day."""
    weights = _weights(book, through)
    pending = results(book, through)
    if not any(weights["paid-in"].values()):
        return []
    postings: list[Posting] = []
    after = {number: book.capital_account(number, through) for number in weights["paid-in"]}
    for share, amount in pending.items():
        basis = weights["committed" if share in _BY_COMMITMENT else "paid-in"]
        for number, part in money.apportioned(amount, basis).items():
            postings.extend(_given(share, number, part))
            after[number] += part
    for number, goal in targets(book, through).items():
        postings.extend(_given("share-carry", number, goal - after.get(number, 0)))
    return postings


def _given(name: str, partner: int, amount: int) -> tuple[Posting, ...]:
    if not amount:
        return ()
    mine, pool = Account(name, partner), Account("allocated")
    pair = (pool, mine) if amount > 0 else (mine, pool)
    return (Posting(*pair, abs(amount)),)


def _weights(book: Book, through: date) -> dict[str, Mapping[int, int]]:
    numbers = book.partners()
    paid_in = {
        number: max(-book.journal.balance(Account("paid-in", number), through), 0)
        for number in numbers
    }
    committed = {number: max(book.committed(number, through), 0) for number in numbers}
    return {"paid-in": paid_in, "committed": committed if any(committed.values()) else paid_in}


def targets(book: Book, through: date) -> dict[int, int]:
    """What each partner would get if everything were sold at fair value on a day, in won.

    A fund that owes more than it has leaves each partner a part of the debt, by paid-in capital.
    """
    nav = book.nav(through)
    numbers = dict.fromkeys(book.partners(), 0)
    standing = book.standing(through)
    if nav < 0:
        return numbers | money.apportioned(nav, _weights(book, through)["paid-in"])
    deals = {lot.deal for lot in standing.lots}
    found = allot(standing, nav, released=deals)
    numbers |= found.by_partner()
    numbers[standing.manager] = numbers.get(standing.manager, 0) + found.carry
    return numbers
