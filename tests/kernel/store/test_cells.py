"""Values in their declared type, or the column, how many are at fault and where the first is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from madang.kernel.store.cells import fitted, unique
from madang.kernel.store.errors import TableError
from madang.kernel.trial import Column
from madang.kernel.words import Words, words

NAN, INF = float("nan"), float("inf")


def place(row: int) -> Words:
    return words(f"{row}행", f"row {row}")


def fit(values: list[Any] | pl.Series, kind: Any, **more: Any) -> list[Any]:
    column = Column(name="x", kind=kind, **more)
    series = values if isinstance(values, pl.Series) else pl.Series(values, strict=False)
    return fitted(series, column, name="t", place=place).to_list()


def sentence(values: list[Any] | pl.Series, kind: Any, **more: Any) -> str:
    with pytest.raises(TableError) as caught:
        fit(values, kind, **more)
    assert "열 'x'" in caught.value.sentence("ko")
    return caught.value.sentence("en")


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", " 2.5 ", "-1e-3", "+4"], "number", [1.0, 2.5, -0.001, 4.0]),
        ([1, 2], "number", [1.0, 2.0]),
        (pl.Series([1.5, 2.0], dtype=pl.Float32), "number", [1.5, 2.0]),
        (pl.Series(["1.25"]).cast(pl.Decimal(10, 2)), "number", [1.25]),
        (["1", " -2 ", "3.0"], "integer", [1, -2, 3]),
        (["9223372036854775807", "2.0"], "integer", [2**63 - 1, 2]),
        ([1.0, -2.0], "integer", [1, -2]),
        (pl.Series([1, 2], dtype=pl.UInt64), "integer", [1, 2]),
        (["true", "FALSE", "1", " 0", "True"], "boolean", [True, False, True, False, True]),
        ([True, False], "boolean", [True, False]),
        ([1, 0], "boolean", [True, False]),
        (["가", "나"], "text", ["가", "나"]),
        ([101, 7], "text", ["101", "7"]),
        (pl.Series(["a"], dtype=pl.Categorical), "category", ["a"]),
    ],
)
def test_values_arrive_in_the_declared_type(values: Any, kind: str, expected: list[Any]) -> None:
    came = fit(values, kind)

    assert came == expected
    assert [type(each) for each in came] == [type(each) for each in expected]


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        (["1", "x", "y"], "number", "no number in column 'x' of t (2; the first in row 1)"),
        (["1,5"], "number", "no number"),
        (["1_000"], "number", "no number"),
        (["NA"], "number", "no number"),
        (["0x10"], "number", "no number"),
        (["1", "2.5"], "integer", "no whole number in column 'x' of t (1; the first in row 1)"),
        (["1e300"], "integer", "no whole number"),
        (["nan"], "integer", "no whole number"),
        (["9223372036854775808"], "integer", "no whole number"),
        ([2.0**53 + 2], "integer", "no whole number"),
        (pl.Series([2**63], dtype=pl.UInt64), "integer", "no whole number"),
        ([0.5], "integer", "no whole number"),
        (["yes"], "boolean", "neither true nor false"),
        ([2], "boolean", "neither true nor false"),
        ([0.0], "boolean", "neither true nor false"),
        ([True], "number", "no number"),
        ([date(2026, 1, 1)], "number", "no number"),
        ([b"bytes"], "text", "no text"),
        ([1.5], "category", "no text"),
        ([True], "text", "no text"),
    ],
)  # fmt: skip
def test_values_of_another_type_are_counted_and_the_first_is_placed(
    values: Any, kind: str, said: str
) -> None:
    assert said in sentence(values, kind)


@pytest.mark.parametrize("values", [["1", "inf", "-inf"], [1.0, INF, -INF]])
def test_infinity_is_never_a_value(values: list[Any]) -> None:
    for nullable in (True, False):
        said = sentence(values, "number", nullable=nullable)
        assert "infinite values in column 'x' of t (2; the first in row 1)" in said


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", None, "3", None], "number"),
        (["1", "NaN", "3", "nan"], "number"),
        ([1.0, NAN, 3.0, None], "number"),
        (["1", None, "3", None], "integer"),
        ([True, None, True, None], "boolean"),
        (["a", "", "a", None], "text"),
        (["a", "", "a", None], "category"),
    ],
)
def test_gaps_are_told_where_there_must_be_none_and_null_where_there_may(
    values: list[Any], kind: str
) -> None:
    assert "missing values or NaN in column 'x' of t (2; the first in row 1)" in sentence(
        values, kind
    )
    came = fit(values, kind, nullable=True)
    assert [each is None for each in came] == [False, True, False, True]


def test_whole_floats_with_gaps_are_integers_with_gaps() -> None:
    """What pandas writes for an integer column with a missing value."""
    assert fit([1.0, NAN, 3.0], "number", nullable=True) == [1.0, None, 3.0]
    assert fit([1.0, None, 3.0], "integer", nullable=True) == [1, None, 3]
    assert fit(["1.0", None, "3.0"], "integer", nullable=True) == [1, None, 3]


def test_a_column_of_nothing_but_gaps_has_its_declared_type() -> None:
    for kind, dtype in (
        ("number", pl.Float64),
        ("integer", pl.Int64),
        ("boolean", pl.Boolean),
        ("category", pl.String),
        ("text", pl.String),
    ):
        column = Column(name="x", kind=kind, nullable=True)  # type: ignore[arg-type]
        for values in (pl.Series([None, None]), pl.Series([None, None], dtype=pl.String)):
            came = fitted(values, column, name="t", place=place)
            assert (came.dtype, came.null_count()) == (dtype, 2)


def test_values_outside_the_levels_are_counted_but_never_shown() -> None:
    said = sentence(["I", "IV", "IV", "V"], "category", levels=("I", "II"))

    assert "values outside the declared levels in column 'x' of t (3; the first in row 1)" in said
    assert "one of 'I', 'II'" in said
    assert "IV" not in said


def test_levels_may_be_codes_and_gaps_are_no_level() -> None:
    assert fit([1, 2, None], "category", levels=("1", "2"), nullable=True) == ["1", "2", None]


def test_identifiers_must_differ() -> None:
    unique(pl.Series("id", ["a", "b"]), name="t", place=place)

    with pytest.raises(TableError, match=r"column 'id' of t \(2; the first in row 1\)"):
        unique(pl.Series("id", ["a", "b", "c", "c", "b", "c"]), name="t", place=place)
