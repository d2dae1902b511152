"""How long does a report take of a fund of 200 partners, 120 companies and 60,000 postings?

Processor time of one process, once to warm up and then the median; the making of the ledger is not
counted.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from bench.table import Measurement, median_cpu_s
from madang.fund.engine import money
from madang.fund.engine.demo.play import terms
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.reports import (
    capital_account,
    ilpa,
    notices,
    paper,
    performance,
    plain,
    quarterly,
    workbook,
)
from madang.fund.engine.reports.cell import Cell
from madang.fund.engine.terms import reading
from madang.fund.engine.terms.agreement import Agreement, Nature, Partner
from madang.kernel.report.pdf import pdf
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.fund.engine.reports.cell import Report

PARTNERS, COMPANIES, YEARS, POSTINGS = 200, 120, 15, 60_000
TIMES, MOST_S = 3, 1.0
CASH = Account("cash")
_NATURES = {1: Nature.PUBLIC, PARTNERS: Nature.MANAGER}
END = date(2025 + YEARS - 1, 12, 31)


def measure() -> list[Measurement]:
    """Every report, and the forms in which it leaves."""
    agreement, journal = _fund()
    size = sum(len(each.postings) for each in journal.entries)
    assert size >= POSTINGS, size
    call = next(each for each in journal.entries if each.kind is Kind.CALL)
    made = ilpa.reporting(agreement, journal, until=END, partner=7)
    works: list[tuple[str, Callable[[], object]]] = [
        ("ILPA template, one partner and the fund", lambda: _ilpa(agreement, journal)),
        ("capital account of one partner", lambda: _account(agreement, journal)),
        ("capital accounts of 200 partners", lambda: _accounts(agreement, journal)),
        ("quarterly report", lambda: _quarterly(agreement, journal)),
        ("performance template", lambda: _performance(agreement, journal)),
        ("notice of a call", lambda: notices.call(agreement, journal, call, 7)),
        ("notice of a call as PDF", lambda: pdf(notices.call(agreement, journal, call, 7))),
        ("quarterly report as PDF", lambda: pdf(paper.document(_quarterly(agreement, journal)))),
        ("ILPA template as XLSX", lambda: workbook.xlsx(made)),
        ("ILPA template as CSV", lambda: plain.csv_text(made)),
    ]
    rows = [_measured(name, work, size) for name, work in works]
    return [*rows, _listed(made, journal)]


def _measured(what: str, work: Callable[[], object], size: int) -> Measurement:
    taken = median_cpu_s(work, times=TIMES)
    return Measurement(
        what=f"{what}, {size:,} postings",
        figure=f"{taken * 1000:,.1f} ms CPU",
        goal=f"at most {MOST_S:g} s",
        kept=taken <= MOST_S,
        how=f"{PARTNERS} partners, {COMPANIES} companies, {YEARS} years; median of {TIMES}, warm",
    )


def _listed(made: Report, journal: Journal) -> Measurement:
    """The postings behind one cell, as a person asks for them."""
    cell = made.statements[0].rows[-1].cells[-1]
    assert isinstance(cell, Cell)
    taken = median_cpu_s(lambda: list(cell.postings(journal)), times=TIMES)
    count = len(list(cell.postings(journal)))
    return Measurement(
        what=f"the {count:,} postings behind one cell",
        figure=f"{taken * 1000:,.1f} ms CPU",
        goal=f"at most {MOST_S:g} s",
        kept=taken <= MOST_S,
        how=f"closing net asset value of one partner; median of {TIMES}, warm",
    )


def _ilpa(agreement: Agreement, journal: Journal) -> Report:
    return ilpa.reporting(agreement, journal, until=END, partner=7)


def _account(agreement: Agreement, journal: Journal) -> Report:
    return capital_account.partner(agreement, journal, 7, until=END)


def _accounts(agreement: Agreement, journal: Journal) -> Report:
    return capital_account.partners(agreement, journal, until=END, since=END.replace(day=1))


def _quarterly(agreement: Agreement, journal: Journal) -> Report:
    return quarterly.quarterly(agreement, journal, until=END)


def _performance(agreement: Agreement, journal: Journal) -> Report:
    """Without the search for rates, which is no matter of the ledger."""
    return performance.performance(
        agreement, journal, until=END, rates=lambda flows: performance.Rate(None)
    )


# The fund ------------------------------------------------------------------------------------


def _fund() -> tuple[Agreement, Journal]:
    """Quarter by quarter: a call, payments, an investment, a fee, values and their allocation."""
    rng = random.Random(20261123)
    agreement = replace(
        reading.read(terms("main")),
        partners=tuple(
            Partner(
                number=number,
                name=words(f"조합원 {number}", f"Partner {number}"),
                nature=_NATURES.get(number, Nature.PRIVATE),
                commitment_krw=10_000_000_000,
            )
            for number in range(1, PARTNERS + 1)
        ),
    )
    drafts = [_promised(agreement)]
    day = date(2025, 1, 10)
    for quarter in range(4 * YEARS):
        drafts += _quarter(agreement, rng, quarter, day)
        day = (day + timedelta(days=92)).replace(day=10)
    journal = Journal()
    at = datetime(2041, 1, 1, tzinfo=UTC)
    journal.append(drafts, by="maker", approved_by="checker", at=at)
    return agreement, journal


def _promised(agreement: Agreement) -> Draft:
    postings = tuple(
        Posting(Account("unfunded", p.number), Account("committed", p.number), p.commitment_krw)
        for p in agreement.partners
    )
    return Draft(on=date(2025, 1, 1), kind=Kind.COMMITMENT, memo="", postings=postings)


def _quarter(agreement: Agreement, rng: random.Random, quarter: int, day: date) -> list[Draft]:
    called, fee = rng.randrange(2 * 10**10, 3 * 10**10), rng.randrange(10**8, 10**9)
    parts = money.apportioned(called, {p.number: p.commitment_krw for p in agreement.partners})
    calls = tuple(
        Posting(Account("called", n), Account("unfunded", n), won) for n, won in parts.items()
    )
    paid = tuple(
        posting
        for n, won in parts.items()
        for posting in (
            Posting(Account("drawn", n), Account("called", n), won),
            Posting(CASH, Account("paid-in", n), won),
        )
    )
    facts = {
        "due": f"{day + timedelta(days=10)}",
        "purposes": {"investment": called - fee, "fee": fee},
    }
    fees = (Posting(Account("management-fee"), CASH, fee),)
    later = day + timedelta(days=20)
    return [
        Draft(on=day, kind=Kind.CALL, memo="", postings=calls, facts=facts),
        Draft(on=day + timedelta(days=10), kind=Kind.PAYMENT, memo="", postings=paid),
        Draft(on=later, kind=Kind.FEE, memo="", postings=fees),
        *_invested(rng, quarter, later, called // 4),
        _allocated(agreement, fee, later + timedelta(days=30)),
    ]


def _invested(rng: random.Random, quarter: int, day: date, won: int) -> list[Draft]:
    """Two companies a quarter, and a new value for each of those held so far."""
    drafts = []
    for company in (f"c{2 * quarter}", f"c{2 * quarter + 1}"):
        tags = {"field": "ai", "region": "11", "early-stage": rng.choice(("yes", "no"))}
        holding = Account("investments", 0, company)
        postings = (
            Posting(holding, CASH, won // 2, "public"),
            Posting(holding, CASH, won - won // 2, "private"),
        )
        facts = {"company": company, "tags": tags, "co_invested_krw": won}
        drafts.append(Draft(on=day, kind=Kind.INVESTMENT, memo="", postings=postings, facts=facts))
    for number in range(2 * quarter + 2):
        adjusted, change = (
            Account(name, 0, f"c{number}") for name in ("unrealised", "unrealised-change")
        )
        drafts.append(
            Draft(
                on=day + timedelta(days=10),
                kind=Kind.VALUATION,
                memo="",
                postings=(Posting(adjusted, change, rng.randrange(1, 10**8)),),
            )
        )
    return drafts


def _allocated(agreement: Agreement, fee: int, day: date) -> Draft:
    shares = money.apportioned(fee, {p.number: 1 for p in agreement.partners})
    postings = [
        Posting(Account("share-fee", n), Account("allocated"), won) for n, won in shares.items()
    ]
    gains = [
        Posting(Account("allocated"), Account("share-unrealised", n), won)
        for n, won in shares.items()
    ]
    return Draft(on=day, kind=Kind.VALUATION, memo="", postings=(*postings, *gains))
