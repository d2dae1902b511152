"""How far do the forecast and the causes of 31 October err, beside naive rules?

Years are invented by `madang.programme.engine.histories`, with seeds that nothing was set on. The
forecaster's habits of causes are near the generator's own: the plain regime shows what it can do
where its picture is right, the others what happens where it is not.
"""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.table import Measurement, median_cpu_s
from madang.programme.engine.balances import balances
from madang.programme.engine.booked_year import booked
from madang.programme.engine.causes import Cause, suggest
from madang.programme.engine.causes_seen import facts_by_line
from madang.programme.engine.forecast.fan import EVERY_DAYS, LEVEL
from madang.programme.engine.forecast.outlook import foresee
from madang.programme.engine.forecast.peers import PEERS
from madang.programme.engine.forecast.seen import of_ledger, of_year
from madang.programme.engine.histories import CAUSE_RATES, Regime, invent
from madang.programme.engine.lines import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.forecast.seen import Seen
    from madang.programme.engine.histories import Year

    Floats: TypeAlias = NDArray[np.float64]

AUGUST_1, OCTOBER_31, YEAR_END = date(2025, 8, 1), date(2025, 10, 31), date(2025, 12, 31)
SEPTEMBER_30, NOVEMBER_30 = date(2025, 9, 30), date(2025, 11, 30)
SEED, YEARS, OTHERS, PATHS = 2025_11, 200, 40, 1_000
CAUSE_SEED, LEDGERS = 2025_12, 100


class Score(NamedTuple):
    """Misses of one forecast, as shares of the appropriation."""

    line: float
    """Mean absolute error of a line."""
    whole: float
    """Mean absolute error of the sum."""
    lines_held: float
    """Share of lines whose end lay in the interval."""
    wholes_held: float
    between_held: float
    """Share of lines whose spending on 30 November lay between the edges of the fan."""
    peers: dict[str, tuple[float, float]]
    """Name of a naive rule → its errors of a line and of the sum."""


def _years(regime: Regime, count: int) -> Iterator[Year]:
    for number in range(count):
        seed = [SEED, list(Regime).index(regime), number]
        yield invent(load(), np.random.default_rng(seed), regime=regime)


def _score(
    regime: Regime, count: int, seen_of: Callable[[Year, date], tuple[Seen, ...]] = of_year
) -> Score:
    on = OCTOBER_31
    voted = np.array([line.amount_krw for line in load().lines], float)
    ends, middles, held, between = [], [], [], []
    naive: dict[str, list[Floats]] = {name: [] for name in PEERS}
    for number, year in enumerate(_years(regime, count)):
        seen = seen_of(year, on)
        found, fans = foresee(seen, np.random.default_rng([number, SEED]), paths=PATHS)
        place = (NOVEMBER_30 - on).days // EVERY_DAYS
        between += [
            fan.low_krw[place] <= line.spent[year.day(NOVEMBER_30)] <= fan.high_krw[place]
            for fan, line in zip(fans[:-1], year.lines, strict=True)
        ]
        true = np.array([line.spent[-1] for line in year.lines], float)
        ends.append(true)
        middles.append([each.middle_krw for each in found])
        both = zip(found, [*true, true.sum()], strict=True)
        held.append([each.low_krw <= end <= each.high_krw for each, end in both])
        for name, rule in PEERS.items():
            naive[name].append(np.array([rule(each) for each in seen]))
    true, told, hits = np.array(ends), np.array(middles, float), np.array(held)
    return Score(
        line=_line_error(told[:, :-1], true, voted),
        whole=_whole_error(told[:, -1], true, voted),
        lines_held=float(hits[:, :-1].mean()),
        wholes_held=float(hits[:, -1].mean()),
        between_held=float(np.mean(between)),
        peers={
            name: (
                _line_error(np.array(rows), true, voted),
                _whole_error(np.array(rows).sum(axis=1), true, voted),
            )
            for name, rows in naive.items()
        },
    )


def _line_error(told: Floats, true: Floats, voted: Floats) -> float:
    return float(np.mean(np.abs(told - true) / voted))


def _whole_error(told: Floats, true: Floats, voted: Floats) -> float:
    return float(np.mean(np.abs(told - true.sum(axis=1))) / voted.sum())


def _points(share: float) -> str:
    return f"{share * 100:.1f} %p"


def _rows(regime: Regime, count: int) -> list[Measurement]:
    score = _score(regime, count)
    plain = regime is Regime.PLAIN
    how = f"{count} invented years × {len(load().lines)} lines, {PATHS:,} paths, seed {SEED}"
    naive = {
        part: "; ".join(f"{name} {_points(pair[part])}" for name, pair in score.peers.items())
        for part in (0, 1)
    }
    held = f"{score.lines_held:.1%} / {score.wholes_held:.1%}"
    band = all(0.75 <= each <= 0.85 for each in (score.lines_held, score.wholes_held))
    fan = Measurement(
        what=f"{regime}: lines that lay within the fan on 30 November, a month on",
        figure=f"{score.between_held:.1%}",
        how=how,
    )
    return [
        Measurement(
            what=f"{regime}: mean absolute error of year-end spending, sum of lines",
            figure=_points(score.whole),
            peer=naive[1],
            goal="≤ 3 %p" if plain else "",
            kept=score.whole <= 0.03 if plain else None,
            how=how,
        ),
        Measurement(
            what=f"{regime}: the same, per line",
            figure=_points(score.line),
            peer=naive[0],
            goal="≤ 8 %p" if plain else "",
            kept=score.line <= 0.08 if plain else None,
            how=how,
        ),
        Measurement(
            what=f"{regime}: {LEVEL:.0%} intervals that hold, lines / sum",
            figure=held,
            goal="both 75-85 %" if plain else "",
            kept=band if plain else None,
            how=how,
        ),
        *([fan] if plain else []),
    ]


def _from_ledger(year: Year, on: date) -> tuple[Seen, ...]:
    return of_ledger(booked(load(), year, until=on), on)


def _a_month_behind(year: Year, on: date) -> tuple[Seen, ...]:
    return of_ledger(booked(load(), year, until=SEPTEMBER_30), on)


def _ledger_rows() -> list[Measurement]:
    """What a ledger knows alone: bookings every ten days, and no call that is still open."""
    how = f"{LEDGERS} invented years, {PATHS:,} paths, seed {SEED}; open calls are not known"
    rows = []
    for name, seen_of in (
        ("from the ledger", _from_ledger),
        ("from a ledger booked to 30 September", _a_month_behind),
    ):
        score = _score(Regime.PLAIN, LEDGERS, seen_of)
        rows.append(
            Measurement(
                what=f"plain, {name}: mean absolute error, sum / line",
                figure=f"{_points(score.whole)} / {_points(score.line)}",
                how=how,
            )
        )
        rows.append(
            Measurement(
                what=f"plain, {name}: {LEVEL:.0%} intervals that hold, lines / sum",
                figure=f"{score.lines_held:.1%} / {score.wholes_held:.1%}",
                how=how,
            )
        )
    return rows


def _causes(on: date, goal: str) -> Measurement:
    """How often the suggested cause of a troubled line is the one that it was invented with."""
    right, quiet = [], []
    for number in range(YEARS):
        year = invent(load(), np.random.default_rng([CAUSE_SEED, number]))
        facts = facts_by_line(booked(load(), year, until=on), on=on)
        for line in year.lines:
            found = suggest(facts[line.line]).cause is line.cause
            (quiet if line.cause is Cause.NONE else right).append(found)
    hits = float(np.mean(right))
    usual = max(Cause, key=lambda cause: CAUSE_RATES.get(cause, 0.0) * (cause is not Cause.NONE))
    share = CAUSE_RATES[usual] / (1 - CAUSE_RATES[Cause.NONE])
    return Measurement(
        what=f"plain: causes of troubled lines found again from the ledger on {on}",
        figure=f"{hits:.1%}",
        peer=f"always the commonest cause {share:.1%}; lines without trouble left alone"
        f" {float(np.mean(quiet)):.1%}",
        goal=goal,
        kept=hits >= 0.7 if goal else None,
        how=f"{len(right):,} troubled lines of {YEARS} invented years, booked every ten days,"
        f" seed {CAUSE_SEED}",
    )


def _speed() -> list[Measurement]:
    year = next(_years(Regime.PLAIN, 1))
    times = {
        on: median_cpu_s(
            lambda on=on: foresee(of_year(year, on), np.random.default_rng(1), paths=10_000),
            times=5,
        )
        for on in (AUGUST_1, OCTOBER_31)
    }
    ledger = booked(load(), year, until=YEAR_END)
    many = ledger.__class__(programme=ledger.programme, entries=ledger.entries * 300)
    begin = time.process_time()
    balances(many, on=OCTOBER_31)
    adding = time.process_time() - begin
    return [
        *(
            Measurement(
                what=f"outlooks, fans and dates of all lines on {on} with 10,000 paths",
                figure=f"{taken:.2f} s CPU",
                goal="≤ 1 s CPU",
                kept=taken <= 1,
                how=f"median of 5 runs, warm; {len(year.lines)} lines",
            )
            for on, taken in times.items()
        ),
        Measurement(
            what=f"balances of a past day from {len(many.entries):,} entries",
            figure=f"{adding * 1000:.0f} ms CPU",
            goal="well under 1 s",
            kept=adding < 0.5,
            how="one run; the entries of one invented year, three hundred times over",
        ),
    ]


def measure() -> list[Measurement]:
    """Errors and intervals in every regime, causes, and what a forecast costs."""
    rows = [
        row
        for regime in Regime
        for row in _rows(regime, YEARS if regime is Regime.PLAIN else OTHERS)
    ]
    causes = [_causes(OCTOBER_31, "≥ 70 %"), _causes(SEPTEMBER_30, "")]
    return rows + _ledger_rows() + causes + _speed()
