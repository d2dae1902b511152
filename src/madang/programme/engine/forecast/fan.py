"""How may spending go on to the end of the year? The fan of a chart, for lines and the sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.programme.engine.forecast.paths import PATHS, courses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Seen

    Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.8
"""Chance with which spending lies between the low and the high edge on any one day."""
EVERY_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class Fan:
    """Cumulative 실집행 of one line, or of all together, on days from today to the year's end.

    Amounts are won, one for each day; none falls from day to day, none lies below what is spent.
    The edges hold day by day: a whole course stays between them less often than `LEVEL`.
    """

    line: str
    """Empty for all together."""
    days: tuple[date, ...]
    """Ascending; the first is the day of the forecast, the last the year's last day."""
    low_krw: tuple[int, ...]
    middle_krw: tuple[int, ...]
    high_krw: tuple[int, ...]


class Simulated(NamedTuple):
    """Every line's courses on the same days."""

    days: tuple[int, ...]
    """Days since the vote."""
    lines: tuple[Floats, ...]
    """(days, paths) for each line, in won."""

    @property
    def whole(self) -> Floats:
        """(days, paths) all lines together; each line goes its own way."""
        return np.asarray(np.sum(self.lines, axis=0))


def simulate(
    seen: Sequence[Seen], rng: np.random.Generator, *, paths: int, every_days: int
) -> Simulated:
    """Courses of every line from today on, every so many days and on the year's last day.

    Args:
        seen: Every line as it is known on the same day; at least one.
        rng: The same state gives the same courses.
        paths: How many courses are simulated for each line.
        every_days: 1 or more.
    """
    today, last = seen[0].day, seen[0].last_day
    days = (*range(today, last, every_days), last)
    return Simulated(days, tuple(courses(each, rng, days=days, paths=paths) for each in seen))


def fans(
    seen: Sequence[Seen],
    rng: np.random.Generator,
    *,
    paths: int = PATHS,
    every_days: int = EVERY_DAYS,
) -> tuple[Fan, ...]:
    """The fan of every line, and of all together at the end.

    `outlook.foresee` gives the same fans with the outlooks of the same courses.

    Args:
        seen: Every line as it is known on the same day; at least one.
        rng: The same state gives the same fans.
        paths: How many courses are simulated for each line.
        every_days: How far the days lie apart; 1 or more. The year's last day is always there.
    """
    return fans_of(seen, simulate(seen, rng, paths=paths, every_days=every_days))


def fans_of(seen: Sequence[Seen], simulated: Simulated) -> tuple[Fan, ...]:
    """The fan of every line, and of all together at the end, from their courses."""
    first = seen[0].first_day
    days = tuple(first + timedelta(days=each) for each in simulated.days)
    lines = [_fan(each.line, days, own) for each, own in zip(seen, simulated.lines, strict=True)]
    return (*lines, _fan("", days, simulated.whole))


def edges(drawn: Floats) -> Floats:
    """(3, …) low, middle and high of (…, paths) amounts, by `LEVEL`."""
    return np.quantile(drawn, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=-1)


def _fan(line: str, days: tuple[date, ...], drawn: Floats) -> Fan:
    low, middle, high = edges(drawn).astype(np.int64).tolist()
    return Fan(
        line=line,
        days=days,
        low_krw=tuple(low),
        middle_krw=tuple(middle),
        high_krw=tuple(high),
    )
