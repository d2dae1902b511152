"""How good are answers at each visit? Scores of models on patients that they had not seen.

At each landmark those still under observation are scored a window later: the area under the ROC
curve and the Brier score with competing events censored, and the risk that came true by
Aalen-Johansen beside the mean predicted incidence. Calibration is of all landmarks together.

Sources: Heagerty, Lumley and Pepe (2000); Graf et al. (1999); Aalen and Johansen (1978).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.auc import auc_at
from madang.prognosis.engine.quality.brier import brier_losses, followed_alike
from madang.prognosis.engine.quality.calibration import smooth_calibration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from madang.prognosis.engine.dynamic.model import OutOfFold

    Floats: TypeAlias = NDArray[np.float64]

FEWEST_EVENTS = 10
TENTHS = 10
DRAWS = 200
"""Of patients, for the intervals of the tenths."""


class AtLandmark(NamedTuple):
    """Scores of one landmark; `observed` and `predicted` are shares with the event by then."""

    at: float
    patients: int
    events: int
    auc: float
    brier: float
    observed: float
    predicted: float


class Tenth(NamedTuple):
    """A tenth of all answers by their predicted risk: means of what was told and what came.

    `low` and `high` are the 95 % interval of what came, by drawing patients anew: the answers of
    one patient belong together.
    """

    predicted: float
    observed: float
    low: float
    high: float
    answers: int


class Told(NamedTuple):
    """Rows of all landmarks together: whose each is, and how it went on."""

    patient: NDArray[np.str_]
    time: Floats
    cause: NDArray[np.int64]


class Quality(NamedTuple):
    """Scores a window after each landmark, and calibration over all of them."""

    window: float
    landmarks: tuple[AtLandmark, ...]
    slope: float
    ici: float
    e50: float
    e90: float
    observed_to_expected: float
    tenths: tuple[Tenth, ...]

    @property
    def auc(self) -> float:
        """Mean over the landmarks."""
        return float(np.mean([each.auc for each in self.landmarks]))

    @property
    def brier(self) -> float:
        """Mean over the landmarks."""
        return float(np.mean([each.brier for each in self.landmarks]))

    def facts(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            **self._asdict(),
            "auc": self.auc,
            "brier": self.brier,
            "landmarks": [each._asdict() for each in self.landmarks],
            "tenths": [each._asdict() for each in self.tenths],
        }


def quality(told: Mapping[float, OutOfFold], *, window: float, place: int) -> Quality:
    """Score what fold models said.

    Args:
        told: By landmark.
        window: How long after the landmark.
        place: Which of the asked times is the window.
    """
    rows = [
        _scored(at, each, window, place)
        for at, each in told.items()
        if int(((each.cause == 1) & (each.time <= window)).sum()) >= FEWEST_EVENTS
    ]
    everything = Told(
        np.concatenate([each.patient for each in told.values()]),
        np.concatenate([each.time for each in told.values()]),
        np.concatenate([each.cause for each in told.values()]),
    )
    time, cause = everything.time, everything.cause
    alone = np.concatenate([1 - each.free_of_event[:, place] for each in told.values()])
    risk = np.concatenate([each.causes[0][:, place] for each in told.values()])
    found = smooth_calibration(Outcomes(time, cause == 1), alone, window)
    return Quality(
        window=window,
        landmarks=tuple(rows),
        slope=found.slope,
        ici=found.ici,
        e50=found.e50,
        e90=found.e90,
        observed_to_expected=incidence(time, cause, window) / float(risk.mean()),
        tenths=_tenths(everything, risk, window),
    )


def _scored(at: float, each: OutOfFold, window: float, place: int) -> AtLandmark:
    outcomes = Outcomes(each.time, each.cause == 1)
    curve = censoring_curve(outcomes)
    free = each.free_of_event[:, [place]]
    followed = followed_alike(curve, outcomes, [window])
    return AtLandmark(
        at=at,
        patients=len(each.time),
        events=int(outcomes.before(window).event.sum()),
        auc=auc_at(outcomes, 1 - free[:, 0], curve.at(each.time), window),
        brier=float(brier_losses(outcomes, free, [window], followed).mean()),
        observed=incidence(each.time, each.cause, window),
        predicted=float(each.causes[0][:, place].mean()),
    )


def _tenths(told: Told, risk: Floats, window: float) -> tuple[Tenth, ...]:
    order = np.argsort(risk, kind="stable")
    parts = [part for part in np.array_split(order, TENTHS) if len(part)]
    drawn = _drawn(told.patient)
    found = []
    for part in parts:
        time, cause = told.time[part], told.cause[part]
        again = [incidence(time, cause, window, weight=each[part]) for each in drawn]
        low, high = np.quantile(again, (0.025, 0.975)).tolist()
        found.append(
            Tenth(
                predicted=float(risk[part].mean()),
                observed=incidence(time, cause, window),
                low=low,
                high=high,
                answers=len(part),
            )
        )
    return tuple(found)


def _drawn(patient: NDArray[np.str_]) -> Floats:
    """(draws, n) how often each row counts when patients are drawn with replacement."""
    _, place = np.unique(patient, return_inverse=True)
    count = int(place.max()) + 1
    rng = np.random.default_rng(0)
    often = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return often[:, place].astype(np.float64)


def incidence(
    time: Floats, cause: NDArray[np.int64], until: float, *, weight: Floats | None = None
) -> float:
    """Share of patients in whom cause 1 came first by a time: Aalen-Johansen's estimate.

    Args:
        time: (n) ends of the observation.
        cause: (n) 0 censored, 1 the event, above 1 what competes.
        until: The time.
        weight: (n) how often each counts; once if left out.
    """
    often = np.ones(len(time)) if weight is None else weight
    when, place = np.unique(time, return_inverse=True)
    any_end = np.bincount(place, often * (cause > 0), len(when))
    event = np.bincount(place, often * (cause == 1), len(when))
    left = np.bincount(place, often, len(when))
    at_risk = np.maximum(often.sum() - np.concatenate([[0.0], np.cumsum(left)[:-1]]), 1e-12)
    free = np.concatenate([[1.0], np.cumprod(1 - any_end / at_risk)[:-1]])
    return float((free * event / at_risk)[when <= until].sum())
