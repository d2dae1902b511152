"""The template holds the rows that the ledger can prove, and names those that it leaves out."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine.demo.play import play
from madang.fund.engine.ledger.accounts import EXPENSES
from madang.fund.engine.reports import ilpa
from madang.fund.engine.reports.cell import Cell, Row, Statement, periods
from tests.fund.engine.reports import played

TERMS = played.agreement()
JOURNAL = played.posted(played.life(TERMS))
END = date(2027, 12, 31)
PLAYED = play()


def values(row: Row) -> list[int]:
    return [each.value for each in row.cells if isinstance(each, Cell)]


def row(statement: Statement, label: str) -> list[int]:
    return next(
        values(each)
        for each in statement.rows
        if not isinstance(each.label, str) and each.label.en == label
    )


def test_every_account_of_expenses_has_its_row() -> None:
    assert sorted(name for _, name in ilpa.EXPENSES) == sorted(set(EXPENSES) - {"management-fee"})


def test_the_rows_lead_from_the_beginning_to_the_ending() -> None:
    for partner in (None, 1, 4):
        found = ilpa.nav(JOURNAL, partner, periods(END))
        for column in range(3):
            plain = [values(each)[column] for each in found if not each.is_total]
            if partner is not None:
                plain.append(row_named(found, "Total partnership expenses")[column])

            assert sum(plain) == values(found[-1])[column]


@pytest.mark.parametrize("name", ["ai-fund", "ai-fund-regional"])
def test_the_rows_lead_to_the_ending_through_a_whole_life_with_carry(name: str) -> None:
    book = PLAYED[name].book
    for until in (date(2027, 3, 31), date(2032, 9, 30), date(2034, 12, 31)):
        for partner in (None, *book.partners()):
            found = ilpa.nav(book.journal, partner, periods(until))
            for column in range(3):
                plain = [values(each)[column] for each in found if not each.is_total]
                if partner is not None:
                    plain.append(row_named(found, "Total partnership expenses")[column])

                assert sum(plain) == values(found[-1])[column]


def row_named(found: tuple[Row, ...], label: str) -> list[int]:
    return next(
        values(each)
        for each in found
        if not isinstance(each.label, str) and each.label.en == label
    )


def test_items_of_expenses_add_up_to_their_total() -> None:
    (nav, *_) = ilpa.reporting(TERMS, JOURNAL, until=END).statements
    items = [row(nav, title.en) for title, _ in ilpa.EXPENSES]

    assert [sum(each) for each in zip(*items, strict=True)] == row(
        nav, "Total partnership expenses"
    )
    assert row(nav, "Legal")[2] == 2 * row(nav, "Audit and tax preparatory")[2] < 0


def test_a_partners_columns_stand_before_the_funds() -> None:
    report = ilpa.reporting(TERMS, JOURNAL, until=END, partner=2)

    assert ["Hanbit Bank" in each.title.en for each in report.statements] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_what_is_left_out_is_said() -> None:
    said = " ".join(each.en for each in ilpa.reporting(TERMS, JOURNAL, until=END).left_out)

    for name in ("Bank fees", "Custody", "Offsets", "Expenses by item"):
        assert name in said
