"""Does a column beside a series know its future? Time itself and the series' name are no leaks.

Levels of two series often rise together without either knowing the other, so changes are compared,
and levels only where the outcome is more than a trend.
A column may also hold the outcome some steps away: even an honest lagged value, shown for every
sealed time at once, hands over the sealed values before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.trials.engine.tasks.columns import finite_numbers, take
from madang.trials.engine.tasks.leaks import (
    FEWEST,
    RANK_ALONE,
    Suspicion,
    as_leak,
    squared_rank_correlation,
)
from madang.trials.engine.tasks.one_column import as_numeric
from madang.trials.engine.tasks.timeline import rows_by_series, series_names, time_unit, times_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Leak, Options

SAME_VALUES = 0.9
"""Share of a column's values that may equal the outcome at one and the same distance in time."""
SAME_ORDER = 0.995
"""Squared rank correlation of levels, where the outcome is more than a trend."""
TREND = 0.9
"""Squared rank correlation of the outcome with time, above which it is no more than a trend."""
FARTHEST = 60
"""Most steps away at which the outcome is looked for; at least a season, up to this."""


def forecast_leaks(
    inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
) -> tuple[Leak, ...]:
    """Columns that change with the outcome, or hold it some steps away.

    Returns:
        At most one leak a column; empty below `FEWEST` cases.
    """
    truth = finite_numbers(take(outcomes, options["outcome"]))
    if len(truth) < FEWEST:
        return ()
    runs = _runs(inputs, options)
    skipped = {options["time"], options.get("series", "")}
    leaks = []
    for column in inputs.iter_columns():
        numbers = None if column.name in skipped else as_numeric(column)
        if numbers is not None:
            suspicions = _suspicions(numbers, truth, runs, options)
            found = next((each for each in suspicions if each.value >= each.limit), None)
            leaks += [as_leak(column.name, found)] if found else []
    return tuple(leaks)


def _runs(inputs: pl.DataFrame, options: Options) -> list[NDArray[np.int64]]:
    """Rows of each series in the order of time."""
    import numpy as np

    column = take(inputs, options["time"])
    times = times_in(column, time_unit(column))
    return [
        rows[np.argsort(times[rows], kind="stable")]
        for _, rows in rows_by_series(series_names(inputs, options))
    ]


def _suspicions(
    numbers: Floats, truth: Floats, runs: list[NDArray[Any]], options: Options
) -> Iterator[Suspicion]:
    import numpy as np

    changes = [np.concatenate([np.diff(each[rows]) for rows in runs]) for each in (numbers, truth)]
    yield Suspicion(
        "squared rank correlation of changes",
        "변화의 순위상관 제곱",
        squared_rank_correlation(changes[0], changes[1]),
        RANK_ALONE,
    )
    if not _only_trend(truth, runs):
        yield Suspicion(
            "squared rank correlation of values",
            "값의 순위상관 제곱",
            squared_rank_correlation(numbers, truth),
            SAME_ORDER,
        )
    reach = min(FARTHEST, max(7, options.get("season", 1)))
    values = max(same_values(numbers, truth, runs, away) for away in range(-reach, reach + 1))
    yield Suspicion(
        "share of values equal to the outcome some steps away",
        "몇 걸음 떨어진 결과와 같은 값의 비율",
        values,
        SAME_VALUES,
    )


def _only_trend(truth: Floats, runs: list[NDArray[Any]]) -> bool:
    """Is the outcome little more than a trend? Then whatever else grows is in the same order."""
    import numpy as np

    ranks = np.empty(len(truth))
    for rows in runs:
        ranks[rows] = np.arange(len(rows))
    return squared_rank_correlation(ranks, truth) > TREND


def same_values(numbers: Floats, truth: Floats, runs: list[NDArray[Any]], away: int) -> float:
    """Share of a column's values that equal the outcome `away` steps later (earlier if negative).

    The outcome's commonest value is left out: series full of zeros are equal by chance.

    Returns:
        0 to 1; 0 where fewer than twenty pairs can be compared.
    """
    import numpy as np

    found, counts = np.unique(truth, return_counts=True)
    common = found[np.argmax(counts)] if counts.max() > 1 else np.nan
    first, last = max(0, -away), max(0, away)
    mine = np.concatenate([numbers[rows[first : len(rows) - last]] for rows in runs])
    theirs = np.concatenate([truth[rows[last : len(rows) - first]] for rows in runs])
    usable = ~np.isnan(mine) & (theirs != common)
    if usable.sum() < FEWEST:
        return 0.0
    return float(np.isclose(mine[usable], theirs[usable], rtol=1e-9, atol=0.0).mean())
