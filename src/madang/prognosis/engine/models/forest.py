"""Who among the patients seen is like this one? A forest whose leaves hold counts of patients.

Trees split on martingale residuals, the score of the log-rank test, so that an ordinary regression
forest separates early events from late ones. A leaf then keeps, for each interval of time, how
many of its patients were at risk and how many had the event; a patient's hazard is the ratio of
both, averaged over the leaves that the patient falls in.

Sources: Hothorn and Lausen (2003) for log-rank scores in trees; Therneau, Grambsch and Fleming
(1990) for martingale residuals; Hothorn et al. (2004) for averaging counts instead of curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.intervals import Intervals, Watched, one_thread

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int32]

TREES, PER_LEAF, MOST_INTERVALS = 80, 12, 24
_LEVELS = 3  # of a tree between two looks at who has reached a leaf
_ROWS = 2048  # patients looked at together: their counts stay in the processor's cache


@dataclass(frozen=True, kw_only=True)
class Forest:
    """A fitted forest: all nodes of all trees in one list, the first `trees` being the roots.

    A node sends a patient to `child[node, 0]` where `column` is at most `threshold`, else to
    `child[node, 1]`; a leaf is its own child. `counts` (leaves, 2, m) are patients at risk and
    events in each interval, both divided by the patients of the leaf; `leaf` (nodes) is a node's
    place among them.
    """

    intervals: Intervals
    trees: int
    depth: int
    column: Integers
    threshold: NDArray[np.float32]
    child: Integers
    leaf: Integers
    counts: NDArray[np.float32]

    def survival(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k) probability of being free of the event at each time of the grid.

        Args:
            matrix: (n, p) covariates without gaps.
            grid: (k) times.
        """
        rows = np.ascontiguousarray(matrix, dtype=np.float32)
        parts = [self._hazards(rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS)]
        hazards = np.concatenate(parts) if parts else np.empty((0, len(self.intervals.ends)))
        return self.intervals.survival(hazards, grid)

    def _hazards(self, rows: NDArray[np.float32]) -> Floats:
        """(n, m) events over patients at risk, both summed over the trees."""
        from scipy.sparse import csr_matrix

        leaves = self.leaf[self._fallen(rows)]
        count, width = len(rows), self.counts[0].size
        places = np.arange(0, leaves.size + 1, self.trees)
        ones = np.ones(leaves.size, dtype=np.float32)
        chosen = csr_matrix((ones, leaves.ravel(), places), shape=(count, len(self.counts)))
        summed = (chosen @ self.counts.reshape(-1, width)).reshape(count, 2, -1)
        at_risk, events = summed[:, 0].astype(np.float64), summed[:, 1]
        hazards: Floats = np.minimum(events / np.maximum(at_risk, 1e-9), 1.0)
        return hazards

    def _fallen(self, rows: NDArray[np.float32]) -> NDArray[np.intp]:
        """(n, trees) the node at which each patient ends."""
        # Indices of the machine's own width: others are copied at every step.
        column, child = self.column.astype(np.intp), self.child.ravel().astype(np.intp)
        ended, values = self.leaf >= 0, rows.ravel()
        found = np.tile(np.arange(self.trees), len(rows))
        start = np.repeat(np.arange(len(rows)) * rows.shape[1], self.trees)
        going, at = np.arange(len(found)), found
        for level in range(self.depth):
            beyond = values.take(column.take(at) + start) > self.threshold.take(at)
            at = child.take(2 * at + beyond)
            if level % _LEVELS == _LEVELS - 1:
                found[going] = at
                left = ~ended.take(at)
                going, at, start = going[left], at[left], start[left]
        found[going] = at
        return found.reshape(len(rows), self.trees)


def fit_forest(
    matrix: ArrayLike,
    watched: Watched,
    *,
    trees: int = TREES,
    per_leaf: int = PER_LEAF,
    intervals: int = MOST_INTERVALS,
    seed: int = 0,
) -> Forest:
    """Grow the trees on bootstrap samples; count every patient in the leaves.

    Args:
        matrix: (n, p) covariates without gaps; scale does not matter.
        watched: Of the same patients: follow-up, event, entry and weight.
        trees: How many.
        per_leaf: Fewest sampled patients in a leaf.
        intervals: At most so many, cut at quantiles of the event times.
        seed: Samples patients and columns.
    """
    from sklearn.ensemble import RandomForestRegressor

    rows = np.ascontiguousarray(matrix, dtype=np.float32)
    cut = Intervals.at_events(watched, intervals)
    grown = RandomForestRegressor(
        trees,
        min_samples_leaf=per_leaf,
        max_features="sqrt",
        random_state=seed,
    )
    with one_thread():
        grown.fit(rows, watched.martingale_residuals(), sample_weight=watched.weight)
    return _counted(rows, watched, cut, [each.tree_ for each in grown.estimators_])


def _counted(
    rows: NDArray[np.float32], watched: Watched, cut: Intervals, trees: list[Any]
) -> Forest:
    """All trees as one list of nodes, with the counts of their leaves."""
    sizes = np.array([tree.node_count for tree in trees])
    place = _places(sizes)
    child = np.zeros((int(sizes.sum()), 2), dtype=np.int32)
    column, threshold = np.zeros(len(child), np.int32), np.zeros(len(child), np.float32)
    for tree, where in zip(trees, place, strict=True):
        own = np.arange(tree.node_count)
        ends = tree.children_left < 0
        child[where, 0] = where[np.where(ends, own, tree.children_left)]
        child[where, 1] = where[np.where(ends, own, tree.children_right)]
        column[where] = np.where(ends, 0, tree.feature)
        # Rounded down to single precision: a threshold lies between two such values.
        threshold[where] = _below(np.where(ends, 0.0, tree.threshold))
    leaf = np.full(len(child), -1, dtype=np.int32)
    ends = np.flatnonzero(child[:, 0] == np.arange(len(child)))
    leaf[ends] = np.arange(len(ends))
    forest = Forest(
        intervals=cut,
        trees=len(trees),
        depth=max(tree.max_depth for tree in trees),
        column=column,
        threshold=threshold,
        child=child,
        leaf=leaf,
        counts=np.empty((0, 2, len(cut.ends)), np.float32),
    )
    return _filled(forest, rows, watched, len(ends))


def _places(sizes: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Where each tree's nodes go: its root among the roots, the others after those of all."""
    after = len(sizes) + np.concatenate([[0], np.cumsum(sizes - 1)])
    return [
        np.concatenate([[number], after[number] + np.arange(size - 1)]).astype(np.intp)
        for number, size in enumerate(sizes)
    ]


def _below(values: Floats) -> NDArray[np.float32]:
    single = values.astype(np.float32)
    over = single.astype(np.float64) > values
    return np.where(over, np.nextafter(single, np.float32(-np.inf)), single)


def _filled(forest: Forest, rows: NDArray[np.float32], watched: Watched, leaves: int) -> Forest:
    from dataclasses import replace

    from scipy.sparse import csr_matrix

    fallen = forest.leaf[forest._fallen(rows)]
    at_risk, events = forest.intervals.counts(watched)
    kept = np.hstack([at_risk, events]) * watched.weight[:, None]
    places = np.arange(0, fallen.size + 1, forest.trees)
    shape = (len(rows), leaves)
    inside = csr_matrix((np.ones(fallen.size), fallen.ravel(), places), shape=shape).T
    size = np.maximum(np.asarray(inside @ watched.weight), 1e-12)
    counts = np.asarray(inside @ kept) / size[:, None]
    shaped = counts.reshape(leaves, 2, -1).astype(np.float32)
    return replace(forest, counts=shaped)
