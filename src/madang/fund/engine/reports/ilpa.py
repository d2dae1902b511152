"""What do partners' own systems expect? The ILPA Reporting Template, version 2.0 (January 2025).

By its row names; the spreadsheet's layout is not public. A row for which the ledger keeps no
account is left out, and the report says so: it is never filled with a zero.

Source: Institutional Limited Partners Association, Reporting Template 2.0, for funds in their
investment period in the first quarter of 2026 or later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.reports import capital_account, rows
from madang.fund.engine.reports.cell import (
    Cell,
    Column,
    Period,
    Report,
    Row,
    Statement,
    periods,
    report,
    total,
)
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement

DISTRIBUTIONS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (words("원금 분배", "Distributions: return of capital"), ("distributed-capital",)),
    (words("기준수익 분배", "Distributions: preferred return"), ("distributed-preferred",)),
    (
        words("캐치업·초과수익 분배", "Distributions: catch-up and residual"),
        ("distributed-catch-up", "distributed-residual"),
    ),
)
EXPENSES: tuple[tuple[Words, str], ...] = (
    (
        words("회계·사무관리·수탁", "Accounting, administration, IT and custody"),
        "administration",
    ),
    (words("회계감사·세무", "Audit and tax preparatory"), "audit"),
    (words("투자 실사", "Due diligence"), "due-diligence"),
    (words("무산된 투자", "Broken deal"), "broken-deal"),
    (words("법률", "Legal"), "legal"),
    (words("조합 설립", "Organisation costs"), "organisation"),
    (words("출자자 모집", "Placement fees"), "placement"),
    (words("출자금 담보 차입 이자", "Interest: subscription facility"), "credit-interest"),
    (words("운용사 내부 청구", "Internal chargebacks"), "chargeback"),
    (words("그 밖의 비용", "Other partnership expenses"), "other-expense"),
)
LEFT_OUT: tuple[Words, ...] = (
    words(
        "은행 수수료, 보험, 출장·접대: 따로 두는 계정이 없어 '그 밖의 비용'에 들어 있습니다.",
        "Bank fees, insurance, other travel and entertainment: no account of their own; they "
        "stand in other partnership expenses.",
    ),
    words(
        "수탁 수수료: 회계·사무관리와 한 계정입니다.",
        "Custody fees: one account with accounting and administration.",
    ),
    words(
        "관리보수 상계·면제·환급: 장부에 해당 계정이 없습니다.",
        "Offsets, waivers and rebates of the management fee: the ledger has no account for them.",
    ),
    words(
        "조합원별 비용 내역: 비용은 합계로 조합원에게 배분하므로 항목은 펀드 전체만 있습니다.",
        "Expenses by item for a partner: partners are allocated the sum, so items are the fund's.",
    ),
)
_TOTAL_EXPENSES = words("조합 비용 합계", "Total partnership expenses")
_ENDING = words("기말 순자산(성과보수 반영)", "Ending NAV, net of incentive allocation")


def reporting(
    agreement: Agreement, journal: Journal, *, until: date, partner: int | None = None
) -> Report:
    """The template for quarter, year and whole life up to a day.

    Args:
        agreement: The fund's.
        journal: Its ledger.
        until: The last day that counts, usually a quarter's end.
        partner: Beside the fund, this partner's own columns.

    Raises:
        TermsRefused: There is no such partner.
    """
    spans = periods(until)
    statements = []
    subtitle = agreement.title
    if partner is not None:
        who = agreement.partner(partner).name
        subtitle = words(f"{subtitle.ko} · {who.ko}", f"{subtitle.en} · {who.en}")
        statements += _tables(journal, partner, spans, who)
    fund = words("펀드 전체", "Total fund")
    statements += _tables(journal, None, spans, fund, section=None if partner is None else fund)
    return report(
        words("ILPA 보고 양식 2.0", "ILPA Reporting Template 2.0"),
        subtitle,
        agreement,
        journal,
        until=until,
        statements=statements,
        left_out=LEFT_OUT,
    )


def _tables(
    journal: Journal,
    partner: int | None,
    spans: Sequence[Period],
    who: Words,
    section: Words | None = None,
) -> list[Statement]:
    columns = tuple(Column(title=each.title) for each in spans)
    of = words("항목", "Item")
    found = [
        Statement(
            title=words(f"순자산 변동 · {who.ko}(원)", f"NAV reconciliation · {who.en} (won)"),
            of=of,
            columns=columns,
            rows=nav(journal, partner, spans),
            section=section,
            note=_note(journal, partner, spans[-1]),
        ),
        Statement(
            title=words(f"약정 현황 · {who.ko}(원)", f"Commitment summary · {who.en} (won)"),
            of=of,
            columns=columns,
            rows=capital_account.commitment(journal, partner, spans),
            section=section,
        ),
    ]
    if partner is None:
        found.append(
            Statement(
                title=words("성과보수(원)", "Incentive allocation (won)"),
                of=of,
                columns=columns,
                rows=_carry(journal, spans),
                section=section,
            )
        )
    return found


def _note(journal: Journal, partner: int | None, whole: Period) -> Words | None:
    left = rows.unallocated(journal, whole).value
    if partner is None or not left:
        return None
    return words(
        f"배분 전 손익 {left:,}원은 조합원 열에 없습니다. 기간 마감 때 배분합니다.",
        f"Results of {left:,} won not yet allocated stand in no partner's column; they are "
        "allocated when a period is closed.",
    )


def nav(journal: Journal, partner: int | None, spans: Sequence[Period]) -> tuple[Row, ...]:
    """From the beginning to the ending net asset value, fees and expenses apart."""

    def line(title: Words, names: tuple[str, ...]) -> Row:
        return Row(
            label=title,
            cells=tuple(rows.of_names(journal, names, partner, each) for each in spans),
        )

    def kind(which: rows.Kind) -> Row:
        return line(which.title, which.of_fund if partner is None else which.of_partner)

    opening = Row(
        label=words("기초 순자산", "Beginning NAV, net of incentive allocation"),
        cells=tuple(rows.opening(journal, partner, each) for each in spans),
    )
    flows = [
        kind(rows.CONTRIBUTIONS),
        *(line(title, names) for title, names in DISTRIBUTIONS),
        kind(rows.CARRY_PAID),
    ]
    costs = _expenses(journal, partner, spans)
    results = [kind(each) for each in (rows.EARNED, rows.REALISED, rows.UNREALISED)]
    if partner is not None:
        results.append(kind(rows.CARRY))
    ending = tuple(rows.closing(journal, partner, each) for each in spans)
    return (
        opening,
        *flows,
        _sum(words("출자·분배 합계", "Total cash and non-cash flows"), flows),
        kind(rows.FEES),
        *costs,
        *results,
        Row(label=_ENDING, cells=ending, is_total=True),
    )


def _expenses(journal: Journal, partner: int | None, spans: Sequence[Period]) -> tuple[Row, ...]:
    """Item by item for the fund; as one sum for a partner."""
    if partner is not None:
        cells = tuple(rows.moved(journal, rows.EXPENSE, partner, each) for each in spans)
        return (Row(label=_TOTAL_EXPENSES, cells=cells, is_total=True),)
    items = [
        Row(
            label=title,
            cells=tuple(rows.of_names(journal, (name,), None, each) for each in spans),
        )
        for title, name in EXPENSES
    ]
    return (*items, _sum(_TOTAL_EXPENSES, items))


def _sum(title: Words, lines: Sequence[Row]) -> Row:
    columns = zip(*(each.cells for each in lines), strict=True)
    cells = tuple(total([each for each in column if isinstance(each, Cell)]) for column in columns)
    return Row(label=title, cells=cells, is_total=True)


def _carry(journal: Journal, spans: Sequence[Period]) -> tuple[Row, ...]:
    """What the manager was paid, and what it would get if the fund ended now."""

    def line(title: Words, names: tuple[str, ...], sign: int) -> Row:
        return Row(
            label=title,
            cells=tuple(rows.of_names(journal, names, None, each, sign) for each in spans),
        )

    return (
        line(words("성과보수 지급", "Incentive allocation paid"), ("carried-interest",), 1),
        line(words("성과보수 환수(순)", "Clawback, net"), ("clawback",), -1),
    )
