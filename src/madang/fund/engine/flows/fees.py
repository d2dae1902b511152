"""What does the management cost, and how much of a cost is the fund's?

The fee of a period is a share of its base on the period's first day, by the phase and the
brackets of the terms; a phase that changes within a period counts by days.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine import day_count, money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import EXPENSES, Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.terms.agreement import Base, anniversary
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.fund.engine.book import Book
    from madang.fund.engine.terms.agreement import Agreement, FeePhase


class Period(NamedTuple):
    """Days for which a fee is due."""

    first: date
    end: date
    """The day behind the last one."""


def period_after(agreement: Agreement, first: date) -> Period:
    """The fee's next period, which begins on a day."""
    months = agreement.fee.every_months
    turn = first.year * 12 + first.month - 1 + months
    year, month = divmod(turn - turn % months, 12)
    return Period(first, date(year, month + 1, 1))


def next_period(book: Book) -> Period:
    """The first period whose fee the ledger has not."""
    terms = book.latest
    last = None
    for entry in book.journal.entries:
        if entry.kind is Kind.FEE and "end" in entry.facts:
            last = date.fromisoformat(entry.facts["end"])
    first = last or terms.life.first_close
    return period_after(book.terms(first), first)


def amount_of(agreement: Agreement, period: Period, bases: dict[Base, int]) -> Fraction:
    """The exact fee of a period.

    Args:
        agreement: The terms.
        period: Its days.
        bases: The base of each kind on its first day, in won.
    """
    total, first = Fraction(0), period.first
    while first < period.end:
        year = agreement.year_of(first)
        turn = anniversary(agreement.life.first_close, year)
        end = min(turn if turn > first else period.end, period.end)
        phase = agreement.fee.phase(year)
        part = day_count.year_fraction(agreement.day_count, first, end)
        total += rate_times(phase, bases[phase.base]) * part
        first = end
    return total


def rate_times(phase: FeePhase, base_krw: int) -> Fraction:
    """A year's fee on a base."""
    if phase.whole:
        for bracket in phase.brackets:
            if bracket.upto_krw is None or base_krw <= bracket.upto_krw:
                return bracket.rate * base_krw
    total, below = Fraction(0), 0
    for bracket in phase.brackets:
        upto = base_krw if bracket.upto_krw is None else min(base_krw, bracket.upto_krw)
        total += bracket.rate * max(upto - below, 0)
        below = max(upto, below)
    return total


def bases(book: Book, on: date) -> dict[Base, int]:
    """The base of each kind at the end of a day, in won."""
    return {
        Base.COMMITTED: -book.journal.total("committed", on),
        Base.INVESTED: book.journal.total("investments", on),
        Base.PAID_IN: -book.journal.total("paid-in", on),
    }


def fee(book: Book, *, on: date, evidence: tuple[str, ...] = ()) -> tuple[Draft, ...]:
    """Pay the management fee of the next period.

    Raises:
        FlowRefused: The period has not ended (or, for a fee in advance, not begun).
    """
    book.refuse_ended()
    period = next_period(book)
    terms = book.terms(period.first)
    due = period.first if terms.fee.in_advance else period.end
    if on < due:
        raise FlowRefused(
            words(f"{on}의 관리보수", f"a fee on {on}"),
            words(f"{due} 이후", f"a day from {due} on"),
        )
    amount = money.rounded(amount_of(terms, period, bases(book, period.first)))
    if not amount:
        raise FlowRefused(
            words(f"{period.first}부터의 관리보수 0원", f"a fee of 0 won from {period.first}"),
            words("0원보다 큰 관리보수", "a fee above 0"),
        )
    return (
        Draft(
            on=on,
            kind=Kind.FEE,
            memo=f"{period.first} ~ {period.end}",
            postings=(Posting(Account("management-fee"), Account("cash"), amount),),
            facts={"first": period.first.isoformat(), "end": period.end.isoformat()},
            evidence=evidence,
        ),
    )


def expense(
    book: Book,
    *,
    on: date,
    account: str,
    amount_krw: int,
    memo: str,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Pay a cost of the fund; of due diligence only the share that the terms give to the fund.

    Raises:
        FlowRefused: The account is none of expenses.
        AmountRefused: The amount is no whole won.
    """
    if account not in EXPENSES or account == "management-fee":
        others = ", ".join(name for name in EXPENSES if name != "management-fee")
        raise FlowRefused(
            words(f"비용 계정 {account!r}", f"the account {account!r}"),
            words(f"{others} 가운데 하나", f"one of {others}"),
        )
    money.whole_won(amount_krw, where=words(memo, memo))
    facts: dict[str, object] = {}
    borne = amount_krw
    if account == "due-diligence":
        share = book.terms(on).diligence_share
        borne = money.rounded(amount_krw * share)
        facts = {"whole": amount_krw, "share": str(share)}
    return (
        Draft(
            on=on,
            kind=Kind.EXPENSE,
            memo=memo,
            postings=(Posting(Account(account), Account("cash"), borne),),
            facts=facts,
            evidence=evidence,
        ),
    )
