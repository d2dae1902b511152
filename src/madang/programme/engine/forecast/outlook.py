"""How will each line, and the whole, end the year? Intervals, chances and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.words import Words, words
from madang.programme.engine.forecast.fan import (
    EVERY_DAYS,
    Fan,
    Simulated,
    edges,
    fans_of,
    simulate,
)
from madang.programme.engine.forecast.moving import (
    SURE,
    THRESHOLD,
    first_useful_day,
    last_useful_day,
)
from madang.programme.engine.forecast.paths import PATHS
from madang.programme.engine.forecast.said import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Seen

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The end of the year for one line, or for all together, in won."""

    line: str
    """Empty for all together."""
    appropriation_krw: int
    spent_krw: int
    """Spent by the day of the forecast."""
    low_krw: int
    middle_krw: int
    high_krw: int
    """Between low and high the year ends with the chance `LEVEL`."""
    unspent_chance: float
    """Chance that more than `THRESHOLD` of the appropriation stays unspent."""
    reallocate_from: date | None
    """The first day on which moving money away helps; None if there is none in time.

    Today where it is likely to be left; else the day by which it will be if spending stands
    still. Of all together: the first day of any line.
    """
    reallocate_until: date
    """The last day on which money moved to a running contract can still be spent in the year."""
    sentence: Words


class Foreseen(NamedTuple):
    """What one simulation says of every line, and of all together at the end."""

    outlooks: tuple[Outlook, ...]
    fans: tuple[Fan, ...]
    """In the same order; each ends at the interval of its outlook."""


def foresee(
    seen: Sequence[Seen],
    rng: np.random.Generator,
    *,
    paths: int = PATHS,
    every_days: int = EVERY_DAYS,
) -> Foreseen:
    """Outlooks and fans of every line, and of all together, from the same courses.

    Args:
        seen: Every line as it is known on the same day; at least one.
        rng: The same state gives the same outlooks.
        paths: How many courses are simulated for each line.
        every_days: How far the days of the fans lie apart; 1 or more.
    """
    simulated = simulate(seen, rng, paths=paths, every_days=every_days)
    return Foreseen(_outlooks(seen, simulated, rng), fans_of(seen, simulated))


def outlooks(
    seen: Sequence[Seen], rng: np.random.Generator, *, paths: int = PATHS
) -> tuple[Outlook, ...]:
    """The outlook of every line, and of all together at the end.

    Args:
        seen: Every line as it is known on the same day; at least one.
        rng: The same state gives the same outlooks.
        paths: How many courses are simulated for each line.
    """
    return foresee(seen, rng, paths=paths).outlooks


def _outlooks(
    seen: Sequence[Seen], simulated: Simulated, rng: np.random.Generator
) -> tuple[Outlook, ...]:
    today = seen[0].first_day + timedelta(days=seen[0].day)
    until, seed = last_useful_day(seen), int(rng.integers(2**32))
    lines = []
    for each, own in zip(seen, simulated.lines, strict=True):
        told = _outlook(each.line, [each], own[-1], until)
        likely = told.unspent_chance >= SURE
        begin = today if likely and today <= until else None
        if not likely:
            begin = first_useful_day(each, until, seed)
        lines.append(replace(told, reallocate_from=begin))
    begins = [each.reallocate_from for each in lines if each.reallocate_from is not None]
    whole = _outlook("", seen, simulated.whole[-1], until)
    all_told = (*lines, replace(whole, reallocate_from=min(begins, default=None)))
    return tuple(replace(each, sentence=sentence(each, today)) for each in all_told)


def _outlook(line: str, seen: Sequence[Seen], drawn: Floats, until: date) -> Outlook:
    whole = sum(each.amount_krw for each in seen)
    low, middle, high = edges(drawn).tolist()
    return Outlook(
        line=line,
        appropriation_krw=whole,
        spent_krw=sum(int(each.spent[-1]) for each in seen),
        low_krw=int(low),
        middle_krw=int(middle),
        high_krw=int(high),
        unspent_chance=float(np.mean(whole - drawn > THRESHOLD * whole)),
        reallocate_from=None,
        reallocate_until=until,
        sentence=words("", ""),
    )
