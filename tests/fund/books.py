"""Books for tests: a small fund with money in it, and a shorter way to post."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from madang.fund.engine.book import Book
from madang.fund.engine.flows import calls, commitments
from madang.fund.engine.ledger.journal import Journal
from tests.fund.terms import small

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.fund.engine.ledger.entry import Draft, Entry

FIRST = date(2025, 1, 1)
AT = datetime(2025, 1, 1, 9, tzinfo=UTC)
PAPER = ("ab" * 32,)


def post(book: Book, drafts: Iterable[Draft]) -> tuple[Entry, ...]:
    """Post drafts as two persons."""
    at = AT + timedelta(minutes=len(book.journal))
    return book.journal.append(tuple(drafts), by="maker", approved_by="checker", at=at)


def committed(**changes: Any) -> Book:
    """The small fund, its 100 million won committed."""
    book = Book(agreements=(small(**changes),), journal=Journal())
    post(book, commitments.commit(book, on=FIRST))
    return book


def called(
    book: Book, total: int, *, on: date, purpose: str = "investment", paid: bool = True
) -> int:
    """Call capital, due in fourteen days, and let all pay on that day; the call's number."""
    due = on + timedelta(days=14)
    (entry,) = post(book, calls.call(book, on=on, due=due, purposes={purpose: total}))
    number: int = entry.facts["number"]
    if paid:
        amounts = {int(key): won for key, won in entry.facts["partners"].items() if won}
        post(book, calls.pay(book, on=due, call=number, amounts=amounts))
    return number


def funded(total: int = 50_000_000, **changes: Any) -> Book:
    """The small fund with cash from 15 January 2025 on."""
    book = committed(**changes)
    called(book, total, on=FIRST)
    return book
