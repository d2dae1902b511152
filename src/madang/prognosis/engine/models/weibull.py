"""How do covariates stretch the time? Weibull's accelerated failure time model.

log T = location + x·β + scale·W with W of the smallest extreme value, so that
S(t | x) = exp(−exp((log t − location − x·β) / scale)): a closed form that any runtime can compute.

Source: Kalbfleisch and Prentice (2002), section 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Weibull:
    """A fitted model: `location` and `scale` of log time, and (p) coefficients."""

    location: float
    scale: float
    coefficients: Floats

    def survival(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k) probability of being free of the event at each time of the grid."""
        centre = self.location + np.asarray(matrix) @ self.coefficients
        curves: Floats = np.exp(-np.exp((np.log(grid) - centre[:, None]) / self.scale))
        return curves


def fit_weibull(matrix: ArrayLike, outcomes: Outcomes, *, penalty: float = 0.0) -> Weibull:
    """Fit by maximum likelihood, with a ridge on the coefficients.

    Args:
        matrix: (n, p) covariates on one scale.
        outcomes: Of the same patients.
        penalty: Weight of the ridge against the mean log likelihood, 0 or more.

    Raises:
        InputError: No event happened: the likelihood has no maximum.
    """
    if not outcomes.event.any():
        raise InputError(
            words("사건이 없는 자료", "outcomes without an event"),
            words("사건이 한 건 이상", "at least one event"),
        )
    from scipy.optimize import minimize

    rows, log_time = np.asarray(matrix, dtype=np.float64), np.log(outcomes.time)
    start = np.zeros(rows.shape[1] + 2)
    start[0] = np.log(outcomes.time.sum() / outcomes.event.sum())

    def loss(parameters: Floats) -> tuple[float, Floats]:
        return _loss(parameters, rows, log_time, outcomes.event, penalty)

    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 500})
    return Weibull(
        location=float(found.x[0]), scale=float(np.exp(found.x[1])), coefficients=found.x[2:]
    )


def _loss(
    parameters: Floats, rows: Floats, log_time: Floats, event: NDArray[np.bool_], penalty: float
) -> tuple[float, Floats]:
    """−(mean log likelihood) with the ridge, and its gradient, at (location, log scale, β)."""
    location, log_scale, beta = parameters[0], parameters[1], parameters[2:]
    z = (log_time - location - rows @ beta) * np.exp(-log_scale)
    hazard = np.exp(np.minimum(z, 500.0))
    value = (hazard - event * (z - log_scale)).mean() + penalty / 2 * beta @ beta
    slope = (event - hazard) * np.exp(-log_scale) / len(rows)
    by_scale = ((event - hazard) * z + event).mean()
    gradient = np.concatenate([[slope.sum(), by_scale], slope @ rows + penalty * beta])
    return float(value), gradient
