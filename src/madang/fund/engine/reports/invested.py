"""What went into which company, and whose won were they? The fund's investments up to a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports.cell import Cell, total

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.ledger.entry import Entry
    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.reports.cell import Period
    from madang.fund.engine.terms.agreement import QuotaTerm


class Invested:
    """All investments up to a day, read from the ledger once.

    Args:
        journal: Is only read.
        until: The last day that counts.
    """

    def __init__(self, journal: Journal, until: date) -> None:
        self.until = until
        self._rows: list[tuple[date, str, str, int]] = []
        self.tags: dict[str, Mapping[str, str]] = {}
        """By company: what it was tagged with at the first investment."""
        self.co_invested: dict[str, int] = defaultdict(int)
        """By company: what others put in beside the fund, as was reported; not in the ledger."""
        entries = [
            each for each in journal.entries if each.kind is Kind.INVESTMENT and each.on <= until
        ]
        for entry in sorted(entries, key=lambda each: (each.on, each.number)):
            self._read(entry)

    def _read(self, entry: Entry) -> None:
        facts = entry.facts
        for debit, credit, amount, tag in entry.postings:
            for account, won in ((debit, amount), (credit, -amount)):
                if account.name != "investments":
                    continue
                self._rows.append((entry.on, account.company, tag, won))
                said = facts.get("tags")
                if isinstance(said, Mapping):
                    self.tags.setdefault(account.company, said)
        company, others = facts.get("company"), facts.get("co_invested_krw")
        if isinstance(company, str) and type(others) is int:
            self.co_invested[company] += others

    @property
    def companies(self) -> list[str]:
        """In the order of the first investment."""
        return list(dict.fromkeys(company for _, company, _, _ in self._rows))

    def sums(self, period: Period) -> dict[str, Cell]:
        """What went into each company within a period."""
        found: dict[str, int] = defaultdict(int)
        for on, company, _, won in self._rows:
            if period.since is None or on >= period.since:
                found[company] += won
        return {
            company: Cell(value=won, parts=(self._query(period, company),))
            for company, won in found.items()
        }

    def by_tag(self, period: Period) -> dict[str, Cell]:
        """What went into companies within a period, by whose money it was."""
        found: dict[str, int] = defaultdict(int)
        for on, _, tag, won in self._rows:
            if period.since is None or on >= period.since:
                found[tag] += won
        return {
            tag: Cell(value=won, parts=(self._query(period, None, tag),))
            for tag, won in sorted(found.items())
        }

    def _query(self, period: Period, company: str | None, tag: str | None = None) -> Query:
        return Query(
            names=("investments",),
            company=company,
            since=period.since,
            until=period.until,
            kind=Kind.INVESTMENT.value,
            tag=tag,
        )

    def towards(self, quota: QuotaTerm, whole: Period) -> Cell:
        """What went into companies that count for a quota, tagged at the first investment."""
        sums = self.sums(whole)
        return total([sums[each] for each in self.companies if self._counts(quota, each)])

    def _counts(self, quota: QuotaTerm, company: str) -> bool:
        said = self.tags.get(company, {}).get(quota.measure, "")
        return said in quota.values if quota.values else said == "yes"
