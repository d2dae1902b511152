"""Flows are those of the ledger, once each; rates and multiples stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from madang.fund.engine.demo.play import play
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports import paper, performance
from madang.fund.engine.reports.cell import Cell, Measured, Ratio, Report, Statement
from madang.fund.engine.reports.performance import Rate
from madang.kernel.report.html import html
from madang.kernel.words import words
from tests.fund.engine.reports import played

PLAYED = play()
BOOK = PLAYED["ai-fund"].book
REGIONAL = PLAYED["ai-fund-regional"].book
TERMS, JOURNAL = BOOK.latest, BOOK.journal
END = date(2035, 12, 31)
MIDDLE = date(2030, 6, 30)
VALUE = BOOK.nav(MIDDLE) - BOOK.capital_account(TERMS.manager.number, MIDDLE)


class Asked:
    """Rates that remember what they were asked."""

    def __init__(self) -> None:
        self.flows: list[list[tuple[date, int]]] = []

    def __call__(self, flows: Sequence[tuple[date, int]]) -> Rate:
        self.flows.append(list(flows))
        return Rate(0.1 * len(self.flows))


def made(until: date, asked: Asked | None = None, **more: int) -> Report:
    return performance.performance(TERMS, JOURNAL, until=until, rates=asked or Asked(), **more)


def statement(report: Report, title: str) -> Statement:
    return next(each for each in report.statements if each.title.en.startswith(title))


def value(content: object) -> int:
    assert isinstance(content, Cell)
    return content.value


def column(found: Statement, at: int) -> list[int]:
    return [value(row.cells[at]) for row in found.rows if not row.is_total]


def measure(report: Report, name: str, at: int = 0) -> object:
    row = next(each for each in report.statements[0].rows if each.label == name)
    content = row.cells[at]
    assert isinstance(content, (Ratio, Measured))
    return content.value


def won(*names: str, until: date, sign: int = 1) -> int:
    return Query(names=names, until=until, sign=sign).of(JOURNAL)


def investors(*names: str, until: date) -> int:
    """What was posted to accounts of all partners but the manager."""
    own = Query(names=names, until=until, partner=TERMS.manager.number).of(JOURNAL)
    return won(*names, until=until) - own


@pytest.mark.parametrize("until", [date(2025, 9, 1), MIDDLE, END])
def test_contributions_and_distributions_are_those_of_the_ledger(until: date) -> None:
    flows = statement(made(until), "Dated flows, fund and investors")

    assert sum(column(flows, 0)) == investors("paid-in", until=until)
    tiers = statement(made(until), "Distributions by type")
    assert sum(column(flows, 1)) == sum(column(tiers, 4))
    assert all(column(tiers, 4))
    total = sum(investors(name, until=until) for name in performance.DISTRIBUTED)
    assert sum(column(tiers, 4)) == total


def test_a_fund_that_has_ended_paid_out_all_that_it_earned() -> None:
    report = made(END)
    net = sum(column(statement(report, "Dated flows, fund and investors"), 2))
    gross = sum(column(statement(report, "Dated flows, fund and companies"), 0))
    between = won("management-fee", "audit", "administration", "credit-interest", until=END)
    between += won("carried-interest", "late-interest", "interest", until=END)

    assert JOURNAL.balance(played.CASH, END) == 0
    mine = statement(made(END, partner=TERMS.manager.number), "Dated flows, fund and investors")

    assert net + sum(column(mine, 2)) == gross - between
    assert measure(report, "TVPI") == measure(report, "DPI")
    assert measure(report, "RVPI") == 0


def test_the_value_of_the_last_day_is_one_flow_of_that_day() -> None:
    asked = Asked()
    made(MIDDLE, asked)
    net, bare, gross = asked.flows

    assert net[-1] == (MIDDLE, VALUE)
    assert gross[-1][1] == won("investments", "unrealised", until=MIDDLE)
    assert [day for day, _ in net] == sorted({day for day, _ in net})
    assert bare != net


def test_a_flow_on_the_last_day_is_not_lost_beside_its_value() -> None:
    terms = played.agreement()
    drafts = [
        played.commitments(terms),
        played.call(terms, date(2025, 10, 1), 1_000),
        *played.payments(terms, date(2025, 10, 1), 1_000),
        played.distribute(terms, date(2026, 10, 1), 400, "distributed-capital"),
    ]
    asked = Asked()
    performance.performance(terms, played.posted(drafts), until=date(2026, 10, 1), rates=asked)

    assert asked.flows[0] == [(date(2025, 10, 1), -800), (date(2026, 10, 1), 320 + 480)]


def test_without_the_line_investors_pay_when_the_line_did_and_no_interest() -> None:
    (draw,) = [each for each in JOURNAL.entries if each.kind is Kind.DRAW]
    report = made(END)
    flows = statement(report, "Dated flows, fund and investors")
    by_day = {row.label: row for row in flows.rows}
    day = by_day[draw.on.isoformat()]

    assert value(day.cells[2]) == 0
    assert value(day.cells[3]) == -draw.postings[0].amount_krw
    interest = won("credit-interest", until=END)
    assert sum(column(flows, 3)) == sum(column(flows, 2)) + interest
    assert interest > 0


def test_multiples_are_exact_ratios_of_cells() -> None:
    paid = -investors("paid-in", until=MIDDLE)
    received = sum(investors(name, until=MIDDLE) for name in performance.DISTRIBUTED)
    report = made(MIDDLE)

    assert measure(report, "DPI") == Fraction(received, paid)
    assert measure(report, "TVPI") == Fraction(received + VALUE, paid)
    invested = Query(names=("investments",), kind="investment", until=MIDDLE).of(JOURNAL)
    fair = won("investments", "unrealised", until=MIDDLE)
    assert measure(report, "RVPI", 2) == Fraction(fair, invested)


def test_the_amounts_behind_the_multiples_are_said() -> None:
    sums = {
        row.label.en: value(row.cells[0])  # type: ignore[union-attr]
        for row in statement(made(MIDDLE), "Amounts since inception").rows
    }

    assert sums["Contributions"] == investors("paid-in", until=MIDDLE)
    assert sums["Net asset value"] == VALUE
    assert sums["Interest on the line"] == won("credit-interest", until=MIDDLE) > 0
    assert sums["Subscription line outstanding"] == 0


def test_rates_stand_in_their_columns() -> None:
    assert [measure(made(MIDDLE), "IRR", at) for at in range(3)] == pytest.approx([0.1, 0.2, 0.3])


def test_a_rate_that_is_none_says_why() -> None:
    why = words("해가 둘", "two roots")
    report = performance.performance(
        TERMS, JOURNAL, until=MIDDLE, rates=lambda flows: Rate(None, why)
    )

    assert "two roots" in html(paper.document(report)).decode()


@pytest.mark.parametrize("name", ["ai-fund", "ai-fund-regional"])
def test_partners_flows_add_up_to_the_funds_on_every_day(name: str) -> None:
    book = PLAYED[name].book

    def flows(partner: int | None) -> dict[str, int]:
        report = performance.performance(
            book.latest, book.journal, until=END, rates=Asked(), partner=partner
        )
        found = statement(report, "Dated flows, fund and investors").rows
        return {str(row.label): value(row.cells[2]) for row in found if not row.is_total}

    whole, by_day = flows(None), dict[str, int]()
    for partner in sorted({*book.partners()} - {book.latest.manager.number}):
        for day, won_ in flows(partner).items():
            by_day[day] = by_day.get(day, 0) + won_

    for day, won_ in whole.items():
        assert by_day.pop(day, 0) == won_
    # Interests that move between partners are flows of theirs, and none of all together.
    assert not any(by_day.values())
    assert bool(by_day) == (name == "ai-fund")


def test_a_clawback_reaches_investors_and_is_no_flow_of_the_managers_capital() -> None:
    terms, journal = REGIONAL.latest, REGIONAL.journal
    (claw,) = [each for each in journal.entries if each.kind is Kind.CLAWBACK]
    report = performance.performance(terms, journal, until=END, rates=Asked())
    flows = statement(report, "Dated flows, fund and investors")
    row = next(each for each in flows.rows if each.label == claw.on.isoformat())
    manager = terms.manager.number
    given = sum(
        each.amount_krw
        for each in claw.postings
        if each.debit.name == "clawback" and each.debit.partner != manager
    )

    assert value(row.cells[1]) == given > 0
    first = performance.performance(terms, journal, until=END, rates=Asked(), partner=1)
    mine = next(
        each for each in statement(first, "Dated flows").rows if each.label == claw.on.isoformat()
    )
    part = sum(x.amount_krw for x in claw.postings if x.debit == ("clawback", 1, ""))
    assert value(mine.cells[1]) == part > 0


def test_calls_are_itemised_by_what_their_notices_said() -> None:
    calls = statement(made(END), "Capital calls by purpose")
    entries = [each for each in JOURNAL.entries if each.kind is Kind.CALL]

    assert len(calls.rows) == len({each.on for each in entries})
    for row in calls.rows:
        *parts, whole = row.cells
        assert sum(int(str(each).replace(",", "")) for each in parts) == value(whole)


def test_every_cell_is_the_sum_of_its_postings() -> None:
    for table in made(END).statements:
        for row in table.rows:
            for content in row.cells:
                cells = [content] if isinstance(content, Cell) else []
                if isinstance(content, Ratio):
                    cells = [content.top, content.bottom]
                for cell in cells:
                    found = sum(each.amount_krw for each in cell.postings(JOURNAL))
                    assert found == cell.value


def test_an_empty_fund_has_no_measures() -> None:
    terms = played.agreement()
    report = performance.performance(
        terms, played.posted([]), until=END, rates=lambda flows: Rate(None)
    )

    assert [row.cells[0].value for row in report.statements[0].rows] == [None] * 4  # type: ignore[union-attr]


def test_the_manager_that_gives_carry_back_has_no_flow_of_capital_for_it() -> None:
    terms, journal = REGIONAL.latest, REGIONAL.journal
    manager = terms.manager.number
    (claw,) = [each for each in journal.entries if each.kind is Kind.CLAWBACK]
    mine = performance.performance(terms, journal, until=END, rates=Asked(), partner=manager)
    days = [row.label for row in statement(mine, "Dated flows").rows]

    assert claw.on.isoformat() not in days
