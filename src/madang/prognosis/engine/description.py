"""Who were the patients? Quartiles, counts of levels, gaps and follow-up; no one patient's value.

Levels with few patients are put together until what is told of them covers ten or more. The
median follow-up is that of the reversed Kaplan–Meier curve: how long patients would have been
watched if nothing had happened to them.

Sources: Schemper and Smith (1996) for the follow-up; Collins et al. (2024), items 20a and 20b.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.encoding import MISSING, texts
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from madang.prognosis.engine.models.intervals import Watched

    Floats: TypeAlias = NDArray[np.float64]

FEWEST = 10
"""Levels of fewer patients are not told one by one."""


def described(
    table: Mapping[str, Any], declared: Sequence[Mapping[str, Any]], watched: Watched
) -> dict[str, Any]:
    """Patients in plain JSON.

    Args:
        table: Column → (n) raw values.
        declared: `name` and `kind` of each column.
        watched: Follow-up of the same patients.

    Returns:
        `patients`, `events` (by cause), `follow_up` (`first`, `last`, `median` or None) and
        `columns`: `name`, `kind`, `missing` (share), and `quartiles` or `levels` and `pooled`
        (how many levels and patients were put together; None if none).
    """
    return {
        "patients": len(watched.time),
        "events": [
            int((watched.cause == each + 1).sum()) for each in range(max(watched.causes, 1))
        ],
        "follow_up": {
            "first": float(watched.time.min()),
            "last": float(watched.time.max()),
            "median": None if watched.late else median_follow_up(watched),
        },
        "columns": [_column(each, table[each["name"]]) for each in declared],
    }


def median_follow_up(watched: Watched) -> float | None:
    """Median of the reversed Kaplan–Meier curve; None where it does not fall to one half."""
    curve = censoring_curve(Outcomes(watched.time, watched.event))
    reached = np.flatnonzero(curve.survival <= 0.5)
    return float(curve.times[reached[0]]) if len(reached) else None


def _column(declared: Mapping[str, Any], values: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": declared["name"], "kind": declared["kind"]}
    if declared["kind"] != "category":
        numbers = np.asarray(values, dtype=np.float64)
        known = numbers[np.isfinite(numbers)]
        enough = len(known) >= 4 * FEWEST
        quartiles = np.quantile(known, (0.25, 0.5, 0.75)).tolist() if enough else None
        return {**facts, "missing": 1 - len(known) / len(numbers), "quartiles": quartiles}
    shown = texts(values)
    gaps = shown == MISSING
    levels, counts = np.unique(shown[~gaps], return_counts=True)
    return {
        **facts,
        "missing": float(gaps.mean()),
        **_levels(dict(zip(levels.tolist(), counts.tolist(), strict=True))),
    }


def _levels(counts: dict[str, int]) -> dict[str, Any]:
    """The smallest levels are put together until they are ten patients or more, or all."""
    hidden: list[str] = []
    for level in sorted(counts, key=lambda each: (counts[each], each)):
        together = sum(counts[each] for each in hidden)
        if counts[level] >= FEWEST and (not hidden or together >= FEWEST):
            break
        hidden.append(level)
    pooled = {"levels": len(hidden), "patients": sum(counts[each] for each in hidden)}
    return {
        "levels": {level: counts[level] for level in sorted(counts) if level not in hidden},
        "pooled": pooled if hidden else None,
    }
