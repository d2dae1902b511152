"""How do ten years of a fund go? Quarter by quarter, from the first promise to the last won.

Nothing is posted here that `engine.flows` does not give: the demonstration is a user of the fund
like any other, with two invented persons who put forward and approve.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.book import Book
from madang.fund.engine.demo import cast
from madang.fund.engine.demo.stage import RESERVE, Days, Stage, paper
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import calls, commitments, credit, ending, investing
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms import reading

if TYPE_CHECKING:
    from madang.fund.engine.ledger.entry import Entry

_LATE_CALL, _DEFAULT_CALL, _SMALL_PARTNER = 4, 9, 6
_SELLER, _BUYER, _SALE_YEAR = 5, 2, 2031
_BRIDGED_QUARTER = 4


class Played(NamedTuple):
    """A fund whose life was played."""

    book: Book
    companies: dict[str, cast.Company]
    """By their names in the books."""


def terms(name: str) -> bytes:
    """The term file of an invented fund: `main` or `regional`."""
    return (files("madang.fund.engine.demo") / f"facts/{name}.yaml").read_bytes()


def play(seed: int = 2025, *, until: date = date.max) -> dict[str, Played]:
    """Play the fund and its sub-fund, until a day or to their end.

    Args:
        seed: The same seed gives the same entries, to the last digest.
        until: Quarters that end later are not played.

    Returns:
        By the fund's name: `ai-fund` and `ai-fund-regional`.
    """
    random = Random(seed)  # noqa: S311 - an invented story, no secret
    story = _Story(_opened("main", random, 24), _opened("regional", random, 10))
    end = _quarter_end(story.main.book.latest.life.first_close)
    while end <= until and not story.over:
        story.quarter(end)
        end = _quarter_end(end + timedelta(days=1))
    return {
        each.book.latest.id: Played(each.book, each.known) for each in (story.main, story.child)
    }


def _opened(name: str, random: Random, count: int) -> Stage:
    agreement = reading.read(terms(name))
    found = cast.companies(
        random,
        count,
        since=agreement.life.first_close.year,
        handed_out=3 if name == "main" else None,
    )
    # A name of the books belongs to one company in both funds.
    suffix = "" if name == "main" else "-r"
    waiting = [(f"{each.id}{suffix}", each) for each in found]
    book = Book(agreements=(agreement,), journal=Journal())
    stage = Stage(book=book, random=random, waiting=waiting)
    start = agreement.life.first_close
    stage.do(commitments.commit(book, on=start, evidence=paper(f"agreement {agreement.id}")))
    return stage


def _quarter_end(day: date) -> date:
    month = (day.month - 1) // 3 * 3 + 4
    first = date(day.year + 1, 1, 1) if month > 12 else date(day.year, month, 1)
    return first - timedelta(days=1)


class _Story:
    """Both funds, quarter after quarter."""

    def __init__(self, main: Stage, child: Stage) -> None:
        self.main, self.child = main, child
        self.sub_fund = f"fund:{child.book.latest.id}"
        self.number = 0
        self.child_over = self.over = False
        self.recalled = False

    def quarter(self, end: date) -> None:
        """Everything that happens in the three months that end on a day."""
        self.number += 1
        days = Days(end)
        if days.notice < self.main.book.latest.life.first_close:
            self.main.close(end)
            return
        self._spend(days)
        self._turns(days)
        self.main.sell(days.selling)
        if not self.child_over and days.notice > self.child.book.latest.life.first_close:
            self._child_pays_out(days)
        if end.month == 12:
            self.main.revalue(days.before(9))
            self._follow_child(days.before(8))
        life = self.main.book.latest.life
        if end >= life.day(life.years):
            self._end(days)
            return
        self._pay_out(days)
        self.main.close(end)

    # Money goes in ---------------------------------------------------------------------------

    def _spend(self, days: Days) -> None:
        """Calls of both funds, their costs and their investments."""
        sub_call = self._child_call(days)
        asked = int(sub_call.facts["partners"]["1"]) if sub_call else 0
        bought = self.main.chosen(days.spending, 2)
        room = self.main.left_to_call() + self.main.book.cash(days.payment) - asked - RESERVE
        bought = [each for each in bought if each[1] <= room]
        purposes = {
            "fee": self.main.fee_due(days.spending),
            "investment": sum(won for _, won in bought) + asked,
        }
        if self.number == _BRIDGED_QUARTER:
            self._bridge(days, bought)
        call = self.main.call(days, purposes)
        if call is not None:
            self._collect(days, call)
        self.main.costs(days)
        if self.number == _BRIDGED_QUARTER:
            won = credit.owed(self.main.book)
            self.main.do(credit.repay(self.main.book, on=days.spending, amount_krw=won))
        else:
            for name, won in bought:
                if self.main.book.cash(days.spending) >= won:
                    self.main.buy(days.spending, name, won)
        self._child_collects(days, sub_call)

    def _bridge(self, days: Days, bought: list[tuple[str, int]]) -> None:
        """The investments of one quarter are paid from the line of credit, before the call."""
        won = sum(each for _, each in bought)
        self.main.do(credit.draw(self.main.book, on=days.before(75), amount_krw=won))
        for name, each in bought:
            self.main.buy(days.before(74), name, each)

    def _collect(self, days: Days, call: Entry) -> None:
        """Partners pay; the smallest is late once and fails once."""
        number = call.facts["number"]
        others = {int(key) for key in call.facts["partners"]} - {_SMALL_PARTNER}
        if number not in (_LATE_CALL, _DEFAULT_CALL):
            self.main.pay(days.payment, call)
            return
        self.main.pay(days.payment, call, others)
        book = self.main.book
        if number == _LATE_CALL:
            late = days.payment + timedelta(days=20)
            won = calls.late_interest(book, on=late, call=number, partner=_SMALL_PARTNER)
            amount = {_SMALL_PARTNER: int(call.facts["partners"][str(_SMALL_PARTNER)])}
            self.main.do(
                calls.pay(
                    book,
                    on=late,
                    call=number,
                    amounts=amount,
                    late_interest={_SMALL_PARTNER: won},
                )
            )
        else:
            lost = days.payment + timedelta(days=61)
            for draft in calls.default(book, on=lost, call=number, partner=_SMALL_PARTNER):
                self.main.do((draft,))

    def _child_call(self, days: Days) -> Entry | None:
        if self.child_over or days.notice < self.child.book.latest.life.first_close:
            return None
        bought = self.child.chosen(days.spending, 1)
        purposes = {"fee": self.child.fee_due(days.spending)} | {
            f"deal:{name}": won for name, won in bought
        }
        self.child_buys = bought
        return self.child.call(days, purposes)

    def _child_collects(self, days: Days, call: Entry | None) -> None:
        """The fund pays its sub-fund's call as one of its partners; the sub-fund invests."""
        if call is not None:
            asked = int(call.facts["partners"]["1"])
            facts = {"call": call.facts["number"], "fund": self.child.book.latest.id}
            self.main.do(
                investing.invest(
                    self.main.book,
                    on=days.before(59),
                    company=self.sub_fund,
                    amount_krw=asked,
                    facts=facts,
                    evidence=paper(f"sub-fund call {call.number}"),
                )
            )
            self.child.pay(days.before(59), call)
        if self.child_over or days.notice < self.child.book.latest.life.first_close:
            return
        later = Days(days.end + timedelta(days=3))
        self.child.costs(later)
        for name, won in self.child_buys:
            if self.child.book.cash(days.before(50)) >= won:
                self.child.buy(days.before(50), name, won)

    # Money comes out -------------------------------------------------------------------------

    def _child_pays_out(self, days: Days) -> None:
        life = self.child.book.latest.life
        last = days.end >= life.day(life.years)
        self.child.sell(days.selling, everything=last)
        if days.end.month == 12:
            self.child.revalue(days.before(9))
        paid = self.child.distribute(days.before(20), keep=0 if last else RESERVE)
        if paid is not None:
            self._receive(days.before(20), paid)
        if last:
            self._end_child(days)
        else:
            self.child.close(days.end)

    def _receive(self, on: date, paid: Entry) -> None:
        """What the sub-fund pays its first partner: its capital, and what is more than that."""
        capital = more = 0
        for posting in paid.postings:
            if posting.debit.partner == 1 and posting.debit.name == "distributed-capital":
                capital += posting.amount_krw
            elif posting.debit.partner == 1:
                more += posting.amount_krw
        main = self.main
        if capital:
            part = Fraction(capital, main.book.cost(self.sub_fund, on))
            main.do(
                investing.exit(
                    main.book,
                    on=on,
                    company=self.sub_fund,
                    proceeds_krw=capital,
                    part=min(part, Fraction(1)),
                    facts={"by": "sub-fund", "entry": paid.number},
                )
            )
        if more:
            main.do(
                investing.income(
                    main.book,
                    on=on,
                    company=self.sub_fund,
                    amount_krw=more,
                    facts={"entry": paid.number},
                )
            )

    def _follow_child(self, on: date) -> None:
        """The sub-fund stands in the fund's books at the fund's part of its net asset value."""
        if self.main.book.cost(self.sub_fund, on) > 0:
            closed = self.child.book.journal.closed_through
            fair = max(self.child.book.capital_account(1, closed), 0)
            self.main.do(
                investing.value(
                    self.main.book,
                    on=on,
                    company=self.sub_fund,
                    fair_value_krw=fair,
                    facts={"method": "net-assets"},
                    evidence=paper(f"sub-fund {on}"),
                )
            )

    def _end_child(self, days: Days) -> None:
        child = self.child
        if ending.entitlement(child.book, days.before(10)).owed_krw:
            before = self._clawed(child)
            child.do(ending.clawback(child.book, on=days.before(10)))
            got = self._clawed(child) - before
            if got:
                self.main.do(
                    investing.income(
                        self.main.book, on=days.before(10), company=self.sub_fund, amount_krw=got
                    )
                )
        child.do(ending.liquidate(child.book, on=days.end))
        self.child_over = True
        if self.main.book.cost(self.sub_fund, days.before(5)) > 0:
            self.main.do(
                investing.write_off(self.main.book, on=days.before(5), company=self.sub_fund)
            )

    @staticmethod
    def _clawed(child: Stage) -> int:
        from madang.fund.engine.ledger.accounts import Account

        return child.book.journal.balance(Account("clawback", 1))

    def _pay_out(self, days: Days) -> None:
        recallable = 0 if self.recalled else 2_000_000_000
        keep = RESERVE + 2 * self.main.fee_due(days.end + timedelta(days=1))
        try:
            paid = self.main.distribute(days.before(12), keep=keep, recallable=recallable)
        except FlowRefused:
            # The first distribution may hold less capital than the terms let be called again.
            paid = self.main.distribute(days.before(12), keep=keep)
        self.recalled = self.recalled or paid is not None

    def _turns(self, days: Days) -> None:
        """A partner sells its interest to another one, once."""
        if days.end == date(_SALE_YEAR, 6, 30):
            self.main.do(
                commitments.transfer(
                    self.main.book,
                    on=days.before(40),
                    giver=_SELLER,
                    taker=_BUYER,
                    evidence=paper("sale of an interest"),
                )
            )

    def _end(self, days: Days) -> None:
        main = self.main
        main.sell(days.before(20), everything=True)
        main.distribute(days.before(10), keep=0)
        if ending.entitlement(main.book, days.before(5)).owed_krw:
            main.do(ending.clawback(main.book, on=days.before(5)))
        main.do(ending.liquidate(main.book, on=days.end))
        self.over = True
