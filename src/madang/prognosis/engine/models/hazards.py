"""What can happen in each interval of time, and by which cause? Boosted discrete hazards.

Each patient gives one row for every interval that was entered. A classifier of those rows says
"nothing", or "cause 1", "cause 2" … (one cause: the event). As the chances of a row add up to 1,
survival and the incidences of all causes do so too, for every patient at every time: that is a
property of the form, not of the fit.

A fitted model is a plain list of nodes, evaluated here: the interval's number is a column like any
other, so a leaf is a box of covariates times a range of intervals, and all hazards of a patient
come from one matrix product.

Sources: Singer and Willett (1993) for the pooled rows; Tutz and Schmid (2016), chapter 8, for
competing causes in discrete time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.intervals import Intervals, Watched, one_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int32]

ROUNDS, RATE, LEAVES, PER_LEAF, L2, INTERVALS = 80, 0.08, 8, 40, 5.0, 15
_ROWS = 2048
_NEVER = -1e300  # logarithm of a chance that is none


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Trees as one list of nodes; a leaf has `left` 0 (no tree returns to the first root).

    `outcome` (trees) is the outcome whose logit a tree adds to; `root` (trees) its first node. A
    patient goes left where the column is at most the threshold; without a value, where `gap_left`.
    """

    root: Integers
    outcome: Integers
    column: Integers
    threshold: Floats
    gap_left: NDArray[np.bool_]
    left: Integers
    right: Integers
    value: Floats


@dataclass(frozen=True, kw_only=True)
class Hazards:
    """A fitted model of `causes` causes: logits start at `base` (1 + causes, "nothing" first)."""

    intervals: Intervals
    causes: int
    base: Floats
    nodes: Nodes

    def hazards(self, matrix: ArrayLike) -> Floats:
        """(n, m, causes) probability of each cause in each interval, given that it was entered.

        Args:
            matrix: (n, p) covariates; NaN is a gap.
        """
        rows = np.asarray(matrix, dtype=np.float64)
        parts = [self._chances(rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS)]
        if not parts:
            return np.empty((0, len(self.intervals.ends), self.causes))
        return np.concatenate(parts)

    def survival(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k) probability of being free of every cause, linear between ends of intervals."""
        return self.intervals.survival(self.hazards(matrix).sum(axis=2), grid)

    def incidences(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k, causes) probability that each cause has happened by each time.

        With `survival` it adds up to 1: what leaves survival in an interval enters an incidence.
        """
        hazards = self.hazards(matrix)
        free = np.cumprod(1 - hazards.sum(axis=2), axis=1)
        before = np.hstack([np.ones((len(free), 1)), free[:, :-1]])
        reached = np.cumsum(hazards * before[:, :, None], axis=1)
        start = np.zeros((len(free), 1))
        return np.stack(
            [
                self.intervals.between(np.hstack([start, reached[:, :, cause]]), grid)
                for cause in range(self.causes)
            ],
            axis=2,
        )

    def _chances(self, rows: Floats) -> Floats:
        count, width = len(rows), len(self.intervals.ends)
        logits = np.broadcast_to(self.base, (count, width, 1 + self.causes)).copy()
        for outcome in range(1 + self.causes):
            boxes = list(_boxes(self.nodes, outcome, rows, width))
            if boxes:
                inside = np.column_stack([box for box, _, _, _ in boxes]).astype(np.float32)
                worth = np.zeros((len(boxes), width), dtype=np.float32)
                for row, (_, first, past, value) in zip(worth, boxes, strict=True):
                    row[first:past] = value
                logits[:, :, outcome] += inside @ worth
        logits -= logits.max(axis=2, keepdims=True)
        chances = np.exp(logits)
        found: Floats = chances[:, :, 1:] / chances.sum(axis=2, keepdims=True)
        return found


def _boxes(
    nodes: Nodes, outcome: int, rows: Floats, width: int
) -> Iterator[tuple[NDArray[np.bool_], int, int, float]]:
    """For each leaf: which patients are in its box, its first interval, the one past its last."""
    time_column = rows.shape[1]
    gaps = np.isnan(rows)
    low = np.ascontiguousarray(np.where(gaps, -np.inf, rows).T)
    high = np.ascontiguousarray(np.where(gaps, np.inf, rows).T) if gaps.any() else low
    everybody = np.ones(len(rows), dtype=bool)
    for root in nodes.root[nodes.outcome == outcome].tolist():
        waiting = [(root, everybody, 0, width)]
        while waiting:
            node, inside, first, past = waiting.pop()
            left, right = int(nodes.left[node]), int(nodes.right[node])
            if not left:
                yield inside, first, past, float(nodes.value[node])
                continue
            column, limit = int(nodes.column[node]), float(nodes.threshold[node])
            if column == time_column:
                cut = min(max(int(np.floor(limit)) + 1, first), past)
                waiting += [(left, inside, first, cut), (right, inside, cut, past)]
                continue
            below = (low if nodes.gap_left[node] else high)[column] <= limit
            waiting.append((left, inside & below, first, past))
            waiting.append((right, inside & ~below, first, past))


def fit_hazards(
    matrix: ArrayLike,
    watched: Watched,
    *,
    causes: int = 1,
    intervals: int = INTERVALS,
    rounds: int = ROUNDS,
    rate: float = RATE,
    leaves: int = LEAVES,
    per_leaf: int = PER_LEAF,
    l2: float = L2,
    seed: int = 0,
) -> Hazards:
    """Fit the discrete hazards. One thread, so that the same rows give the same bits.

    Args:
        matrix: (n, p) covariates; scale does not matter, NaN is a gap.
        watched: Of the same patients: follow-up, cause, entry and weight.
        causes: How many causes there are, whether or not each was seen here.
        intervals: At most so many; equal quantiles of the event times merge.
        rounds: Trees per outcome.
        rate: Learning rate.
        leaves: Leaves of a tree.
        per_leaf: Fewest pooled rows in a leaf.
        l2: Shrinkage of the leaves' values.
        seed: Seeds the binning, the only random part (above 200 000 pooled rows).
    """
    rows = np.asarray(matrix, dtype=np.float64)
    cut = Intervals.at_events(watched, intervals)
    patient, number, label, weight = _pooled(watched, cut)
    seen = np.unique(label)
    base = np.full(1 + causes, _NEVER)
    if len(seen) == 1:
        base[seen] = 0.0
        return Hazards(intervals=cut, causes=causes, base=base, nodes=_nodes([], seen))
    from sklearn.ensemble import HistGradientBoostingClassifier

    classifier = HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=rate,
        max_leaf_nodes=leaves,
        min_samples_leaf=per_leaf,
        l2_regularization=l2,
        early_stopping=False,
        random_state=seed,
    )
    pooled = np.column_stack([rows[patient], number])
    with one_thread():
        classifier.fit(pooled, label, sample_weight=weight)
    start = np.ravel(classifier._baseline_prediction)
    base[seen] = start if len(seen) > 2 else [0.0, *start]
    return Hazards(
        intervals=cut, causes=causes, base=base, nodes=_nodes(classifier._predictors, seen)
    )


def _pooled(watched: Watched, cut: Intervals) -> tuple[Any, Any, Any, Floats]:
    """Per patient and interval with time at risk: both numbers, the outcome, and that share."""
    at_risk, events = cut.counts(watched)
    patient, number = np.nonzero(at_risk > 0)
    label = (events[patient, number] * watched.cause[patient]).astype(np.int64)
    weight: Floats = at_risk[patient, number] * watched.weight[patient]
    return patient, number, label, weight


def _nodes(rounds: list[list[Any]], seen: NDArray[np.int64]) -> Nodes:
    """The classifier's trees, one outcome after the other within a round, as one list.

    With two outcomes there is one tree a round: it moves the second against the first.
    """
    outcomes = seen if len(seen) > 2 else seen[1:]
    trees = [tree.nodes for row in rounds for tree in row]
    sizes = [len(nodes) for nodes in trees]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)[: len(sizes)]

    def joined(field: str, kind: Any) -> Any:
        parts = [nodes[field] for nodes in trees]
        return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)

    shift, leaf = np.repeat(first, sizes), joined("is_leaf", bool)
    return Nodes(
        root=first,
        outcome=np.tile(outcomes, len(rounds)).astype(np.int32),
        column=joined("feature_idx", np.int32),
        threshold=joined("num_threshold", np.float64),
        gap_left=joined("missing_go_to_left", bool),
        left=np.where(leaf, 0, joined("left", np.int32) + shift).astype(np.int32),
        right=np.where(leaf, 0, joined("right", np.int32) + shift).astype(np.int32),
        value=joined("value", np.float64),
    )
