"""What will become of this patient? The whole model: curve, interval, bound, or a refusal.

A patient's interval is the jackknife over the folds of the stack (`engine.jackknife`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.jackknife import Interval, interval
from madang.prognosis.engine.models.encoding import Number
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.censoring import chances_of_being_followed
from madang.prognosis.engine.stack.conformal import Bound, fit_bound
from madang.prognosis.engine.stack.mixture import Stack
from madang.prognosis.engine.stack.scope import Scope, fit_scope
from madang.prognosis.engine.stack.stacking import (
    L1_RATIO,
    LOWEST_PENALTY,
    PENALTIES,
    Fitted,
    fit_stack,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.kernel.words import Words
    from madang.prognosis.engine.models.encoding import Category
    from madang.prognosis.engine.models.intervals import Watched

    Floats: TypeAlias = NDArray[np.float64]

SHARE = 0.9
"""Of patients to reach their lower bound."""

FEWEST_EVENTS = 20


@dataclass(frozen=True, kw_only=True)
class Model:
    """A fitted model with what it knows of its own limits.

    `declared` are the columns that it wants; `facts` is plain JSON: how many patients and events,
    weights, losses, horizon, versions.
    """

    stack: Stack
    scope: Scope
    bound: Bound | None
    """None with delayed entry: those who died before it are missing from the promise."""
    declared: tuple[dict[str, Any], ...]
    facts: dict[str, Any]

    @property
    def last_time(self) -> float:
        """The last event seen in training: curves are flat beyond."""
        return float(self.stack.ends[-1])

    @property
    def causes(self) -> int:
        """How many ends compete; 1 where there is one alone."""
        return self.stack.causes

    def survival(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k) probability of being free of every event, also of patients out of scope."""
        return self.stack.survival(table, times)

    def incidences(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k, causes) probability of each cause by each time."""
        return self.stack.incidences(table, times)

    def refusals(self, table: Mapping[str, Any]) -> list[Words | None]:
        """(n) why a patient is out of scope, in one sentence; None where it may answer."""
        return self.scope.refusals(table, self.stack.parts.columns)


class Prediction(NamedTuple):
    """(n, k) survival with its interval, (n, k, causes) incidences, (n) bound; NaN if refused."""

    survival: Floats
    low: Floats
    high: Floats
    incidences: Floats
    bound: Floats
    refusals: list[Words | None]


def fit_model(
    table: Mapping[str, Any],
    declared: Sequence[Mapping[str, Any]],
    watched: Watched,
    *,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> tuple[Model, Fitted]:
    """Fit the stack, its lower bound and its scope.

    Args:
        table: Column → (n) raw values of the training patients.
        declared: `name` and `kind` of each column.
        watched: Follow-up of the same patients.
        groups: (n) labels of patients that belong together.
        seed: Deals and samples; nothing else is random.

    Raises:
        InputError: There are too few events to learn from.
    """
    events = int(watched.event.sum())
    if events < FEWEST_EVENTS:
        raise InputError(
            words(f"사건 {events}건", f"{events} events"),
            words(f"사건 {FEWEST_EVENTS}건 이상", f"at least {FEWEST_EVENTS} events"),
        )
    fitted = fit_stack(table, declared, watched, groups=groups, seed=seed)
    stack, outcomes = fitted.stack, Outcomes(watched.time, watched.event)
    knots = np.concatenate([[0.0], stack.ends])
    matrix = stack.parts.columns.for_sums(table)
    chances = chances_of_being_followed(matrix, outcomes, [stack.horizon])
    bound = None
    if not watched.late:
        bound = fit_bound(
            outcomes,
            fitted.out_of_fold,
            knots,
            chances.better.own,
            often=watched.weight,
            share=SHARE,
        )
    scope = fit_scope(
        table, stack.parts.columns, lambda rows: 1 - stack.survival(rows, [stack.horizon])[:, 0]
    )
    facts = _facts(fitted, watched) | {"censoring_depends_on_patient": chances.dependent}
    plain = tuple(dict(each) for each in declared)
    return Model(stack=stack, scope=scope, bound=bound, declared=plain, facts=facts), fitted


def _facts(fitted: Fitted, watched: Watched) -> dict[str, Any]:
    stack = fitted.stack
    return {
        "patients": len(watched.time),
        "events": [int((watched.cause == each + 1).sum()) for each in range(stack.causes)],
        "horizon": stack.horizon,
        "last_time": float(stack.ends[-1]),
        "weights": dict(stack.parts.weights),
        "ibs_out_of_fold": fitted.losses,
        "penalty": fitted.penalty,
        "tuning": {
            "penalties": PENALTIES,
            "lowest_penalty": LOWEST_PENALTY,
            "l1_ratio": L1_RATIO,
            "not_repeated": _not_repeated(fitted, watched),
        },
        "parameters": sum(_parameters(each) for each in stack.parts.columns.encoding.columns),
        "recalibration": [
            {"time": each.time, "kind": each.kind} for each in stack.recalibration.corrections
        ],
        "folds": len(stack.without),
        "delayed_entry": watched.late,
        "weighted": bool((watched.weight != 1).any()),
    }


def _not_repeated(fitted: Fitted, watched: Watched) -> list[str]:
    """Steps that looked at all predictions out of fold at once, so that these flatter them."""
    looked = {
        "penalty": "cox" in fitted.losses,
        "weights": not watched.late,
        "recalibration": bool(fitted.stack.recalibration.corrections),
    }
    return [step for step, done in looked.items() if done]


def _parameters(column: Number | Category) -> int:
    """Candidate parameters of a column as sums see it."""
    return 1 if isinstance(column, Number) else max(len(column.levels) - 1, 0)


def predict(
    model: Model, table: Mapping[str, Any], times: ArrayLike, *, intervals: bool = True
) -> Prediction:
    """Answer for new patients.

    Args:
        model: Fitted.
        table: Column → (n) raw values; gaps are allowed but in key columns.
        times: (k) above 0, not beyond the last event seen in training.
        intervals: Whether to compute them; they cost as much as five predictions.

    Raises:
        InputError: A time is not above 0, or later than anything seen in training.
    """
    when, stack = np.asarray(times, dtype=np.float64), model.stack
    for time in when.tolist():
        if not 0 < time <= stack.ends[-1]:
            raise InputError(
                words(f"예측 시각 {time:g}", f"the time {time:g}"),
                words(
                    f"0보다 크고 학습 자료의 마지막 사건 {stack.ends[-1]:g} 이하인 시각",
                    f"times above 0 and up to {stack.ends[-1]:g}, the last event in training",
                ),
            )
    refusals = model.scope.refusals(table, stack.parts.columns)
    refused = np.array([each is not None for each in refusals], dtype=bool)
    curves = stack.curves(table)
    survival = stack.parts.intervals.between(curves, when)
    low, high = _interval(model, table, when, survival) if intervals else (survival, survival)
    incidences = stack.incidences(table, when) if stack.causes > 1 else (1 - survival)[:, :, None]
    bound = np.full(len(curves), np.nan)
    if model.bound is not None:
        bound = model.bound.times(curves, np.concatenate([[0.0], stack.ends]))
    return Prediction(
        survival=_hidden(survival, refused),
        low=_hidden(low, refused),
        high=_hidden(high, refused),
        incidences=_hidden(incidences, refused),
        bound=_hidden(bound, refused),
        refusals=refusals,
    )


def _hidden(values: Floats, refused: NDArray[np.bool_]) -> Floats:
    shown = values.copy()
    shown[refused] = np.nan
    return shown


def _interval(model: Model, table: Mapping[str, Any], times: Floats, survival: Floats) -> Interval:
    """(n, k) lower and upper end, from how the folds' models differ."""
    between = model.stack.parts.intervals.between
    without = [between(curves, times) for curves in model.stack.curves_without(table)]
    return interval(survival, np.stack(without))
