"""How is the line of credit used that bridges the time until partners have paid?"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine import day_count, money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.fund.engine.book import Book
    from madang.fund.engine.terms.agreement import CreditLine

_LINE = Account("credit-line")


def owed(book: Book, on: date | None = None) -> int:
    """What is drawn and not repaid, in won."""
    return -book.journal.balance(_LINE, on)


def _terms(book: Book, on: date) -> CreditLine:
    found = book.terms(on).credit
    if found is None:
        raise FlowRefused(
            words("차입 한도가 없는 규약", "terms without a line of credit"),
            words("규약의 credit_line", "a credit_line in the terms"),
        )
    return found


def draw(
    book: Book, *, on: date, amount_krw: int, evidence: tuple[str, ...] = ()
) -> tuple[Draft, ...]:
    """Draw on the line.

    Raises:
        FlowRefused: Beyond its limit, or its share of what is left of the commitments.
    """
    book.refuse_ended()
    line = _terms(book, on)
    money.whole_won(amount_krw, where=words("차입", "a draw"))
    unfunded = book.journal.total("unfunded", on) + book.journal.total("called", on)
    most = min(line.limit_krw, int(unfunded * line.share_of_unfunded))
    if owed(book) + amount_krw > most:
        raise FlowRefused(
            words(
                f"차입 잔액 {owed(book) + amount_krw:,d}원",
                f"{owed(book) + amount_krw:,d} won drawn in all",
            ),
            words(f"한도 {most:,d}원 이하", f"at most {most:,d} won"),
        )
    repay_by = date.fromordinal(on.toordinal() + line.repay_within_days)
    return (
        Draft(
            on=on,
            kind=Kind.DRAW,
            memo=f"~ {repay_by}",
            postings=(Posting(Account("cash"), _LINE, amount_krw),),
            facts={"repay_by": repay_by.isoformat()},
            evidence=evidence,
        ),
    )


def interest(book: Book, on: date) -> int:
    """Interest on the line since it was last paid, in won.

    Simple, by the day count of the terms, on what was owed on each day.
    """
    last, steps = None, []
    for entry in book.journal.entries:
        if entry.kind is Kind.REPAYMENT and entry.on <= on:
            last = max(last or entry.on, entry.on)
        if entry.kind in (Kind.DRAW, Kind.REPAYMENT) and entry.on <= on:
            steps.append(entry.on)
    if not steps:
        return 0
    line, rule = _terms(book, on), book.terms(on).day_count
    first = last or min(steps)
    turns = sorted({first, on, *(day for day in steps if day > first)})
    total = Fraction(0)
    for start, end in zip(turns, turns[1:], strict=False):
        total += owed(book, start) * line.rate * day_count.year_fraction(rule, start, end)
    return money.rounded(total)


def repay(
    book: Book, *, on: date, amount_krw: int, evidence: tuple[str, ...] = ()
) -> tuple[Draft, ...]:
    """Repay principal, and the interest up to the day.

    Raises:
        FlowRefused: More than is owed.
    """
    money.whole_won(amount_krw, where=words("상환", "a repayment"))
    if amount_krw > owed(book):
        raise FlowRefused(
            words(f"상환 {amount_krw:,d}원", f"a repayment of {amount_krw:,d} won"),
            words(f"차입 잔액 {owed(book):,d}원 이하", f"at most the {owed(book):,d} won owed"),
        )
    due = interest(book, on)
    postings = [Posting(_LINE, Account("cash"), amount_krw)]
    if due:
        postings.append(Posting(Account("credit-interest"), Account("cash"), due))
    return (
        Draft(
            on=on,
            kind=Kind.REPAYMENT,
            memo=f"{amount_krw:,d}",
            postings=tuple(postings),
            facts={"interest": due},
            evidence=evidence,
        ),
    )
