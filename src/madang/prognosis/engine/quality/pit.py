"""Do patients live as long as their curves say, early, late and in between? D-calibration.

If curves are right, survival at the time of the event is uniform between 0 and 1: each tenth holds
a tenth of the patients. A time is often rounded (to a day, a visit), so a patient is placed at
random between the curve just before the rounded time and at it; a censored one at random between 0
and the curve at the censoring. Placed so, rounding and censoring do not look like error.

Sources: Haider, Hoehn, Davis and Greiner (2020) for D-calibration; Czado, Gneiting and Held (2009)
for the randomised transform of discrete outcomes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

TENTHS = 10


class DCalibration(NamedTuple):
    """Share of patients in each tenth of survival, from worst to best, and how far from a tenth.

    `largest` is the largest distance; `p_value` that of Pearson's test that all shares are equal.
    With many patients the p value finds errors that do not matter: look at the distance.
    """

    shares: tuple[float, ...]
    largest: float
    p_value: float


def d_calibration(
    outcomes: Outcomes, before: ArrayLike, at: ArrayLike, *, seed: int = 0
) -> DCalibration:
    """Place every patient, and count.

    Args:
        outcomes: Of the scored patients.
        before: (n) survival at the last different time before the patient's own (1 for the first).
        at: (n) survival at the patient's own time.
        seed: Draws the places.
    """
    from scipy.stats import chi2

    high, low = np.asarray(before, dtype=np.float64), np.asarray(at, dtype=np.float64)
    drawn = np.random.default_rng(seed).uniform(size=len(low))
    placed = np.where(outcomes.event, low + drawn * (high - low), drawn * low)
    tenth = np.minimum((placed * TENTHS).astype(np.intp), TENTHS - 1)
    counts = np.bincount(tenth, minlength=TENTHS)
    expected = len(low) / TENTHS
    shares = counts / len(low)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return DCalibration(
        shares=tuple(shares.tolist()),
        largest=float(np.abs(shares - 1 / TENTHS).max()),
        p_value=float(chi2.sf(statistic, TENTHS - 1)),
    )
