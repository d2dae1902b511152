"""How will each line, and the whole, end the year? Intervals, chances and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.units import money
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
from madang.programme.engine.forecast.said import day_words

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
    return tuple(replace(each, sentence=_sentence(each, today)) for each in all_told)


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


def _sentence(told: Outlook, today: date) -> Words:
    """What the year will end with, how sure that is, and until when money can be moved."""
    whole, middle = told.appropriation_krw, told.middle_krw
    share = middle / whole if whole else 0.0
    low, mid, high = map(money, (told.low_krw, middle, told.high_krw))
    act, chance = _of_moving(told, today), f"{told.unspent_chance:.0%}"
    return words(
        f"연말 실집행은 {mid.ko}({share:.0%})으로 예상되며, 열에 여덟은 {low.ko}~{high.ko}입니다."
        f" 예산의 {THRESHOLD:.0%} 넘게 남을 가능성은 {chance}입니다.{act.ko}",
        f"Spending by the end of the year is expected at {mid.en} ({share:.0%}), eight times in"
        f" ten between {low.en} and {high.en}; the chance that over {THRESHOLD:.0%} stays unspent"
        f" is {chance}.{act.en}",
    )


def _of_moving(told: Outlook, today: date) -> Words:
    begin, until = told.reallocate_from, day_words(told.reallocate_until)
    if begin is None:
        if told.unspent_chance < SURE:
            return words("", "")
        return words(
            f" {until.ko}이 지나, 지금 옮긴 돈은 연내에 쓰기 어렵습니다.",
            f" It is too late to move money; what was moved by {until.en} could be spent in time.",
        )
    since = day_words(begin)
    if not told.line:
        return words(
            f" {since.ko}부터 {until.ko}까지 항목 사이에서 옮긴 돈은 연내에 쓸 수 있습니다.",
            f" What is moved between lines from {since.en} to {until.en} can be spent in time.",
        )
    if begin == today == told.reallocate_until:
        return words(
            f" 오늘({until.ko})까지 옮긴 돈은 다른 항목에서 연내에 쓸 수 있습니다.",
            f" What is moved away by today ({until.en}) can be spent in time.",
        )
    if begin == today:
        return words(
            f" 오늘({since.ko})부터 {until.ko}까지 옮긴 돈은 다른 항목에서 연내에 쓸 수 있습니다.",
            f" What is moved away from today ({since.en}) to {until.en} can be spent in time.",
        )
    return words(
        f" {since.ko}까지 실집행이 늘지 않으면 그때부터 {until.ko}까지 옮기는 편이 낫습니다.",
        f" If nothing more is spent by {since.en}, money is better moved away between then and"
        f" {until.en}.",
    )
