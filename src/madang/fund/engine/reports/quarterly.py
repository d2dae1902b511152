"""What does the ministry read each quarter? Commitments, companies, purposes, costs and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.book import Book
from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED, EXPENSES, NAV
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.purpose import in_book
from madang.fund.engine.purpose.quotas import STATES
from madang.fund.engine.reports import capital_account, rows, tags
from madang.fund.engine.reports.cell import (
    Cell,
    Column,
    Period,
    Ratio,
    Report,
    Row,
    Statement,
    cell,
    periods,
    report,
    total,
)
from madang.fund.engine.reports.invested import Invested
from madang.fund.engine.terms.agreement import NATURE_NAMES, Base
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement, QuotaTerm

MOST_CHANGES = 10
_SUM = words("합계", "Total")
_ITEM = words("항목", "Item")
_BY_COMPANY = words("투자기업", "Companies")
_SOURCES = {
    "public": words("공공 출자금", "Public money"),
    "private": words("민간 출자금", "Private money"),
    "": words("구분 없음", "Not told apart"),
}


def quarterly(
    agreement: Agreement,
    journal: Journal,
    *,
    until: date,
    companies: Mapping[str, Words] | None = None,
) -> Report:
    """The quarter that ends on a day, beside the year and the fund's whole life.

    Args:
        agreement: The fund's.
        journal: Its ledger.
        until: The quarter's last day.
        companies: What the companies of the books are called; else their name in the books.
    """
    spans = periods(until)
    invested = Invested(journal, until)
    names = companies or {}
    changes = _changes(journal, spans[0], names)
    return report(
        words("분기 운용 보고서", "Quarterly report"),
        agreement.title,
        agreement,
        journal,
        until=until,
        statements=(
            _commitments(agreement, journal, spans[2]),
            _sources(invested, spans),
            _quotas(agreement, journal, invested, spans[2]),
            capital_account.account(journal, None, spans),
            _companies(journal, invested, spans, names),
            *([changes] if changes.rows else ()),
            _expenses(journal, spans),
        ),
    )


def _commitments(agreement: Agreement, journal: Journal, whole: Period) -> Statement:
    """By whose money it is."""

    def line(label: Words, numbers: list[int], *, is_total: bool = False) -> Row:
        def of(*names: str, sign: int = 1) -> Cell:
            parts = tuple(
                Query(names=names, partner=each, until=whole.until, sign=sign) for each in numbers
            )
            return cell(journal, *parts)

        committed, paid = of("committed", sign=-1), of("paid-in", sign=-1)
        cells = (committed, paid, Ratio(top=paid, bottom=committed), of(*DISTRIBUTED))
        return Row(label=label, cells=(*cells, of(*NAV, sign=-1)), is_total=is_total)

    lines = []
    for nature, name in NATURE_NAMES.items():
        own = [each.number for each in agreement.partners if each.nature is nature]
        if own:
            lines.append(line(name, own))
    lines.append(line(_SUM, [each.number for each in agreement.partners], is_total=True))
    return Statement(
        title=words("출자 약정과 납입(원)", "Commitments and contributions (won)"),
        of=words("출자자", "Partners"),
        columns=(
            Column(title=words("약정", "Commitment")),
            Column(title=words("납입", "Paid in")),
            Column(title=words("납입률", "Drawn"), kind="share"),
            Column(title=words("분배", "Distributed")),
            Column(title=words("순자산", "Net asset value")),
        ),
        rows=tuple(lines),
    )


def _companies(
    journal: Journal,
    invested: Invested,
    spans: tuple[Period, Period, Period],
    names: Mapping[str, Words],
) -> Statement:
    quarter, whole = invested.sums(spans[0]), invested.sums(spans[2])
    nothing = Cell(value=0, parts=())
    lines = []
    for company in invested.companies:
        held = tuple(
            cell(journal, Query(names=accounts, company=company, until=spans[2].until))
            for accounts in (("investments",), ("investments", "unrealised"))
        )
        cells = (quarter.get(company, nothing), whole[company], *held)
        said = tags.said(invested.tags.get(company, {}))
        lines.append(Row(label=names.get(company) or _named(company), cells=(said, *cells)))
    sums = [
        total([each for row in lines if isinstance(each := row.cells[at], Cell)])
        for at in range(1, 5)
    ]
    lines.append(Row(label=_SUM, cells=("", *sums), is_total=True))
    return Statement(
        title=words("기업별 투자(원)", "Investments by company (won)"),
        of=words("투자기업", "Company"),
        section=_BY_COMPANY,
        columns=(
            Column(title=words("분야·지역·단계", "Field, region, stage"), kind="text"),
            Column(title=words("분기 투자", "Invested in the quarter")),
            Column(title=words("누적 투자", "Invested in all")),
            Column(title=words("보유 원가", "Cost of what is held")),
            Column(title=words("공정가액", "Fair value")),
        ),
        rows=tuple(lines),
        note=words(
            "분야·지역·단계는 첫 투자일에 확인한 내용입니다.",
            "Field, region and stage are as of the first investment.",
        ),
    )


def _named(company: str) -> Words | str:
    """A company as the books have it; a sub-fund stands there under `fund:`."""
    if company.startswith("fund:"):
        return words(f"자펀드 {company[5:]}", f"Sub-fund {company[5:]}")
    return company


def _sources(invested: Invested, spans: tuple[Period, Period, Period]) -> Statement:
    """Public and private won beside each other; a ratio without a claim of cause."""
    found = [invested.by_tag(each) for each in spans]
    nothing = Cell(value=0, parts=())
    sources = sorted({tag for each in found for tag in each}, reverse=True)
    lines = [
        Row(
            label=_SOURCES.get(tag) or tag,
            cells=tuple(each.get(tag, nothing) for each in found),
        )
        for tag in sources
    ]
    sums = tuple(total(list(each.values())) for each in found)
    lines.append(Row(label=_SUM, cells=sums, is_total=True))
    beside = sum(invested.co_invested.values())
    return Statement(
        title=words("재원별 투자(원)", "Investments by source (won)"),
        of=words("재원", "Source"),
        columns=tuple(Column(title=each.title) for each in spans),
        rows=tuple(lines),
        note=words(
            f"다른 투자자가 같은 라운드에 넣었다고 신고한 금액은 모두 {beside:,}원입니다"
            "(장부 밖의 금액).",
            f"What others were reported to have put in beside the fund: {beside:,} won, which is "
            "not in the ledger.",
        ),
    )


def _quotas(
    agreement: Agreement, journal: Journal, invested: Invested, whole: Period
) -> Statement:
    book = Book(agreements=(agreement,), journal=journal)
    lines = []
    for quota, stands in zip(agreement.quotas, in_book.standings(book, whole.until), strict=True):
        base = _base(journal, quota, invested, whole)
        reached = invested.towards(quota, whole)
        lines.append(
            Row(
                label=quota.title,
                cells=(
                    f"{float(quota.least_share):.0%}",
                    base,
                    reached,
                    Ratio(top=reached, bottom=base),
                    f"{stands.needed_krw:,}",
                    stands.quota.by.isoformat(),
                    STATES[stands.state],
                ),
            )
        )
    return Statement(
        title=words("의무투자(원)", "Quotas (won)"),
        of=words("목적", "Purpose"),
        columns=(
            Column(title=words("의무", "At least"), kind="text"),
            Column(title=words("기준 금액", "Of")),
            Column(title=words("투자액", "Invested")),
            Column(title=words("비율", "Share"), kind="share"),
            Column(title=words("남은 금액", "Still to invest")),
            Column(title=words("기한", "By"), kind="text"),
            Column(title=words("상태", "State"), kind="text"),
        ),
        rows=tuple(lines),
    )


def _base(journal: Journal, quota: QuotaTerm, invested: Invested, whole: Period) -> Cell:
    if quota.base is Base.INVESTED:
        return total(list(invested.sums(whole).values()))
    name = "committed" if quota.base is Base.COMMITTED else "paid-in"
    return cell(journal, Query(names=(name,), until=whole.until, sign=-1))


def _expenses(journal: Journal, spans: tuple[Period, Period, Period]) -> Statement:
    lines = []
    for name in EXPENSES:
        cells = tuple(rows.of_names(journal, (name,), None, each, 1) for each in spans)
        if any(each.value for each in cells):
            lines.append(Row(label=CHART[name].title, cells=cells))
    sums = tuple(rows.of_names(journal, EXPENSES, None, each, 1) for each in spans)
    lines.append(Row(label=_SUM, cells=sums, is_total=True))
    return Statement(
        title=words("계정별 보수와 비용(원)", "Fees and expenses by account (won)"),
        section=words("보수와 비용", "Fees and expenses"),
        of=_ITEM,
        columns=tuple(Column(title=each.title) for each in spans),
        rows=tuple(lines),
    )


def _changes(journal: Journal, quarter: Period, names: Mapping[str, Words]) -> Statement:
    """The companies whose result of the quarter was largest, in either direction."""
    found = {}
    held = {each.company for name in rows.RESULTS for each in journal.accounts(name)}
    for company in sorted(held):
        parts = tuple(
            cell(journal, Query(names=(name,), company=company, sign=-1).within(*quarter[1:]))
            for name in rows.RESULTS
        )
        if any(each.value for each in parts):
            found[company] = parts
    largest = sorted(found, key=lambda each: (-abs(total(found[each]).value), each))
    return Statement(
        title=words("분기 손익이 큰 기업(원)", "Largest results of the quarter (won)"),
        of=words("투자기업", "Company"),
        section=_BY_COMPANY,
        columns=(
            Column(title=words("실현손익", "Realised")),
            Column(title=words("평가손익", "Unrealised")),
            Column(title=_SUM),
        ),
        rows=tuple(
            Row(
                label=names.get(company) or _named(company),
                cells=(*found[company], total(found[company])),
            )
            for company in largest[:MOST_CHANGES]
        ),
    )
