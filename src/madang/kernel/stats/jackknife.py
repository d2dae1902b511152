"""What changes when one unit is left out? Standard errors and the skewness of a statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from madang.kernel.stats.sampling import Units, units

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

_ROUNDING = 1e-14
"""Deviations below this share of the values are rounding of 0."""


def left_out_means(values: Floats, grouped: Units) -> Floats:
    """Means of m per-case values with each unit left out.

    Args:
        values: (m, n) one row a quantity.
        grouped: The units of the n cases.

    Returns:
        (u, m)
    """
    totals = grouped.totals(values)
    return np.asarray((totals.sum(axis=0) - totals) / (values.shape[1] - grouped.sizes)[:, None])


def standard_errors(jackknife: Floats, strata: Integers) -> Floats:
    """Standard errors of k statistics; for a mean of single cases exactly s / sqrt(n).

    Args:
        jackknife: (u, k) with each unit left out.
        strata: (u,) stratum of each unit, 0 …

    Returns:
        (k,)
    """
    members, total = np.bincount(strata), len(strata)
    # What is left out also takes weight from its stratum; the last factor gives it back. With one
    # stratum all this is the familiar (u - 1) / u.
    weights = (members / (members - 1))[strata] * ((total - 1) / total) ** 2
    return np.asarray(np.sqrt(weights @ _within(jackknife, strata) ** 2))


def mean_error(values: Floats, *, clusters: NDArray[Any] | None = None) -> float:
    """The standard error of one mean.

    Args:
        values: (n,)
        clusters: (n,) labels of cases that depend on one another.

    Raises:
        InputError: Too few cases or clusters.
    """
    grouped = units(len(values), clusters=clusters)
    return float(standard_errors(left_out_means(values[None], grouped), grouped.strata)[0])


def acceleration(jackknife: Floats, strata: Integers | None = None) -> float:
    """A sixth of the skewness of one statistic: how its error grows with its value.

    Args:
        jackknife: (u,) with each unit left out; 0 where constant.
        strata: (u,) stratum of each unit, 0 …; one stratum if None.
    """
    if strata is None:
        strata = np.zeros(len(jackknife), dtype=np.int64)
    influence = _within(jackknife[:, None], strata)[:, 0]
    spread = float((influence**2).sum())
    scale = float(np.abs(jackknife).max(initial=0.0))
    if spread <= len(influence) * (_ROUNDING * scale) ** 2:
        return 0.0
    return float(-(influence**3).sum() / (6 * spread**1.5))


def _within(jackknife: Floats, strata: Integers) -> Floats:
    """(u, k) deviations from the mean of the own stratum."""
    members = np.bincount(strata)
    sums = np.stack([np.bincount(strata, weights=column) for column in jackknife.T], axis=1)
    return np.asarray(jackknife - (sums / members[:, None])[strata])
