"""Another rule changes what it is about, and nothing else; no won appears or goes."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine import what_if
from madang.fund.engine.book import Book
from madang.fund.engine.demo.play import play
from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.ledger.accounts import DISTRIBUTED, Account

END = date(2035, 12, 31)


@pytest.fixture(scope="module")
def book() -> Book:
    """The invented fund, whole."""
    return play()["ai-fund"].book


def test_the_terms_as_they_are_give_what_the_ledger_has(book: Book) -> None:
    found = what_if.compare(book, {}, on=END)
    journal = book.journal

    assert found.before == found.after
    assert found.before.fees == journal.total("management-fee")
    assert found.before.carry == journal.total("carried-interest")
    assert sum(found.before.distributed.values()) == sum(map(journal.total, DISTRIBUTED))
    assert found.before.distributed[3] == sum(
        journal.balance(Account(name, 3)) for name in DISTRIBUTED
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("distribution.tiers.4.carry", "10%"),
        ("distribution.tiers.3.rate", "8%"),
        ("management_fee.phases.0.brackets.2.rate", "1%"),
        ("distribution.basis", "deal-by-deal"),
        ("distribution.first_loss.share", "30%"),
    ],
)
def test_what_one_gets_more_others_get_less(book: Book, place: str, value: str) -> None:
    found = what_if.difference(what_if.compare(book, {place: value}, on=END))

    assert sum(found.values()) == 0


def test_a_lower_carry_goes_to_the_partners(book: Book) -> None:
    changes = {f"distribution.tiers.{place}.carry": "10%" for place in (4, 5, 6)}
    found = what_if.difference(what_if.compare(book, changes, on=END))

    assert found["carry"] < 0 < found["1"]
    assert found["fees"] == 0


def test_in_the_middle_of_its_life_the_fund_is_taken_as_sold(book: Book) -> None:
    on = date(2029, 12, 31)
    found = what_if.compare(book, {}, on=on)

    assert sum(found.after.left.values()) == book.nav(on)


@pytest.mark.parametrize("place", ["carry.rate", "distribution.tiers.99.rate", "title.ko.x"])
def test_a_place_that_the_terms_have_not_is_refused(book: Book, place: str) -> None:
    with pytest.raises(TermsRefused):
        what_if.compare(book, {place: "8%"}, on=END)
