"""How do the quotas of a fund stand, and whose money went in? Read from its book, on a day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine import day_count, money
from madang.fund.engine.flows import fees
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.purpose import quotas, tags
from madang.fund.engine.terms.agreement import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Entry

LOOKING_DAYS = 90
"""From the first look at a company to the payment; what a fund may be trusted to need."""


def invested(book: Book, on: date) -> tuple[quotas.Invested, ...]:
    """Every payment into a company up to a day, with the tags of its first investment."""
    first: dict[str, dict[str, str]] = {}
    found = []
    for entry in _investments(book, on):
        company = str(entry.facts.get("company", ""))
        said = entry.facts.get("tags")
        if isinstance(said, dict):
            first.setdefault(company, said)
        won = sum(
            posting.amount_krw for posting in entry.postings if posting.debit.name == "investments"
        )
        found.append(quotas.Invested(company=company, krw=won, tags=first.get(company, {})))
    return tuple(found)


def _investments(book: Book, on: date) -> Iterator[Entry]:
    found = [
        each for each in book.journal.entries if each.kind is Kind.INVESTMENT and each.on <= on
    ]
    return iter(sorted(found, key=lambda each: (each.on, each.number)))


def investable(book: Book, on: date) -> int:
    """What may still be invested: cash and what is left to call, less fees of the period."""
    terms = book.terms(on)
    end = terms.life.day(terms.life.investment_years)
    if on >= end:
        return 0
    owed = -book.journal.total("credit-line", on)
    left = book.cash(on) + sum(book.journal.total(name, on) for name in ("unfunded", "called"))
    phase = terms.fee.phase(terms.year_of(on))
    yearly = fees.rate_times(phase, fees.bases(book, on)[phase.base])
    ahead = yearly * day_count.year_fraction(terms.day_count, on, end)
    return max(left - owed - money.rounded(ahead), 0)


def pace(book: Book, on: date) -> quotas.Pace:
    """How fast the fund has invested so far; before the first time, evenly over its period."""
    terms = book.terms(on)
    paid = list(_investments(book, on))
    if paid:
        quarters = max(Fraction((on - paid[0].on).days * 4, 365), Fraction(1))
        won = sum(each.krw for each in invested(book, on)) / quarters
    else:
        won = Fraction(terms.commitment_krw, 4 * terms.life.investment_years)
    return quotas.Pace(krw_a_quarter=max(int(won), 1), least_days=LOOKING_DAYS)


def standings(book: Book, on: date) -> tuple[quotas.Standing, ...]:
    """Each quota of the terms as it stands on a day."""
    terms, paid = book.terms(on), invested(book, on)
    committed = fees.bases(book, on)[Base.COMMITTED]
    return tuple(
        quotas.standing(
            quotas.Quota(
                id=each.id,
                title=each.title,
                measure=each.measure,
                least_share=each.least_share,
                base="invested" if each.base is Base.INVESTED else "committed",
                by=terms.life.day(each.by_year),
                values=each.values,
            ),
            paid,
            on=on,
            committed_krw=committed,
            investable_krw=investable(book, on),
            pace=pace(book, on),
        )
        for each in terms.quotas
    )


def are_met(book: Book, on: date) -> bool:
    """Whether every quota of the terms is met on a day."""
    return all(each.state == "met" for each in standings(book, on))


def drawn(book: Book, on: date) -> tags.Drawn:
    """Private won beside public won, in everything that was invested up to a day.

    The fund's own won stand as the ledger tagged them; what others put in, as the entries say.
    """
    addends: list[tags.Tagged] = []
    seen: set[str] = set()
    for entry in _investments(book, on):
        company = str(entry.facts.get("company", ""))
        for posting in entry.postings:
            nature: tags.Tag = "public" if posting.tag == "public" else "private"
            addends.append(
                tags.Tagged(
                    company=company,
                    on=entry.on,
                    tag=nature,
                    krw=posting.amount_krw,
                    source=str(entry.number),
                )
            )
        others = entry.facts.get("co_invested_krw")
        if isinstance(others, int) and others > 0:
            addends.extend(
                tags.of_others(
                    company,
                    entry.on,
                    others={str(entry.number): others},
                    is_same_round=True,
                )
            )
        later = entry.facts.get("follow_on_krw")
        if isinstance(later, int) and later > 0 and company in seen:
            addends.extend(
                tags.of_others(
                    company, entry.on, others={str(entry.number): later}, is_same_round=False
                )
            )
        seen.add(company)
    return tags.private_per_public(addends)
