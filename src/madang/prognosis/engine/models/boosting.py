"""What is the hazard in each interval of time? Boosted trees on pooled patient-intervals.

Follow-up is cut at quantiles of the event times. Each patient gives one row for every interval
entered: the covariates, the interval's number, whether the event fell in it, and the share of it
    that
was observed as weight. A classifier of those rows estimates the discrete hazard h, and
S = ∏ (1 − h). The file needs numpy and scikit-learn alone, so that it can be handed in as it
stands.

Sources: Cox (1972) for the discrete model; Singer and Willett (1993) for the pooled rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]

ROUNDS, RATE, LEAVES, PER_LEAF, L2 = 120, 0.05, 8, 40, 5.0


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """A fitted model. `ends` (m) are the ends of the intervals; the first begins at 0."""

    ends: Floats
    classifier: Any
    """None where the sample had no event, or nothing but events: then `constant` is the hazard."""
    constant: float

    def hazards(self, matrix: ArrayLike) -> Floats:
        """(n, m) probability of the event in each interval, given that it was entered."""
        rows, count = np.asarray(matrix, dtype=np.float64), len(self.ends)
        if self.classifier is None:
            return np.full((len(rows), count), self.constant)
        pooled = _pooled(rows, np.full(len(rows), count))
        with _one_thread():
            hazard: Floats = self.classifier.predict_proba(pooled)[:, 1].reshape(len(rows), count)
        return hazard

    def survival(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k) probability of being free of the event, linear between the ends of intervals.

        Beyond the last end it stays where it is: nothing was observed there.
        """
        knots = np.concatenate([[0.0], self.ends])
        curves = np.cumprod(1 - self.hazards(matrix), axis=1)
        curves = np.hstack([np.ones((len(curves), 1)), curves])
        times = np.clip(np.asarray(grid, dtype=np.float64), 0.0, knots[-1])
        right = np.clip(np.searchsorted(knots, times, side="left"), 1, len(knots) - 1)
        share = (times - knots[right - 1]) / (knots[right] - knots[right - 1])
        between: Floats = curves[:, right - 1] * (1 - share) + curves[:, right] * share
        return between


def fit_boosting(
    matrix: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    intervals: int = 25,
    rounds: int = ROUNDS,
    rate: float = RATE,
    leaves: int = LEAVES,
    per_leaf: int = PER_LEAF,
    l2: float = L2,
    seed: int = 0,
) -> Boosting:
    """Fit the discrete hazard. One thread, so that the same rows give the same bits.

    Args:
        matrix: (n, p) covariates; scale does not matter.
        time: (n) follow-up, above 0.
        event: (n) true where the follow-up ended with the event.
        intervals: At most so many; equal quantiles of the event times merge.
        rounds: Trees.
        rate: Learning rate.
        leaves: Leaves of a tree.
        per_leaf: Fewest pooled rows in a leaf.
        l2: Shrinkage of the leaves' values.
        seed: Seeds the binning, the only random part (above 200 000 pooled rows).

    Raises:
        ValueError: The sizes differ, there is no row, or a value is not finite.
    """
    rows, when, happened = _checked(matrix, time, event)
    ends = _ends(when, happened, intervals)
    entered = np.minimum(np.searchsorted(ends, when, side="left") + 1, len(ends))
    pooled, weight = _pooled(rows, entered), _observed(when, happened, entered, ends)
    label = np.zeros(len(pooled), dtype=np.int64)
    inside = happened & (when <= ends[-1])
    label[(np.cumsum(entered) - 1)[inside]] = 1
    pooled, label, weight = pooled[weight > 0], label[weight > 0], weight[weight > 0]
    if label.min() == label.max():
        return Boosting(ends=ends, classifier=None, constant=float(label[0]))
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
    with _one_thread():
        classifier.fit(pooled, label, sample_weight=weight)
    return Boosting(ends=ends, classifier=classifier, constant=0.0)


def _checked(matrix: ArrayLike, time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats, Bools]:
    rows = np.asarray(matrix, dtype=np.float64)
    when, happened = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=bool)
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"covariates of shape {rows.shape}: rows and columns are needed")
    if when.shape != (len(rows),) or happened.shape != (len(rows),):
        raise ValueError(f"{len(rows)} rows, {when.shape} times and {happened.shape} events")
    if not (np.isfinite(rows).all() and np.isfinite(when).all() and (when > 0).all()):
        raise ValueError("covariates are not finite, or times not above 0")
    return rows, when, happened


def _ends(when: Floats, happened: Bools, intervals: int) -> Floats:
    """Ends of the intervals: quantiles of the event times, or of all times where none happened."""
    times = when[happened] if happened.any() else when
    ends: Floats = np.unique(np.quantile(times, np.linspace(0, 1, intervals + 1)[1:]))
    return ends


def _pooled(rows: Floats, entered: NDArray[np.intp]) -> Floats:
    """One row a patient and interval entered: covariates, then the interval's number."""
    number = np.arange(entered.sum()) - np.repeat(np.cumsum(entered) - entered, entered)
    return np.hstack([np.repeat(rows, entered, axis=0), number[:, None].astype(np.float64)])


def _observed(when: Floats, happened: Bools, entered: NDArray[np.intp], ends: Floats) -> Floats:
    """Share of each entered interval that was observed: 1, but for the last of a censored one."""
    starts = np.concatenate([[0.0], ends[:-1]])
    last = entered - 1
    share = np.clip((when - starts[last]) / (ends[last] - starts[last]), 0.0, 1.0)
    weight = np.ones(int(entered.sum()))
    weight[np.cumsum(entered) - 1] = np.where(happened, 1.0, share)
    return weight


def _one_thread() -> Any:
    """Sums over several threads come in any order, and then the last bits differ."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
