"""Within which limits will the truth of the next case lie? Split conformal prediction.

From the misses on calibration cases that the model has not seen, limits follow that hold the truth
of an exchangeable new case with at least the promised chance, whatever the model.

Source: V. Vovk, A. Gammerman & G. Shafer, Algorithmic Learning in a Random World (2005); J. Lei et
al., JASA 113 (2018), 1094-1111.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Margin:
    """How far the truth may lie from a prediction, as calibration cases have shown."""

    width: float
    """In the unit of the prediction, or of its scale where scales were given."""
    level: float
    cases: int
    """Number of calibration cases."""

    def intervals(self, predictions: Floats, scales: Floats | None = None) -> Floats:
        """(n, 2) lower and upper limits around (n,) predictions, for a two-sided margin."""
        half = self.width * (1.0 if scales is None else scales)
        return np.stack([predictions - half, predictions + half], axis=1)

    def lower_bounds(self, predictions: Floats, scales: Floats | None = None) -> Floats:
        """(n,) bounds that the truth stays above, for a one-sided margin."""
        return np.asarray(predictions - self.width * (1.0 if scales is None else scales))


def fewest_cases(level: float) -> int:
    """The fewest calibration cases that give a finite margin: 19 at 95 %."""
    # The tiny share keeps .95 / .05 = 18.999… and 19.000…1 apart from rounding.
    return math.ceil(level / (1 - level) - 1e-9)


def finite_sample_quantile(misses: Floats, *, level: float) -> float:
    """The ceil((n + 1) level)-th smallest miss: few new ones exceed it.

    Args:
        misses: (n,) nonconformity of the calibration cases, larger is worse.
        level: The promised chance.

    Raises:
        InputError: Too few cases for a finite quantile, or a miss that is not a number.
        ValueError: The level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    _checked(misses, level)
    rank = math.ceil((len(misses) + 1) * level - 1e-9)
    return float(np.partition(misses, rank - 1)[rank - 1])


def two_sided(
    truths: Floats, predictions: Floats, *, level: float, scales: Floats | None = None
) -> Margin:
    """The margin of intervals prediction ± width.

    Args:
        truths: (n,) of calibration cases that the model was not fitted on.
        predictions: (n,) for the same cases.
        level: Chance that a new case's interval holds its truth, at least.
        scales: (n,) positive difficulty of each case by the model; widths are in its unit.

    Raises:
        InputError: Too few cases, or a value that is not a number.
    """
    misses = np.abs(truths - predictions) / (1.0 if scales is None else scales)
    return Margin(
        width=finite_sample_quantile(misses, level=level), level=level, cases=len(misses)
    )


def one_sided(
    truths: Floats, predictions: Floats, *, level: float, scales: Floats | None = None
) -> Margin:
    """The margin of lower bounds prediction - width; the width may be negative.

    Args:
        truths: (n,) of calibration cases that the model was not fitted on.
        predictions: (n,) for the same cases.
        level: Chance that a new case's truth is at least its bound, at least.
        scales: (n,) positive difficulty of each case by the model; widths are in its unit.

    Raises:
        InputError: Too few cases, or a value that is not a number.
    """
    misses = (predictions - truths) / (1.0 if scales is None else scales)
    return Margin(
        width=finite_sample_quantile(misses, level=level), level=level, cases=len(misses)
    )


def _checked(misses: Floats, level: float) -> None:
    broken, needed = int(np.isnan(misses).sum()), fewest_cases(level)
    if broken:
        raise InputError(
            words(
                f"값이 없는 보정 사례 {broken}건", f"{broken} calibration cases without a value"
            ),
            words("사례마다 값", "a value for every case"),
        )
    if len(misses) < needed:
        raise InputError(
            words(f"보정 사례 {len(misses)}건", f"{len(misses)} calibration cases"),
            words(
                f"{level:.0%} 보장에 {needed}건 이상",
                f"at least {needed} for a level of {level:.0%}",
            ),
            words(
                "사례를 더 모으거나 보장 수준을 낮추십시오.",
                "Collect more cases or lower the level.",
            ),
        )
