"""A file of patients: every fault is refused with its row and column."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
from madang.prognosis.engine.table import columns, covariates, read_table

NAMED = OutcomeColumns("time", "event")


@pytest.fixture
def file(tmp_path):
    def written(text: str | bytes):
        path = tmp_path / "patients.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return written


def test_numbers_categories_and_gaps_are_told_apart(file) -> None:
    table = read_table(file("\ufeffage, stage ,site\n61,I,3\nNA,II,4\n70.5,,3\n"))

    found = covariates(table, list(table.cells), categories=["site"])

    kinds = {each["name"]: each["kind"] for each in found.declared}
    assert kinds == {"age": "number", "stage": "category", "site": "category"}
    values = columns(table, found.declared)
    assert np.isnan(values["age"][1])
    assert values["stage"].tolist() == ["I", "II", None]
    assert values["site"].tolist() == ["3", "4", "3"]


def test_an_identifier_is_left_out(file) -> None:
    lines = "\n".join(f"name {number},1" for number in range(60))

    found = covariates(read_table(file(f"who,age\n{lines}\n")), ["who", "age"])

    assert found.left_out == ["who"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no patient"),
        ("age\n", "no patient"),
        ("age,age\n1,2\n", "header"),
        ("age,\n1,2\n", "header"),
        ("age,sex\n1,2\n3\n", "1 cells in patients.csv, row 3"),
        (b"age\n\xff\xfe\n", "cannot be read"),
        ('age\n"1\n', "cannot be read"),
    ],
)
def test_a_broken_file_is_refused(file, text, message) -> None:
    with pytest.raises(InputError, match=message):
        read_table(file(text))


@pytest.mark.parametrize("cell", ["12a", "inf", "1e999", "1,5"])
def test_a_cell_that_is_no_number_is_named(file, cell) -> None:
    lines = "\n".join(["1"] * 30 + [f'"{cell}"'] + ["2"] * 30)
    table = read_table(file(f"age\n{lines}\n"))

    with pytest.raises(InputError, match="row 32, column 'age'"):
        covariates(table, ["age"])


def test_nothing_to_predict_from_is_refused(file) -> None:
    with pytest.raises(InputError, match="no column to predict from"):
        covariates(read_table(file("age\n\nNA\n")), ["age"])


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("0,1", "row 3, column 'time'"),
        ("-2,1", "row 3, column 'time'"),
        ("NA,1", "row 3, column 'time'"),
        ("5,2", "row 3, column 'event'"),
        ("5,", "row 3, column 'event'"),
        ("5,0.5", "row 3, column 'event'"),
        ("soon,1", "row 3, column 'time'"),
    ],
)
def test_an_impossible_outcome_is_named(file, line, named) -> None:
    table = read_table(file(f"time,event\n4,1\n{line}\n6,0\n"))

    with pytest.raises(InputError, match=named):
        read_watched(table, NAMED)


def test_the_competing_code_becomes_the_second_cause(file) -> None:
    table = read_table(file("time,event\n4,1\n5,7\n6,0\n"))

    assert read_watched(table, OutcomeColumns("time", "event", 7)).cause.tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("line", "column"), [("5,1,6,1", "from"), ("5,1,-1,1", "from"), ("5,1,0,0", "often")]
)
def test_an_impossible_entry_or_weight_is_named(file, line, column) -> None:
    table = read_table(file(f"time,event,from,often\n4,1,0,1\n{line}\n"))

    with pytest.raises(InputError, match=f"row 3, column '{column}'"):
        read_watched(table, OutcomeColumns("time", "event", None, "from", "often"))


def test_a_column_that_is_not_there_is_named(file) -> None:
    with pytest.raises(InputError, match="no column 'time'"):
        read_watched(read_table(file("age\n1\n")), NAMED)
