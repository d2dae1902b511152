"""What does a model say of one patient on a day? One answer, whatever the kind of the model.

A model that follows visits answers from the values known by that day. A model of entry answers
from the first values alone and, on a later day, given that the patient got so far:
1 − S(day + t)/S(day). Days are turned into the model's own unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.words import Words, words
from madang.prognosis.engine.chart import Chart, Visit
from madang.prognosis.engine.dynamic.model import VisitModel, expected
from madang.prognosis.engine.jackknife import interval
from madang.prognosis.engine.stack.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

DAYS: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
"""Unit of a model's times → days."""


class Answer(NamedTuple):
    """Of k times from the day on; all NaN where `refusal` says why there is none.

    For every time `free` and all of `causes` add up to 1.
    """

    days: Floats
    """(k) from the day on."""
    risk: Floats
    """(k) that the predicted event happens."""
    low: Floats
    high: Floats
    causes: Floats
    """(c, k) of each cause, the predicted event first."""
    free: Floats
    """(k) that nothing of it happens."""
    refusal: Words | None

    def at(self, day: float) -> tuple[float, float, float]:
        """Risk, lower and upper end of its interval on one of the days (nearest)."""
        place = int(np.abs(self.days - day).argmin())
        return float(self.risk[place]), float(self.low[place]), float(self.high[place])


def unit_days(model: Model | VisitModel) -> float:
    """How many days the model's unit of time has."""
    return DAYS[model.facts.get("unit", "day")]


def reach(model: Model | VisitModel, day: float) -> float:
    """How many days ahead of a day the model answers; 0 or less where it does not."""
    if isinstance(model, VisitModel):
        return model.landmark.horizon * unit_days(model)
    return float(model.stack.ends[-1]) * unit_days(model) - day


def answer(model: Model | VisitModel, chart: Chart, day: float, *, days: ArrayLike) -> Answer:
    """Answer for one patient.

    Args:
        model: Either kind.
        chart: The patient.
        day: Since entry; what is known later is not looked at.
        days: (k) from that day on, ascending, above 0; within `reach`.
    """
    ahead = np.asarray(days, dtype=np.float64)
    if isinstance(model, VisitModel):
        return _followed(model, chart, day, ahead)
    return _from_entry(model, chart, day, ahead)


def _followed(model: VisitModel, chart: Chart, day: float, ahead: Floats) -> Answer:
    if not chart.until(day).visits:
        return _none(ahead, _NO_VISIT)
    unit = unit_days(model)
    # Charts are in days: the visits are put on the model's own scale before it looks at them.
    snapshot = scaled(chart, unit).snapshot(model.declared, day / unit)
    said = expected(model, snapshot, ahead / unit)
    if said.refusals[0] is not None:
        return _none(ahead, said.refusals[0])
    causes = said.causes[:, 0]
    return Answer(ahead, causes[0], said.low[0], said.high[0], causes, said.survival[0], None)


def _from_entry(model: Model, chart: Chart, day: float, ahead: Floats) -> Answer:
    unit, stack = unit_days(model), model.stack
    table = entry(model, chart)
    reason = model.scope.refusals(table, stack.parts.columns)[0]
    last = float(stack.ends[-1]) * unit
    if reason is None and day + float(ahead[-1]) > last:
        reason = _beyond(day, last)
    if reason is not None:
        return _none(ahead, reason)
    times = (np.concatenate([[0.0], ahead]) + day) / unit
    between = stack.parts.intervals.between
    free = _given(between(stack.curves(table), times))
    without = np.stack([_given(between(each, times)) for each in stack.curves_without(table)])
    ends = interval(free, without)
    causes = 1 - free
    if stack.causes > 1:
        reached = stack.incidences(table, times)[0].T
        causes = (reached[:, 1:] - reached[:, :1]) / (1 - reached[:, 0].sum())
    # The interval is that of being free of everything, shared out as the causes are.
    share = np.divide(causes[0], 1 - free[0], out=np.ones_like(free[0]), where=free[0] < 1)
    low, high = (1 - ends.high[0]) * share, (1 - ends.low[0]) * share
    return Answer(ahead, causes[0], low, high, causes, free[0], None)


def _given(curves: Floats) -> Floats:
    """(n, k) from the first time on, given that a patient got so far."""
    return curves[:, 1:] / np.maximum(curves[:, :1], 1e-300)


def entry(model: Model, chart: Chart) -> dict[str, Any]:
    """One row of the values with which the patient entered."""
    found: dict[str, Any] = {}
    for each in model.declared:
        first = chart.first(each["name"])
        if each["kind"] == "category":
            found[each["name"]] = np.array([None if first is None else first.value], dtype=object)
        else:
            found[each["name"]] = np.array([np.nan if first is None else float(first.value)])
    return found


def scaled(chart: Chart, unit: float) -> Chart:
    """The chart with its days in another unit."""
    visits = tuple(Visit(each.day / unit, each.values) for each in chart.visits)
    return Chart(fixed=chart.fixed, visits=visits)


def missing(model: Model | VisitModel, chart: Chart) -> Mapping[str, int]:
    """By column, 1 where the patient has no value: what the watch over inputs counts."""
    return {each["name"]: int(chart.last(each["name"]) is None) for each in model.declared}


def _none(ahead: Floats, reason: Words) -> Answer:
    empty = np.full(len(ahead), np.nan)
    return Answer(ahead, empty, empty, empty, empty[None], empty, reason)


_NO_VISIT = words(
    "아직 방문 기록이 없어 예측하지 않습니다.", "No prediction: there is no visit yet."
)


def _beyond(day: float, last: float) -> Words:
    return words(
        f"등록 뒤 {day:g}일에서 본 기간이 학습한 마지막 {last:g}일을 넘어 예측하지 않습니다.",
        f"No prediction: seen from day {day:g}, the time asked for ends behind day {last:g}, the "
        "last that was learnt.",
    )
