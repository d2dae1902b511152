"""Is this file the table that was declared? Parquet or CSV in, one frame or one clear sentence out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from madang.kernel.trial import Column


def read_table(
    content: bytes,
    *,
    columns: Sequence[Column],
    name: str,
    id_column: str | None = None,
    extra_ok: bool = False,
    encoding: Literal["utf-8", "cp949"] = "utf-8",
    most_rows: int = 5_000_000,
    most_bytes: int = 512 << 20,
) -> pl.DataFrame:
    """Read a table whose columns are declared; CSV and Parquet are told apart by their content."""
    raise NotImplementedError


def write_table(table: pl.DataFrame) -> bytes:
    """The table as Parquet: the same table gives the same bytes, so that its digest is stable."""
    raise NotImplementedError
