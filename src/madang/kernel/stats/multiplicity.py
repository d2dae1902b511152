"""What still holds when many comparisons are made at once? Holm's p values and max-T intervals.

Holm keeps the family-wise error under any dependence. Max-T uses the dependence: intervals
estimate ± q · standard error, with q the quantile of the largest standardised deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaincc, ndtr

from madang.kernel.stats.interval import Interval

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

_DIRECTIONS = 1 << 14
"""Random directions for the normal family; given a direction the rest is exact."""
_NO_VARIATION = 1e-12
"""A standard error below this share of the largest is rounding of 0."""


class Simultaneous(NamedTuple):
    """Intervals that hold together, and p values adjusted for the family."""

    intervals: tuple[Interval, ...]
    p_values: Floats
    """(m,) single-step adjusted, two-sided, for "the quantity is 0"."""
    standard_errors: Floats
    """(m,)"""
    quantile: float
    """The q of estimate ± q · standard error."""


def holm(p_values: NDArray[np.float64] | list[float]) -> Floats:
    """Adjust p values for the family-wise error under any dependence.

    Args:
        p_values: (m,) each within [0, 1].

    Returns:
        (m,) adjusted p values in the order given; reject where at most alpha.

    Raises:
        ValueError: A value is not within [0, 1].

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    given = np.asarray(p_values, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError("p values must lie within [0, 1]")
    order = np.argsort(given, kind="stable")
    steps = given[order] * np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def max_t(
    estimates: Floats,
    *,
    replicates: Floats | None = None,
    covariance: Floats | None = None,
    standard_errors: Floats | None = None,
    widening: float = 1.0,
    level: float = 0.95,
) -> Simultaneous:
    """Simultaneous intervals of m quantities, from bootstrap replicates or from a covariance.

    Args:
        estimates: (m,) the estimates.
        replicates: (count, m) their bootstrap replicates; or
        covariance: (m, m) their covariance, which may be singular (all pairs of k solutions).
        standard_errors: (m,) to use with replicates; their standard deviations if None.
        widening: Factor on the deviations of the replicates, where few units make them too small.
        level: Confidence that all intervals hold together.

    Raises:
        ValueError: Not exactly one of `replicates` and `covariance` is given.

    Source: R. Beran, JASA 83 (1988), 679-686; Hothorn, Bretz & Westfall, Biometrical Journal 50
    (2008), 346-363.
    """
    if (replicates is None) == (covariance is None):
        raise ValueError("give either replicates or a covariance")
    if replicates is not None:
        errors = replicates.std(axis=0, ddof=1) if standard_errors is None else standard_errors
        errors = _settled(errors, estimates)
        sampled = _Sampled(widening * np.abs(replicates - estimates), errors)
        return _family(estimates, errors, sampled, level)
    assert covariance is not None
    errors = _settled(np.sqrt(np.clip(np.diag(covariance), 0, None)), estimates)
    return _family(estimates, errors, _Normal(covariance, errors), level)


class _Sampled:
    """The largest standardised deviation as the bootstrap has it."""

    def __init__(self, deviations: Floats, errors: Floats) -> None:
        varied = errors > 0
        self.count = len(deviations)
        self.largest = (deviations[:, varied] / errors[varied]).max(axis=1, initial=0.0)

    def quantile(self, level: float) -> float:
        # The next order statistic, not an interpolation: the p value below agrees with it.
        rank = min(int(np.ceil(level * (self.count + 1))), self.count)
        return float(np.partition(self.largest, rank - 1)[rank - 1])

    def beyond(self, ratios: Floats) -> Floats:
        reached = (self.largest[:, None] >= ratios).sum(axis=0)
        return np.asarray((1 + reached) / (1 + self.count))


class _Normal:
    """The largest absolute value of correlated normals.

    A normal vector is a uniform direction times an independent chi of its rank. For each direction
    the probability is exact, so that few directions give the tails without noise of their own.
    """

    def __init__(self, covariance: Floats, errors: Floats) -> None:
        varied = errors > 0
        scale = errors[varied]
        self.rank = 0
        if not len(scale):
            return
        values, vectors = np.linalg.eigh(
            covariance[np.ix_(varied, varied)] / np.outer(scale, scale)
        )
        kept = values > values[-1] * 1e-10
        self.rank = int(kept.sum())
        root = vectors[:, kept] * np.sqrt(values[kept])
        rng = np.random.default_rng(20260211)
        directions = rng.standard_normal((_DIRECTIONS if self.rank > 1 else 1, self.rank))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        self.reach = np.abs(directions @ root.T).max(axis=1)

    def share_beyond(self, bound: float) -> float:
        return float(gammaincc(self.rank / 2, (bound / self.reach) ** 2 / 2).mean())

    def quantile(self, level: float) -> float:
        from scipy.optimize import brentq

        if not self.rank:
            return 0.0
        return float(
            brentq(lambda bound: self.share_beyond(bound) - (1 - level), 0, 40, xtol=1e-6)
        )

    def beyond(self, ratios: Floats) -> Floats:
        alone = 2 * ndtr(-ratios)
        whole = [self.share_beyond(ratio) if np.isfinite(ratio) else 0.0 for ratio in ratios]
        return np.asarray(np.maximum(whole, alone))


def _settled(errors: Floats, estimates: Floats) -> Floats:
    """Standard errors with rounding of 0 set to 0."""
    scale = np.maximum(errors.max(initial=0.0), np.abs(estimates))
    return np.where(errors <= _NO_VARIATION * scale, 0.0, errors)


def _family(
    estimates: Floats, errors: Floats, largest: _Sampled | _Normal, level: float
) -> Simultaneous:
    quantile = largest.quantile(level)
    varied = errors > 0
    ratios = np.full(len(estimates), np.inf)
    ratios[varied] = np.abs(estimates[varied]) / errors[varied]
    p_values = np.ones(len(estimates))
    unequal = varied | (estimates != 0)
    p_values[unequal] = largest.beyond(ratios[unequal])
    intervals = tuple(
        Interval(estimate, estimate - quantile * error, estimate + quantile * error, level)
        for estimate, error in zip(estimates.tolist(), errors.tolist(), strict=True)
    )
    return Simultaneous(intervals, p_values, errors, quantile)
