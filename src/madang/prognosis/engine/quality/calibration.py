"""Do predicted risks come true? Calibration at a horizon: in the large, slope, ICI, E50 and E90.

*In the large*: mean predicted risk less the observed one, by Kaplan–Meier or with weights that
know the patient's own chance of being followed. *Smooth*: Cox's model of the outcome up to the
horizon on a restricted cubic spline (three knots) of cloglog(risk) says what each risk really
meant; ICI is the mean distance, E50 and E90 its median and 90 % quantile.

Source: Austin, Harrell and van Klaveren (2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.quality.brier import LOWEST_CHANCE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

_EDGE = 1e-4  # risks of 0 and 1 have no cloglog, and one at the edge must not bend the slope


class Calibration(NamedTuple):
    """`slope` is 1, and the others are 0, where risks are exactly right."""

    slope: float
    ici: float
    e90: float
    e50: float


def in_the_large(outcomes: Outcomes, risk: ArrayLike, horizon: float) -> float:
    """Mean predicted risk less 1 − Kaplan–Meier at the horizon; above 0: too pessimistic."""
    observed = 1 - float(kaplan_meier(outcomes).at(horizon))
    return float(np.asarray(risk).mean()) - observed


def in_the_large_weighted(
    outcomes: Outcomes, risk: ArrayLike, horizon: float, followed: ArrayLike
) -> float:
    """The same with the observed risk weighted by the chance of being followed.

    Args:
        outcomes: Of the scored patients.
        risk: (n) predicted risk at the horizon.
        horizon: The time in question.
        followed: (n) each patient's chance of still being followed at min(own time, horizon),
            which may depend on covariates where censoring does.
    """
    weight = 1 / np.maximum(np.asarray(followed), LOWEST_CHANCE)
    happened = outcomes.event & (outcomes.time <= horizon)
    known = happened | (outcomes.time > horizon)
    return float(np.asarray(risk).mean()) - float(weight @ happened) / float(weight @ known)


def smooth_calibration(outcomes: Outcomes, risk: ArrayLike, horizon: float) -> Calibration:
    """Slope, ICI, E90 and E50 of the risks at the horizon.

    Args:
        outcomes: Of the scored patients.
        risk: (n) predicted risk at the horizon; equal for everybody gives slope 0.
        horizon: The time in question.
    """
    predicted = np.asarray(risk, dtype=np.float64)
    link = cloglog(predicted)
    until = outcomes.before(horizon)
    spline = restricted_cubic_spline(link, np.quantile(link, (0.1, 0.5, 0.9)))
    model = fit_cox(spline, until.time, until.event)
    distance = np.abs(1 - model.survival(spline, [horizon])[:, 0] - predicted)
    slope = fit_cox(link[:, None], until.time, until.event).coefficients[0]
    e50, e90 = np.quantile(distance, (0.5, 0.9)).tolist()
    return Calibration(float(slope), float(distance.mean()), e90, e50)


def cloglog(risk: ArrayLike) -> Floats:
    """log(−log(1 − risk)): the scale on which Cox's covariates add."""
    inside = np.clip(np.asarray(risk, dtype=np.float64), _EDGE, 1 - _EDGE)
    link: Floats = np.log(-np.log1p(-inside))
    return link


def restricted_cubic_spline(values: Floats, knots: Floats) -> Floats:
    """(n, 2) basis for three knots: the value, and a cubic that is linear beyond the outer knots.

    Equal knots leave no room for a bend: then it is (n, 1), the value alone.
    """
    low, middle, high = knots
    if not low < middle < high:
        return values[:, None]

    def cubed(knot: float) -> Floats:
        above: Floats = np.maximum(values - knot, 0.0) ** 3
        return above

    bend = cubed(low) - cubed(middle) * (high - low) / (high - middle)
    bend += cubed(high) * (middle - low) / (high - middle)
    return np.column_stack([values, bend / (high - low) ** 2])
