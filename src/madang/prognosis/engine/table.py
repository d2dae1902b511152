"""What does a file of patients hold? A CSV file, read with the row and the column of every fault.

A column is a number if all its values are; otherwise a category. Empty cells, NA, NaN and null are
gaps. Rows are counted as a spreadsheet shows them: the header is row 1.
"""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

GAPS = frozenset({"", "na", "nan", "null", "none", "n/a"})
MOST_LEVELS = 50
"""A text column with more different values is an identifier or prose, no covariate."""

_NEARLY_ALL = 0.95  # with so many numbers the rest are mistakes, not levels
_FIRST_ROW = 2


class Table(NamedTuple):
    """A file's columns as text, gaps as None, in the file's order."""

    name: str
    cells: dict[str, list[str | None]]

    @property
    def rows(self) -> int:
        """Number of patients."""
        return len(next(iter(self.cells.values()), []))

    def numbers(self, column: str) -> Floats:
        """(n,) a column of numbers; NaN is a gap.

        Raises:
            InputError: There is no such column, or a cell is no finite number.
        """
        found = np.full(self.rows, np.nan)
        for place, cell in enumerate(self.of(column)):
            if cell is not None:
                number = _number(cell)
                if number is None:
                    raise self.fault(place, column, cell, words("유한한 숫자", "a finite number"))
                found[place] = number
        return found

    def of(self, column: str) -> list[str | None]:
        """A column's cells.

        Raises:
            InputError: There is no such column.
        """
        if column not in self.cells:
            raise InputError(
                words(f"{self.name}: 열 {column!r} 없음", f"{self.name}: no column {column!r}"),
                words(f"열 {', '.join(self.cells)}", f"one of {', '.join(self.cells)}"),
            )
        return self.cells[column]

    def fault(self, place: int, column: str, cell: Any, expected: Any) -> InputError:
        """The error of one cell; `place` counts patients from 0."""
        row = place + _FIRST_ROW
        shown = "" if cell is None else cell
        return InputError(
            words(
                f"{self.name} {row}행 {column!r} 열의 값 {shown!r}",
                f"{shown!r} in {self.name}, row {row}, column {column!r}",
            ),
            expected,
        )


def read_table(path: Path) -> Table:
    """Read a CSV file (UTF-8, a header, commas).

    Raises:
        InputError: It is no UTF-8, has no row, a column without a name or twice, or a row with
            more or fewer cells than the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise InputError(
            words(f"{path.name}: 읽을 수 없는 내용", f"{path.name}, which cannot be read"),
            words("UTF-8 CSV 파일", "a CSV file in UTF-8"),
        ) from fault
    lines = [line for line in lines if line]
    if len(lines) < _FIRST_ROW:
        raise InputError(
            words(f"{path.name}: 환자 없음", f"no patient in {path.name}"),
            words("머리글과 한 행 이상", "a header and at least one row"),
        )
    header = [name.strip() for name in lines[0]]
    if "" in header or len(set(header)) < len(header):
        twice = sorted({name for name in header if header.count(name) > 1 or not name})
        raise InputError(
            words(f"{path.name}: 머리글 {twice}", f"{path.name}: header {twice}"),
            words("서로 다른 열 이름", "a different name for every column"),
        )
    for place, line in enumerate(lines[1:]):
        if len(line) != len(header):
            raise InputError(
                words(
                    f"{path.name} {place + _FIRST_ROW}행: 칸 {len(line)}개",
                    f"{len(line)} cells in {path.name}, row {place + _FIRST_ROW}",
                ),
                words(f"칸 {len(header)}개", f"{len(header)} cells as in the header"),
            )
    columns = zip(*lines[1:], strict=True)
    return Table(
        path.name, {n: [_cell(c) for c in v] for n, v in zip(header, columns, strict=True)}
    )


def _cell(text: str) -> str | None:
    stripped = text.strip()
    return None if stripped.lower() in GAPS else stripped


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Covariates(NamedTuple):
    """What each column is, and the names of text columns left out."""

    declared: list[dict[str, Any]]
    left_out: list[str]


def covariates(
    table: Table,
    names: Sequence[str],
    *,
    categories: Sequence[str] = (),
    may_be_none: bool = False,
) -> Covariates:
    """Declare columns as numbers or categories.

    Args:
        table: The training file.
        names: Columns that may predict.
        categories: Columns whose numbers are names of levels.
        may_be_none: Whether a table without any is one.

    Raises:
        InputError: Nearly all cells of a column are numbers and one is not, or nothing is left.
    """
    declared: list[dict[str, Any]] = []
    left_out = []
    for name in names:
        cells = [cell for cell in table.of(name) if cell is not None]
        share = float(np.mean([_number(cell) is not None for cell in cells])) if cells else 0.0
        if name not in categories and share >= _NEARLY_ALL:
            table.numbers(name)  # refuses the rest
            declared.append({"name": name, "kind": "number"})
        elif cells and len(set(cells)) <= MOST_LEVELS:
            declared.append({"name": name, "kind": "category"})
        else:
            left_out.append(name)
    if not declared and not may_be_none:
        raise InputError(
            words(f"{table.name}: 예측에 쓸 열 없음", f"{table.name}: no column to predict from"),
            words("숫자나 분류로 된 열", "columns of numbers or categories"),
        )
    return Covariates(declared, left_out)


def columns(table: Table, declared: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The declared columns as arrays: numbers with NaN, categories as objects with None.

    Raises:
        InputError: A column is missing, or a cell of a number's column is none.
    """
    return {
        each["name"]: table.numbers(each["name"])
        if each["kind"] == "number"
        else np.array(table.of(each["name"]), dtype=object)
        for each in declared
    }
