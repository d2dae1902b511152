"""Which rows did a model of visits learn from? Kept beside it, to tell how others like one fared.

A Parquet file: one row a patient and landmark, with what was known then, how long the patient was
watched from there on (`left`) and how it ended (`cause`). Patients' names are left out.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.dynamic.landmark import stacked
from madang.prognosis.engine.dynamic.model import raw
from madang.prognosis.engine.dynamic.visits import AT, PATIENT
from madang.prognosis.engine.models.intervals import Watched

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from madang.prognosis.engine.dynamic.model import VisitModel
    from madang.prognosis.engine.dynamic.visits import Courses, Visits

LEFT, CAUSE = "left", "cause"


class Rows(NamedTuple):
    """Rows of one landmark: column → (n) raw values, and how they went on."""

    table: dict[str, Any]
    watched: Watched


def write_rows(model: VisitModel, visits: Visits, courses: Courses, marks: list[float]) -> bytes:
    """The rows of a model's training."""
    import polars as pl

    found = stacked(visits, courses, landmarks=marks, horizon=model.landmark.horizon)
    table = found.table.drop(PATIENT).with_columns(
        pl.Series(LEFT, found.time), pl.Series(CAUSE, found.cause)
    )
    held = io.BytesIO()
    table.write_parquet(held)
    return held.getvalue()


def read_rows(content: bytes, names: Iterable[str] = ()) -> pl.DataFrame:
    """The rows again.

    Args:
        content: As `write_rows` made it.
        names: Columns that must be among them.

    Raises:
        InputError: It is no such file, or of another model.
    """
    import polars as pl

    wanted = {*names, LEFT, CAUSE, AT}
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise _no_rows() from fault
    if not wanted <= set(table.columns):
        raise _no_rows()
    return table


def nearest(table: pl.DataFrame, at: float) -> Rows:
    """The rows of the landmark nearest to a time since entry."""
    import polars as pl

    marks = table[AT].unique().to_numpy()
    mark = float(marks[np.abs(marks - at).argmin()])
    rows = table.filter(pl.col(AT) == mark)
    watched = Watched.of(rows[LEFT].to_numpy(), rows[CAUSE].to_numpy())
    return Rows(raw(rows.drop(LEFT, CAUSE)), watched)


def _no_rows() -> InputError:
    return InputError(
        words("학습 자료가 아닌 파일", "a file that holds no training rows of this model"),
        words("fit-visits --rows가 쓴 파일", "the file that fit-visits --rows wrote"),
    )
