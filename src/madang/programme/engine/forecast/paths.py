"""How may a line's spending go on? Simulated courses of the year from what it has shown so far.

Each contract is worked off along a curve between its signature and its due day; a line has a
cause, a share of its money that finds a use, a slowness, a shape of the curve and late evidence.
Draws of these are weighed by the line's own calls, signatures and spending so far (importance
sampling); what is not yet signed gets days of signature from the line's own procedures. Only days
whose spending is booked are weighed, and books that are behind today catch up.

The causes and their rates are those of the generator (`histories`), and the habits of each were
chosen near the generator's own, on seeds that no measurement uses. A good score on plain invented
years says therefore little about real ones; the regimes that are not modelled say more.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from madang.programme.engine.causes import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Contract, Seen

    Floats: TypeAlias = NDArray[np.float64]
    Whole: TypeAlias = NDArray[np.int64]

PATHS = 10_000
_DRAWS = 1_500
"""Draws from the priors that a line's own spending weighs; paths are drawn from these."""
_PROCEDURES = 3.0
"""How many contracts a cause's own mean counts for beside those that a line has signed."""
_CALL_DAYS = 35.0
"""Mean days until money is called for that was not yet."""
_DURATION_DAYS, _DURATIONS = 75.0, 3.0
"""Days from signature to due day before anything is seen, and for how many contracts it counts."""
_LAST_SPURT, _SPURT_DAYS = 0.2, (20, 13)
"""Share of the evidence's delay that is left when the accounts close, and the days before the
year's end between which it is caught up with."""
_ROUNDS_DAYS = 8.0
"""Evidence comes in rounds: by so many days it may come earlier or later than even work has it."""
_ROUGHNESS, _RELATIVE = 0.025, 0.06
"""Standard deviation of spending around its curve: of what is signed, and of what is expected."""
_LOOKS_DAYS, _LOOKS_WEIGHT = 12, 1.1
"""How far apart the looks at past spending lie, and how much each counts."""
_PROCEDURES_WEIGHT = 0.8
"""How much the days of calls and signatures count; one office's procedures resemble each other."""
_DECEMBER = 1.3
"""Pace of work in December, of an even one: the year's last month is busier."""
_WORK_A_DAY = 5.2 / 7
"""Days of work in a day of the calendar, weekends counted as a tenth."""
_SLOW_SPREAD, _OWN_SPREAD = 0.13, 0.12
"""Spread (log) of a line's slowness, and of each contract's around it."""
_SHAPE, _DELAY_DAYS = (0.95, 1.45), (10.0, 24.0)


class Habit(NamedTuple):
    """What lines of one cause are like."""

    rate: float
    announced_days: float
    """Mean days from the vote to the call."""
    procedure_days: float
    """Mean days from the call to the signature, repeated calls among them."""
    use: tuple[float, float]
    """Least and largest share of the money that finds a use."""
    slow: float
    """How much longer the work takes than its contracts say."""


HABITS: dict[Cause, Habit] = {
    Cause.UNPREPARED: Habit(0.247, 50, 33, (0.88, 1.0), 1.12),
    Cause.LATE_PROCEDURE: Habit(0.202, 20, 65, (0.88, 1.0), 1.10),
    Cause.OVERESTIMATED_DEMAND: Habit(0.169, 18, 32, (0.42, 0.82), 1.0),
    Cause.WRONG_LINE: Habit(0.124, 38, 44, (0.15, 0.75), 1.12),
    Cause.NONE: Habit(0.258, 15, 28, (0.94, 1.0), 0.96),
}


class Draws(NamedTuple):
    """Draws of what a line is like, each (draws,)."""

    cause: Whole
    """Place in `HABITS`."""
    use: Floats
    """Share of the contracted money that finds a use."""
    slow: Floats
    """How much longer the work takes than its contract says."""
    shape: Floats
    """Power of the curve: above 1 it starts slowly."""
    delay: Floats
    """Days until evidence follows the work."""


def priors(rng: np.random.Generator, count: int) -> Draws:
    """Draws before anything of a line is seen: a cause by its rate, then the rest by the cause."""
    habits = list(HABITS.values())
    cause = rng.choice(len(habits), count, p=[habit.rate for habit in habits])
    low, high = np.array([habit.use for habit in habits])[cause].T
    slow = np.array([habit.slow for habit in habits])[cause]
    return Draws(
        cause=cause,
        use=rng.uniform(low, high),
        slow=slow * rng.lognormal(0.0, _SLOW_SPREAD, count),
        shape=rng.uniform(*_SHAPE, count),
        delay=rng.uniform(*_DELAY_DAYS, count),
    )


def _procedural(seen: Seen) -> Floats:
    """(causes,) how well each cause explains when contracts were called for and signed."""
    fit = np.zeros(len(HABITS))
    for place, habit in enumerate(HABITS.values()):
        for each in seen.contracts:
            fit[place] += _gamma(each.announced + 0.5, habit.announced_days, 3.5)
            if each.signed is None:
                waited = (seen.day - each.announced) / habit.procedure_days
                left = special.gammaincc(4.0, 4.0 * waited)
                fit[place] += float(np.log(max(left, 1e-6)))
            else:
                fit[place] += _gamma(each.signed - each.announced, habit.procedure_days, 4.0)
    return fit * _PROCEDURES_WEIGHT


def _gamma(days: float, mean: float, shape: float) -> float:
    """Logarithm of a gamma density, but for what all causes share."""
    rate, days = shape / mean, max(days, 0.5)
    return float(shape * np.log(rate) + (shape - 1) * np.log(days) - rate * days)


def courses(
    seen: Seen, rng: np.random.Generator, *, days: Sequence[int], paths: int = PATHS
) -> Floats:
    """(days, paths) spending by the end of each day, in won, each from spent so far to the amount.

    A path does not fall from day to day. Its last day is the same whichever others are asked for.

    Args:
        seen: The line as it is known today.
        rng: The same state gives the same paths.
        days: Days since the vote, ascending, none before today and none after the year's end.
        paths: How many courses are simulated.
    """
    now = float(seen.spent[-1])
    if seen.amount_krw <= 0 or seen.day >= seen.last_day:
        return np.full((len(days), paths), now)
    draws = priors(rng, _DRAWS)
    work = _work_days(seen.first_day, seen.last_day)
    signed = [each for each in seen.contracts if each.signed is not None]
    chosen = rng.choice(_DRAWS, paths, p=_weights(seen, signed, draws, work))
    line = Draws(
        cause=draws.cause[chosen],
        use=draws.use[chosen],
        slow=draws.slow[chosen],
        shape=draws.shape[chosen],
        delay=draws.delay[chosen],
    )
    proved = _proved(seen, days, line, work, rng)
    more = _still_to_come(seen, signed, proved, line, work, rng)
    more += _not_yet_signed(seen, signed, proved, line, work, rng)
    rough = rng.normal(0.0, _ROUGHNESS, paths) * np.minimum(more, seen.amount_krw)
    return np.clip(now + np.maximum(more + rough, 0.0), now, seen.amount_krw)


def ends(seen: Seen, rng: np.random.Generator, *, paths: int = PATHS) -> Floats:
    """(paths,) spending at the end of the year, in won: the last day of `courses`."""
    return np.asarray(courses(seen, rng, days=[seen.last_day], paths=paths)[-1])


def _proved(
    seen: Seen, days: Sequence[int], line: Draws, work: Floats, rng: np.random.Generator
) -> Floats:
    """(days, paths) days of work done by the moment whose evidence is there on each day.

    Evidence follows the work with a delay that shrinks while the accounts are being closed. Books
    that are behind today catch up in the days after it.
    """
    at = np.asarray(days, float)[:, None]
    begin, end = _SPURT_DAYS
    near = np.clip((at - seen.last_day + begin) / (begin - end), 0.0, 1.0)
    away = np.minimum((at - seen.day) / (_ROUNDS_DAYS + 2.0), 1.0)
    behind = (seen.day - seen.booked_by(seen.day)) * (1.0 - away)
    rounds = rng.uniform(-_ROUNDS_DAYS, _ROUNDS_DAYS, len(line.use)) * away * (1.0 - near)
    worked = at - behind - line.delay * (1.0 - (1.0 - _LAST_SPURT) * near) + rounds
    return np.asarray(np.interp(worked, np.arange(len(work)), work))


@lru_cache(maxsize=64)
def _work_days(first: date, last: int) -> Floats:
    """(last + 1,) days of work since the vote: weekdays but for the autumn holidays."""
    rest = {date(2025, 8, 15), *(date(2025, 10, day) for day in range(3, 10)), date(2025, 12, 25)}
    days = [first + timedelta(days=index) for index in range(last + 1)]
    pace = [0.1 if day.weekday() >= 5 or day in rest else 1.0 for day in days]
    busier = [_DECEMBER if day.month == 12 else 1.0 for day in days]
    return np.cumsum(np.multiply(pace, busier))


def _done(
    signed: Floats | int, due: Floats | int, worked: Floats, line: Draws, work: Floats
) -> Floats:
    """Share of a contract that is worked off after (…, draws) days of work, 0 to 1.

    Contracts count days of the calendar; the work itself rests on holidays.
    """
    since = worked - np.interp(signed, np.arange(len(work)), work)
    needed = np.maximum((np.asarray(due) - signed) * _WORK_A_DAY, 12.0) * line.slow
    return np.asarray(np.clip(since / needed, 0.0, 1.0) ** line.shape)


def _expected(contracts: Sequence[Contract], at: Floats, draws: Draws, work: Floats) -> Floats:
    """(draws,) won of signed contracts that are worked off and proved by (draws,) days."""
    total = np.zeros(len(draws.use))
    worked = np.interp(at, np.arange(len(work)), work)
    for each in contracts:
        total += each.amount_krw * _done(each.signed or 0, each.due or 0, worked, draws, work)
    return total * draws.use


def _weights(seen: Seen, signed: Sequence[Contract], draws: Draws, work: Floats) -> Floats:
    """(draws,) how well each draw explains what was spent so far; they add up to 1."""
    looks = range(seen.day, 0, -_LOOKS_DAYS)
    miss = -_procedural(seen)[draws.cause]
    for look in looks:
        known = [each for each in signed if (each.signed or 0) < look]
        if not known:
            break
        under = sum(each.amount_krw for each in known)
        expected = _expected(known, seen.booked_by(look) - draws.delay, draws, work)
        spread = _ROUGHNESS * under + _RELATIVE * expected
        off = (float(seen.spent[look]) - expected) / spread
        miss += _LOOKS_WEIGHT * (off**2 / 2 + np.log(spread / under))
    found = np.exp(-(miss - miss.min()))
    return np.asarray(found / found.sum())


def _still_to_come(
    seen: Seen,
    signed: Sequence[Contract],
    proved: Floats,
    line: Draws,
    work: Floats,
    rng: np.random.Generator,
) -> Floats:
    """(days, paths) what signed contracts still spend; each goes at a pace of its own."""
    more = np.zeros(proved.shape)
    now = np.interp(seen.booked_by(seen.day) - line.delay, np.arange(len(work)), work)
    for each in signed:
        own = line._replace(slow=line.slow * rng.lognormal(0.0, _OWN_SPREAD, len(line.use)))
        then = _done(each.signed or 0, each.due or 0, proved, own, work)
        at_now = _done(each.signed or 0, each.due or 0, now, own, work)
        more += each.amount_krw * line.use * np.maximum(then - at_now, 0.0)
    return more


def _not_yet_signed(
    seen: Seen,
    signed: Sequence[Contract],
    proved: Floats,
    line: Draws,
    work: Floats,
    rng: np.random.Generator,
) -> Floats:
    """(days, paths) what will be spent of money that is not under contract today."""
    count = len(line.use)
    waited = [(each.signed or 0) - each.announced for each in signed]
    lasted = [(each.due or 0) - (each.signed or 0) for each in signed]
    # Means over causes weigh less than what this line has shown itself.
    usual = float(np.mean([habit.procedure_days for habit in HABITS.values()]))
    procedure = (usual * _PROCEDURES + sum(waited)) / (_PROCEDURES + len(waited))
    # A contract that ends with the year was cut short by it; longer ones are not seen.
    duration = (_DURATION_DAYS * _DURATIONS + sum(lasted)) / (_DURATIONS + len(lasted))
    called = [each for each in seen.contracts if each.signed is None]
    free = seen.amount_krw - sum(each.amount_krw for each in (*signed, *called))
    parts = [(float(each.amount_krw), seen.day - each.announced) for each in called]
    parts += [(free / 3, -1)] * 3 if free > 0 else []
    more = np.zeros(proved.shape)
    for amount, waiting in parts:
        if waiting < 0 and not seen.calls_known:
            wait = _rest_of_wait(rng, _call_days(signed) + procedure, seen.day, count)
        elif waiting < 0:
            wait = rng.exponential(_CALL_DAYS, count) + rng.gamma(5.0, procedure / 5.0, count)
        else:
            wait = _rest_of_wait(rng, procedure, waiting, count)
        sign = np.maximum(seen.day + wait, seen.signs_from)
        due = np.minimum(sign + duration * rng.uniform(0.6, 1.4, count), seen.last_day)
        done = _done(sign, due, proved, line, work)
        more += amount * line.use * np.where(sign < seen.last_day, done, 0.0)
    return more


def _call_days(signed: Sequence[Contract]) -> float:
    """Mean days from the vote to the call: those of all causes, and what the line has shown."""
    usual = float(np.mean([habit.announced_days for habit in HABITS.values()]))
    shown = [each.announced for each in signed]
    return (usual * _PROCEDURES + sum(shown)) / (_PROCEDURES + len(shown))


def _rest_of_wait(rng: np.random.Generator, usual: float, waiting: int, count: int) -> Floats:
    """(count,) days until the signature of what has waited for so long already."""
    drawn = rng.gamma(5.0, usual / 5.0, count * 4) - waiting
    left = drawn[drawn > 0][:count]
    if len(left) < count // 20:
        return rng.exponential(15.0, count)
    return rng.choice(left, count)
