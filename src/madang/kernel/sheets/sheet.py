"""What lies in which row of a file, before anybody knows what it means?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.kernel.sheets.faults import FileRefused
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
MOST_BYTES = 64 << 20
MOST_ROWS = 1_000_000
MOST_COLUMNS = 256
MOST_CELLS = 10_000_000
"""A table of this size takes about a gigabyte of memory."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The rows of one table as text."""

    name: str
    """Of the sheet in a workbook; the file's own for CSV."""
    rows: Sequence[tuple[str, ...]]
    numbers: Sequence[int]
    """Of each row, as programs show it: line of a CSV file, row of a sheet."""
    from_1904: bool = False
    """Days are counted from 1904."""
    formulas: frozenset[int] = field(default_factory=frozenset)
    """Rows in which a formula's last value stands; nothing is ever computed."""


def too_large(name: str, row: int) -> FileRefused:
    """The refusal of a table that is too long or too wide."""
    return FileRefused(
        words(
            f"{name} {row}행에서 한도를 넘는 표",
            f"a table beyond the limit at row {row} of {name}",
        ),
        words(
            f"{MOST_ROWS:,}행, {MOST_COLUMNS}열, {MOST_CELLS:,}칸 이하",
            f"at most {MOST_ROWS:,} rows, {MOST_COLUMNS} columns and {MOST_CELLS:,} cells",
        ),
        words("파일을 나누어 올리십시오.", "Hand it in in parts."),
    )
