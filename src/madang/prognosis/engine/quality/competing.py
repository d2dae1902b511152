"""How good are predicted incidences of one cause among several? Scores that know the other ends.

By time t a patient has had the cause (1), or is known not to have had it (0): still free of every
end, or gone by another. Who was censored before t is unknown and counts 0; the others weigh 1/G,
the chance of still being followed, at their own end or at t, whichever came first. *Brier*: the
weighted squared distance of the incidence from that status. *AUC*: over pairs of a case (the cause
by t) and a control (free of all ends at t, or gone by another), the weighted share in which the
case had the higher incidence, equal ones counting one half. *In the large*: mean incidence less
that of Aalen and Johansen.

Sources: Aalen and Johansen (1978); Gerds and Kattan, Medical Risk Prediction Models (2021),
section 5.4, with Schoop et al. (2011) for the Brier score; Blanche, Dartigues and Jacqmin-Gadda
(2013), the second definition of controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.quality.brier import LOWEST_CHANCE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.quality.brier import Followed

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]


class Ends(NamedTuple):
    """(n) follow-up times above 0, and (n) the cause that ended each: 0 is none (censored)."""

    time: Floats
    cause: Integers


class Incidence(NamedTuple):
    """A right-continuous step: 0, then `chance` (m) from each of `times` (m, ascending) on."""

    times: Floats
    chance: Floats

    def at(self, times: ArrayLike) -> Floats:
        """The chance that the cause has happened by these times."""
        steps = np.concatenate([[0.0], self.chance])
        found: Floats = steps[np.searchsorted(self.times, np.asarray(times), side="right")]
        return found


def aalen_johansen(ends: Ends, cause: int) -> Incidence:
    """The incidence of one cause among the others, for everybody alike."""
    times, place = np.unique(ends.time, return_inverse=True)
    gone = np.bincount(place, minlength=len(times))
    at_risk = len(ends.time) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    any_end = np.bincount(place, ends.cause > 0, len(times)) / at_risk
    this_end = np.bincount(place, ends.cause == cause, len(times)) / at_risk
    free = np.concatenate([[1.0], np.cumprod(1 - any_end)[:-1]])
    return Incidence(times, np.cumsum(free * this_end))


def cause_brier_losses(
    ends: Ends, incidence: ArrayLike, cause: int, grid: ArrayLike, followed: Followed
) -> Floats:
    """(n, k) weighted squared error of each patient at each time; their mean is the Brier score.

    Args:
        ends: Of the scored patients.
        incidence: (n, k) predicted chance of the cause by each time.
        cause: Its number, from 1 on.
        grid: (k) times, ascending.
        followed: Chances of being followed, at own times and at the grid's.
    """
    chance, times = np.asarray(incidence, dtype=np.float64), np.asarray(grid, dtype=np.float64)
    over = ends.time[:, None] <= times
    known = over & (ends.cause > 0)[:, None]
    had = over & (ends.cause == cause)[:, None]
    weight = known / np.maximum(followed.own, LOWEST_CHANCE)[:, None]
    weight += ~over / np.maximum(followed.grid, LOWEST_CHANCE)
    losses: Floats = weight * (had - chance) ** 2
    return losses


def integrated_cause_brier(
    ends: Ends, incidence: ArrayLike, cause: int, grid: ArrayLike, followed: Followed
) -> float:
    """The mean over patients, by trapezoids over the grid, divided by the grid's length."""
    times = np.asarray(grid, dtype=np.float64)
    score = cause_brier_losses(ends, incidence, cause, times, followed).mean(axis=0)
    if len(times) == 1:
        return float(score[0])
    return float(np.trapezoid(score, times) / (times[-1] - times[0]))


def cause_auc(
    ends: Ends, risk: ArrayLike, cause: int, horizon: float, followed: Followed
) -> float:
    """The area under the ROC curve at the horizon; 0.5 where there is no case or no control.

    Args:
        ends: Of the scored patients.
        risk: (n) any number that is higher for worse patients.
        cause: Its number, from 1 on.
        horizon: The last time of the grid of `followed`.
        followed: Chances of being followed.
    """
    score = np.asarray(risk, dtype=np.float64)
    over = ends.time <= horizon
    own = 1 / np.maximum(followed.own, LOWEST_CHANCE)
    late = 1 / np.maximum(followed.grid[:, -1], LOWEST_CHANCE)
    case = over & (ends.cause == cause)
    control = np.where(over, np.where((ends.cause > 0) & ~case, own, 0.0), late)
    order = np.argsort(score, kind="stable")
    summed = np.concatenate([[0.0], np.cumsum(control[order])])
    total = float(summed[-1])
    if not case.any() or total <= 0:
        return 0.5
    below = summed[np.searchsorted(score[order], score[case], side="left")]
    not_above = summed[np.searchsorted(score[order], score[case], side="right")]
    share = (below + not_above) / (2 * total)
    return float(own[case] @ share / own[case].sum())


def cause_in_the_large(ends: Ends, risk: ArrayLike, cause: int, horizon: float) -> float:
    """Mean predicted incidence less that of Aalen and Johansen; above 0: too pessimistic."""
    return float(np.asarray(risk).mean() - aalen_johansen(ends, cause).at(horizon))
