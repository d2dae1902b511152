"""What a correction takes back never happened to the partners' standing."""

from __future__ import annotations

from datetime import date

from madang.fund.engine.flows import distributing
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from tests.fund.books import funded, post

DAY, LATER = date(2025, 3, 1), date(2026, 3, 1)


def reversed_of(entry: Draft, on: date) -> Draft:
    """The correction of an entry: every posting turned."""
    turned = tuple(
        Posting(each.credit, each.debit, each.amount_krw, each.tag) for each in entry.postings
    )
    return Draft(on=on, kind=Kind.CORRECTION, memo="", postings=turned)


def test_a_distribution_that_was_taken_back_is_divided_the_same_way_again() -> None:
    book = funded()
    asked = distributing.distribute(book, on=DAY, amount_krw=20_000_000)
    (entry,) = post(book, asked)
    post(book, [reversed_of(entry, DAY)])

    assert distributing.distribute(book, on=DAY, amount_krw=20_000_000)[0].postings == (
        asked[0].postings
    )
    standing = book.standing(DAY)
    assert sum(each.capital for each in standing.lots.values()) == 50_000_000


def test_a_payment_that_was_taken_back_was_never_paid() -> None:
    book = funded()
    payment = next(each for each in book.journal.entries if each.kind is Kind.PAYMENT)
    post(book, [reversed_of(payment, date(2025, 1, 15))])
    standing = book.standing(LATER)

    assert set(standing.paid_in.values()) == {0}
    assert all(standing.due(lot, goal) == 0 for lot in standing.lots for goal in standing.goals)
