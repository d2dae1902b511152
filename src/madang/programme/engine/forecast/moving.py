"""Between which days does moving money from one line to another help?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from madang.programme.engine.forecast.paths import ends
from madang.programme.engine.law import deadlines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Seen

    Whole: TypeAlias = NDArray[np.int64]

THRESHOLD = 0.1
"""Unspent share of an appropriation from which on a line is worth acting on."""
SURE = 0.5
"""Chance of passing the threshold from which on moving money helps more than waiting."""
USUAL_DAYS = 75
"""Days from contract to proved spending before anything is proved; an assumption."""
_PARTS = 20
"""Equal parts of a line's contracts, each of which waits for its spending."""
_PATHS = 400
"""Ends of the year simulated for each day on which a line may still stand where it stands."""


def useful_days(seen: Sequence[Seen]) -> int:
    """Days from contract to proved spending, by what all lines have shown so far.

    The median of contracted money, where what still waits counts as waiting so far
    (Kaplan-Meier). It counts as much as the share of that money that is proved; for the rest
    `USUAL_DAYS` stand, since what is proved early is quicker than what comes after it. Every line
    weighs the same, and its spending is taken to be that of its earliest contracts. What moved
    money itself needed is seen too seldom to be told apart: it is taken to need as long.
    """
    waits = [_waits(each) for each in seen]
    days = np.concatenate([wait for wait, _ in waits])
    proved = np.concatenate([done for _, done in waits])
    if not len(days):
        return USUAL_DAYS
    # At the same number of days, what is proved comes before what still waits.
    order = np.lexsort((~proved, days))
    left = np.cumprod(1.0 - proved[order] / np.arange(len(days), 0, -1))
    half = np.flatnonzero(left <= 0.5)
    if not len(half):
        # It takes at least as long as half has waited already.
        return max(USUAL_DAYS, round(float(np.median(days))))
    weight = float(np.mean(proved))
    return round(weight * float(days[order][half[0]]) + (1.0 - weight) * USUAL_DAYS)


def _waits(seen: Seen) -> tuple[Whole, NDArray[np.bool_]]:
    """Days that each part of a line's contracts waited for its spending, and whether it came."""
    signed = sorted(
        (each.signed, each.amount_krw)
        for each in seen.contracts
        if each.signed is not None and each.amount_krw > 0
    )
    if not signed:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    days = np.array([day for day, _ in signed])
    total = np.cumsum([amount for _, amount in signed])
    part = (np.arange(_PARTS) + 0.5) / _PARTS * float(total[-1])
    begun = days[np.searchsorted(total, part)]
    spent = np.searchsorted(np.maximum.accumulate(seen.spent), part)
    until = np.minimum(spent, seen.booked_by(seen.day))
    return np.maximum(until - begun, 0), spent <= seen.day


def last_useful_day(seen: Sequence[Seen]) -> date:
    """The last day on which money moved to a line with a running contract can still be spent."""
    year_end = seen[0].first_day + timedelta(days=seen[0].last_day)
    lawful = next(each.on for each in deadlines(year_end.year) if each.id == "transfer")
    return min(year_end - timedelta(days=useful_days(seen)), lawful)


def first_useful_day(seen: Seen, until: date, seed: int) -> date | None:
    """The first day on which too much is likely to be left, if spending stands still until then.

    For a line of which `THRESHOLD` is not likely to be left today. The forecast of each later
    day is made as if nothing were signed or spent until then. Evidence comes in rounds, so that
    a line on its way may stand still for one or two weeks: the day is an early one.

    Args:
        seen: The line as it is known today.
        until: The last day that matters.
        seed: The same seed gives the same day.

    Returns:
        A day after today, or None where it lies beyond `until`.
    """
    last = (until - seen.first_day).days
    if last <= seen.day or not _likely_left(seen, last, seed):
        return None
    before, found = seen.day, last
    while found - before > 1:
        middle = (before + found) // 2
        if _likely_left(seen, middle, seed):
            found = middle
        else:
            before = middle
    return seen.first_day + timedelta(days=found)


def _likely_left(seen: Seen, day: int, seed: int) -> bool:
    idle = day - seen.day
    still = replace(
        seen,
        granted=np.pad(seen.granted, (0, idle), mode="edge"),
        disbursed=np.pad(seen.disbursed, (0, idle), mode="edge"),
        spent=np.pad(seen.spent, (0, idle), mode="edge"),
        booked=None if seen.booked is None else np.r_[seen.booked, seen.day + 1 : day + 1],
    )
    left = seen.amount_krw - ends(still, np.random.default_rng(seed), paths=_PATHS)
    return float(np.mean(left > THRESHOLD * seen.amount_krw)) >= SURE
