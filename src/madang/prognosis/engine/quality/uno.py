"""Do those who fare worse get the higher risk? Uno's C: concordance that censoring does not bend.

Over pairs in which one patient had the event before `limit` and the other was free of it for
longer (or censored at that very time), the share in which the first had the higher risk; equal
risks count one half. A pair weighs 1/G² at the first one's time, G being the chance of still
being followed.

Source: Uno, Cai, Pencina, D'Agostino and Wei (2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class Concordance(NamedTuple):
    """The concordance, and (n) how far each patient draws it: the sum of squares is its variance.

    Source: Hoeffding (1948): a U-statistic is nearly a sum of one term a patient.
    """

    value: float
    influence: Floats


def concordance_parts(
    outcomes: Outcomes, risk: ArrayLike, followed: ArrayLike, *, limit: float = np.inf
) -> Concordance:
    """The concordance with what each patient adds, the chances of being followed being known.

    Args:
        outcomes: Of the scored patients.
        risk: (n) any number that is higher for worse patients.
        followed: (n) chance of still being followed at each patient's own time.
        limit: Events at or after this time open no pair.
    """
    score = np.asarray(risk, dtype=np.float64)
    first = np.flatnonzero(outcomes.event & (outcomes.time < limit))
    weight = 1 / np.maximum(np.asarray(followed)[first], 1e-3) ** 2
    right, pairs = np.zeros((2, len(score)))
    for rows, longer, points in _compared(outcomes, score, first):
        own = weight[rows, None]
        right += (own * longer * points).sum(axis=0)
        pairs += (own * longer).sum(axis=0)
        right[first[rows]] += weight[rows] * (longer * points).sum(axis=1)
        pairs[first[rows]] += weight[rows] * longer.sum(axis=1)
    total = float(pairs.sum()) / 2  # each pair was counted for both of its patients
    if total <= 0:
        return Concordance(0.5, np.zeros(len(score)))
    value = float(right.sum()) / 2 / total
    return Concordance(value, (right - value * pairs) / total)


def curve_risk(survival: ArrayLike) -> Floats:
    """(n,) one risk out of each curve: −Σ log S over the grid, S not below 1e-5."""
    risk: Floats = -np.log(np.maximum(np.asarray(survival, dtype=np.float64), 1e-5)).sum(axis=1)
    return risk


def _concordant(
    outcomes: Outcomes, risk: Floats, first: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Per event: right answers (ties one half) and pairs."""
    right, pairs = np.zeros(len(first)), np.zeros(len(first))
    for rows, longer, points in _compared(outcomes, risk, first):
        pairs[rows] = longer.sum(axis=1)
        right[rows] = (longer * points).sum(axis=1)
    return right, pairs


def _compared(
    outcomes: Outcomes, risk: Floats, first: NDArray[np.intp]
) -> Iterator[tuple[slice, NDArray[np.bool_], Floats]]:
    """Some of the events (m) at once: (m, n) who was free for longer, and the points."""
    time, event = outcomes
    size = max(1, _BLOCK // len(time))
    for start in range(0, len(first), size):
        rows = first[start : start + size]
        when = time[rows, None]
        longer = (time > when) | ((time == when) & ~event)
        ahead = risk[rows, None] - risk
        points = (ahead > TIE) + 0.5 * (np.abs(ahead) <= TIE)
        yield slice(start, start + size), longer, points
