"""How good is a model on patients that it never saw? One report, with its own doubts.

Errors and calibration stand twice where censoring depends on the patient: with one censoring curve
for everybody and with chances by patient. A gap between both is a warning, not a choice. Where
several ends compete, each cause has scores of its own beside those of any end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.models.encoding import MISSING, Number, fit_encoding, texts
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import integrated_brier_losses
from madang.prognosis.engine.quality.calibration import (
    Calibration,
    in_the_large,
    in_the_large_weighted,
    smooth_calibration,
)
from madang.prognosis.engine.quality.censoring import Chances, chances_of_being_followed
from madang.prognosis.engine.quality.competing import (
    Ends,
    aalen_johansen,
    cause_auc,
    cause_in_the_large,
    integrated_cause_brier,
)
from madang.prognosis.engine.quality.decision import DecisionCurve, decision_curve
from madang.prognosis.engine.quality.pit import DCalibration, d_calibration
from madang.prognosis.engine.quality.uno import curve_risk, uno_c_score

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.kernel.words import Words
    from madang.prognosis.engine.models.encoding import Encoding
    from madang.prognosis.engine.models.intervals import Watched

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]

FEWEST_EVENTS, FEWEST_OF_GROUP, FEWEST_FOR_ICI = 10, 50, 200
FEWEST_OF_LEVEL = 10
"""Levels with fewer scored patients share one indicator in the model of censoring."""

POINTS, REACH = 30, 0.9


class Prognostic(Protocol):
    """What can be validated: a model of this house, or one that others published."""

    @property
    def declared(self) -> tuple[dict[str, Any], ...]:
        """`name` and `kind` of each column."""

    @property
    def last_time(self) -> float:
        """The last time for which it answers."""

    @property
    def causes(self) -> int:
        """How many ends it tells apart."""

    def survival(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k) probability of being free of every event."""

    def incidences(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k, causes) probability of each cause."""

    def refusals(self, table: Mapping[str, Any]) -> list[Words | None]:
        """(n) why a patient is refused, or None."""


class Subgroup(NamedTuple):
    """Patients of one kind: mean predicted and observed risk at the horizon, and ICI if many."""

    column: str
    value: str
    patients: int
    events: int
    predicted: float
    observed: float
    ici: float | None


class OfCause(NamedTuple):
    """One cause among several: scores of its incidence, at the horizon where not integrated."""

    cause: int
    events: int
    ibs: float
    ibs_aalen_johansen: float
    """Of the incidence that is the same for everybody."""
    auc: float
    predicted: float
    observed: float
    in_the_large: float


class Validation(NamedTuple):
    """What a validation shows; scores `_conditional` weigh by each patient's own chances."""

    patients: int
    events: int
    refused: int
    horizon: float
    ibs: float
    ibs_conditional: float
    ibs_kaplan_meier: float
    uno_c: float
    calibration: Calibration
    in_the_large: float
    in_the_large_conditional: float
    censoring_depends: bool
    d_calibration: DCalibration
    subgroups: tuple[Subgroup, ...]
    causes: tuple[OfCause, ...]
    """Empty where the model knows one end alone."""
    decision: DecisionCurve | None
    """None without thresholds."""


class Scored(NamedTuple):
    """Patients whom the model answers for, and the times of the score."""

    chosen: Bools
    """(n) who of the file is scored."""
    rows: dict[str, Any]
    outcomes: Outcomes
    grid: Floats
    limit: float
    """Events from then on open no pair of the concordance."""


def validate(
    model: Prognostic,
    table: Mapping[str, Any],
    watched: Watched,
    *,
    thresholds: Sequence[float] = (),
) -> Validation:
    """Score a model on other patients; those whom it refuses are counted, not scored.

    Args:
        model: Made on other patients.
        table: Column → (n) raw values.
        watched: Follow-up of the same patients; any cause counts as the event but in `causes`.
        thresholds: Risks at the horizon at which one would act, for the decision curve.

    Raises:
        InputError: Somebody entered late, or too few events are left after refusals.
    """
    kept = scored(model, table, watched)
    rows, outcomes, grid = kept.rows, kept.outcomes, kept.grid
    horizon = float(grid[-1])
    curves = model.survival(rows, grid)
    risk = 1 - curves[:, -1]
    # Halves, levels and censoring are those of the scored patients: no training is known of a
    # model from outside.
    encoding = fit_encoding(rows, model.declared, fewest=FEWEST_OF_LEVEL)
    chances = chances_of_being_followed(encoding.matrix(rows), outcomes, grid)
    everybody = np.tile(kaplan_meier(outcomes).at(grid), (len(curves), 1))
    return Validation(
        patients=len(risk),
        events=int(outcomes.event.sum()),
        refused=len(kept.chosen) - len(risk),
        horizon=horizon,
        ibs=_ibs(outcomes, curves, grid, chances.alike),
        ibs_conditional=_ibs(outcomes, curves, grid, chances.better),
        ibs_kaplan_meier=_ibs(outcomes, everybody, grid, chances.alike),
        uno_c=uno_c_score(outcomes, curve_risk(curves), chances.alike.own, limit=kept.limit),
        calibration=smooth_calibration(outcomes, risk, horizon),
        in_the_large=in_the_large(outcomes, risk, horizon),
        in_the_large_conditional=_conditional(outcomes, risk, horizon, chances),
        censoring_depends=chances.dependent,
        d_calibration=_placed(model, rows, outcomes),
        subgroups=tuple(subgroups(encoding, rows, outcomes, risk, horizon)),
        causes=tuple(_by_cause(model, rows, watched.part(kept.chosen), grid, chances)),
        decision=decision_curve(outcomes, risk, thresholds, horizon) if thresholds else None,
    )


def scored(model: Prognostic, table: Mapping[str, Any], watched: Watched) -> Scored:
    """Leave out those whom the model refuses, and choose the times of the score.

    Raises:
        InputError: As `validate`.
    """
    if watched.late:
        raise InputError(
            words("늦은 등록이 있는 환자", "patients with delayed entry"),
            words("처음부터 관찰한 환자", "patients watched from the start"),
        )
    kept = np.array([each is None for each in model.refusals(table)], dtype=bool)
    part = watched.part(kept)
    outcomes = Outcomes(part.time, part.event)
    _refuse_few(outcomes, refused=int((~kept).sum()))
    rows = {name: np.asarray(values)[kept] for name, values in table.items()}
    grid, limit = _grid(outcomes, model.last_time)
    return Scored(kept, rows, outcomes, grid, limit)


def _refuse_few(outcomes: Outcomes, *, refused: int) -> None:
    events = int(outcomes.event.sum())
    if events < FEWEST_EVENTS:
        raise InputError(
            words(
                f"채점할 사건 {events}건 (거절 {refused}명)",
                f"{events} events to score ({refused} refused)",
            ),
            words(f"사건 {FEWEST_EVENTS}건 이상", f"at least {FEWEST_EVENTS} events"),
        )


def _by_cause(
    model: Prognostic, rows: Mapping[str, Any], watched: Watched, grid: Floats, chances: Chances
) -> Iterator[OfCause]:
    """Every cause that the model tells apart, if it tells any."""
    if model.causes < 2:
        return
    ends, horizon = Ends(watched.time, watched.cause), float(grid[-1])
    incidences = model.incidences(rows, grid)
    for place in range(model.causes):
        cause, own = place + 1, incidences[:, :, place]
        mean = aalen_johansen(ends, cause)
        alike = np.tile(mean.at(grid), (len(own), 1))
        yield OfCause(
            cause=cause,
            events=int((ends.cause == cause).sum()),
            ibs=integrated_cause_brier(ends, own, cause, grid, chances.better),
            ibs_aalen_johansen=integrated_cause_brier(ends, alike, cause, grid, chances.better),
            auc=cause_auc(ends, own[:, -1], cause, horizon, chances.better),
            predicted=float(own[:, -1].mean()),
            observed=float(mean.at(horizon)),
            in_the_large=cause_in_the_large(ends, own[:, -1], cause, horizon),
        )


def _grid(outcomes: Outcomes, last: float) -> tuple[Floats, float]:
    """Up to 30 quantiles of the event times before the limit, and that limit."""
    limit = min(float(np.quantile(outcomes.time, REACH)), last)
    early = outcomes.time[outcomes.event & (outcomes.time < limit)]
    if not len(early):
        early = outcomes.time[outcomes.event]
    grid = np.unique(np.quantile(early, np.linspace(0.1, 1.0, POINTS)))
    return np.minimum(grid, last), max(limit, float(grid[-1]))


def _ibs(outcomes: Outcomes, curves: Floats, grid: Floats, followed: Any) -> float:
    return float(integrated_brier_losses(outcomes, curves, grid, followed).mean())


def _conditional(outcomes: Outcomes, risk: Floats, horizon: float, chances: Chances) -> float:
    followed = chances.better
    until = np.where(outcomes.time <= horizon, followed.own, followed.grid[:, -1])
    return in_the_large_weighted(outcomes, risk, horizon, until)


def _placed(model: Prognostic, rows: Mapping[str, Any], outcomes: Outcomes) -> DCalibration:
    """Beyond the last time that the model knows, a patient counts as censored there."""
    until = outcomes.before(model.last_time)
    times, place = np.unique(until.time, return_inverse=True)
    curves = np.hstack([np.ones((len(place), 1)), model.survival(rows, times)])
    own = np.arange(len(place))
    return d_calibration(until, curves[own, place], curves[own, place + 1])


def subgroups(
    encoding: Encoding,
    rows: Mapping[str, Any],
    outcomes: Outcomes,
    risk: Floats,
    horizon: float,
) -> Iterator[Subgroup]:
    """Every level of a category, both halves of a number, where there are enough patients.

    Args:
        encoding: Fitted on these patients.
        rows: Column → (n) raw values.
        outcomes: Of the same patients.
        risk: (n) predicted at the horizon.
        horizon: The time in question.
    """
    for column in encoding.columns:
        for value, chosen in _halves_or_levels(column, rows):
            part = Outcomes(outcomes.time[chosen], outcomes.event[chosen])
            events = int(part.before(horizon).event.sum())
            if len(part.time) < FEWEST_OF_GROUP or events < FEWEST_EVENTS:
                continue
            many = len(part.time) >= FEWEST_FOR_ICI
            yield Subgroup(
                column=column.name,
                value=value,
                patients=len(part.time),
                events=events,
                predicted=float(risk[chosen].mean()),
                observed=1 - float(kaplan_meier(part).at(horizon)),
                ici=smooth_calibration(part, risk[chosen], horizon).ici if many else None,
            )


def _halves_or_levels(column: Any, rows: Mapping[str, Any]) -> Iterator[tuple[str, Bools]]:
    values = rows[column.name]
    if isinstance(column, Number):
        numbers = column.numbers(values)
        above = numbers > column.median
        if above.any():
            yield f"≤ {column.median:g}", numbers <= column.median
            yield f"> {column.median:g}", above
        return
    shown = texts(values)
    for level in sorted(set(shown.tolist()) - {MISSING}):
        yield level, shown == level
