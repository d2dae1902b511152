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

    Whole: TypeAlias = NDArray[np.int64]


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

    @property
    def day(self) -> int:
        """The day of the forecast."""
        return len(self.spent) - 1


def of_ledger(
    ledger: Ledger, on: date, *, calls: dict[str, Sequence[Contract]] | None = None
) -> tuple[Seen, ...]:
    """Every line as the ledger knows it at the end of a day.

    Args:
        ledger: Bookings and sub-awards.
        on: The day of the forecast, from the vote to the end of the year.
        calls: Line → calls that are open, as money that is announced and not signed.
    """
    known = ledger.as_of(on)
    first, programme = ledger.programme.approved_on, ledger.programme
    days = (on - first).days + 1
    found = columns.steps(programme, known.entries)
    daily = np.zeros((len(programme.lines), days, len(columns.FLOWS)), np.int64)
    np.add.at(daily, (found.line, found.day - first.toordinal()), found.change)
    amounts = np.cumsum(daily, axis=1)
    last = (year_ends(programme.fiscal_year) - first).days
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
        )
        for line, rows in zip(programme.lines, amounts, strict=True)
    )


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
