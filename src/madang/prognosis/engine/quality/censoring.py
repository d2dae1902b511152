"""Does it depend on the patient how long watching lasts? Then weights must know it too.

One censoring curve for everybody is right only if censoring does not depend on covariates. Cox's
model of censoring is compared with that curve by AIC; where it is better, chances of being
followed are conditional on covariates, and that is said.

Sources: Gerds and Schumacher (2006); Akaike (1974).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.cox import log_likelihood
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.quality.brier import (
    Followed,
    fit_covariate_censoring,
    followed_alike,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

FEWEST = 20
"""With fewer censored patients nothing can be said."""


class Chances(NamedTuple):
    """Chances of being followed: the same for all, by patient, and which of them to use."""

    alike: Followed
    by_patient: Followed
    dependent: bool

    @property
    def better(self) -> Followed:
        """Those that fit the censoring."""
        return self.by_patient if self.dependent else self.alike


def chances_of_being_followed(matrix: ArrayLike, outcomes: Outcomes, grid: ArrayLike) -> Chances:
    """Both, for the patients on whom they are learnt.

    Args:
        matrix: (n, p) covariates on one scale, without gaps.
        outcomes: Of the same patients.
        grid: (k) times.
    """
    alike = followed_alike(censoring_curve(outcomes), outcomes, grid)
    censored = ~outcomes.event
    if int(censored.sum()) < FEWEST:
        return Chances(alike, alike, False)
    model = fit_covariate_censoring(matrix, outcomes)
    predictor = (np.asarray(matrix) - model.centre) @ model.coefficients
    _, place = np.unique(outcomes.time, return_inverse=True)
    rank = 2 * place + censored
    gained = log_likelihood(predictor, rank, censored)
    gained -= log_likelihood(np.zeros(len(rank)), rank, censored)
    used = int((model.coefficients != 0).sum())
    return Chances(alike, model.followed(matrix, outcomes, grid), gained > used)
