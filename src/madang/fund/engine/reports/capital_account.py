"""What does a partner's interest stand at, and what made it so? Capital account statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports import rows
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
)
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement

OPENING = words("기초 순자산", "Opening net asset value")
CLOSING = words("기말 순자산", "Closing net asset value")
UNALLOCATED = words("배분 전 손익", "Results not yet allocated")


def partner(
    agreement: Agreement, journal: Journal, number: int, *, until: date, since: date | None = None
) -> Report:
    """One partner's statement: quarter, year and whole life, or a period of one's own.

    Args:
        agreement: The fund's.
        journal: Its ledger.
        number: The partner's.
        until: The last day that counts.
        since: The first day; without one, three periods that end on `until`.

    Raises:
        TermsRefused: There is no such partner.
    """
    who = agreement.partner(number)
    spans: Sequence[Period] = periods(until)
    if since is not None:
        spans = [Period(words(f"{since} ~ {until}", f"{since} to {until}"), since, until)]
    return report(
        words("출자자 계정 명세서", "Capital account statement"),
        words(f"{agreement.title.ko} · {who.name.ko}", f"{agreement.title.en} · {who.name.en}"),
        agreement,
        journal,
        until=until,
        statements=(account(journal, number, spans), _promised(journal, number, spans)),
    )


def account(journal: Journal, number: int | None, spans: Sequence[Period]) -> Statement:
    """From the opening to the closing, of a partner or of the whole fund."""
    lines = [Row(label=OPENING, cells=tuple(rows.opening(journal, number, p) for p in spans))]
    lines += [
        Row(label=kind.title, cells=tuple(rows.moved(journal, kind, number, p) for p in spans))
        for kind in rows.MOVES
        if number is not None or kind.of_fund
    ]
    closing = tuple(rows.closing(journal, number, p) for p in spans)
    lines.append(Row(label=CLOSING, cells=closing, is_total=True))
    note = None
    if number is not None and (left := rows.unallocated(journal, spans[-1])).value:
        note = words(
            f"{spans[-1].until}까지의 손익 가운데 {left.value:,}원은 아직 조합원에게 배분하지 "
            "않았습니다(기간 마감 때 배분).",
            f"Of the results up to {spans[-1].until}, {left.value:,} won have not been allocated "
            "to partners yet; that is done when a period is closed.",
        )
    return Statement(
        title=words("자본 변동(원)", "Changes in the capital account (won)"),
        of=words("구분", "Item"),
        columns=tuple(Column(title=each.title) for each in spans),
        rows=tuple(lines),
        note=note,
    )


def _promised(journal: Journal, number: int | None, spans: Sequence[Period]) -> Statement:
    return Statement(
        title=words("출자 약정(원)", "Commitment (won)"),
        of=words("구분", "Item"),
        columns=tuple(Column(title=each.title) for each in spans),
        rows=commitment(journal, number, spans),
    )


def commitment(journal: Journal, number: int | None, spans: Sequence[Period]) -> tuple[Row, ...]:
    """What was promised, what of it was paid, and what is left."""

    def balance(names: tuple[str, ...], period: Period, sign: int = 1) -> Cell:
        query = Query(names=names, partner=number, until=period.until, sign=sign)
        return cell(journal, query)

    def before(period: Period) -> Cell:
        if period.since is None:
            return Cell(value=0, parts=())
        day = period.since.fromordinal(period.since.toordinal() - 1)
        return cell(journal, Query(names=("unfunded", "called"), partner=number, until=day))

    def change(name: str, sign: int) -> tuple[Cell, ...]:
        return tuple(rows.of_names(journal, (name,), number, p, sign) for p in spans)

    left = tuple(balance(("unfunded", "called"), p) for p in spans)
    called = tuple(balance(("called",), p) for p in spans)
    return (
        Row(
            label=words("총 약정액", "Total commitment"),
            cells=tuple(balance(("committed",), p, -1) for p in spans),
        ),
        Row(
            label=words("기초 미납입 약정", "Unfunded commitment, beginning"),
            cells=tuple(before(p) for p in spans),
        ),
        Row(
            label=words("약정 증감", "Commitments made, less released"),
            cells=change("committed", -1),
        ),
        Row(label=words("약정에서 납입", "Drawn from the commitment"), cells=change("drawn", -1)),
        Row(
            label=words("재출자 대상 분배", "Recallable distributions"),
            cells=change("recallable", -1),
        ),
        Row(
            label=words("기말 미납입 약정", "Unfunded commitment, ending"),
            cells=left,
            is_total=True,
        ),
        Row(label=words("그 가운데 납입 요청액", "Of which called, not yet paid"), cells=called),
    )


def partners(
    agreement: Agreement, journal: Journal, *, until: date, since: date | None = None
) -> Report:
    """Every partner beside the fund: together they are its net asset value.

    Args:
        agreement: The fund's.
        journal: Its ledger.
        until: The last day that counts.
        since: The first day; None: since the fund began.
    """
    period = Period(words("기간", "Period"), since, until)
    names = {each.number: each.name for each in agreement.partners}
    numbers = sorted(names.keys() | {each.partner for each in journal.accounts("paid-in")} - {0})
    whole = rows.closing(journal, None, period)
    lines = [
        _line(
            journal,
            names.get(number) or words(f"조합원 {number}", f"Partner {number}"),
            number,
            period,
            whole,
        )
        for number in numbers
    ]
    left = rows.unallocated(journal, period)
    if left.value:
        lines.append(Row(label=UNALLOCATED, cells=(None, None, None, left, left, None)))
    lines.append(_line(journal, words("펀드 전체", "Whole fund"), None, period, whole))
    statement = Statement(
        title=words("조합원별 자본 변동(원)", "Capital accounts by partner (won)"),
        of=words("조합원", "Partner"),
        columns=(
            Column(title=OPENING),
            Column(title=rows.CONTRIBUTIONS.title),
            Column(title=rows.DISTRIBUTIONS.title),
            Column(title=words("손익", "Results")),
            Column(title=CLOSING),
            Column(title=words("비중", "Share"), kind="share"),
        ),
        rows=tuple(lines),
    )
    return report(
        words("조합원별 계정 명세서", "Capital accounts"),
        agreement.title,
        agreement,
        journal,
        until=until,
        statements=(statement,),
    )


_RESULTS = rows.Kind(
    words("손익", "Results"),
    tuple(name for kind in rows.MOVES[3:] for name in kind.of_partner),
    tuple(name for kind in rows.MOVES[3:] for name in kind.of_fund),
)
_PAID_OUT = rows.Kind(
    rows.DISTRIBUTIONS.title,
    rows.DISTRIBUTIONS.of_partner + rows.CARRY_PAID.of_partner,
    rows.DISTRIBUTIONS.of_fund + rows.CARRY_PAID.of_fund,
)


def _unnamed(number: int) -> Words:
    return words(f"조합원 {number}", f"Partner {number}")


def _line(journal: Journal, name: Words, number: int | None, period: Period, whole: Cell) -> Row:
    closing = rows.closing(journal, number, period)
    kinds = (rows.CONTRIBUTIONS, _PAID_OUT, _RESULTS)
    return Row(
        label=name,
        cells=(
            rows.opening(journal, number, period),
            *(rows.moved(journal, kind, number, period) for kind in kinds),
            closing,
            Ratio(top=closing, bottom=whole),
        ),
        is_total=number is None,
    )
