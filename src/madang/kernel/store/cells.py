"""Do the values of a column fit its declaration? Types, levels, gaps, numbers that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.store.errors import TableError
from madang.kernel.store.header import listed, shown_name
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from madang.kernel.trial import Column

_WHOLE = 2.0**53
"""Above it a float no longer tells neighbouring whole numbers apart."""
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class _Fault(NamedTuple):
    what: Words
    """What the values are, after their number: `3 values that are no number`."""
    expected: Words
    remedy: Words = words("", "")


_WRONG_TYPE = {
    "number": _Fault(
        words("숫자가 아닌 값", "values that are no number"),
        words("3.5와 같은 숫자", "numbers such as 3.5"),
        words("없는 값은 빈칸으로 두십시오.", "Leave the field empty where a value is missing."),
    ),
    "integer": _Fault(
        words("정수가 아닌 값", "values that are no whole number"),
        words("3과 같은 정수", "whole numbers such as 3"),
        words("없는 값은 빈칸으로 두십시오.", "Leave the field empty where a value is missing."),
    ),
    "boolean": _Fault(
        words("참·거짓이 아닌 값", "values that are neither true nor false"),
        words("true, false, 1, 0 가운데 하나", "true, false, 1 or 0"),
        words("없는 값은 빈칸으로 두십시오.", "Leave the field empty where a value is missing."),
    ),
    "category": _Fault(words("글자가 아닌 값", "values that are no text"), words("글자", "text")),
    "text": _Fault(words("글자가 아닌 값", "values that are no text"), words("글자", "text")),
}
_INFINITE = _Fault(
    words("무한대", "infinite values"),
    words("유한한 숫자", "finite numbers"),
    words("계산 과정을 확인하십시오.", "Check how they were computed."),
)
_GAP = _Fault(
    words("빈 값 또는 NaN", "missing values or NaN"),
    words("모든 행의 값", "a value in every row"),
    words(
        "값을 채우거나, 비어 있을 수 있는 열로 선언하십시오.",
        "Fill them in, or declare the column nullable.",
    ),
)


def fitted(
    values: pl.Series, column: Column, *, name: str, place: Callable[[int], Words]
) -> pl.Series:
    """The column in its declared type: Float64, Int64, Boolean, or String for category and text.

    Empty text and NaN count as missing; infinity is never a value.

    Args:
        values: The column as it lies in the file.
        column: Its declaration.
        name: What the file's owner calls it.
        place: Row number from 0 → words such as `line 7`.

    Raises:
        TableError: A value does not fit; the sentence names the column, how many values, and where
            the first stands.
    """

    def refuse(wrong: pl.Series, fault: _Fault) -> None:
        rows = wrong.fill_null(False).arg_true()
        if len(rows):
            raise _refused(column, fault, count=len(rows), where=place(rows[0]), name=name)

    values = _without_blanks(values)
    typed = _typed(values, column)
    refuse(typed.is_null() & values.is_not_null(), _WRONG_TYPE[column.kind])
    if column.kind == "number":
        refuse(typed.is_infinite(), _INFINITE)
        typed = typed.fill_nan(None)
    if not column.nullable:
        refuse(typed.is_null(), _GAP)
    if column.levels:
        refuse(~typed.is_in(list(column.levels)), _strange(column))
    return typed.alias(column.name)


def unique(values: pl.Series, *, name: str, place: Callable[[int], Words]) -> None:
    """Refuse identifiers that stand in more than one row.

    Raises:
        TableError: Some do; the sentence says how many and where the first stands.
    """
    rows = values.is_duplicated().arg_true()
    if not len(rows):
        return
    count = values.gather(rows).n_unique()
    where, shown = place(rows[0]), shown_name(values.name)
    raise TableError(
        words(
            f"{name}의 열 {shown}에서 두 번 이상 나오는 식별자 {count:,}개(첫 위치 {where.ko})",
            f"identifiers that stand in several rows, in column {shown} of {name} "
            f"({count:,}; the first in {where.en})",
        ),
        words("행마다 다른 식별자", "a different identifier in every row"),
        words("중복된 행을 지우십시오.", "Remove the doubled rows."),
    )


def _without_blanks(values: pl.Series) -> pl.Series:
    """Categories as text, and empty text as missing."""
    import polars as pl

    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    return values.set(values == "", None) if values.dtype == pl.String else values


def _typed(values: pl.Series, column: Column) -> pl.Series:
    """The values in the declared type, null where they do not fit."""
    if column.kind == "number":
        return _numbers(values)
    if column.kind == "integer":
        return _integers(values)
    if column.kind == "boolean":
        return _booleans(values)
    return _texts(values)


def _numbers(values: pl.Series) -> pl.Series:
    import polars as pl

    if values.dtype == pl.String:
        values = values.str.strip_chars(" ")
    elif not (values.dtype.is_numeric() or values.dtype == pl.Null):
        return _none(values, pl.Float64)
    return values.cast(pl.Float64, strict=False)


def _integers(values: pl.Series) -> pl.Series:
    """Whole numbers; also `3.0`, which other programs write where a column has gaps."""
    import polars as pl

    if values.dtype.is_integer():
        return values.cast(pl.Int64, strict=False)
    if values.dtype == pl.String:
        exact = values.str.strip_chars(" ").cast(pl.Int64, strict=False)
        if exact.null_count() == values.null_count():
            return exact
    numbers = _numbers(values).fill_nan(None)
    is_whole = (numbers == numbers.round()) & (numbers.abs() <= _WHOLE)
    whole = numbers.zip_with(is_whole.fill_null(False), _none(numbers, pl.Float64))
    rounded = whole.cast(pl.Int64, strict=False)
    if values.dtype == pl.String:
        return exact.zip_with(exact.is_not_null(), rounded)
    return rounded


def _booleans(values: pl.Series) -> pl.Series:
    import polars as pl

    if values.dtype in (pl.Boolean, pl.Null):
        return values.cast(pl.Boolean)
    if not (values.dtype == pl.String or values.dtype.is_integer()):
        return _none(values, pl.Boolean)
    texts = values.cast(pl.String).str.strip_chars(" ").str.to_lowercase()
    return texts.replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)


def _texts(values: pl.Series) -> pl.Series:
    """Text; whole numbers too, as the codes and identifiers that other programs store so."""
    import polars as pl

    kind = values.dtype
    if not (kind in (pl.String, pl.Null) or kind.is_integer()):
        return _none(values, pl.String)
    return values.cast(pl.String)


def _none(values: pl.Series, dtype: type[pl.DataType]) -> pl.Series:
    """As many nulls as there are values."""
    import polars as pl

    return pl.repeat(None, len(values), dtype=dtype, eager=True).alias(values.name)


def _strange(column: Column) -> _Fault:
    return _Fault(
        words("선언된 범주에 없는 값", "values outside the declared levels"),
        words(f"다음 가운데 하나: {listed(column.levels)}", f"one of {listed(column.levels)}"),
        words("범주의 철자를 확인하십시오.", "Check the spelling of the levels."),
    )


def _refused(column: Column, fault: _Fault, *, count: int, where: Words, name: str) -> TableError:
    shown = shown_name(column.name)
    return TableError(
        words(
            f"{name}의 열 {shown}: {fault.what.ko} {count:,}개(첫 위치 {where.ko})",
            f"{fault.what.en} in column {shown} of {name} ({count:,}; the first in {where.en})",
        ),
        fault.expected,
        fault.remedy,
    )
