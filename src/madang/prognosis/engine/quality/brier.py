"""How far are predicted curves from what happened? The integrated Brier score under censoring.

A patient's squared error at time u counts 1/G(time) after an event, 1/G(u) while still followed,
and nothing after censoring; G is the chance of still being followed. It is integrated over the
grid by trapezoids and divided by the grid's length. The mean over patients is the score.

With G from Kaplan–Meier for everybody the score is right only if censoring does not depend on the
patient; `CovariateCensoring` conditions G on covariates. A gap between both is a warning.

Sources: Graf, Schmoor, Sauerbrei and Schumacher (1999); Gerds and Schumacher (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.outcomes import Outcomes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.models.kaplan_meier import Curve

    Floats: TypeAlias = NDArray[np.float64]

LOWEST_CHANCE = 1e-3
"""Chances of being followed are not taken below this: one patient must not be the score."""


class Followed(NamedTuple):
    """Chance of being followed: (n) at each patient's own time, (n, k) at the grid's times."""

    own: Floats
    grid: Floats


def followed_alike(curve: Curve, outcomes: Outcomes, grid: ArrayLike) -> Followed:
    """One censoring curve for everybody."""
    at_grid = np.broadcast_to(curve.at(grid), (len(outcomes.time), np.size(grid)))
    return Followed(curve.at(outcomes.time), at_grid)


@dataclass(frozen=True, kw_only=True)
class CovariateCensoring:
    """Cox's model of censoring: coefficients (p), centre (p) and steps of its baseline (m)."""

    coefficients: Floats
    centre: Floats
    times: Floats
    hazard: Floats

    def followed(self, matrix: ArrayLike, outcomes: Outcomes, grid: ArrayLike) -> Followed:
        """The chances for patients with these covariates (n, p)."""
        relative = np.exp((np.asarray(matrix) - self.centre) @ self.coefficients)
        own = np.exp(-relative * self._hazard(outcomes.time))
        return Followed(own, np.exp(-np.outer(relative, self._hazard(grid))))

    def _hazard(self, times: ArrayLike) -> Floats:
        steps = np.concatenate([[0.0], self.hazard])
        at: Floats = steps[np.searchsorted(self.times, np.asarray(times), side="right")]
        return at


def fit_covariate_censoring(
    matrix: ArrayLike, outcomes: Outcomes, *, penalty: float = 0.01
) -> CovariateCensoring:
    """Fit censoring on covariates with a small ridge.

    Args:
        matrix: (n, p) covariates on one scale.
        outcomes: Of the same patients.
        penalty: Weight of the ridge, so that a covariate that fixes the censoring stays finite.
    """
    times, place = np.unique(outcomes.time, return_inverse=True)
    # Censorings at a time come after its events: ranks keep that order where times tie.
    rank = 2 * place + (~outcomes.event)
    model = fit_cox(matrix, rank, ~outcomes.event, penalty=penalty, l1_ratio=0.0)
    return CovariateCensoring(
        coefficients=model.coefficients,
        centre=model.centre,
        times=times[model.times.astype(np.int64) // 2],
        hazard=model.hazard,
    )


def brier_losses(
    outcomes: Outcomes, survival: ArrayLike, grid: ArrayLike, followed: Followed
) -> Floats:
    """(n, k) weighted squared error of each patient at each time of the grid."""
    curves, times = np.asarray(survival, dtype=np.float64), np.asarray(grid, dtype=np.float64)
    later = outcomes.time[:, None] > times
    happened = ~later & outcomes.event[:, None]
    own = np.maximum(followed.own, LOWEST_CHANCE)[:, None]
    losses: Floats = happened * curves**2 / own
    losses += later * (1 - curves) ** 2 / np.maximum(followed.grid, LOWEST_CHANCE)
    return losses


def integrated_brier_losses(
    outcomes: Outcomes, survival: ArrayLike, grid: ArrayLike, followed: Followed
) -> Floats:
    """(n,) integrated error of each patient; their mean is the integrated Brier score.

    Args:
        outcomes: Of the scored patients.
        survival: (n, k) predicted probabilities of being free of the event.
        grid: (k) times, ascending; a single time gives the plain Brier score.
        followed: Chances of being followed.
    """
    losses = brier_losses(outcomes, survival, grid, followed)
    times = np.asarray(grid, dtype=np.float64)
    if len(times) == 1:
        return losses[:, 0]
    area: Floats = np.trapezoid(losses, times, axis=1) / (times[-1] - times[0])
    return area
