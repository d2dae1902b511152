"""Do stacked risks mean what they say? A correction learnt from predictions out of fold.

Averaging models draws risks towards the middle: calibration slopes of 1.5 are common. At each of
a few horizons Cox's model of the outcome until then on the logarithm of the predicted cumulative
hazard says what each risk really meant: moved in level alone, stretched, or bent (a restricted
cubic spline), whichever has the least AIC, and only by the share of it that chance does not
explain. Between horizons the correction is interpolated, so
that effects which fade or grow keep their course.

Sources: van Houwelingen (2000) for the calibration of Cox models; van Houwelingen and le Cessie
(1990) for the share, (χ² − degrees of freedom)/χ²; Austin, Harrell and van Klaveren
(2020) for the spline; Akaike (1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from madang.prognosis.engine.links import log_hazard
from madang.prognosis.engine.models.cox import fit_cox, log_likelihood
from madang.prognosis.engine.quality.calibration import restricted_cubic_spline

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

HORIZONS, FEWEST_EVENTS = 6, 30
"""With fewer events until a horizon nothing is learnt there: noise would exceed the error."""

AKAIKE = 2.0
"""What a parameter costs in Akaike's criterion, in units of twice the log likelihood."""

_FLATTEST = 0.2  # a bend must keep the order of patients; this slope is still left at its ends
_STEPS = 60


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a logarithm of the cumulative hazard at `time` really meant.

    Itself + `constant`, or with slopes (1 − `share`)·itself + `share`·basis·`slopes` + `constant`,
    the basis being the logarithm and, with two slopes, its restricted cubic spline at `knots` (3).
    """

    time: float
    knots: Floats
    slopes: Floats
    share: float
    constant: float

    @property
    def kind(self) -> str:
        """What was needed: `level`, `stretch` or `bend`."""
        return ("level", "stretch", "bend")[len(self.slopes)]

    def meant(self, link: Floats) -> Floats:
        """(n,) corrected logarithms."""
        return _bent(link, self.knots, self.slopes, self.share) + self.constant


@dataclass(frozen=True, kw_only=True)
class Recalibration:
    """Corrections at horizons, in ascending order; none leaves every curve as it is."""

    corrections: tuple[Correction, ...]

    def corrected(self, survival: ArrayLike, times: ArrayLike) -> Floats:
        """(n, k) corrected curves.

        Args:
            survival: (n, k) predicted curves.
            times: (k) their times, ascending, among them those of the corrections.
        """
        curves = np.asarray(survival, dtype=np.float64)
        if not self.corrections:
            return curves
        link = log_hazard(curves)
        moved = link + self._more(link, np.asarray(times, dtype=np.float64))
        fixed = np.exp(-np.exp(np.minimum(moved, 5.0)))
        # Where nothing has happened yet nothing is corrected.
        fixed = np.where(curves >= 1.0, 1.0, fixed)
        return np.minimum.accumulate(fixed, axis=1)

    def _more(self, link: Floats, times: Floats) -> Floats:
        """(n, k) what to add: known at the horizons, straight lines between, flat outside."""
        own = np.array([each.time for each in self.corrections])
        places = np.abs(times - own[:, None]).argmin(axis=1)
        known = np.column_stack(
            [
                each.meant(link[:, place]) - link[:, place]
                for each, place in zip(self.corrections, places, strict=True)
            ]
        )
        spread = np.column_stack([np.interp(times, own, row) for row in np.eye(len(own))])
        more: Floats = known @ spread.T
        return more


def fit_recalibration(
    outcomes: Outcomes,
    survival: ArrayLike,
    times: ArrayLike,
    *,
    horizon: float,
    horizons: int = HORIZONS,
    cost: float = AKAIKE,
) -> Recalibration:
    """Learn the corrections.

    Args:
        outcomes: Of patients whose curves come from models that did not see them.
        survival: (n, k) those curves.
        times: (k) their times, ascending.
        horizon: The last time at which risks are to be right.
        horizons: How many of `times` until then get a correction of their own.
        cost: What each slope must gain in twice the log likelihood to be worth learning.
    """
    when, curves = np.asarray(times, dtype=np.float64), np.asarray(survival, dtype=np.float64)
    last = int(np.abs(when - horizon).argmin())
    places = np.unique(np.linspace(0, last, horizons + 1)[1:].astype(np.intp))
    found = [_correction(outcomes, curves[:, each], float(when[each]), cost) for each in places]
    return Recalibration(corrections=tuple(each for each in found if each is not None))


def _correction(
    outcomes: Outcomes, survival: Floats, time: float, cost: float
) -> Correction | None:
    until = outcomes.before(time)
    link = log_hazard(survival)
    if int(until.event.sum()) < FEWEST_EVENTS or not np.ptp(link):
        return None
    knots = np.quantile(link, (0.1, 0.5, 0.9))
    slopes, share = _least_aic(link, knots, until, cost)
    basis = _basis(link, knots, max(len(slopes), 1))
    risk = float(1 - fit_cox(basis, until.time, until.event).survival(basis, [time]).mean())
    constant = _balancing(_bent(link, knots, slopes, share), risk)
    return Correction(time=time, knots=knots, slopes=slopes, share=share, constant=constant)


def _bent(link: Floats, knots: Floats, slopes: Floats, share: float) -> Floats:
    if not len(slopes):
        return link
    found: Floats = (1 - share) * link + share * (_basis(link, knots, len(slopes)) @ slopes)
    return found


def _basis(link: Floats, knots: Floats, columns: int) -> Floats:
    return restricted_cubic_spline(link, knots)[:, :columns]


def _least_aic(link: Floats, knots: Floats, until: Outcomes, cost: float) -> tuple[Floats, float]:
    """Slopes of the best of: as predicted (none), stretched (1), bent (2); and their share."""
    best, share = np.empty(0), 1.0
    least = as_predicted = -2 * log_likelihood(link, until.time, until.event)
    for columns in (1, 2):
        basis = _basis(link, knots, columns)
        if basis.shape[1] < columns:
            break
        model = fit_cox(basis, until.time, until.event)
        predictor = model.predictor(basis)
        aic = cost * columns - 2 * log_likelihood(predictor, until.time, until.event)
        if aic < least and _rising(model.coefficients, link, knots):
            best, least = model.coefficients, aic
            gained = as_predicted - aic + cost * columns
            share = (gained - columns) / gained
    return best, share


def _rising(slopes: Floats, link: Floats, knots: Floats) -> bool:
    """Whether higher predicted risks stay clearly higher over all that was predicted."""
    places = np.linspace(link.min(), link.max(), 50)
    steps = np.diff(_basis(places, knots, len(slopes)) @ slopes) / np.diff(places)
    return bool(steps.min() > _FLATTEST)


def _balancing(link: Floats, risk: float) -> float:
    """What to add to all log hazards so that the mean risk is this one."""
    low, high = -10.0, 10.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        mean = float(-np.expm1(-np.exp(np.minimum(link + middle, 5.0))).mean())
        low, high = (middle, high) if mean < risk else (low, middle)
    return (low + high) / 2
