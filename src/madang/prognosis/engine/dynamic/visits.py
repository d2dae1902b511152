"""What was known of each patient on a day? The last values, how old they are, and who was there.

A table of visits has one row a visit: the patient, the time since the patient entered, and what
was measured, with gaps. A snapshot takes no visit after its time: whatever is computed from it
could have been computed on that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

PATIENT, TIME = "patient", "visited"
AGE, COUNT, AT = "age of the data", "visits so far", "time since entry"
"""Columns that a snapshot adds: time since the last visit, visits, and the snapshot's own time."""


class Courses(NamedTuple):
    """What became of each patient: identifiers (n), time since entry (n) and cause of the end (n).

    Cause 0 is censoring, 1 the event that is predicted, 2 and above the events that compete.
    """

    patient: NDArray[np.str_]
    time: Floats
    cause: Integers

    @property
    def causes(self) -> int:
        """How many causes there are, the predicted event first."""
        return max(1, int(self.cause.max()))

    def among(self, patients: Iterable[str]) -> Courses:
        """Those of some patients, in the order of these courses."""
        kept = np.isin(self.patient, sorted(set(patients)))
        return Courses(self.patient[kept], self.time[kept], self.cause[kept])


def read_courses(patient: ArrayLike, time: ArrayLike, cause: ArrayLike) -> Courses:
    """Courses from columns, one row a patient.

    Raises:
        InputError: A patient comes twice, a time is not above 0, or a cause is no whole number
            from 0.
    """
    names = np.asarray(patient).astype(str)
    when, why = np.asarray(time, dtype=np.float64), np.asarray(cause, dtype=np.float64)
    if not len(names) or when.shape != names.shape or why.shape != names.shape:
        raise InputError(
            words(
                f"환자 {names.size}명, 기간 {when.size}건, 결말 {why.size}건",
                f"{names.size} patients, {when.size} times and {why.size} ends",
            ),
            words("한 명 이상, 같은 건수", "at least one patient and as many of each"),
        )
    found, counts = np.unique(names, return_counts=True)
    if (counts > 1).any():
        twice = str(found[counts > 1][0])
        raise InputError(
            words(f"두 번 나오는 환자 {twice!r}", f"the patient {twice!r} twice"),
            words("환자마다 한 행", "one row a patient"),
        )
    bad = ~(np.isfinite(when) & (when > 0) & np.isin(why, np.arange(100)))
    if bad.any():
        name = str(names[bad][0])
        raise InputError(
            words(
                f"환자 {name!r}의 기간 {when[bad][0]:g}, 결말 {why[bad][0]:g}",
                f"time {when[bad][0]:g} and end {why[bad][0]:g} of patient {name!r}",
            ),
            words("0보다 큰 기간과 0부터의 정수", "a time above 0 and a whole number from 0"),
        )
    return Courses(names, when, why.astype(np.int64))


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Visits in order of patient and time, with the columns that were measured."""

    table: pl.DataFrame
    """`patient` (text), `visited` (time since entry), then the measured columns."""

    @property
    def measured(self) -> tuple[str, ...]:
        """The names of what was measured."""
        return tuple(name for name in self.table.columns if name not in (PATIENT, TIME))

    def of(self, patients: Iterable[str]) -> Visits:
        """The visits of some patients."""
        import polars as pl

        return Visits(table=self.table.filter(pl.col(PATIENT).is_in(sorted(set(patients)))))

    def snapshot(self, at: float) -> pl.DataFrame:
        """What was known at a time since entry, one row for each patient seen until then.

        Each measured column holds its last value that is not missing; three columns are added
        (`AGE`, `COUNT`, `AT`). Patients stand in the order of their names.
        """
        import polars as pl

        seen = self.table.filter(pl.col(TIME) <= at)
        return seen.group_by(PATIENT, maintain_order=True).agg(
            *(pl.col(name).drop_nulls().last() for name in self.measured),
            (at - pl.col(TIME).last()).alias(AGE),
            pl.len().cast(pl.Float64).alias(COUNT),
            pl.lit(float(at)).alias(AT),
        )


def read_visits(table: pl.DataFrame, *, patient: str, time: str, columns: Sequence[str]) -> Visits:
    """Visits from a table.

    Args:
        table: One row a visit, in any order.
        patient: The column of the patient's identifier.
        time: The column of the time since entry; 0 is the first day.
        columns: What was measured.

    Raises:
        InputError: A column is missing, a patient has no identifier, or a time is missing, not
            finite or below 0; the row is named, counted from 1.
    """
    import polars as pl

    wanted = [patient, time, *columns]
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        raise InputError(
            words(f"{lacking[0]!r} 열이 없는 표", f"a table without the column {lacking[0]!r}"),
            words(", ".join(wanted), ", ".join(wanted)),
        )
    when = table[time].cast(pl.Float64, strict=False)
    bad = (table[patient].is_null() | when.is_null() | ~when.is_finite() | (when < 0)).fill_null(
        value=True
    )
    if bad.any():
        row = int(bad.arg_true()[0])
        raise InputError(
            words(
                f"{row + 1}행의 환자 {table[patient][row]!r}, 방문 시점 {table[time][row]!r}",
                f"patient {table[patient][row]!r} at {table[time][row]!r} in row {row + 1}",
            ),
            words("환자와 0 이상의 시점", "a patient, and a time of 0 or more"),
        )
    found = table.select(
        pl.col(patient).cast(pl.String).alias(PATIENT),
        when.alias(TIME),
        *(_without_nan(table[name]) for name in columns),
    )
    return Visits(table=found.sort(PATIENT, TIME, maintain_order=True))


def _without_nan(column: pl.Series) -> pl.Series:
    return column.fill_nan(None) if column.dtype.is_float() else column
