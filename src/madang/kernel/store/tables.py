"""Is this file the table that was declared? Parquet or CSV in, one frame or one sentence out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from madang.kernel.store import cells, delimited, header, parquet
from madang.kernel.store.errors import TableError
from madang.kernel.store.form import form_of
from madang.kernel.trial import Column
from madang.kernel.units import size
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl

    from madang.kernel.store.delimited import Encoding, Raw

_ROWS_A_GROUP = 1 << 18
"""Fixed: left to itself, the writer cuts groups where the table happens to have been joined."""


def read_table(
    content: bytes,
    *,
    columns: Sequence[Column],
    name: str,
    id_column: str | None = None,
    extra_ok: bool = False,
    ignored: Collection[str] = (),
    encoding: Encoding = "utf-8",
    most_rows: int = 5_000_000,
    most_bytes: int = 512 << 20,
) -> pl.DataFrame:
    """Read a table whose columns are declared; CSV and Parquet are told apart by their content.

    Args:
        content: The whole file.
        columns: What must be there.
        name: What its owner calls the file, for the sentences.
        id_column: A column whose values must be there and differ; text unless declared otherwise.
        extra_ok: Leave undeclared columns out instead of refusing them.
        ignored: Leave these undeclared columns out, and refuse others.
        encoding: Of a CSV file; `cp949` is what Excel in Korean writes as plain "CSV".
        most_rows: Longest table accepted.
        most_bytes: Largest file accepted, and the most that Parquet may unpack to.

    Returns:
        The identifier, if it is not declared itself, and the declared columns in their order:
        Float64 for number, Int64 for integer, Boolean, String for category and text; null where a
        value is missing.

    Raises:
        TableError: The file is something else. One sentence says what was found and where, what
        was
            expected and what to do; it holds no value of the table.
    """
    if len(content) > most_bytes:
        raise _too_large(len(content), most_bytes, name)
    wanted = _wanted(columns, id_column)
    names = [column.name for column in wanted]
    if ignored and not extra_ok:
        lying = _names(content, name=name, encoding=encoding)
        extra_ok = header.composed(lying) <= header.composed([*names, *ignored])
    if form_of(content, name=name) == "parquet":
        raw = parquet.read(
            content,
            names,
            name=name,
            extra_ok=extra_ok,
            most_rows=most_rows,
            most_bytes=most_bytes,
        )
    else:
        raw = delimited.read(
            content, names, name=name, extra_ok=extra_ok, encoding=encoding, most_rows=most_rows
        )
    return _fitted(raw, wanted, name=name, id_column=id_column)


def as_it_lies(
    content: bytes,
    *,
    name: str,
    encoding: Encoding = "utf-8",
    most_rows: int = 5_000_000,
    most_bytes: int = 512 << 20,
) -> Raw:
    """Every column of a table whose columns nobody has declared yet, as it lies in the file.

    Args:
        content: The whole file.
        name: What its owner calls it, for the sentences.
        encoding: Of a CSV file.
        most_rows: Longest table accepted.
        most_bytes: Largest file accepted, and the most that Parquet may unpack to.

    Returns:
        The columns under the names that the file gives them (text in CSV, null where empty; in
        Parquet of their own types), and how to say where a row stands.

    Raises:
        TableError: No table, too large, or its first line holds no names. The sentence holds no
            value.
    """
    if len(content) > most_bytes:
        raise _too_large(len(content), most_bytes, name)
    names = _names(content, name=name, encoding=encoding)
    header.check_named(names, name=name)
    if form_of(content, name=name) == "parquet":
        return parquet.read(
            content,
            names,
            name=name,
            extra_ok=False,
            most_rows=most_rows,
            most_bytes=most_bytes,
        )
    return delimited.read(
        content, names, name=name, extra_ok=False, encoding=encoding, most_rows=most_rows
    )


def _names(content: bytes, *, name: str, encoding: Encoding) -> list[str]:
    """The columns of a table, as the file has them."""
    if form_of(content, name=name) == "parquet":
        return parquet.names(content, name=name)
    return delimited.names(content, name=name, encoding=encoding)


def write_table(table: pl.DataFrame) -> bytes:
    """The table as Parquet: the same table gives the same bytes, so that its digest is stable.

    The bytes depend on the values, the order of rows and columns, and the locked version of
    polars; not on how the table was put together. Categories are written as text.
    """
    import polars as pl

    plain = table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    file = io.BytesIO()
    plain.write_parquet(
        file,
        compression="zstd",
        compression_level=3,
        statistics=False,
        row_group_size=_ROWS_A_GROUP,
    )
    return file.getvalue()


def _wanted(columns: Sequence[Column], id_column: str | None) -> list[Column]:
    if id_column is None or id_column in {column.name for column in columns}:
        return list(columns)
    return [Column(name=id_column, kind="text"), *columns]


def _fitted(
    raw: Raw, wanted: Sequence[Column], *, name: str, id_column: str | None
) -> pl.DataFrame:
    import polars as pl

    table = pl.DataFrame(
        [
            cells.fitted(raw.table[column.name], column, name=name, place=raw.place)
            for column in wanted
        ]
    )
    if id_column is not None:
        cells.unique(table[id_column], name=name, place=raw.place)
    return table


def _too_large(count: int, most: int, name: str) -> TableError:
    return TableError(
        words(f"{size(count)} 크기의 {name}", f"{name} of {size(count)}"),
        words(f"{size(most)} 이하", f"at most {size(most)}"),
        words("필요한 행과 열만 제출하십시오.", "Hand in only the rows and columns needed."),
    )
