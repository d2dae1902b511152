"""A book says the same of a day however it was come by."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine.book import Book
from madang.fund.engine.errors import PeriodClosed
from madang.fund.engine.flows import calls, closing
from madang.fund.engine.ledger.journal import Journal
from tests.fund.books import called, funded, post

LATER, LATEST = date(2025, 6, 1), date(2026, 6, 1)


def test_a_book_that_goes_on_leaves_the_one_it_began_from() -> None:
    book = funded()
    book.standing(LATER)
    after = book.followed_by()
    called(after, 10_000_000, on=LATER)
    anew = Book(agreements=after.agreements, journal=Journal(after.journal.entries))
    before = Book(agreements=book.agreements, journal=Journal(book.journal.entries))

    assert after.standing(LATEST).__dict__ == anew.standing(LATEST).__dict__
    assert book.standing(LATEST).__dict__ == before.standing(LATEST).__dict__
    assert book.standing(LATEST).__dict__ != after.standing(LATEST).__dict__


def test_what_was_closed_stays_closed_where_a_book_goes_on() -> None:
    book = funded()
    post(book, closing.close(book, through=date(2025, 3, 31)))
    after = book.followed_by()

    assert after.journal.closed_through == date(2025, 3, 31)
    with pytest.raises(PeriodClosed):
        post(
            after,
            calls.call(after, on=date(2025, 3, 1), due=LATER, purposes={"investment": 1_000}),
        )
