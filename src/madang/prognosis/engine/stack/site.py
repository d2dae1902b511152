"""What must change for this site? As much of a correction as its own few events can carry.

The level first, one for all times: the rate ratio drawn towards 1, with events O seen and E
expected under the model (O + a)/(E + a), the posterior mean under a gamma prior of mean 1 worth a
events. From 30 events on a stretch or bend too (`recalibration`), if it gains what a test at 5 %
asks for: at Akaike's price slopes that were right were spoilt at one site in five (SUPPORT2,
METABRIC and the free light chain cohort). From 400 events on the correction may change over time,
at one horizon for every 200 events, six at most. Figures before and after come from
cross-validation: no patient is scored by a correction that this patient taught.

Sources: Clayton and Kaldor (1987) for the gamma prior on rate ratios; van Houwelingen (2000) for
calibration of Cox models; Vergouwe et al. (2017) for updating only what a test asks for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.quality.censoring import chances_of_being_followed
from madang.prognosis.engine.stack.conformal import fit_bound
from madang.prognosis.engine.stack.recalibration import (
    FEWEST_EVENTS,
    HORIZONS,
    Correction,
    Recalibration,
    fit_recalibration,
)
from madang.prognosis.engine.stack.stacking import FOLDS, dealt
from madang.prognosis.engine.stack.validation import FEWEST_OF_LEVEL, REACH, subgroups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.models.encoding import Encoding
    from madang.prognosis.engine.models.intervals import Watched
    from madang.prognosis.engine.stack.conformal import Bound
    from madang.prognosis.engine.stack.model import Model
    from madang.prognosis.engine.stack.validation import Prognostic

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]

FEWEST_OF_SITE = 20
"""Fewer events teach nothing."""

EVENTS_OF_HORIZON = 200
COST = 3.84
"""What a slope must gain in twice the log likelihood: χ² with one degree of freedom at 5 %."""

PRIOR_EVENTS = 2.0
"""What the prior is worth: sites commonly differ by a factor of two, 1/√2 on the log scale."""

FEWEST_FOR_BOUND = 100
"""Patients below which a bound that holds for nine of ten cannot be refitted."""

SHARE = 0.9
"""Of patients to reach their lower bound."""

_LEAST_SURVIVAL = 1e-12


class Site(NamedTuple):
    """What a site's patients taught, and what it is worth."""

    recalibration: Recalibration
    bound: Bound | None
    """The lower bound refitted to these patients; None if there are too few."""
    record: dict[str, Any]
    """Plain JSON: numbers of patients and events, what was learnt, figures before and after."""


class _Local(NamedTuple):
    """The site's patients whom the model answers, and its curves (n, k) for them at `times`."""

    watched: Watched
    rows: dict[str, Any]
    curves: Floats
    times: Floats
    last: int
    """The place among `times` of the horizon."""
    refused: int

    @property
    def outcomes(self) -> Outcomes:
        """Follow-up and event of each."""
        return Outcomes(self.watched.time, self.watched.event)

    @property
    def horizon(self) -> float:
        """The last time at which risks are to be right."""
        return float(self.times[self.last])


def fit_site(
    model: Prognostic,
    table: Mapping[str, Any],
    watched: Watched,
    *,
    times: ArrayLike,
    horizon: float,
    seed: int = 0,
) -> Site:
    """Learn a site's correction of a model, to be applied after all that the model does itself.

    Args:
        model: Made elsewhere, not yet recalibrated to a site.
        table: Column → (n) raw values of the site's patients.
        watched: Their follow-up; any cause counts as the event.
        times: (k) above 0, ascending: where the model's curves are corrected.
        horizon: The last time at which risks are to be right; earlier if the site's follow-up is
            shorter.
        seed: Deals the folds of the cross-validation.

    Raises:
        InputError: Somebody entered late, or there are too few events.
    """
    local = _local(model, table, watched, np.asarray(times, dtype=np.float64), horizon)
    found = _learnt(local, np.ones(len(local.curves), dtype=bool))
    fold = dealt(local.watched, FOLDS, seed)
    fixed = local.curves.copy()
    for out in range(FOLDS):
        own = fold == out
        fixed[own] = _learnt(local, ~own).corrected(local.curves[own], local.times)
    encoding = fit_encoding(local.rows, model.declared, fewest=FEWEST_OF_LEVEL)
    risk, events = 1 - fixed[:, local.last], _events(local.outcomes, local.horizon)
    groups = subgroups(encoding, local.rows, local.outcomes, risk, local.horizon)
    record = {
        "patients": len(risk),
        "events": events,
        "refused": local.refused,
        "horizon": local.horizon,
        "learnt": [{"time": each.time, "kind": each.kind} for each in found.corrections],
        "level_drawn_to_model": events < FEWEST_EVENTS,
        "before": _figures(local, 1 - local.curves[:, local.last]),
        "after_cross_validated": _figures(local, risk),
        "subgroups_cross_validated": [each._asdict() for each in groups if each.ici is not None],
    }
    return Site(found, _bound(local, fixed, encoding), record)


def _local(
    model: Prognostic, table: Mapping[str, Any], watched: Watched, times: Floats, horizon: float
) -> _Local:
    if watched.late:
        raise InputError(
            words("늦은 등록이 있는 환자", "patients with delayed entry"),
            words("처음부터 관찰한 환자", "patients watched from the start"),
        )
    kept = np.array([each is None for each in model.refusals(table)], dtype=bool)
    rows = {name: np.asarray(values)[kept] for name, values in table.items()}
    part = watched.part(kept)
    events = _events(Outcomes(part.time, part.event), horizon)
    if events < FEWEST_OF_SITE:
        refused = int((~kept).sum())
        raise InputError(
            words(
                f"시점 {horizon:g}까지 배울 사건 {events}건 (거절 {refused}명)",
                f"{events} events to learn from until {horizon:g} ({refused} patients refused)",
            ),
            words(f"사건 {FEWEST_OF_SITE}건 이상", f"at least {FEWEST_OF_SITE} events"),
        )
    until = min(horizon, float(np.quantile(part.time, REACH)))
    last = max(int(np.searchsorted(times, until, side="right")) - 1, 0)
    return _Local(part, rows, model.survival(rows, times), times, last, int((~kept).sum()))


def _events(outcomes: Outcomes, horizon: float) -> int:
    return int(outcomes.before(horizon).event.sum())


def _learnt(local: _Local, chosen: Bools) -> Recalibration:
    """The correction that these patients teach."""
    outcomes = Outcomes(local.watched.time[chosen], local.watched.event[chosen])
    curves, times = local.curves[chosen], local.times
    events = _events(outcomes, local.horizon)
    horizons = int(np.clip(events // EVENTS_OF_HORIZON, 1, HORIZONS))
    shape = _level_alone(local.horizon)
    if events >= FEWEST_EVENTS:
        found = fit_recalibration(
            outcomes, curves, times, horizon=local.horizon, horizons=horizons, cost=COST
        )
        if horizons > 1 or not found.corrections:
            return found
        shape = replace(found.corrections[0], constant=0.0)
    bent = Recalibration(corrections=(shape,)).corrected(curves, times)
    level = shrunken_level(outcomes.before(local.horizon), bent, times)
    return Recalibration(corrections=(replace(shape, constant=level),))


def shrunken_level(outcomes: Outcomes, survival: ArrayLike, times: ArrayLike) -> float:
    """The logarithm of the site's rate ratio, drawn towards 0 by the prior.

    Args:
        outcomes: Of the site's patients, until the horizon.
        survival: (n, k) the model's curves for them.
        times: (k) their times, ascending; between them the hazard is taken as constant.
    """
    hazard = -np.log(np.maximum(np.asarray(survival, dtype=np.float64), _LEAST_SURVIVAL))
    knots = np.concatenate([[0.0], np.asarray(times, dtype=np.float64)])
    expected = sum(
        float(np.interp(until, knots, [0.0, *own]))
        for until, own in zip(outcomes.time, hazard, strict=True)
    )
    seen = float(outcomes.event.sum())
    return float(np.log((seen + PRIOR_EVENTS) / (expected + PRIOR_EVENTS)))


def _level_alone(time: float) -> Correction:
    return Correction(time=time, knots=np.zeros(3), slopes=np.empty(0), share=1.0, constant=0.0)


def _figures(local: _Local, risk: Floats) -> dict[str, float]:
    found = smooth_calibration(local.outcomes, risk, local.horizon)
    return {
        "ici": found.ici,
        "slope": found.slope,
        "in_the_large": in_the_large(local.outcomes, risk, local.horizon),
    }


def _bound(local: _Local, fixed: Floats, encoding: Encoding) -> Bound | None:
    if len(fixed) < FEWEST_FOR_BOUND:
        return None
    outcomes = local.outcomes
    chances = chances_of_being_followed(encoding.matrix(local.rows), outcomes, [local.horizon])
    return fit_bound(
        outcomes,
        np.hstack([np.ones((len(fixed), 1)), fixed]),
        np.concatenate([[0.0], local.times]),
        chances.better.own,
        often=local.watched.weight,
        share=SHARE,
    )


def recalibrated(model: Model, site: Site, parent: str) -> Model:
    """The model with what a site learnt; its own parts, weights and scope stay as they are.

    Args:
        model: As fitted.
        site: Learnt with this model.
        parent: The digest of the model's file.
    """
    bound = site.bound if model.bound is not None else None
    kept = "refitted" if bound else "dropped" if model.bound else "none"
    return replace(
        model,
        stack=replace(model.stack, site=site.recalibration),
        bound=bound,
        facts=model.facts | {"site": site.record | {"parent": parent, "bound": kept}},
    )
