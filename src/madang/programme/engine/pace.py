"""How fast does a line go, is it on its plan, and can a grant still be spent this year?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.programme.engine.causes import STARTING_DAYS
from madang.programme.engine.errors import PlanRefused
from madang.programme.engine.law import days_of, year_ends
from madang.programme.engine.ledger import Kind
from madang.programme.engine.money import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.lines import Programme

START_DAYS = 30
"""Days from grant to first spending that a line without one is taken to need."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Days of one line from vote to contract to first confirmed spending; None while not there."""

    line: str
    to_contract: int | None
    """Days from the vote to the first contract."""
    to_spending: int | None
    """Days from the first contract, or from the vote where none is known, to first spending."""


def pace(ledger: Ledger, line: str, *, on: date) -> Pace:
    """How fast a line went by a day.

    Raises:
        BookingRefused: The programme has no such line.
    """
    vote = ledger.programme.approved_on
    ledger.programme.line(line)
    signed = [each.signed_on for each in ledger.awards if each.line == line]
    contract = min((day for day in signed if day <= on), default=None)
    spent = min(
        (
            each.booked_on
            for each in ledger.entries
            if each.line == line
            and each.kind is Kind.SPENDING
            and each.amount_krw > 0
            and each.booked_on <= on
        ),
        default=None,
    )
    return Pace(
        line=line,
        to_contract=None if contract is None else (contract - vote).days,
        to_spending=None if spent is None else (spent - (contract or vote)).days,
    )


@dataclass(frozen=True, kw_only=True)
class GrantCheck:
    """Whether a grant can be spent by the last day of the year, and why."""

    spendable: bool
    reason: Words


def can_be_spent(ledger: Ledger, line: str, *, granted_on: date, needs_days: int) -> GrantCheck:
    """Look, before granting, whether the money can be spent by 31 December.

    Args:
        ledger: What is known; a line's own days from contract to spending are used.
        line: Where the grant goes.
        granted_on: The day of the grant.
        needs_days: Days of work that it pays for, by the recipient's plan.

    Raises:
        BookingRefused: The programme has no such line.
        PlanRefused: Days below 0.
    """
    if needs_days < 0:
        raise PlanRefused(
            words(f"필요한 날 {needs_days}일", f"{needs_days} days of work"),
            words("0일 이상", "0 or more"),
        )
    seen = pace(ledger, line, on=granted_on).to_spending
    start = START_DAYS if seen is None else seen
    ready, end = (
        granted_on + timedelta(days=start + needs_days),
        year_ends(ledger.programme.fiscal_year),
    )
    return GrantCheck(
        spendable=ready <= end,
        reason=words(
            f"첫 실집행까지 {start}일, 수행 {needs_days}일이면 {ready}에 끝납니다(기한 {end}).",
            f"{start} days to first spending and {needs_days} of work end on {ready}; the year"
            f" ends on {end}.",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a line means to have spent, month by month, to the won."""

    line: str
    months: Mapping[date, int]
    """First day of a month → what is spent in it."""

    def by(self, on: date) -> int:
        """Planned spending to the end of the month before a day, and of its own on the last."""
        next_day = on + timedelta(days=1)
        return sum(
            amount
            for month, amount in self.months.items()
            if (month.year, month.month) < (next_day.year, next_day.month)
        )


def plan(ledger: Ledger, line: str, weights: Mapping[date, int]) -> Plan:
    """Divide a line's amount over months; the months add up to the amount.

    Args:
        ledger: The programme whose line it is.
        line: The line.
        weights: First day of a month → its weight.

    Raises:
        PlanRefused: A month lies outside the year or before the vote, or the weights are no use.
        BookingRefused: The programme has no such line.
    """
    voted, first = ledger.programme.line(line), ledger.programme.approved_on.replace(day=1)
    months = sorted(weights)
    wrong = [
        each
        for each in months
        if each.day != 1 or not first <= each <= year_ends(ledger.programme.fiscal_year)
    ]
    values = [weights[each] for each in months]
    if wrong or not any(values) or min(values) < 0:
        raise PlanRefused(
            words(f"계획의 달 {wrong or values}", f"months {wrong or values} of a plan"),
            words("회계연도의 달과 0 이상의 비중", "months of the year, weights of 0 or more"),
        )
    parts = split(voted.amount_krw, values)
    return Plan(line=line, months=dict(zip(months, parts, strict=True)))


def even_weights(programme: Programme) -> dict[date, int]:
    """Weights of months for a line that nobody has planned: even spending after a start.

    Args:
        programme: Whose year it is.

    Returns:
        First day of a month → its days that lie after the start, which takes `STARTING_DAYS`.
    """
    start = programme.approved_on + timedelta(days=STARTING_DAYS)
    end = year_ends(programme.fiscal_year)
    found: dict[date, int] = {}
    for day in days_of(start, end):
        found[day.replace(day=1)] = found.get(day.replace(day=1), 0) + 1
    return found


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """Something that a line has to reach by a day."""

    line: str
    title: Words
    due: date
    reached_on: date | None = None
    signs: bool = False
    """Whether it is the signature of contracts; a forecast counts on none before its day."""

    def is_late(self, on: date) -> bool:
        """Whether it was, or still is, not reached by its day."""
        if self.reached_on is not None and self.reached_on <= on:
            return self.reached_on > self.due
        return on > self.due
