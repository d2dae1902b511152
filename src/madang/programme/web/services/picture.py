"""What does the programme look like on a day? Every line, its money, its outlook, in one value.

The same value serves the front page, the pages of lines, the worklist and the brief. It is made
once for what the ledger holds and a day, and kept by this process until the ledger changes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Q

from madang.kernel.words import Words, words
from madang.programme.engine import pace
from madang.programme.engine.awards import reach
from madang.programme.engine.balances import Balance, balances, total
from madang.programme.engine.causes import BEHIND, CAUSE_NAMES, Cause, suggest
from madang.programme.engine.causes_seen import facts_by_line
from madang.programme.engine.closing import is_year_closed
from madang.programme.engine.forecast.outlook import foresee
from madang.programme.engine.forecast.seen import Contract, of_ledger
from madang.programme.engine.law import deadlines, year_ends
from madang.programme.engine.ledger import last_day
from madang.programme.web import models
from madang.programme.web.services import book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from madang.programme.engine.awards import Reach
    from madang.programme.engine.causes import Facts
    from madang.programme.engine.forecast.fan import Fan
    from madang.programme.engine.forecast.outlook import Outlook
    from madang.programme.engine.law import Deadline
    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.lines import Line
    from madang.programme.engine.pace import Pace, Plan

MOST_KEPT = 200
"""Pictures that are kept: more than the year has days since its vote."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Why a line lies where it does: what an officer said of it, or what its facts speak for."""

    cause: Cause
    reason: Words
    is_confirmed: bool
    """Whether an officer said it; else it is suggested from the facts."""
    act_until: date | None = None

    @property
    def title(self) -> Words:
        """The cause in words."""
        return CAUSE_NAMES[self.cause]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line on the day."""

    line: Line
    balance: Balance
    plan: Plan
    planned_krw: int
    """What the plan has spent by the day."""
    is_own_plan: bool
    """Whether an officer planned it; else even spending after a start is taken."""
    standing: Standing
    outlook: Outlook | None
    """None on days without a forecast."""
    fan: Fan | None
    pace: Pace
    reach: tuple[Reach, ...]
    """Firms, bodies and people by region."""
    award_count: int

    @property
    def behind_krw(self) -> int:
        """By how much spending lies below the plan; 0 where it does not."""
        return max(self.planned_krw - self.balance.spent_krw, 0)

    @property
    def is_behind(self) -> bool:
        """Whether it is late by more than what is usual between work and its evidence."""
        return self.behind_krw > BEHIND * self.balance.appropriation_krw


@dataclass(frozen=True, kw_only=True)
class Month:
    """What all lines together had by the end of a month, or of the day within it."""

    on: date
    granted_krw: int
    disbursed_krw: int
    spent_krw: int
    planned_krw: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The programme on one day."""

    on: date
    known_at: datetime | None
    is_example: bool
    is_closed: bool
    """Whether December is closed: then the year shows its settlement, not a forecast."""
    rows: tuple[Row, ...]
    whole: Balance
    planned_krw: int
    outlook: Outlook | None
    fan: Fan | None
    deadlines: tuple[Deadline, ...]
    months: Mapping[str, tuple[Month, ...]]
    """Line → its months; under the empty name, all lines together."""

    @property
    def itemised(self) -> tuple[Row, ...]:
        """The lines that the source names a project for."""
        return tuple(row for row in self.rows if row.line.itemised)

    @property
    def remainder(self) -> tuple[Row, ...]:
        """What the source names no project for."""
        return tuple(row for row in self.rows if not row.line.itemised)

    @property
    def late(self) -> tuple[Row, ...]:
        """The lines behind their plan, the largest gap first."""
        found = [row for row in self.rows if row.is_behind]
        return tuple(sorted(found, key=lambda row: -row.behind_krw))

    def row(self, line: str) -> Row | None:
        """The row of a line; None where the programme has no such line."""
        return next((row for row in self.rows if row.line.id == line), None)


_kept: OrderedDict[tuple[str, date, datetime | None], Picture] = OrderedDict()
_keeping = Lock()


def picture(asked: date | None = None, *, known_at: datetime | None = None) -> Picture:
    """The programme on a day.

    Args:
        asked: The day; None for the latest that there is something to say of.
        known_at: By what had been recorded at this moment; by all that is known now if None.
    """
    is_example = not book.has_records()
    on = book.day_shown(asked, is_example=is_example)
    key = (book.token() or "new", on, known_at)
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _made(on, known_at, is_example=is_example)
    with _keeping:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _made(on: date, known_at: datetime | None, *, is_example: bool) -> Picture:
    ledger = book.example().as_of(on) if is_example else book.summed(on=on, known_at=known_at)
    is_closed = is_year_closed(ledger)
    plans = _plans(ledger)
    told = {each.line: each for each in _told()}
    calls: dict[str, Sequence[Contract]] = {} if is_example else _calls(on)
    outlooks, fanned = _foreseen(ledger, on, calls) if not is_closed else ({}, {})
    facts = facts_by_line(ledger, on=on, calls=calls)
    found = balances(ledger)
    rows = tuple(
        Row(
            line=line,
            balance=balance,
            plan=plans[line.id][0],
            planned_krw=plans[line.id][0].by(on),
            is_own_plan=plans[line.id][1],
            standing=_standing(facts[line.id], told.get(line.id), on),
            outlook=outlooks.get(line.id),
            fan=fanned.get(line.id),
            pace=pace.pace(ledger, line.id, on=on),
            reach=reach(ledger.awards, ledger.recipients, on=on, line=line.id),
            award_count=sum(each.line == line.id for each in ledger.awards),
        )
        for line, balance in zip(ledger.programme.lines, found, strict=True)
    )
    return Picture(
        on=on,
        known_at=known_at,
        is_example=is_example,
        is_closed=is_closed,
        rows=rows,
        whole=total(found),
        planned_krw=sum(row.planned_krw for row in rows),
        outlook=outlooks.get(""),
        fan=fanned.get(""),
        deadlines=deadlines(ledger.programme.fiscal_year),
        months=_months(ledger, on, [row.plan for row in rows]),
    )


def _calls(on: date) -> dict[str, Sequence[Contract]]:
    """Line → money that was announced by a day and is neither signed nor given up."""
    found: dict[str, list[Contract]] = {}
    open_then = Q(ended_on=None) | Q(ended_on__gt=on)
    for each in models.Call.objects.filter(open_then, announced_on__lte=on):
        days = (each.announced_on - book.programme().approved_on).days
        contract = Contract(amount_krw=each.amount_krw, announced=max(days, 0))
        found.setdefault(each.line, []).append(contract)
    return {**found}


def _foreseen(
    ledger: Ledger, on: date, calls: dict[str, Sequence[Contract]]
) -> tuple[dict[str, Outlook], dict[str, Fan]]:
    first, last = ledger.programme.approved_on, year_ends(ledger.programme.fiscal_year)
    if not first <= on < last:
        return {}, {}
    milestones = [each.value for each in models.Milestone.objects.all()]
    seen = of_ledger(ledger, on, calls=calls, milestones=milestones)
    found = foresee(seen, np.random.default_rng(on.toordinal()))
    return (
        {each.line: each for each in found.outlooks},
        {each.line: each for each in found.fans},
    )


def _plans(ledger: Ledger) -> dict[str, tuple[Plan, bool]]:
    own: dict[str, dict[date, int]] = {}
    for each in models.Plan.objects.all():
        own.setdefault(each.line, {})[each.month] = each.amount_krw
    even = pace.even_weights(ledger.programme)
    return {
        line.id: (pace.Plan(line=line.id, months=own[line.id]), True)
        if line.id in own
        else (pace.plan(ledger, line.id, even), False)
        for line in ledger.programme.lines
    }


def _told() -> Sequence[models.CauseNote]:
    """What officers said, the newest of a line last."""
    return list(models.CauseNote.objects.order_by("at", "pk"))


def _standing(facts: Facts, said: models.CauseNote | None, on: date) -> Standing:
    if said is not None and book.day_of(said.at) <= on:
        return Standing(
            cause=Cause(said.cause),
            reason=words(said.reason, said.reason),
            is_confirmed=True,
            act_until=said.act_until,
        )
    found = suggest(facts)
    return Standing(cause=found.cause, reason=found.reason, is_confirmed=False)


def _months(ledger: Ledger, on: date, plans: Sequence[Plan]) -> dict[str, tuple[Month, ...]]:
    ends = []
    end = last_day(ledger.programme.approved_on)
    while end < on:
        ends.append(end)
        end = last_day(end + timedelta(days=1))
    found: dict[str, list[Month]] = {}
    for each in (*ends, on):
        own = balances(ledger, on=each)
        for plan, balance in zip(plans, own, strict=True):
            found.setdefault(balance.line, []).append(_month(each, balance, plan.by(each)))
        whole = _month(each, total(own), sum(plan.by(each) for plan in plans))
        found.setdefault("", []).append(whole)
    return {line: tuple(rows) for line, rows in found.items()}


def _month(on: date, balance: Balance, planned_krw: int) -> Month:
    return Month(
        on=on,
        granted_krw=balance.granted_krw,
        disbursed_krw=balance.disbursed_krw,
        spent_krw=balance.spent_krw,
        planned_krw=planned_krw,
    )
