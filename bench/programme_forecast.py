"""How far does the forecast of 31 October err, beside naive rules, on invented years?

Years are invented by `madang.programme.engine.histories`, with seeds that nothing was set on. The
forecaster's habits of causes are near the generator's own: the plain regime shows what it can do
where its picture is right, the others what happens where it is not.
"""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.table import Measurement
from madang.programme.engine.balances import balances
from madang.programme.engine.booked_year import booked
from madang.programme.engine.forecast.fan import LEVEL
from madang.programme.engine.forecast.outlook import outlooks
from madang.programme.engine.forecast.peers import PEERS
from madang.programme.engine.forecast.seen import of_year
from madang.programme.engine.histories import Regime, invent
from madang.programme.engine.lines import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.programme.engine.histories import Year

    Floats: TypeAlias = NDArray[np.float64]

OCTOBER_31, YEAR_END = date(2025, 10, 31), date(2025, 12, 31)
SEED, YEARS, OTHERS, PATHS = 2025_11, 200, 40, 1_000


class Score(NamedTuple):
    """Misses of one forecast, as shares of the appropriation."""

    line: float
    """Mean absolute error of a line."""
    whole: float
    """Mean absolute error of the sum."""
    lines_held: float
    """Share of lines whose end lay in the interval."""
    wholes_held: float
    peers: dict[str, tuple[float, float]]
    """Name of a naive rule → its errors of a line and of the sum."""


def _years(regime: Regime, count: int) -> Iterator[Year]:
    for number in range(count):
        seed = [SEED, list(Regime).index(regime), number]
        yield invent(load(), np.random.default_rng(seed), regime=regime)


def _score(regime: Regime, count: int, on: date = OCTOBER_31) -> Score:
    voted = np.array([line.amount_krw for line in load().lines], float)
    ends, middles, held = [], [], []
    naive: dict[str, list[Floats]] = {name: [] for name in PEERS}
    for number, year in enumerate(_years(regime, count)):
        seen = of_year(year, on)
        found = outlooks(seen, np.random.default_rng([number, SEED]), paths=PATHS)
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
    low, high = 0.75, 0.85
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
            figure=f"{score.lines_held:.1%} / {score.wholes_held:.1%}",
            goal="both 75-85 %" if plain else "",
            kept=low <= score.lines_held <= high and low <= score.wholes_held <= high
            if plain
            else None,
            how=how,
        ),
    ]


def _speed() -> list[Measurement]:
    year = next(_years(Regime.PLAIN, 1))
    seen = of_year(year, OCTOBER_31)
    times = []
    for run in range(5):
        begin = time.process_time()
        outlooks(seen, np.random.default_rng(run), paths=10_000)
        times.append(time.process_time() - begin)
    ledger = booked(load(), year, until=YEAR_END)
    many = ledger.__class__(programme=ledger.programme, entries=ledger.entries * 300)
    begin = time.process_time()
    balances(many, on=OCTOBER_31)
    adding = time.process_time() - begin
    middle = float(np.median(times))
    return [
        Measurement(
            what="forecast of all lines with 10,000 paths",
            figure=f"{middle:.2f} s CPU",
            goal="≤ 1 s CPU",
            kept=middle <= 1,
            how=f"median of {len(times)} runs, {len(seen)} lines",
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
    """Errors and intervals in every regime, and what a forecast costs."""
    rows = [
        row
        for regime in Regime
        for row in _rows(regime, YEARS if regime is Regime.PLAIN else OTHERS)
    ]
    return rows + _speed()
