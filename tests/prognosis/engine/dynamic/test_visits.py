"""A snapshot knows what was known on its day, and no more."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.dynamic.visits import (
    AGE,
    AT,
    COUNT,
    PATIENT,
    read_courses,
    read_visits,
)
from tests.prognosis.engine.dynamic.courses import made

TABLE = pl.DataFrame(
    {
        "id": [2, 1, 1, 1],
        "year": [0.0, 2.0, 0.0, 1.0],
        "bili": [5.0, 9.0, 1.0, float("nan")],
        "sex": ["m", "f", "f", "f"],
    }
)


def read(table: pl.DataFrame = TABLE) -> pl.DataFrame:
    """What was known at one and a half years."""
    visits = read_visits(table, patient="id", time="year", columns=("bili", "sex"))
    return visits.snapshot(1.5)


def test_last_values_and_their_age() -> None:
    found = read()

    assert found[PATIENT].to_list() == ["1", "2"]
    assert found["bili"].to_list() == [1.0, 5.0]
    assert found[AGE].to_list() == [0.5, 1.5]
    assert found[COUNT].to_list() == [2.0, 1.0]
    assert found[AT].to_list() == [1.5, 1.5]


def test_the_order_of_rows_does_not_matter() -> None:
    for seed in range(5):
        assert read(TABLE.sample(4, shuffle=True, seed=seed)).equals(read())


def test_the_future_does_not_matter() -> None:
    visits = made(60).visits
    late = pl.col("visited") > 1.5
    changed = visits.table.with_columns(
        pl.when(late).then(99.0).otherwise(pl.col("marker")).alias("marker")
    )
    other = type(visits)(table=changed)

    assert other.snapshot(1.5).equals(visits.snapshot(1.5))
    assert not other.snapshot(2.5).equals(visits.snapshot(2.5))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": [0.0, 2.0, -0.5, 1.0]}, "patient 1 at -0.5 in row 3"),
        ({"year": [0.0, 2.0, float("nan"), 1.0]}, "in row 3"),
        ({"year": ["0", "2", "x", "1"]}, "at 'x' in row 3"),
        ({"id": [2, None, 1, 1]}, "patient None at 2.0 in row 2"),
    ],
)
def test_a_visit_that_cannot_be_is_refused_with_its_row(
    change: dict[str, list[object]], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read(TABLE.with_columns(**{name: pl.Series(each) for name, each in change.items()}))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="without the column 'bili'"):
        read(TABLE.drop("bili"))


@pytest.mark.parametrize(
    ("patient", "time", "cause", "said"),
    [
        (["a", "a"], [1, 2], [0, 1], "'a' twice"),
        (["a", "b"], [1, 0], [0, 1], "time 0 and end 1 of patient 'b'"),
        (["a", "b"], [1, np.nan], [0, 1], "patient 'b'"),
        (["a", "b"], [1, 2], [0, 1.5], "end 1.5"),
        (["a", "b"], [1, 2], [0, -1], "end -1"),
        (["a", "b"], [1], [0, 1], "1 times"),
        ([], [], [], "0 patients"),
    ],
)
def test_a_course_that_cannot_be_is_refused(
    patient: list[str], time: list[float], cause: list[float], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_courses(patient, time, cause)
