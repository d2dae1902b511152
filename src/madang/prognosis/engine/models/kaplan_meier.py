"""Which share is still free of the event? The product-limit curve, of event or censoring.

Where an event and a censoring fall on one time, the event comes first: the patient who had it was
not there any more to be censored.

Source: Kaplan and Meier (1958).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A right-continuous step: 1, then `survival` (m) from each of `times` (m, ascending) on."""

    times: Floats
    survival: Floats

    def at(self, times: ArrayLike) -> Floats:
        """The share still free at these times."""
        steps = np.concatenate([[1.0], self.survival])
        shares: Floats = steps[np.searchsorted(self.times, np.asarray(times), side="right")]
        return shares


def kaplan_meier(outcomes: Outcomes) -> Curve:
    """The curve of the event, censored patients leaving the risk set after their time."""
    times, events, at_risk = _table(outcomes, outcomes.event)
    survival = np.cumprod(1 - events / at_risk, dtype=np.float64)
    return Curve(times=times, survival=survival)


def censoring_curve(outcomes: Outcomes) -> Curve:
    """The curve G of staying under observation: events leave the risk set before censorings."""
    times, censored, at_risk = _table(outcomes, ~outcomes.event)
    _, events, _ = _table(outcomes, outcomes.event)
    left = at_risk - events
    share = np.divide(censored, left, out=np.zeros(len(left)), where=left > 0)
    survival: Floats = np.cumprod(1 - share)
    return Curve(times=times, survival=survival)


def _table(outcomes: Outcomes, counted: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Different times, how many are counted at each, and how many were watched until then."""
    times, place = np.unique(outcomes.time, return_inverse=True)
    gone = np.bincount(place, minlength=len(times))
    at_risk = len(outcomes.time) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    number: Floats = np.bincount(place, counted.astype(np.float64), len(times)).astype(np.float64)
    return times, number, at_risk.astype(np.float64)
