"""What may the board say of new answers? The kernel's Ladder on this demand's metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from madang.kernel.stats.jackknife import mean_error
from madang.kernel.stats.ladder import CASES_A_STEP, Ladder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Metric

LEVEL = 0.95


def release(
    metric: Metric,
    *,
    new: Floats,
    best: Floats,
    baseline: Floats,
    quota: int,
    clusters: NDArray[Any] | None = None,
) -> dict[str, Any]:
    """Decide one release. All losses are turned so that lower is better.

    Args:
        metric: The decision's metric.
        new: (n,) losses of the new answers.
        best: (n,) losses of the firm's best released answers; the baseline's before any release.
        baseline: (n,) losses of the trivial baseline, which set the scale of the floor.
        quota: How many releases a firm may have in all.
        clusters: (n,) labels of cases that belong together, or None.

    Returns:
        `improved`, `step`, `bits`; with an improvement `shown` and `interval`, both in the
        metric's own direction. The interval holds together for every release that the firm may
        ever have.
    """
    low, high = bounds(metric, new, best)
    ladder = Ladder(
        queries=quota,
        cases=len(new),
        unit=10.0 ** -min(metric.decimals, 3),
        # Ten cases' worth, on the scale on which losses of this demand really differ.
        floor=CASES_A_STEP * float(baseline.std()) / len(new),
        lowest=low,
        highest=high,
    )
    released = ladder.release(best, new, clusters=clusters)
    facts = {"improved": released.improved, "step": released.step, "bits": released.bits}
    if not released.improved:
        return facts
    assert released.shown is not None
    half = half_width(new, quota=quota, clusters=clusters)
    # The interval is as wide as the losses vary: its width leaves the seal too.
    bits = released.bits + math.log2(max(2.0, (high - low) / ladder.unit))
    return {**facts, **_shown(metric, released.shown, half, ladder.unit), "bits": bits}


def _shown(metric: Metric, shown: float, half: float, unit: float) -> dict[str, Any]:
    """A released score and its interval, in the metric's own direction and rounded."""
    sign = 1.0 if metric.direction == "lower" else -1.0
    ends = sorted(sign * round(end / unit) * unit for end in (shown - half, shown + half))
    return {"shown": sign * shown, "interval": [round(end, 9) for end in ends]}


def bounds(metric: Metric, *losses: Floats) -> tuple[float, float]:
    """Between which values a turned mean loss lies, by the metric's own bounds."""
    ends = [metric.lowest, metric.highest]
    if metric.direction == "higher":
        ends = [None if end is None else -end for end in reversed(ends)]
    means = [float(each.mean()) for each in losses]
    low = min(means) - 1.0 if ends[0] is None else ends[0]
    high = max(means) + 1.0 if ends[1] is None else ends[1]
    return min(low, *means), max(high, *means)


def half_width(losses: Floats, *, quota: int, clusters: NDArray[Any] | None) -> float:
    """Half the interval of a released score; it holds for `quota` releases together."""
    from scipy.special import stdtrit

    units = len(losses) if clusters is None else len(set(clusters.tolist()))
    tail = (1 - LEVEL) / (2 * quota)
    return float(stdtrit(units - 1, 1 - tail)) * float(mean_error(losses, clusters=clusters))
