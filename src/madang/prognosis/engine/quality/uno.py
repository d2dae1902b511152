"""Do those who fare worse get the higher risk? Uno's C: concordance that censoring does not bend.

Over pairs in which one patient had the event before `limit` and the other was free of it for
longer (or censored at that very time), the share in which the first had the higher risk; equal
risks count one half. A pair weighs 1/G² at the first one's time, G being the chance of still
being followed.

Source: Uno, Cai, Pencina, D'Agostino and Wei (2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

TIE = 1e-8
"""Risks closer than this are equal."""

_BLOCK = 2_000_000  # comparisons held in memory at once


def uno_c_score(
    outcomes: Outcomes, risk: ArrayLike, followed: ArrayLike, *, limit: float = np.inf
) -> float:
    """The concordance, 0.5 where no pair can be compared.

    Args:
        outcomes: Of the scored patients.
        risk: (n) any number that is higher for worse patients.
        followed: (n) chance of still being followed at each patient's own time.
        limit: Events at or after this time open no pair.
    """
    first = np.flatnonzero(outcomes.event & (outcomes.time < limit))
    weight = 1 / np.maximum(np.asarray(followed)[first], 1e-3) ** 2
    right, pairs = _concordant(outcomes, np.asarray(risk, dtype=np.float64), first)
    total = float(weight @ pairs)
    return float(weight @ right) / total if total > 0 else 0.5


def curve_risk(survival: ArrayLike) -> Floats:
    """(n,) one risk out of each curve: −Σ log S over the grid, S not below 1e-5."""
    risk: Floats = -np.log(np.maximum(np.asarray(survival, dtype=np.float64), 1e-5)).sum(axis=1)
    return risk


def _concordant(
    outcomes: Outcomes, risk: Floats, first: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Per event: right answers (ties one half) and pairs."""
    time, event = outcomes
    right, pairs = np.zeros(len(first)), np.zeros(len(first))
    size = max(1, _BLOCK // len(time))
    for start in range(0, len(first), size):
        rows = first[start : start + size]
        when = time[rows, None]
        longer = (time > when) | ((time == when) & ~event)
        ahead = risk[rows, None] - risk
        pairs[start : start + size] = longer.sum(axis=1)
        score = (ahead > TIE) + 0.5 * (np.abs(ahead) <= TIE)
        right[start : start + size] = (longer * score).sum(axis=1)
    return right, pairs
