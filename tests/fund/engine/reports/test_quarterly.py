"""The ministry's report adds up within itself, and each figure is the sum of its postings."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine.demo.play import play
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.purpose import in_book
from madang.fund.engine.purpose.quotas import STATES
from madang.fund.engine.reports import capital_account, ilpa, quarterly, rows, tags
from madang.fund.engine.reports.cell import Cell, Ratio, Report, Statement, periods
from madang.kernel.words import words

END = date(2030, 12, 31)
PLAYED = play(until=date(2032, 12, 31))["ai-fund"]
TERMS, JOURNAL = PLAYED.book.latest, PLAYED.book.journal
NAMES = {key: each.name for key, each in PLAYED.companies.items()}
MADE = quarterly.quarterly(TERMS, JOURNAL, until=END, companies=NAMES)


def statement(title: str, report: Report = MADE) -> Statement:
    return next(each for each in report.statements if each.title.en.startswith(title))


def value(content: object) -> int:
    assert isinstance(content, Cell)
    return content.value


@pytest.mark.parametrize(
    "report",
    [
        MADE,
        ilpa.reporting(TERMS, JOURNAL, until=END, partner=7),
        capital_account.partners(TERMS, JOURNAL, until=END, since=date(2030, 1, 1)),
    ],
)
def test_every_figure_is_the_sum_of_postings_that_can_be_asked_again(report: Report) -> None:
    for table in report.statements:
        for row in table.rows:
            for content in row.cells:
                cells = [content] if isinstance(content, Cell) else []
                if isinstance(content, Ratio):
                    cells = [content.top, content.bottom]
                for cell in cells:
                    found = sum(each.amount_krw for each in cell.postings(JOURNAL))
                    again = sum(Query.read(str(part)).of(JOURNAL) for part in cell.parts)
                    assert found == again == cell.value


@pytest.mark.parametrize(
    "until", [date(2026, 3, 31), date(2028, 12, 31), date(2031, 6, 30), date(2032, 12, 31)]
)
def test_partners_together_are_the_fund_at_every_close(until: date) -> None:
    numbers = PLAYED.book.partners()
    for period in periods(until):
        for kind in rows.MOVES:
            parts = [rows.moved(JOURNAL, kind, number, period).value for number in numbers]
            assert sum(parts) == rows.moved(JOURNAL, kind, None, period).value
        closing = [rows.closing(JOURNAL, number, period).value for number in numbers]
        assert sum(closing) == rows.closing(JOURNAL, None, period).value


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("Commitments and", (0, 1, 3, 4)),
        ("Investments by company", (1, 2, 3, 4)),
        ("Investments by source", (0, 1, 2)),
        ("Fees and expenses", (0, 1, 2)),
    ],
)
def test_tables_add_up_to_their_last_row(title: str, columns: tuple[int, ...]) -> None:
    *parts, whole = statement(title).rows
    assert whole.is_total and len(parts) > 1
    for at in columns:
        assert sum(value(each.cells[at]) for each in parts) == value(whole.cells[at])


def test_companies_and_sources_tell_of_the_same_won() -> None:
    companies = statement("Investments by company").rows[-1]
    sources = statement("Investments by source").rows[-1]

    assert value(companies.cells[2]) == value(sources.cells[2])
    assert value(companies.cells[1]) == value(sources.cells[0])
    fair = JOURNAL.total("investments", END) + JOURNAL.total("unrealised", END)
    assert value(companies.cells[4]) == fair


def test_a_quota_counts_companies_by_their_first_investment() -> None:
    for quota, row in zip(TERMS.quotas, statement("Quotas").rows, strict=True):
        tagged: dict[str, str] = {}
        won = 0
        for entry in JOURNAL.entries:
            if entry.kind.value == "investment" and entry.on <= END and "tags" in entry.facts:
                company = entry.facts["company"]
                tagged.setdefault(company, entry.facts["tags"][quota.measure])
                counts = tagged[company] in (quota.values or ("yes",))
                won += counts * sum(each.amount_krw for each in entry.postings)

        assert value(row.cells[2]) == won
        assert row.cells[4] == f"{max(needed(row, quota) - won, 0):,}"
    standings = in_book.standings(PLAYED.book, END)
    for stands, row in zip(standings, statement("Quotas").rows, strict=True):
        assert value(row.cells[2]) == stands.within_krw
        assert row.cells[6] == STATES[stands.state]


def needed(row: object, quota: object) -> int:
    base = value(row.cells[1])  # type: ignore[attr-defined]
    share = quota.least_share  # type: ignore[attr-defined]
    return -(-base * share.numerator // share.denominator)


def test_the_largest_results_come_first_and_gains_and_losses_alike() -> None:
    sizes = [abs(value(each.cells[2])) for each in statement("Largest").rows]

    assert 0 < len(sizes) <= quarterly.MOST_CHANGES
    assert sizes == sorted(sizes, reverse=True)


def test_a_quarter_without_results_has_no_such_table() -> None:
    made = quarterly.quarterly(TERMS, JOURNAL, until=date(2026, 3, 31))

    assert not [each for each in made.statements if each.title.en.startswith("Largest")]


def test_a_sub_fund_is_called_one() -> None:
    labels = [each.label for each in statement("Investments by company").rows]

    assert words("자펀드 ai-fund-regional", "Sub-fund ai-fund-regional") in labels


def test_tags_are_said_in_words_and_unknown_ones_as_they_are() -> None:
    assert tags.said({"region": "50", "field": "ai", "early-stage": "yes"}) == words(
        "AI · 제주 · 초기", "AI · Jeju · early stage"
    )
    assert tags.said({"region": "99"}).ko == "99"
