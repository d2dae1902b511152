"""How has a fund done, by its books? Net to its partners, gross of its companies, by group.

Net flows are what partners but the manager paid and received. Gross flows are what
went into companies and came out. Without the line of credit, each draw counts as if partners had
paid it on its day, and what they later paid to repay it, with interest, as if it had come back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.fund.engine.ledger.accounts import DISTRIBUTED, NAV
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.measures import rates
from madang.fund.engine.measures.flows import Flow, merged, paid, received
from madang.fund.engine.measures.multiples import Multiples, multiples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Entry
    from madang.fund.engine.measures.rates import Rates

_FLOWS = frozenset({"paid-in", *DISTRIBUTED, "clawback"})
_MONEY = ("cash", "receivable")
_MOVES = (Kind.TRANSFER, Kind.DEFAULT)


@dataclass(frozen=True)
class Performance:
    """One row of figures."""

    flows: tuple[Flow, ...]
    nav: int
    multiples: Multiples
    rates: Rates


def _measured(
    flows: Iterable[Flow], nav: int, on: date, *, rule: str, committed: int | None = None
) -> Performance:
    own = merged(flows)
    return Performance(
        flows=own,
        nav=nav,
        multiples=multiples(
            paid_in=paid(own), distributed=received(own), nav=nav, committed=committed
        ),
        rates=rates.of_days([*own, Flow(on, nav)], rule=rule),
    )


def net(book: Book, on: date, *, partner: int | None = None, line: bool = True) -> Performance:
    """What partners have of the fund.

    Args:
        book: The fund.
        on: The valuation day; the net asset value is that of the last close up to it.
        partner: One partner's; None takes all together.
        line: Whether the line of credit counts as it was; otherwise as if partners had paid.
    """
    flows = list(_net_flows(book, on, partner))
    manager = book.terms(on).manager.number
    numbers = [partner] if partner else [each for each in book.partners() if each != manager]
    nav = sum(book.capital_account(each, on) for each in numbers)
    if not line and partner is None:
        # What is still drawn would have been paid by the partners: their share is larger by it.
        flows = _without_line(book, on, merged(flows))
        nav -= book.journal.total("credit-line", on)
    return _measured(
        flows,
        nav,
        on,
        rule=book.terms(on).day_count,
        committed=sum(book.committed(each, on) for each in numbers),
    )


def _net_flows(book: Book, on: date, partner: int | None) -> Iterator[Flow]:
    manager = book.terms(on).manager.number
    for entry in _until(book, on):
        # An interest that moves between partners is nobody's payment to the fund.
        if entry.kind in _MOVES and partner is None:
            continue
        for posting in entry.postings:
            if posting.debit.name not in _FLOWS and posting.credit.name not in _FLOWS:
                continue
            for account, sign in ((posting.debit, 1), (posting.credit, -1)):
                if account.name not in _FLOWS:
                    continue
                if partner is None and account.partner == manager:
                    continue
                if partner is None or account.partner == partner:
                    yield Flow(entry.on, sign * posting.amount_krw)


def _without_line(book: Book, on: date, flows: Iterable[Flow]) -> list[Flow]:
    """The flows as if each draw had been paid by the partners on its day.

    What they paid later to repay it, with interest, is taken off the latest payments before the
    repayment: it would not have been called.
    """
    found = list(flows)
    for entry in _until(book, on):
        won = sum(each.amount_krw for each in entry.postings)
        if entry.kind is Kind.DRAW:
            found.append(Flow(entry.on, -won))
        elif entry.kind is Kind.REPAYMENT:
            for place in sorted(range(len(found)), key=lambda at: found[at].on, reverse=True):
                each = found[place]
                if won and each.won < 0 and each.on <= entry.on:
                    back = min(won, -each.won)
                    found[place] = Flow(each.on, each.won + back)
                    won -= back
            if won:
                found.append(Flow(entry.on, won))
    return found


def gross(book: Book, on: date, *, companies: Iterable[str] | None = None) -> Performance:
    """What companies have brought, before fees, costs and carry.

    Args:
        book: The fund.
        on: The valuation day.
        companies: Only these; None takes all.
    """
    found = _company_flows(book, on)
    return _gross(book, on, found if companies is None else _only(found, companies))


def _only(found: dict[str, list[Flow]], companies: Iterable[str]) -> dict[str, list[Flow]]:
    return {company: found[company] for company in set(companies) & set(found)}


def _gross(book: Book, on: date, found: dict[str, list[Flow]]) -> Performance:
    flows = [each for own in found.values() for each in own]
    nav = sum(book.fair_value(company, on) for company in found)
    return _measured(flows, nav, on, rule=book.terms(on).day_count)


def _company_flows(book: Book, on: date) -> dict[str, list[Flow]]:
    """What went into each company, and what came out of it."""
    found: dict[str, list[Flow]] = defaultdict(list)
    for entry in _until(book, on):
        for debit, credit, amount, _ in entry.postings:
            if debit.company and credit.name in _MONEY:
                found[debit.company].append(Flow(entry.on, -amount))
            if credit.company and debit.name in _MONEY:
                found[credit.company].append(Flow(entry.on, amount))
    return found


def by_group(book: Book, on: date, *, group: str) -> dict[str, Performance]:
    """Gross figures by `vintage` (year of the first investment) or by a tag such as `field`."""
    groups: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for entry in _until(book, on):
        company = str(entry.facts.get("company", ""))
        if entry.kind is not Kind.INVESTMENT or company in seen:
            continue
        seen.add(company)
        tags = entry.facts.get("tags", {})
        told = str(entry.on.year) if group == "vintage" else str(tags.get(group, "-"))
        groups[told].append(company)
    flows = _company_flows(book, on)
    return {name: _gross(book, on, _only(flows, own)) for name, own in sorted(groups.items())}


@dataclass(frozen=True)
class Point:
    """The J-curve on one day, in won."""

    on: date
    net_flow: int
    """All received less all paid in, up to the day."""
    nav: int

    @property
    def value(self) -> int:
        """What the partners would be ahead by, if all were paid out at its value."""
        return self.net_flow + self.nav


def curve(book: Book, on: date) -> tuple[Point, ...]:
    """The J-curve at every close up to a day."""
    closes = sorted(
        {entry.on for entry in _until(book, on) if entry.kind in (Kind.CLOSE, Kind.LIQUIDATION)}
    )
    flows = merged(_net_flows(book, on, None))
    manager = book.terms(on).manager.number
    value = merged(_value_flows(book, on, manager))
    found, total, nav, place, valued = [], 0, 0, 0, 0
    for day in closes:
        while place < len(flows) and flows[place].on <= day:
            total += flows[place].won
            place += 1
        while valued < len(value) and value[valued].on <= day:
            nav += value[valued].won
            valued += 1
        found.append(Point(day, total, nav))
    return tuple(found)


def _value_flows(book: Book, on: date, manager: int) -> Iterator[Flow]:
    """What each day adds to the capital accounts of all partners but the manager."""
    for entry in _until(book, on):
        for debit, credit, amount, _ in entry.postings:
            if credit.name in NAV and credit.partner != manager:
                yield Flow(entry.on, amount)
            if debit.name in NAV and debit.partner != manager:
                yield Flow(entry.on, -amount)


def _until(book: Book, on: date) -> Iterator[Entry]:
    return iter(
        sorted(
            (each for each in book.journal.entries if each.on <= on),
            key=lambda each: (each.on, each.number),
        )
    )
