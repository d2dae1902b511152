"""How do years of execution go? Invented histories with the causes that auditors found.

A line is carried out by projects: each is announced, signed and then worked off in instalments
whose evidence comes later. Nothing here is drawn from a curve, so that a forecaster which fits
curves is not judged by its own assumption. Some regimes lie outside whatever a forecaster may
reasonably assume; they are there to see how it fails.

Source of the rates and of the level: Board of Audit and Inspection 2020 on the supplementary
budget of 2019: causes 24.7 % insufficiently prepared, 20.2 % late procedures, 16.9 % demand
overestimated, 12.4 % wrongly budgeted; 97.3 % expected to be disbursed and 78.1 % really spent at
the end of the year. All other figures are assumptions of this generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from madang.programme.engine.causes import Cause
from madang.programme.engine.law import year_ends

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.lines import Programme

    Whole: TypeAlias = NDArray[np.int64]
    Floats: TypeAlias = NDArray[np.float64]

CAUSE_RATES: dict[Cause, float] = {
    Cause.UNPREPARED: 0.247,
    Cause.LATE_PROCEDURE: 0.202,
    Cause.OVERESTIMATED_DEMAND: 0.169,
    Cause.WRONG_LINE: 0.124,
    Cause.NONE: 0.258,
}
"""Chance of each cause for a line; what the four leave has none."""


class Regime(StrEnum):
    """What befalls a whole year beside the causes of its lines."""

    PLAIN = "plain"
    """Nothing."""
    FREEZE = "freeze"
    """All work stands still for one to two months in autumn."""
    RUSH = "rush"
    """Late in the year everything is disbursed, and nothing more is spent for it."""
    LUMP = "lump"
    """A line is spent in one payment on one day, or not at all in this year."""
    CLAWBACK = "clawback"
    """Evidence that was accepted is rejected again in November or December."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """One contract of a line. Days count from the vote, which is day 0."""

    amount_krw: int
    announced: int
    signed: int
    """May lie beyond the end of the year: then it is not signed in time."""
    due: int
    """The day by which its contract says that it is finished; within the year."""


@dataclass(frozen=True, kw_only=True)
class LineYear:
    """One line's year, day by day; amounts are cumulative, in won."""

    line: str
    amount_krw: int
    cause: Cause
    projects: tuple[Project, ...]
    granted: Whole
    """(days,)"""
    disbursed: Whole
    """(days,)"""
    spent: Whole
    """(days,)"""


@dataclass(frozen=True, kw_only=True)
class Year:
    """One invented year of a whole programme."""

    regime: Regime
    first_day: date
    """Day 0, the day of the vote."""
    lines: tuple[LineYear, ...]

    def day(self, on: date) -> int:
        """The place of a day in the arrays."""
        return (on - self.first_day).days


def invent(
    programme: Programme, rng: np.random.Generator, *, regime: Regime = Regime.PLAIN
) -> Year:
    """Invent one year of every line.

    Args:
        programme: The lines, their amounts and the day of the vote.
        rng: The same generator state gives the same year.
        regime: What befalls the year.
    """
    days = (year_ends(programme.fiscal_year) - programme.approved_on).days + 1
    weather = _Weather(rng, programme.approved_on, days, regime)
    lines = tuple(_line_year(weather, rng, line.id, line.amount_krw) for line in programme.lines)
    return Year(regime=regime, first_day=programme.approved_on, lines=lines)


class _Weather:
    """What all lines of a year share: the pace of work on each day, and the year's luck."""

    def __init__(self, rng: np.random.Generator, first: date, days: int, regime: Regime) -> None:
        self.days, self.regime = days, regime
        self.luck = float(rng.lognormal(0.0, 0.08))
        pace = np.ones(days)
        for index in range(days):
            day = first + timedelta(days=index)
            if day.weekday() >= 5:
                pace[index] = 0.15
            if date(day.year, 10, 3) <= day <= date(day.year, 10, 9):
                # Chuseok of 2025 and the national holidays beside it.
                pace[index] = 0.05
            if day.month == 12:
                pace[index] *= 1.35
        if regime is Regime.FREEZE:
            begins = int(rng.integers(days // 3, days * 4 // 5))
            pace[begins : begins + int(rng.integers(30, 61))] = 0.0
        self.work = np.cumsum(pace)
        """(days,) days of work since the vote; a week of seven days has about five."""


@dataclass(frozen=True)
class _Trouble:
    """What a cause does to a line."""

    announced: float
    """Mean days from the vote to the announcement."""
    procedure: float
    """Mean days from the announcement to the signature."""
    failed: float
    """Chance that a call finds nobody and is repeated."""
    taken: tuple[float, float]
    """Least and largest share of the money that finds a use."""
    slow: float = 1.0
    """By how much the work takes longer than its contract says."""


_TROUBLES = {
    Cause.NONE: _Trouble(14, 26, 0.04, (0.95, 1.0), 0.95),
    Cause.UNPREPARED: _Trouble(52, 30, 0.08, (0.9, 1.0), 1.15),
    Cause.LATE_PROCEDURE: _Trouble(20, 52, 0.40, (0.9, 1.0), 1.10),
    Cause.OVERESTIMATED_DEMAND: _Trouble(18, 28, 0.15, (0.45, 0.8), 1.0),
    Cause.WRONG_LINE: _Trouble(38, 40, 0.15, (0.2, 0.7), 1.15),
}


def _line_year(
    weather: _Weather, rng: np.random.Generator, line: str, amount_krw: int
) -> LineYear:
    cause = list(CAUSE_RATES)[int(rng.choice(len(CAUSE_RATES), p=list(CAUSE_RATES.values())))]
    trouble = _TROUBLES[cause]
    shares = rng.dirichlet(np.full(int(rng.integers(3, 13)), 2.5))
    taken = rng.uniform(*trouble.taken)
    projects, spent, paid = [], np.zeros(weather.days), np.zeros(weather.days)
    for share in shares:
        project = _project(weather, rng, trouble, int(amount_krw * share))
        used, advance = _worked_off(weather, rng, trouble, project, taken)
        projects.append(project)
        spent += used
        paid += advance
    if weather.regime is Regime.LUMP:
        spent = _in_one_payment(weather, rng, amount_krw)
    disbursed, granted = _before_spending(weather, rng, amount_krw, spent, paid)
    if weather.regime is Regime.CLAWBACK:
        spent = _clawed_back(weather, rng, spent)
    return LineYear(
        line=line,
        amount_krw=amount_krw,
        cause=cause,
        projects=tuple(projects),
        granted=granted,
        disbursed=disbursed,
        spent=np.floor(spent).astype(np.int64),
    )


def _project(
    weather: _Weather, rng: np.random.Generator, trouble: _Trouble, amount_krw: int
) -> Project:
    announced = int(rng.gamma(4.0, trouble.announced / 4.0))
    procedure = rng.gamma(5.0, trouble.procedure / 5.0)
    while rng.random() < trouble.failed:
        procedure += rng.uniform(15, 30)
    signed = announced + int(procedure * weather.luck) + 1
    last = weather.days - 1
    planned = int(rng.uniform(50, 110))
    return Project(
        amount_krw=amount_krw, announced=announced, signed=signed, due=min(signed + planned, last)
    )


def _worked_off(
    weather: _Weather,
    rng: np.random.Generator,
    trouble: _Trouble,
    project: Project,
    taken: float,
) -> tuple[Floats, Floats]:
    """(days,) spending confirmed by evidence, and what is paid in advance of it."""
    spent, paid = np.zeros(weather.days), np.zeros(weather.days)
    if project.signed >= weather.days:
        return spent, paid
    planned = max(project.due - project.signed, 20)
    needed = planned * 5.3 / 7 * trouble.slow * weather.luck * rng.lognormal(0.0, 0.18)
    since = np.maximum(weather.work - weather.work[project.signed], 0.0) / needed
    shape = rng.uniform(0.9, 1.5)
    done = np.minimum(since, 1.0) ** shape
    every, lag = int(rng.integers(10, 24)), int(rng.integers(4, 15))
    day = np.arange(weather.days) - lag
    claimed = np.where(day > 0, day // every * every, 0)
    # Before the accounts close, every claim that is ready is confirmed at once.
    claimed[weather.days - 15 :] = np.arange(weather.days - 15, weather.days) - lag // 2
    spent = done[np.maximum(claimed, 0)] * project.amount_krw * taken
    spent = np.maximum.accumulate(spent)
    paid[project.signed :] = project.amount_krw * rng.uniform(0.3, 0.7)
    return spent, paid


def _in_one_payment(weather: _Weather, rng: np.random.Generator, amount_krw: int) -> Floats:
    spent = np.zeros(weather.days)
    on = int(rng.integers(weather.days // 4, weather.days * 6 // 5))
    spent[min(on, weather.days) :] = amount_krw * rng.uniform(0.85, 1.0)
    return spent


def _before_spending(
    weather: _Weather, rng: np.random.Generator, amount_krw: int, spent: Floats, paid: Floats
) -> tuple[Whole, Whole]:
    """(days,) disbursed and granted: always at least what is spent, and often far more."""
    disbursed = np.maximum(np.maximum(spent, paid), np.minimum(spent * 1.15, amount_krw))
    ends = float(rng.beta(60, 1.7)) * amount_krw
    rush_days = int(rng.integers(45, 75)) if weather.regime is Regime.RUSH else 25
    ramp = np.clip((np.arange(weather.days) - weather.days + 1 + rush_days) / rush_days, 0, 1)
    disbursed = np.maximum(disbursed, disbursed + (ends - disbursed) * ramp)
    disbursed = np.minimum(np.maximum.accumulate(disbursed), amount_krw)
    granted = np.zeros(weather.days)
    for tranche in np.sort(rng.uniform(0.3, 1.0, 3)):
        on = int(rng.integers(10, weather.days - 20))
        granted[on:] = np.maximum(granted[on:], tranche * amount_krw)
    granted = np.maximum.accumulate(np.maximum(granted, disbursed))
    return np.ceil(disbursed).astype(np.int64), np.ceil(granted).astype(np.int64)


def _clawed_back(weather: _Weather, rng: np.random.Generator, spent: Floats) -> Floats:
    on = int(rng.integers(weather.days - 55, weather.days - 5))
    lost = rng.uniform(0.05, 0.3) * spent[on]
    return np.concatenate([spent[:on], np.maximum(spent[on:] - lost, 0.0)])
