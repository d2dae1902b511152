"""Partners together are the fund, and every figure is the sum of the postings behind it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports import capital_account, ilpa, rows
from madang.fund.engine.reports.cell import Cell, Period, Report, periods
from madang.kernel.words import words
from tests.fund.engine.reports import played

TERMS = played.agreement()
JOURNAL = played.posted(played.life(TERMS))
END = date(2027, 12, 31)


def cells(report: Report) -> list[Cell]:
    return [
        content
        for statement in report.statements
        for row in statement.rows
        for content in row.cells
        if isinstance(content, Cell)
    ]


def test_the_periods_of_a_quarters_end_are_quarter_year_and_life() -> None:
    assert [each.since for each in periods(date(2027, 8, 15))] == [
        date(2027, 7, 1),
        date(2027, 1, 1),
        None,
    ]


@pytest.mark.parametrize("until", [date(2025, 9, 30), date(2026, 12, 15), END])
def test_a_statement_goes_from_its_opening_to_its_closing(until: date) -> None:
    for number in (None, 1, 5):
        statement = capital_account.account(JOURNAL, number, periods(until))
        for column in range(3):
            values = [row.cells[column].value for row in statement.rows]  # type: ignore[union-attr]

            assert sum(values[:-1]) == values[-1]


def test_what_happens_on_the_first_day_of_a_period_belongs_to_it() -> None:
    journal = played.posted(
        [
            played.commitments(TERMS),
            played.call(TERMS, date(2025, 9, 30), 500),
            *played.payments(TERMS, date(2025, 10, 1), 500),
        ]
    )
    quarter = periods(date(2025, 12, 31))[0]

    assert rows.opening(journal, 1, quarter).value == 0
    assert rows.moved(journal, rows.CONTRIBUTIONS, 1, quarter).value == 100


def test_a_call_that_is_open_when_a_period_begins_is_unfunded_until_it_is_paid() -> None:
    made = capital_account.partner(
        TERMS, JOURNAL, 2, until=date(2026, 10, 20), since=date(2026, 10, 5)
    )
    begin, paid, ending = [
        named(made, "commit", label, 0)
        for label in (
            "Unfunded commitment, beginning",
            "Drawn from the commitment",
            "Unfunded commitment, ending",
        )
    ]

    assert paid < 0
    assert begin + paid == ending


@pytest.mark.parametrize("report", ["reporting", "capital"])
def test_the_commitment_goes_from_what_was_left_to_what_is_left(report: str) -> None:
    made = (
        ilpa.reporting(TERMS, JOURNAL, until=END, partner=2)
        if report == "reporting"
        else capital_account.partner(TERMS, JOURNAL, 2, until=END)
    )
    for column in range(3):
        begin, made_or_released, paid, recallable, ending = [
            named(made, "commit", label, column)
            for label in (
                "Unfunded commitment, beginning",
                "Commitments made, less released",
                "Drawn from the commitment",
                "Recallable distributions",
                "Unfunded commitment, ending",
            )
        ]

        assert begin + made_or_released + paid + recallable == ending


def named(report: Report, title: str, label: str, at: int) -> int:
    for statement in report.statements:
        if title in statement.title.en.lower():
            return next(
                row.cells[at].value  # type: ignore[union-attr]
                for row in statement.rows
                if not isinstance(row.label, str) and row.label.en == label
            )
    raise AssertionError(title)


def test_every_figure_is_the_sum_of_its_postings() -> None:
    for report in (
        capital_account.partner(TERMS, JOURNAL, 2, until=END),
        capital_account.partners(TERMS, JOURNAL, until=END, since=date(2027, 1, 1)),
        ilpa.reporting(TERMS, JOURNAL, until=END, partner=3),
    ):
        for cell in cells(report):
            assert sum(found.amount_krw for found in cell.postings(JOURNAL)) == cell.value


def test_a_figure_can_be_asked_again_from_its_text() -> None:
    for cell in cells(capital_account.partner(TERMS, JOURNAL, 2, until=END)):
        assert sum(Query.read(str(part)).of(JOURNAL) for part in cell.parts) == cell.value


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), partners=st.integers(1, 9), years=st.integers(1, 4))
def test_partners_together_are_the_fund(seed: int, partners: int, years: int) -> None:
    terms = played.agreement(partners)
    journal = played.posted(played.life(terms, seed, years))
    numbers = range(1, partners + 1)
    for period in periods(date(2024 + years, 12, 31)):
        for kind in rows.MOVES:
            if not kind.of_fund:
                continue
            parts = [
                rows.moved(journal, kind, number, period) for number in range(1, partners + 1)
            ]

            assert (
                sum(each.value for each in parts) == rows.moved(journal, kind, None, period).value
            )
        closing = [rows.closing(journal, number, period).value for number in numbers]
        assert sum(closing) == rows.closing(journal, None, period).value


def test_between_two_closes_the_rest_is_said_to_be_unallocated() -> None:
    fee = played.result(
        TERMS, date(2028, 1, 5), played.Kind.FEE, "management-fee", "share-fee", -1_000
    )
    journal = played.posted([*played.life(TERMS), played.replace(fee, postings=fee.postings[:1])])
    until = date(2028, 1, 31)
    report = capital_account.partners(TERMS, journal, until=until)
    *partners, left, whole = report.statements[0].rows

    assert left.label == capital_account.UNALLOCATED
    closing = [row.cells[4].value for row in (*partners, left, whole)]  # type: ignore[union-attr]
    assert closing[-2] == -1_000
    assert sum(closing[:-1]) == closing[-1]
    note = capital_account.partner(TERMS, journal, 1, until=until).statements[0].note
    assert note is not None and "-1,000" in note.ko


def test_a_period_of_ones_own_is_one_column() -> None:
    report = capital_account.partner(TERMS, JOURNAL, 1, until=END, since=date(2026, 7, 1))

    assert [len(each.columns) for each in report.statements] == [1, 1]


def test_there_is_no_statement_of_a_stranger() -> None:
    with pytest.raises(TermsRefused):
        capital_account.partner(TERMS, JOURNAL, 77, until=END)


def test_an_empty_ledger_gives_zeros() -> None:
    report = capital_account.partners(TERMS, played.posted([]), until=END)

    assert {each.value for each in cells(report)} == {0}


def test_a_fund_without_value_has_no_shares() -> None:
    period = Period(words("a", "a"), None, END)
    assert rows.opening(JOURNAL, None, period) == Cell(value=0, parts=())
