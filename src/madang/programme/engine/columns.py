"""How do 100,000 entries add up at once? The ledger as arrays of whole numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.programme.engine.ledger import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.ledger import Entry
    from madang.programme.engine.lines import Programme

    Whole: TypeAlias = NDArray[np.int64]

FLOWS = ("appropriation", "granted", "disbursed", "spent", "carried_over", "lapsed")
"""The amounts that a line has, in the order of the columns of `Steps.change`."""
_FLOW = {
    Kind.GRANT: 1,
    Kind.DISBURSEMENT: 2,
    Kind.SPENDING: 3,
    Kind.TRANSFER: 0,
    Kind.CARRY_OVER: 4,
    Kind.LAPSE: 5,
}


class Steps(NamedTuple):
    """Changes of amounts: one a booking, two a transfer, and one a line for the vote itself."""

    line: Whole
    """(n,) place of the line in the programme."""
    day: Whole
    """(n,) proleptic Gregorian ordinal of the day."""
    change: Whole
    """(n, 6) change of each amount of `FLOWS`, in won."""
    entry: Whole
    """(n,) place of the entry in what was given; -1 for the vote."""


def steps(programme: Programme, entries: Sequence[Entry]) -> Steps:
    """Every change that a vote and its bookings make.

    Args:
        programme: What was voted.
        entries: Bookings on its lines; amounts within 64 bits.
    """
    place = {line.id: index for index, line in enumerate(programme.lines)}
    count, lines = len(entries), len(programme.lines)
    line = np.fromiter((place[each.line] for each in entries), np.int64, count)
    flow = np.fromiter((_FLOW[each.kind] for each in entries), np.int64, count)
    amount = np.fromiter((each.amount_krw for each in entries), np.int64, count)
    day = np.fromiter((each.booked_on.toordinal() for each in entries), np.int64, count)
    moved = np.flatnonzero(flow == _FLOW[Kind.TRANSFER])
    to_line = np.fromiter(
        (place[entries[index].to_line] for index in moved.tolist()), np.int64, len(moved)
    )
    voted = np.array([each.amount_krw for each in programme.lines], np.int64)

    change = np.zeros((lines + count + len(moved), len(FLOWS)), np.int64)
    change[:lines, 0] = voted
    signed = np.where(flow == 0, -amount, amount)
    change[np.arange(lines, lines + count), flow] = signed
    change[lines + count :, 0] = amount[moved]
    first = np.full(lines, programme.approved_on.toordinal())
    return Steps(
        line=np.concatenate([np.arange(lines), line, to_line]),
        day=np.concatenate([first, day, day[moved]]),
        change=change,
        entry=np.concatenate([np.full(lines, -1), np.arange(count), moved]),
    )


def totals(programme: Programme, entries: Sequence[Entry]) -> Whole:
    """(lines, 6) each amount of each line after all entries, in won."""
    found = steps(programme, entries)
    sums = np.zeros((len(programme.lines), len(FLOWS)), np.int64)
    np.add.at(sums, found.line, found.change)
    return sums


class Days(NamedTuple):
    """The amounts of lines at the end of each day on which something changed."""

    line: Whole
    """(n,) place of the line."""
    day: Whole
    """(n,) ordinal of the day; ascending within a line."""
    amount: Whole
    """(n, 6) amounts at the end of that day, in the order of `FLOWS`."""


def day_ends(found: Steps) -> Days:
    """What each line had at the end of each day on which it changed."""
    order = np.lexsort((found.day, found.line))
    line, day = found.line[order], found.day[order]
    running = np.cumsum(found.change[order], axis=0)
    last = np.flatnonzero(np.r_[(line[1:] != line[:-1]) | (day[1:] != day[:-1]), True])
    begins = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    before = np.concatenate([np.zeros((1, len(FLOWS)), np.int64), running])[begins]
    which = np.searchsorted(begins, last, side="right") - 1
    return Days(line[last], day[last], running[last] - before[which])


def day_of(ordinal: int | np.integer) -> date:
    """The day that an ordinal stands for."""
    return date.fromordinal(int(ordinal))
