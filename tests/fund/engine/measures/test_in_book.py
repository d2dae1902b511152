"""The measures of a fund come from its postings, and from nothing else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from madang.fund.engine.book import Book
from madang.fund.engine.demo.play import play
from madang.fund.engine.flows import closing, distributing, investing
from madang.fund.engine.ledger.accounts import DISTRIBUTED
from madang.fund.engine.measures import in_book
from tests.fund.books import funded, post

END = date(2035, 9, 30)


@pytest.fixture(scope="module")
def book() -> Book:
    """The invented fund, whole."""
    return play()["ai-fund"].book


def test_a_small_fund_has_the_multiples_of_a_hand_calculation() -> None:
    book = funded()
    day, end = date(2025, 2, 1), date(2026, 2, 1)
    post(book, investing.invest(book, on=day, company="a", amount_krw=40_000_000))
    post(book, investing.value(book, on=end, company="a", fair_value_krw=44_000_000))
    post(book, distributing.distribute(book, on=end, amount_krw=10_000_000))
    post(book, closing.close(book, through=end))
    net, gross = in_book.net(book, end), in_book.gross(book, end)

    # 99 of 100 won are the partners', for the manager has committed 1 of 100.
    assert net.multiples.dpi == Fraction(1, 5)
    assert gross.multiples.tvpi == Fraction(11, 10)
    assert gross.rates.value == pytest.approx(0.1, abs=1e-9)
    assert net.multiples.pic == Fraction(1, 2)


def test_all_partners_together_are_what_went_in_and_out(book: Book) -> None:
    manager = book.latest.manager.number
    alone = [in_book.net(book, END, partner=n) for n in book.partners() if n != manager]
    journal = book.journal

    everything = sum(journal.total(name) for name in DISTRIBUTED) + journal.total("paid-in")
    own = in_book.net(book, END, partner=manager)
    assert everything == sum(each.won for one in [*alone, own] for each in one.flows)


def test_the_line_moves_flows_and_not_their_sum(book: Book) -> None:
    with_line, without = in_book.net(book, END), in_book.net(book, END, line=False)

    assert with_line.flows != without.flows
    assert sum(each.won for each in without.flows) - sum(
        each.won for each in with_line.flows
    ) == book.journal.total("credit-interest")


def test_groups_together_are_all_companies(book: Book) -> None:
    whole = sum(each.won for each in in_book.gross(book, END).flows)

    for group in ("vintage", "field"):
        found = in_book.by_group(book, END, group=group)
        assert sum(each.won for one in found.values() for each in one.flows) == whole
        assert len(found) > 1


def test_the_curve_falls_first_and_ends_with_what_partners_gained(book: Book) -> None:
    points = in_book.curve(book, END)

    assert min(each.net_flow for each in points) < 0 < points[-1].net_flow
    assert points[-1].nav == 0
    assert points[-1].net_flow == sum(each.won for each in in_book.net(book, END).flows)
    assert points[4].value < 0
