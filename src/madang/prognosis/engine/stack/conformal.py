"""How long will this patient be free of the event at least? A bound that holds for nine of ten.

From each curve the time is read at which survival has fallen to some level; the level is chosen on
patients that the parts did not see, so that no more than the promised share had the event before
their bound. Censored patients are made up for by weights 1/G (chance of still being followed), G
being conditional on covariates where those decide about censoring. No model needs to be right for
it: only the patients to come must be like those seen, and G.

Sources: Candès, Lei and Ren (2023) for conformal survival bounds; Gui, Hore, Ren and Barber (2024)
for adaptive cut-offs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from madang.prognosis.engine.quality.brier import LOWEST_CHANCE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

LEVELS = 400


@dataclass(frozen=True, kw_only=True)
class Bound:
    """`share` of patients are free of the event at least until survival falls to `level`."""

    share: float
    level: float

    def times(self, survival: ArrayLike, times: ArrayLike) -> Floats:
        """(n,) the bound of each patient; the last time where the curve stays above the level.

        Args:
            survival: (n, k) curves, not rising.
            times: (k) their times, ascending.
        """
        return reached(np.asarray(survival, dtype=np.float64), times, self.level)


def reached(survival: Floats, times: ArrayLike, level: float) -> Floats:
    """(n,) first time at which each curve, straight between times, is at the level or below."""
    when = np.asarray(times, dtype=np.float64)
    below = survival <= level
    place = np.where(below.any(axis=1), below.argmax(axis=1), len(when))
    right = np.clip(place, 1, len(when) - 1)
    rows = np.arange(len(survival))
    high, low = survival[rows, right - 1], survival[rows, right]
    drop = high - low
    share = np.divide(high - level, drop, out=np.ones(len(rows)), where=drop > 0)
    between = when[right - 1] + np.clip(share, 0.0, 1.0) * (when[right] - when[right - 1])
    found: Floats = np.where(place == 0, when[0], np.where(place == len(when), when[-1], between))
    return found


def fit_bound(
    outcomes: Outcomes,
    survival: ArrayLike,
    times: ArrayLike,
    followed: ArrayLike,
    *,
    often: ArrayLike | None = None,
    share: float = 0.9,
) -> Bound:
    """Choose the lowest level whose bounds keep the promise: later bounds tell more.

    Args:
        outcomes: Of patients whose curves come from models that did not see them.
        survival: (n, k) those curves.
        times: (k) their times, ascending, the first 0.
        followed: (n) each patient's chance of still being followed at the own time.
        often: (n) how many times each patient counts; once if left out.
        share: Of patients to be free of the event at their bound.
    """
    curves = np.asarray(survival, dtype=np.float64)
    count = np.ones(len(curves)) if often is None else np.asarray(often, dtype=np.float64)
    chance = np.maximum(np.asarray(followed, dtype=np.float64), LOWEST_CHANCE)
    weight = count * outcomes.event / chance
    # One patient more, who might be the one to come, is counted as missed.
    more = float(count.max())
    allowed = (1 - share) * (float(count.sum()) + more) - more
    best = 1.0
    for level in np.linspace(1.0, 0.0, LEVELS, endpoint=False)[1:].tolist():
        missed = float(weight @ (outcomes.time < reached(curves, times, level)))
        if missed > allowed:
            break
        best = level
    return Bound(share=share, level=best)
