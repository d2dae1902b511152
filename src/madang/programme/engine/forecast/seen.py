"""What is known of a line on the day of a forecast? Nothing of what comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from madang.programme.engine import columns
from madang.programme.engine.law import year_ends

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.histories import LineYear, Year
    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.pace import Milestone

    Whole: TypeAlias = NDArray[np.int64]


BOOKS_BEHIND_DAYS = 31
"""Books that are further behind are taken to mean that nothing was spent; a month, as closed."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Money that was called for, or signed. Days count from the vote, which is day 0."""

    amount_krw: int
    announced: int
    signed: int | None = None
    """None while the call is open."""
    due: int | None = None
    """The day by which the contract says that it is finished."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One line as it is known at the end of a day."""

    line: str
    amount_krw: int
    """What it may spend: as voted, plus and minus transfers."""
    first_day: date
    """Day 0, the day of the vote."""
    last_day: int
    """The last day of the fiscal year."""
    granted: Whole
    """(day + 1,) cumulative, in won, to the day of the forecast."""
    disbursed: Whole
    """(day + 1,)"""
    spent: Whole
    """(day + 1,)"""
    contracts: tuple[Contract, ...] = ()
    calls_known: bool = True
    """Whether `contracts` names the calls that are open; else what is left may be called for."""
    signs_from: int = 0
    """What is not signed yet is not signed before this day, by the line's own milestones."""
    booked: Whole | None = None
    """(day + 1,) for each day the last one whose spending is booked; None where each day's is."""

    @property
    def day(self) -> int:
        """The day of the forecast."""
        return len(self.spent) - 1

    def booked_by(self, day: int) -> int:
        """The last day whose spending was in the books by a day."""
        return day if self.booked is None else int(self.booked[day])


def of_ledger(
    ledger: Ledger,
    on: date,
    *,
    calls: dict[str, Sequence[Contract]] | None = None,
    milestones: Sequence[Milestone] = (),
) -> tuple[Seen, ...]:
    """Every line as the ledger knows it at the end of a day.

    Args:
        ledger: Bookings and sub-awards.
        on: The day of the forecast, from the vote to the end of the year.
        calls: Line → calls that are open, as money that is announced and not signed. Of a line
            without an entry no call is known; an empty entry says that none is open.
        milestones: Those of all lines. The first signature that is not reached by that day puts
            off what the line has not signed yet to its own day. One that is late puts off
            nothing: what is not signed today is not signed before today in any case.

    Invented years have no milestones, so that nothing measures what these are worth. With the
    true day of the next signature in their place, or one 20 days off, lines with money to sign
    were foreseen no worse on the last days of August to October, and somewhat better in October.
    """
    known = ledger.as_of(on)
    first, programme = ledger.programme.approved_on, ledger.programme
    days = (on - first).days + 1
    found = columns.steps(programme, known.entries)
    daily = np.zeros((len(programme.lines), days, len(columns.FLOWS)), np.int64)
    np.add.at(daily, (found.line, found.day - first.toordinal()), found.change)
    amounts = np.cumsum(daily, axis=1)
    last = (year_ends(programme.fiscal_year) - first).days
    booked = _booked(daily[:, :, columns.FLOWS.index("spent")])
    return tuple(
        Seen(
            line=line.id,
            amount_krw=int(rows[-1, 0]),
            first_day=first,
            last_day=last,
            granted=rows[:, 1],
            disbursed=rows[:, 2],
            spent=rows[:, 3],
            contracts=(*_signed(known, line.id, first, last), *(calls or {}).get(line.id, ())),
            calls_known=line.id in (calls or {}),
            signs_from=_signs_from(milestones, line.id, first, on),
            booked=booked,
        )
        for line, rows in zip(programme.lines, amounts, strict=True)
    )


def _booked(spent: Whole) -> Whole:
    """(days,) the last day with a booking on any line, from (lines, days) spending of each day.

    Books are kept some days behind; what is not in them yet is no standstill. One line that
    rests while others are booked does stand still.
    """
    days = np.arange(spent.shape[1])
    last = np.maximum.accumulate(np.where(spent.any(axis=0), days, 0))
    return np.maximum(last, days - BOOKS_BEHIND_DAYS)


def _signs_from(milestones: Sequence[Milestone], line: str, first: date, on: date) -> int:
    open_ones = (
        each.due
        for each in milestones
        if each.line == line and each.signs and (each.reached_on is None or each.reached_on > on)
    )
    due = min(open_ones, default=None)
    return 0 if due is None else max((due - first).days, 0)


def _signed(ledger: Ledger, line: str, first: date, last: int) -> list[Contract]:
    found = []
    for award in ledger.awards:
        if award.line == line:
            signed = max((award.signed_on - first).days, 0)
            called = signed if award.announced_on is None else (award.announced_on - first).days
            due = last if award.spendable_by is None else (award.spendable_by - first).days
            found.append(
                Contract(
                    amount_krw=award.amount_krw,
                    announced=max(called, 0),
                    signed=signed,
                    due=min(max(due, signed), last),
                )
            )
    return found


def of_year(year: Year, on: date) -> tuple[Seen, ...]:
    """Every line of an invented year as it is known on a day."""
    return tuple(_of_line(year, line, year.day(on)) for line in year.lines)


def _of_line(year: Year, line: LineYear, day: int) -> Seen:
    return Seen(
        line=line.line,
        amount_krw=line.amount_krw,
        first_day=year.first_day,
        last_day=len(line.spent) - 1,
        granted=line.granted[: day + 1],
        disbursed=line.disbursed[: day + 1],
        spent=line.spent[: day + 1],
        contracts=tuple(
            Contract(
                amount_krw=project.amount_krw,
                announced=project.announced,
                signed=project.signed if project.signed <= day else None,
                due=project.due if project.signed <= day else None,
            )
            for project in line.projects
            if project.announced <= day
        ),
    )
