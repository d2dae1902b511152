"""How sure is a curve? As sure as models agree that each missed another part of the patients.

The delete-a-fold jackknife on the scale of log(−log), so that no interval leaves 0 to 1. It says
how the answer would differ had a part of the training patients been missing, not how patients
with one curve differ from each other: that is what the curve itself says.

Source: Efron and Tibshirani (1993), chapter 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.links import log_hazard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Lower and upper end, each of the shape of what they hold."""

    low: Floats
    high: Floats


def interval(shares: Floats, without: Floats) -> Interval:
    """The interval of probabilities of being free of something.

    Args:
        shares: (n, k) what the model of all patients says.
        without: (folds, n, k) what the models say that each missed one fold.
    """
    from scipy.stats import t as student

    links, count = log_hazard(without), len(without)
    # Removing one fold of k: the jackknife's variance is (k − 1)/k times the sum of squares.
    error = np.sqrt((count - 1) / count * ((links - links.mean(axis=0)) ** 2).sum(axis=0))
    reach = student.ppf((1 + CONFIDENCE) / 2, max(count - 1, 1)) * error
    middle = log_hazard(shares)
    low = np.exp(-np.exp(np.minimum(middle + reach, 5.0)))
    high = np.exp(-np.exp(middle - reach))
    return Interval(np.minimum(low, shares), np.maximum(high, shares))
