"""How has the fund done, and from which flows? The ILPA Performance Template (January 2025).

Granular: every call by purpose, every distribution by type, every dated flow between fund and
investors. Gross up: the flows between fund and companies beside them. Both with the subscription
line as it was, and as if investors had paid on the days on which the line did.

Source: Institutional Limited Partners Association, Performance Template, granular and gross-up
methods, first delivery in the first quarter of 2027. Row names only; the layout is not public.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.measures.flows import Flow
from madang.fund.engine.measures.rates import of_days
from madang.fund.engine.reports import rows
from madang.fund.engine.reports.cell import (
    Cell,
    Column,
    Measured,
    Period,
    Ratio,
    Report,
    Row,
    Statement,
    cell,
    report,
    total,
    turned,
)
from madang.fund.engine.reports.notices import purpose_name
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement


class Rate(NamedTuple):
    """A rate of return, or why there is none."""

    value: float | None
    note: Words | None = None
    """Also where the rate is not the only one."""


Rates: TypeAlias = Callable[[Sequence[tuple[date, int]]], Rate]


def only_rate(flows: Sequence[tuple[date, int]]) -> Rate:
    """The rate of dated flows where there is one; otherwise why there is no single number."""
    found = of_days([Flow(on, won) for on, won in flows])
    return Rate(found.value, found.note)


"""From dated flows to their rate of return; money paid is below 0."""
_GROSS = ("investments", "realised", "dividends")
_LINE = ("credit-line",)
_NET = words("투자자 기준(순)", "Net, to investors")
_SUM = words("합계", "Total")
LEFT_OUT: tuple[Words, ...] = (
    words(
        "조합원 사이의 지분 양도와 불이행 처리는 그날의 납입·분배로 보입니다.",
        "A transfer between partners, or a default, shows as flows of its day.",
    ),
    words(
        "차입을 뺀 수치는 차입 원금과 이자를 모두 투자자의 흐름으로 되돌린 것이며, 보수와 "
        "성과보수는 다시 계산하지 않습니다.",
        "Figures without the line take its whole principal and interest back into the investors' "
        "flows; fees and carry are not computed anew.",
    ),
)


class _Flows:
    """The dated flows of a fund or of one partner."""

    def __init__(self, agreement: Agreement, journal: Journal, partner: int | None, until: date):
        self.journal, self.partner, self.until = journal, partner, until
        self.manager = agreement.manager.number
        self.days = self._days()

    def _days(self) -> dict[str, list[date]]:
        """On which days accounts moved, by name."""
        found: dict[str, set[date]] = {}
        for entry in self.journal.entries:
            if entry.on <= self.until:
                for posting in entry.postings:
                    for account in (posting.debit, posting.credit):
                        if self.partner in (None, account.partner) or not account.partner:
                            found.setdefault(account.name, set()).add(entry.on)
        return {name: sorted(days) for name, days in found.items()}

    def on(self, *names: str) -> list[date]:
        """The days on which any of the accounts moved."""
        return sorted({day for name in names for day in self.days.get(name, ())})

    def paid_in(self, since: date | None, until: date) -> Cell:
        """What investors paid, below 0."""
        return self._of(("paid-in",), since, until)

    def received(self, since: date | None, until: date) -> Cell:
        """What investors received, carry left out and clawback put in."""
        # A clawback that the manager pays is carry given back, no flow of its capital.
        more = () if self.partner == self.manager else ("clawback",)
        return self._of((*DISTRIBUTED, *more), since, until)

    def tier(self, name: str, day: date) -> Cell:
        """What investors received in one tier on a day."""
        return self._of((name,), day, day)

    def value(self) -> Cell:
        """The net asset value of investors at the end."""
        whole = Period(_SUM, None, self.until)
        value = rows.closing(self.journal, self.partner, whole)
        if self.partner is not None:
            return value
        # The manager's account holds the carry: it is no investor's.
        return total([value, turned(rows.closing(self.journal, self.manager, whole))])

    def line(self, since: date | None, until: date) -> Cell:
        """What the line paid in investors' place (below 0), its interest put back."""
        names = (*_LINE, "credit-interest")
        return self._sum(Query(names=names).within(since, until))

    def gross(self, since: date | None, until: date) -> Cell:
        """What went into companies (below 0) and came out of them."""
        return self._sum(Query(names=_GROSS, sign=-1).within(since, until))

    def _of(self, names: tuple[str, ...], since: date | None, until: date) -> Cell:
        """What was posted to accounts of the partner; of all but the manager where it is None."""
        parts = [Query(names=names, partner=self.partner).within(since, until)]
        if self.partner is None:
            own = Query(names=names, partner=self.manager, sign=-1)
            parts.append(own.within(since, until))
        return self._sum(*parts)

    def _sum(self, *parts: Query) -> Cell:
        return cell(self.journal, *parts)


def performance(
    agreement: Agreement,
    journal: Journal,
    *,
    until: date,
    rates: Rates = only_rate,
    partner: int | None = None,
) -> Report:
    """The template from the first day up to `until`.

    Args:
        agreement: The fund's.
        journal: Its ledger.
        until: The last day that counts; the net asset value of this day is the last flow.
        rates: How a rate of return is found.
        partner: This partner's flows; None: those of all investors, the manager left out.

    Raises:
        TermsRefused: There is no such partner.
    """
    title = agreement.title
    if partner is not None:
        who = agreement.partner(partner).name
        title = words(f"{title.ko} · {who.ko}", f"{title.en} · {who.en}")
    flows = _Flows(agreement, journal, partner, until)
    dated = _dated(flows)
    return report(
        words("ILPA 성과 양식", "ILPA Performance Template"),
        title,
        agreement,
        journal,
        until=until,
        statements=(
            _measures(flows, dated, rates),
            _sums(flows),
            _investors(dated),
            *((_calls(journal, until),) if partner is None else ()),
            _distributions(flows),
            *((_companies(flows),) if partner is None else ()),
        ),
        left_out=LEFT_OUT,
    )


class _Day(NamedTuple):
    """The flows of one day."""

    on: date
    paid: Cell
    received: Cell
    line: Cell


def _dated(flows: _Flows) -> list[_Day]:
    own = ("paid-in", *DISTRIBUTED, "clawback")
    names = own if flows.partner is not None else (*own, *_LINE, "credit-interest")
    found = []
    for day in flows.on(*names):
        line = flows.line(day, day) if flows.partner is None else Cell(value=0, parts=())
        each = _Day(day, flows.paid_in(day, day), flows.received(day, day), line)
        # What only moves between partners is no flow of the fund's investors together.
        if each.paid.value or each.received.value or each.line.value:
            found.append(each)
    return found


def _investors(dated: Sequence[_Day]) -> Statement:
    lines = []
    for each in dated:
        net = total([each.paid, each.received])
        cells = (each.paid, each.received, net, total([net, each.line]))
        lines.append(Row(label=each.on.isoformat(), cells=cells))
    return Statement(
        title=words("날짜별 현금흐름: 펀드와 투자자(원)", "Dated flows, fund and investors (won)"),
        of=words("날짜", "Day"),
        columns=(
            Column(title=words("납입", "Contributions")),
            Column(title=words("분배", "Distributions")),
            Column(title=words("순액", "Net")),
            Column(title=words("순액(차입 제외)", "Net, without the line")),
        ),
        rows=(*lines, _total(lines, 4)),
        section=words("투자자와의 현금흐름", "Flows with investors"),
        note=words(
            "투자자가 낸 돈은 음수, 받은 돈은 양수입니다. 성과보수 지급은 들어 있지 않습니다. "
            "펀드 전체의 표에는 업무집행조합원의 몫이 빠져 있습니다.",
            "What investors paid is below 0. Carried interest paid is not among the flows; where "
            "all investors stand together, the general partner is left out.",
        ),
    )


def _total(lines: Sequence[Row], columns: int) -> Row:
    sums = (
        total([each for row in lines if isinstance(each := row.cells[at], Cell)])
        for at in range(columns)
    )
    return Row(label=_SUM, cells=tuple(sums), is_total=True)


def _measures(flows: _Flows, dated: Sequence[_Day], rates: Rates) -> Statement:
    """Rates and multiples, net and gross, with the line and without it."""
    nav = flows.value()
    paid = turned(flows.paid_in(None, flows.until))
    received = flows.received(None, flows.until)
    net = [(each.on, total([each.paid, each.received])) for each in dated]
    lines = [_net(_rate(net, nav, flows.until, rates), received, nav, paid)]
    columns = [Column(title=_NET)]
    if flows.partner is None:
        more = turned(flows.line(None, flows.until))
        owed = cell(flows.journal, Query(names=_LINE, until=flows.until, sign=-1))
        bare = [(each.on, total([each.paid, each.received, each.line])) for each in dated]
        would = total([nav, owed])
        lines.append(
            _net(_rate(bare, would, flows.until, rates), received, would, total([paid, more]))
        )
        lines.append(_gross(flows, rates))
        columns.append(Column(title=words("차입 제외(순)", "Net, without the line")))
        columns.append(Column(title=words("투자 기준(총)", "Gross, of investments")))
    names = ("IRR", "TVPI", "DPI", "RVPI")
    return Statement(
        title=words("성과 지표", "Measures"),
        of=words("지표", "Measure"),
        columns=tuple(columns),
        rows=tuple(
            Row(label=name, cells=tuple(each[at] for each in lines))
            for at, name in enumerate(names)
        ),
        note=words(
            "IRR은 날짜별 현금흐름의 연 수익률이며, 기준일의 순자산을 그날의 흐름에 더합니다.",
            "The rate is a year's, from dated flows; the value of the last day is added to the "
            "flow of that day.",
        ),
    )


def _sums(flows: _Flows) -> Statement:
    """The amounts that the multiples are made of."""
    lines = [
        (words("누적 납입", "Contributions"), flows.paid_in(None, flows.until)),
        (words("누적 분배", "Distributions"), flows.received(None, flows.until)),
        (words("순자산", "Net asset value"), flows.value()),
    ]
    if flows.partner is None:
        line = Query(names=_LINE, until=flows.until, sign=-1)
        interest = Query(names=("credit-interest",), until=flows.until)
        lines += [
            (words("차입 잔액", "Subscription line outstanding"), cell(flows.journal, line)),
            (words("누적 차입 이자", "Interest on the line"), cell(flows.journal, interest)),
            (
                words("기업과의 현금흐름 합계", "Flows with companies, net"),
                flows.gross(None, flows.until),
            ),
        ]
    return Statement(
        title=words("누적 금액(원)", "Amounts since inception (won)"),
        of=words("항목", "Item"),
        columns=(Column(title=words("금액", "Amount")),),
        rows=tuple(Row(label=name, cells=(each,)) for name, each in lines),
    )


def _net(
    rate: Measured, received: Cell, nav: Cell, paid: Cell
) -> tuple[Measured, Ratio, Ratio, Ratio]:
    return (
        rate,
        Ratio(top=total([received, nav]), bottom=paid),
        Ratio(top=received, bottom=paid),
        Ratio(top=nav, bottom=paid),
    )


def _gross(flows: _Flows, rates: Rates) -> tuple[Measured, Ratio, Ratio, Ratio]:
    invested = cell(
        flows.journal,
        Query(names=("investments",), kind=Kind.INVESTMENT.value, until=flows.until),
    )
    back = total([flows.gross(None, flows.until), invested])
    held = cell(flows.journal, Query(names=("investments", "unrealised"), until=flows.until))
    dated = [(day, flows.gross(day, day)) for day in flows.on(*_GROSS)]
    return _net(_rate(dated, held, flows.until, rates), back, held, invested)


def _rate(dated: Sequence[tuple[date, Cell]], last: Cell, until: date, rates: Rates) -> Measured:
    """The rate of dated flows with a value on the last day, as one flow of that day."""
    by_day = {day: each.value for day, each in dated}
    by_day[until] = by_day.get(until, 0) + last.value
    found = rates([(day, won) for day, won in sorted(by_day.items()) if won])
    return Measured(value=found.value, flows=(*(each for _, each in dated), last), note=found.note)


def _calls(journal: Journal, until: date) -> Statement:
    """Every call, with what it was for as its notice said."""
    entries = [each for each in journal.entries if each.kind is Kind.CALL and each.on <= until]
    purposes = list(dict.fromkeys(p for each in entries for p in each.facts.get("purposes", ())))
    groups = dict.fromkeys(p if p[:5] != "deal:" else "investment" for p in purposes)
    days = dict.fromkeys(each.on for each in entries)
    lines = []
    for day in days:
        asked = dict.fromkeys(groups, 0)
        for entry in entries:
            if entry.on == day:
                for name, won in entry.facts.get("purposes", {}).items():
                    asked[name if name[:5] != "deal:" else "investment"] += won
        query = Query(names=("called",), kind=Kind.CALL.value, since=day, until=day)
        texts = (f"{won:,}" for won in asked.values())
        lines.append(Row(label=day.isoformat(), cells=(*texts, cell(journal, query))))
    return Statement(
        title=words("목적별 출자 요청(원)", "Capital calls by purpose (won)"),
        of=words("통지일", "Date of notice"),
        columns=(
            *(Column(title=purpose_name(each)) for each in groups),
            Column(title=_SUM),
        ),
        rows=tuple(lines),
        section=words("투자자와의 현금흐름", "Flows with investors"),
    )


def _distributions(flows: _Flows) -> Statement:
    lines = []
    for day in flows.on(*DISTRIBUTED):
        cells = tuple(flows.tier(name, day) for name in DISTRIBUTED)
        if any(each.value for each in cells):
            lines.append(Row(label=day.isoformat(), cells=(*cells, total(cells))))
    return Statement(
        title=words("종류별 분배(원)", "Distributions by type (won)"),
        of=words("분배일", "Date of distribution"),
        columns=(
            *(Column(title=CHART[name].title) for name in DISTRIBUTED),
            Column(title=_SUM),
        ),
        rows=(*lines, _total(lines, len(DISTRIBUTED) + 1)),
        section=words("투자자와의 현금흐름", "Flows with investors"),
    )


def _companies(flows: _Flows) -> Statement:
    lines = [
        Row(label=day.isoformat(), cells=(flows.gross(day, day),)) for day in flows.on(*_GROSS)
    ]
    return Statement(
        title=words(
            "날짜별 현금흐름: 펀드와 투자기업(원)", "Dated flows, fund and companies (won)"
        ),
        of=words("날짜", "Day"),
        columns=(Column(title=words("순액", "Net")),),
        rows=(*lines, _total(lines, 1)),
        section=words("투자기업과의 현금흐름", "Flows with companies"),
    )
