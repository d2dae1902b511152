"""Are the columns that a demand's options name there, of the right kind, and filled?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from madang.kernel.trial import Column, Floats

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def options_object(properties: dict[str, Any], *, required: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of one task's options: these properties and no others."""
    return {
        "$schema": SCHEMA,
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def name_property(ko: str, en: str) -> dict[str, Any]:
    """The schema of an option that names a column."""
    return {"type": "string", "minLength": 1, "maxLength": 200, "description": f"{ko} · {en}"}


def find_column(columns: Iterable[Column], name: str, kinds: Sequence[str]) -> Column:
    """The declared column of that name.

    Raises:
        InputError: None is declared, or it is of another kind.
    """
    found = {column.name: column for column in columns}
    wanted = words(f"{' 또는 '.join(kinds)} 종류의 열", f"a column of kind {' or '.join(kinds)}")
    if name not in found:
        raise InputError(
            words(f"선언되지 않은 열 {name!r}", f"no declared column {name!r}"),
            wanted,
            words(
                "수요의 data에 열을 적거나 task.options의 이름을 고치십시오.",
                "Declare it under data, or mend the name in task.options.",
            ),
        )
    if found[name].kind not in kinds:
        raise InputError(
            words(
                f"{found[name].kind} 종류로 선언된 열 {name!r}",
                f"the column {name!r} declared as {found[name].kind}",
            ),
            wanted,
        )
    return found[name]


def check_apart(names: Sequence[str]) -> None:
    """Does each option name another column?

    Raises:
        InputError: Two options name the same one.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            words(f"두 번 쓰인 열 {twice[0]!r}", f"the column {twice[0]!r} in two roles"),
            words("역할마다 다른 열", "another column for each role"),
        )


def take(table: pl.DataFrame, name: str) -> pl.Series:
    """One column of a table that has at least one row.

    Raises:
        InputError: The table has no such column, or no rows.
    """
    if name not in table.columns:
        raise InputError(
            words(f"열 {name!r}이 없는 자료", f"data without the column {name!r}"),
            words("task.options가 가리키는 열", "the column that task.options names"),
        )
    if not table.height:
        raise InputError(
            words("사례가 없는 자료", "data without a case"),
            words("한 건 이상의 사례", "at least one case"),
        )
    return table[name]


def check_filled(series: pl.Series) -> None:
    """Has every case a value?

    Raises:
        InputError: Some have none; the sentence says how many.
    """
    missing = series.null_count()
    if missing:
        raise InputError(
            words(
                f"열 {series.name!r}에 값이 없는 사례 {missing}건",
                f"{missing} cases without a value in {series.name!r}",
            ),
            words("모든 사례의 값", "a value for every case"),
            words(
                "해당 사례를 빼거나 값을 채우십시오.",
                "Leave these cases out or fill the values in.",
            ),
        )


def finite_numbers(series: pl.Series) -> Floats:
    """(n,) finite numbers of a column.

    Raises:
        InputError: The column holds no numbers, or some are missing, NaN or infinite.
    """
    import numpy as np
    import polars as pl

    if not series.dtype.is_numeric():
        raise InputError(
            words(f"수가 아닌 열 {series.name!r}", f"no numbers in the column {series.name!r}"),
            words("수로 된 열", "a column of numbers"),
        )
    check_filled(series)
    values = series.cast(pl.Float64).to_numpy()
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        raise InputError(
            words(
                f"열 {series.name!r}에 NaN 또는 무한대인 사례 {wrong}건",
                f"{wrong} cases with NaN or infinity in {series.name!r}",
            ),
            words("유한한 수", "finite numbers"),
        )
    return np.asarray(values, dtype=np.float64)


def texts_of(series: pl.Series) -> list[str]:
    """The texts of a column, a missing one as the empty text.

    Raises:
        InputError: The column holds no texts.
    """
    import polars as pl

    if series.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        raise InputError(
            words(f"글이 아닌 열 {series.name!r}", f"no texts in the column {series.name!r}"),
            words("글로 된 열", "a column of texts"),
        )
    return [text or "" for text in series.cast(pl.String).to_list()]
