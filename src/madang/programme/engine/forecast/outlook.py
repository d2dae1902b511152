"""How will each line, and the whole, end the year? Intervals, chances and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.units import eok
from madang.kernel.words import Words, words
from madang.programme.engine.forecast.fan import (
    EVERY_DAYS,
    Fan,
    Simulated,
    edges,
    fans_of,
    simulate,
)
from madang.programme.engine.forecast.paths import PATHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Seen

    Floats: TypeAlias = NDArray[np.float64]

THRESHOLD = 0.1
"""Unspent share of an appropriation from which on a line is worth acting on."""
_SURE = 0.5
"""Chance of passing the threshold from which on moving money helps more than waiting."""
_USEFUL_DAYS = 75
"""Days that moved money needs from its transfer to proved spending, under a running contract."""


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
    """From when on moving money away helps: today, where it is likely to be left; None if not."""
    reallocate_until: date
    """The last day from which moved money can still be spent within the year."""
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
    return Foreseen(_outlooks(seen, simulated), fans_of(seen, simulated))


def outlooks(
    seen: Sequence[Seen], rng: np.random.Generator, *, paths: int = PATHS
) -> tuple[Outlook, ...]:
    """The outlook of every line, and of all together at the end.

    Args:
        seen: Every line as it is known on the same day; at least one.
        rng: The same state gives the same outlooks.
        paths: How many courses are simulated for each line.
    """
    return _outlooks(seen, simulate(seen, rng, paths=paths, every_days=EVERY_DAYS))


def _outlooks(seen: Sequence[Seen], simulated: Simulated) -> tuple[Outlook, ...]:
    lines = [
        _outlook(each.line, [each], own[-1])
        for each, own in zip(seen, simulated.lines, strict=True)
    ]
    return (*lines, _outlook("", seen, simulated.whole[-1]))


def _outlook(line: str, seen: Sequence[Seen], drawn: Floats) -> Outlook:
    whole = sum(each.amount_krw for each in seen)
    low, middle, high = edges(drawn).tolist()
    chance = float(np.mean(whole - drawn > THRESHOLD * whole))
    today = seen[0].first_day + timedelta(days=seen[0].day)
    year_end = seen[0].first_day + timedelta(days=seen[0].last_day)
    until = year_end - timedelta(days=_USEFUL_DAYS)
    helps = chance >= _SURE and today <= until
    return Outlook(
        line=line,
        appropriation_krw=whole,
        spent_krw=sum(int(each.spent[-1]) for each in seen),
        low_krw=int(low),
        middle_krw=int(middle),
        high_krw=int(high),
        unspent_chance=chance,
        reallocate_from=today if helps else None,
        reallocate_until=until,
        sentence=_sentence(whole, (int(low), int(middle), int(high)), chance, until, helps=helps),
    )


def _sentence(
    whole: int, limits: tuple[int, int, int], chance: float, until: date, *, helps: bool
) -> Words:
    low, middle, high = (eok(each) for each in limits)
    share = limits[1] / whole if whole else 0.0
    act_ko = f" {until}까지 옮긴 돈은 연내에 쓸 수 있습니다." if helps else ""
    act_en = f" What is moved by {until} can still be spent within the year." if helps else ""
    return words(
        f"연말 실집행은 {middle}({share:.0%})으로 예상되며, 열에 여덟은 {low}~{high}입니다."
        f" 예산의 {THRESHOLD:.0%} 넘게 남을 가능성은 {chance:.0%}입니다.{act_ko}",
        f"Spending by the end of the year is expected at {middle} ({share:.0%}), eight times in"
        f" ten between {low} and {high}; the chance that over {THRESHOLD:.0%} stays unspent is"
        f" {chance:.0%}.{act_en}",
    )
