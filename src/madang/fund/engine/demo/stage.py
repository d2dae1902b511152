"""What does the manager of an invented fund do in a quarter? Only what `engine.flows` offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.flows import calls, closing, distributing, fees, investing
from madang.kernel import ids

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from madang.fund.engine.book import Book
    from madang.fund.engine.demo.cast import Company
    from madang.fund.engine.ledger.entry import Draft, Entry

MAKER, CHECKER = "demo/maker", "demo/checker"
RESERVE = 300_000_000
"""Cash that is kept for costs, in won."""


def paper(what: str) -> tuple[str, ...]:
    """The digest of an invented paper."""
    return (ids.digest(f"invented paper: {what}".encode()),)


@dataclass
class Days:
    """The days of a quarter on which things happen."""

    end: date

    def before(self, days: int) -> date:
        """So many days before the quarter's last."""
        return self.end - timedelta(days=days)

    @property
    def notice(self) -> date:
        """Partners are told what they have to pay."""
        return self.before(82)

    @property
    def payment(self) -> date:
        """Partners pay."""
        return self.before(66)

    @property
    def spending(self) -> date:
        """Fees, costs and investments are paid."""
        return self.before(60)

    @property
    def selling(self) -> date:
        """Holdings are sold."""
        return self.before(30)


@dataclass
class Stage:
    """One fund, with its invented companies."""

    book: Book
    random: Random
    waiting: list[tuple[str, Company]]
    """Companies in which it has not invested."""
    known: dict[str, Company] = field(default_factory=dict)
    """Every company by its name in the books."""
    bought: dict[str, date] = field(default_factory=dict)

    def do(self, drafts: Iterable[Draft]) -> tuple[Entry, ...]:
        """Post drafts as two persons would, in the evening of the last of their days."""
        drafts = tuple(drafts)
        moment = datetime.combine(max(each.on for each in drafts), time(9), tzinfo=UTC)
        if self.book.journal.entries:
            moment = max(moment, self.book.journal.entries[-1].recorded_at)
        return self.book.journal.append(drafts, by=MAKER, approved_by=CHECKER, at=moment)

    # What is needed --------------------------------------------------------------------------

    def fee_due(self, on: date) -> int:
        """The fee of the last period that has ended by a day, in won; 0 where it is paid."""
        period = fees.next_period(self.book)
        if period.end > on:
            return 0
        bases = fees.bases(self.book, period.first)
        return money.rounded(fees.amount_of(self.book.terms(on), period, bases))

    def chosen(self, on: date, count: int) -> list[tuple[str, int]]:
        """The next companies and what goes into each, in won, while the period lasts."""
        life = self.book.latest.life
        if on >= life.day(life.investment_years):
            return []
        found = []
        for name, company in self.waiting[:count]:
            self.known[name] = company
            found.append((name, self.random.randint(25, 60) * 100_000_000))
        del self.waiting[:count]
        return found

    def left_to_call(self) -> int:
        """What partners have promised and were not called, in won."""
        return self.book.journal.total("unfunded")

    def call(self, days: Days, purposes: dict[str, int]) -> Entry | None:
        """Call what cash does not cover."""
        wanted = sum(purposes.values())
        short = min(wanted + RESERVE - self.book.cash(days.payment), self.left_to_call())
        if short <= 0 or not wanted:
            return None
        shares = {name: won for name, won in purposes.items() if won}
        parts = {name: won for name, won in money.apportioned(short, shares).items() if won}
        (entry,) = self.do(calls.call(self.book, on=days.notice, due=days.payment, purposes=parts))
        return entry

    def pay(self, on: date, call: Entry, partners: Iterable[int] | None = None) -> None:
        """Partners pay a call on a day: all of them, or some."""
        asked = {int(key): won for key, won in call.facts["partners"].items() if won}
        number = call.facts["number"]
        amounts = {key: won for key, won in asked.items() if partners is None or key in partners}
        self.do(
            calls.pay(
                self.book, on=on, call=number, amounts=amounts, evidence=paper(f"bank {number}")
            )
        )

    # What is done ----------------------------------------------------------------------------

    def costs(self, days: Days) -> None:
        """The fee that is due; audit and custody once a year."""
        day = days.spending
        if self.fee_due(day) and self.book.cash(day) >= self.fee_due(day):
            self.do(fees.fee(self.book, on=day))
        if days.end.month == 3:
            for account, won in (("audit", 22_000_000), ("administration", 31_000_000)):
                if self.book.cash(day) >= won:
                    self.do(
                        fees.expense(
                            self.book,
                            on=day,
                            account=account,
                            amount_krw=won,
                            memo=f"{days.end.year - 1}",
                            evidence=paper(f"{account} {days.end.year}"),
                        )
                    )

    def buy(self, on: date, name: str, amount_krw: int) -> None:
        """Invest in a company, and remember what it was."""
        self.bought.setdefault(name, on)
        company = self.known[name]
        facts: dict[str, Any] = {
            "instrument": "rcps" if amount_krw % 3 else "common",
            "co_invested_krw": self.random.randint(0, 8) * 500_000_000,
            "tags": {
                "field": company.field,
                "region": company.region,
                "early-stage": "yes" if self._is_early(company, on) else "no",
            },
        }
        self.do(
            investing.invest(
                self.book,
                on=on,
                company=name,
                amount_krw=amount_krw,
                facts=facts,
                evidence=paper(f"contract {name} {on}"),
            )
        )

    def _is_early(self, company: Company, on: date) -> bool:
        rule = self.book.terms(on).early_stage
        years = on.year - company.founded_on.year
        young = years <= rule.most_years
        small = rule.most_revenue_krw is not None and company.revenue_krw <= rule.most_revenue_krw
        return young or small

    def revalue(self, on: date) -> None:
        """Take every holding to its fair value of the year's end."""
        for name in self.book.held(on):
            if name not in self.known:
                continue
            grows = self.known[name].grows
            year = min(on.year - self.bought[name].year, len(grows) - 1)
            fair = money.rounded(self.book.fair_value(name, on) * Fraction(100 + grows[year], 100))
            method = "recent-investment" if year == 0 else "multiples"
            self.do(
                investing.value(
                    self.book,
                    on=on,
                    company=name,
                    fair_value_krw=fair,
                    facts={"method": method},
                    evidence=paper(f"valuation {name} {on}"),
                )
            )

    def sell(self, on: date, *, everything: bool = False) -> None:
        """End the holdings whose years are over, each by its fate."""
        for name in self.book.held(on):
            company = self.known.get(name)
            if company is None:
                continue
            years = (on - self.bought[name]).days / 365
            if not everything and years < company.held_years:
                continue
            self._end(on, name, company)

    def _end(self, on: date, name: str, company: Company) -> None:
        fair = self.book.fair_value(name, on)
        price = money.rounded(fair * Fraction(self.random.randint(80, 135), 100))
        papers = paper(f"end of {name}")
        if company.ends == "lost" or not price:
            self.do(investing.write_off(self.book, on=on, company=name, evidence=papers))
        elif company.ends == "handed-out":
            self.do(
                distributing.in_kind(
                    self.book, on=on, company=name, fair_value_krw=price, evidence=papers
                )
            )
        else:
            self.do(
                investing.exit(
                    self.book,
                    on=on,
                    company=name,
                    proceeds_krw=price,
                    facts={"by": company.ends},
                    evidence=papers,
                )
            )

    def distribute(self, on: date, *, keep: int, recallable: int = 0) -> Entry | None:
        """Pay out what is not needed."""
        amount = self.book.cash(on) - keep
        if amount < (1 if not keep else 500_000_000):
            return None
        (entry,) = self.do(
            distributing.distribute(
                self.book,
                on=on,
                amount_krw=amount,
                recallable_krw=recallable,
                evidence=paper(f"distribution {on}"),
            )
        )
        return entry

    def close(self, on: date) -> None:
        """Close the quarter."""
        self.do(closing.close(self.book, through=on))
