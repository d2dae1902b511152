"""As which row does a model see a patient, and how is it asked about other rows?

What explains an answer (`engine.explain`) asks the model about rows that differ from the patient's
in some columns. This is the same question in the same terms for every kind of model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.answer import entry, scaled, unit_days
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.dynamic.visits import AT, COUNT, PATIENT
from madang.prognosis.engine.explain.contributions import reference_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from madang.kernel.words import Words
    from madang.prognosis.engine.chart import Chart
    from madang.prognosis.engine.models.columns import Columns
    from madang.prognosis.engine.stack.model import Model
    from madang.prognosis.engine.stack.scope import Scope

    Floats: TypeAlias = NDArray[np.float64]
    Rows: TypeAlias = Mapping[str, Any]


class Question(NamedTuple):
    """A patient's row, and the model as functions of rows like it."""

    patient: dict[str, Any]
    """Column → value; None is a gap."""
    reference: dict[str, Any]
    """The middle of the training patients, at the same time since entry."""
    survival: Callable[[Rows, Floats], Floats]
    """Rows and (k) days ahead to (n, k) chances of being free of the predicted event."""
    refusals: Callable[[Rows], Sequence[Words | None]]
    columns: Columns
    scope: Scope


def question(model: Model | VisitModel, chart: Chart, day: float) -> Question:
    """The question of one patient on a day since entry."""
    if isinstance(model, VisitModel):
        return _at_visit(model, chart, day)
    return _on_entry(model, chart, day)


def _at_visit(model: VisitModel, chart: Chart, day: float) -> Question:
    import polars as pl

    unit = unit_days(model)
    snapshot = scaled(chart, unit).snapshot(model.declared, day / unit)
    patient = {name: snapshot[name][0] for name in snapshot.columns if name != PATIENT}
    landmark = model.landmark
    reference = reference_of(
        landmark.encoding, landmark.causes[0].centre, logarithms=landmark.logarithms
    )
    reference |= {name: patient[name] for name in (AT, COUNT)}

    def frame(rows: Rows) -> pl.DataFrame:
        kinds = {name: snapshot.schema[name] for name in patient}
        return pl.DataFrame({name: _listed(rows[name]) for name in patient}, schema=kinds)

    def survival(rows: Rows, days: Floats) -> Floats:
        found: Floats = 1 - landmark.incidence(frame(rows), np.asarray(days) / unit).causes[0]
        return found

    def refusals(rows: Rows) -> Sequence[Words | None]:
        return model.refusals(frame(rows))

    return Question(patient, reference, survival, refusals, model.columns, model.scope)


def _on_entry(model: Model, chart: Chart, day: float) -> Question:
    unit, stack = unit_days(model), model.stack
    row = entry(model, chart)
    patient = {name: _plain(values[0]) for name, values in row.items()}
    columns = stack.parts.columns
    reference = reference_of(columns.encoding, model.scope.centre)

    def survival(rows: Rows, days: Floats) -> Floats:
        times = np.concatenate([[day], np.asarray(days) + day]) / unit
        reached = stack.incidences(rows, times)
        so_far = 1 - reached[:, :1].sum(axis=2)
        found: Floats = 1 - (reached[:, 1:, 0] - reached[:, :1, 0]) / np.maximum(so_far, 1e-300)
        return found

    def refusals(rows: Rows) -> Sequence[Words | None]:
        return model.scope.refusals(rows, columns)

    return Question(patient, reference, survival, refusals, columns, model.scope)


def _listed(values: Any) -> list[Any]:
    return [None if each is None or each != each else each for each in np.asarray(values).tolist()]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value if isinstance(value, str) else float(value)
