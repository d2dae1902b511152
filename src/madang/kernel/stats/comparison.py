"""Do two solutions differ? Their difference with everything a reader needs to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from madang.kernel.stats.interval import Interval
from madang.kernel.stats.multiplicity import max_t

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The difference *first less second* of two solutions on the same cases.

    Of losses, a negative difference says that `first` is better; of scores, a positive one.
    """

    first: int
    """Position of the solution in what was handed in."""
    second: int
    difference: Interval
    """This pair alone: how large it may be. Whether there is one, the p values decide."""
    standard_error: float
    p_value: float
    """Two-sided, this pair alone."""
    simultaneous: Interval
    """Holds together with the intervals of all other pairs of the family."""
    adjusted_p_value: float
    """Two-sided, for the whole family; below 1 - level where `simultaneous` leaves out 0."""


def pairs(k: int, *, reference: int | None = None) -> list[tuple[int, int]]:
    """Which solutions are compared: all pairs, or each other one with the reference.

    Raises:
        ValueError: The reference is none of the k solutions.
    """
    if reference is None:
        return [(a, b) for a in range(k) for b in range(a + 1, k)]
    if not 0 <= reference < k:
        raise ValueError(f"reference {reference} of {k} solutions")
    return [(other, reference) for other in range(k) if other != reference]


def covariance_differences(
    estimates: Floats, covariance: Floats, *, level: float = 0.95, reference: int | None = None
) -> tuple[Comparison, ...]:
    """Compare k solutions whose scores have a known joint covariance (AUC after DeLong).

    Args:
        estimates: (k,) scores.
        covariance: (k, k) their covariance.
        level: Confidence of each interval, and of the family.
        reference: Compare each solution with this one; all pairs if None.

    Returns:
        One comparison a pair, from the normal approximation.
    """
    chosen = pairs(len(estimates), reference=reference)
    contrast = np.zeros((len(chosen), len(estimates)))
    for row, (first, second) in enumerate(chosen):
        contrast[row, first], contrast[row, second] = 1.0, -1.0
    family = max_t(
        contrast @ estimates, covariance=contrast @ covariance @ contrast.T, level=level
    )
    half = float(ndtri((1 + level) / 2))
    return tuple(
        Comparison(
            first=first,
            second=second,
            difference=Interval(
                whole.estimate, whole.estimate - half * error, whole.estimate + half * error, level
            ),
            standard_error=error,
            p_value=_two_sided(whole.estimate, error),
            simultaneous=whole,
            adjusted_p_value=adjusted,
        )
        for (first, second), whole, error, adjusted in zip(
            chosen,
            family.intervals,
            family.standard_errors.tolist(),
            family.p_values.tolist(),
            strict=True,
        )
    )


def _two_sided(estimate: float, error: float) -> float:
    """The normal p value; without variation, 1 for no difference and 0 for any."""
    if error == 0:
        return 1.0 if estimate == 0 else 0.0
    return float(2 * ndtr(-abs(estimate) / error))
