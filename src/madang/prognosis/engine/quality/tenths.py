"""What happened to those of low, middle and high predicted risk? Observed risk by tenth.

Patients are put in order of their predicted risk and cut into up to ten groups of one size, none
below ten patients; equal risks are not pulled apart. The observed risk of a group is
1 − Kaplan–Meier at the horizon, its interval Greenwood's on the scale of log(−log).

Sources: Kalbfleisch and Prentice (2002), section 1.4, for the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

GROUPS, FEWEST = 10, 10
_REACH = 1.959964  # of 95 % of a normal distribution


class Tenth(NamedTuple):
    """One group: mean predicted and observed risk with its 95 % interval."""

    patients: int
    predicted: float
    observed: float
    low: float
    high: float


def tenths(outcomes: Outcomes, risk: ArrayLike, horizon: float) -> tuple[Tenth, ...]:
    """Groups from the lowest risk to the highest.

    Args:
        outcomes: Of the scored patients.
        risk: (n) predicted risk at the horizon.
        horizon: The time in question.
    """
    predicted = np.asarray(risk, dtype=np.float64)
    count = max(1, min(GROUPS, len(predicted) // FEWEST))
    edges = np.quantile(predicted, np.arange(1, count) / count)
    place = np.searchsorted(edges, predicted, side="left")
    found = []
    for group in np.unique(place).tolist():
        chosen = place == group
        part = Outcomes(outcomes.time[chosen], outcomes.event[chosen])
        observed, low, high = _observed(part, horizon)
        mean = float(predicted[chosen].mean())
        found.append(Tenth(int(chosen.sum()), mean, observed, low, high))
    return tuple(found)


def _observed(outcomes: Outcomes, horizon: float) -> tuple[float, float, float]:
    """1 − Kaplan–Meier at the horizon with both ends; nobody or everybody leaves no interval."""
    survival = float(kaplan_meier(outcomes).at(horizon))
    if not 0 < survival < 1:
        return 1 - survival, 1 - survival, 1 - survival
    times, events = np.unique(
        outcomes.time[outcomes.event & (outcomes.time <= horizon)], return_counts=True
    )
    at_risk = (outcomes.time[:, None] >= times).sum(axis=0)
    left = at_risk - events
    variance = float((events / (at_risk * np.maximum(left, 1)))[left > 0].sum())
    reach = _REACH * np.sqrt(variance) / abs(np.log(survival))
    low, high = (1 - survival ** np.exp(sign * reach) for sign in (-1, 1))
    return 1 - survival, float(low), float(high)
