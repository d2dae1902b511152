"""How does a table of numbers and categories become a matrix? By what the training rows taught.

Numbers are filled with the median and standardised; categories become one column a level, the
first level dropped; what was never seen counts as the first level. The file needs numpy alone,
so that it can be handed in as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

MISSING = "\0missing"
"""The level that stands for a gap."""

_RARE = "\0rare"


@dataclass(frozen=True, kw_only=True)
class Number:
    """A column of numbers, integers or truth values: (x or median − mean) / deviation."""

    name: str
    median: float
    mean: float
    deviation: float

    def columns(self, values: Any) -> Floats:
        """(n, 1) standardised numbers."""
        numbers = self.numbers(values)
        filled = np.where(np.isnan(numbers), self.median, numbers)
        return ((filled - self.mean) / self.deviation)[:, None]

    def numbers(self, values: Any) -> Floats:
        """(n,) the numbers as they are; NaN is a gap."""
        return _numbers(values)


@dataclass(frozen=True, kw_only=True)
class Category:
    """A column of levels: one indicator for each but the first; rare levels share one."""

    name: str
    levels: tuple[str, ...]
    rare: tuple[str, ...] = ()

    def columns(self, values: Any) -> Floats:
        """(n, levels − 1) indicators."""
        found = texts(values)
        found = np.where(np.isin(found, self.rare), _RARE, found) if self.rare else found
        shown = [found == level for level in self.levels[1:]]
        return np.column_stack(shown or [np.empty((len(found), 0))]).astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """What the training rows taught about each column, in the columns' order."""

    columns: tuple[Number | Category, ...]

    def matrix(self, table: Any) -> Floats:
        """(n, p) numbers without gaps for the rows of a table (`table[name]` gives a column)."""
        return np.hstack([column.columns(table[column.name]) for column in self.columns])


def fit_encoding(table: Any, columns: Iterable[Mapping[str, Any]], *, fewest: int = 1) -> Encoding:
    """Learn medians, scales and levels.

    Args:
        table: Training rows; `table[name]` gives a column (pandas, polars, a dictionary of
            arrays).
        columns: What is declared of each column: `name`, `kind` (number, integer, boolean,
            category, text) and, for a category, `levels`. Without levels, those of the rows are
            taken in alphabetical order. Text is left out.
        fewest: Levels with fewer training rows share one indicator.

    Raises:
        KeyError: The table lacks a declared column.
        ValueError: A number cannot be read as one.
    """
    kept = [column for column in columns if column["kind"] != "text"]
    return Encoding(columns=tuple(_learnt(table[each["name"]], each, fewest) for each in kept))


def _learnt(values: Any, column: Mapping[str, Any], fewest: int) -> Number | Category:
    if column["kind"] == "category":
        return _category(column["name"], texts(values), tuple(column.get("levels", ())), fewest)
    numbers = _numbers(values)
    median = float(np.nanmedian(numbers)) if not np.isnan(numbers).all() else 0.0
    filled = np.where(np.isnan(numbers), median, numbers)
    deviation = float(filled.std())
    # A constant column has no scale; rounding may leave it a tiny one.
    scale = deviation if deviation > 1e-12 * max(1.0, abs(median)) else 1.0
    return Number(name=column["name"], median=median, mean=float(filled.mean()), deviation=scale)


def _category(name: str, found: NDArray[Any], declared: tuple[str, ...], fewest: int) -> Category:
    shown, counts = np.unique(found, return_counts=True)
    count = dict(zip(shown.tolist(), counts.tolist(), strict=True))
    levels = [str(level) for level in declared] or [each for each in count if each != MISSING]
    if MISSING in count:
        levels.append(MISSING)
    rare = tuple(level for level in levels if count.get(level, 0) < fewest)
    common = tuple(level for level in levels if level not in rare)
    return Category(name=name, levels=(*common, _RARE) if rare else common, rare=rare)


def _numbers(values: Any) -> Floats:
    array = np.asarray(values)
    if array.dtype == object:
        array = np.array([np.nan if _absent(value) else value for value in array.tolist()])
    return array.astype(np.float64)


def texts(values: Any) -> NDArray[Any]:
    """(n,) each value as text; a whole number is written without a point, whatever carried it."""
    cells = np.asarray(values).tolist()
    if set(map(type, cells)) <= {str, type(None)}:
        return np.array([MISSING if cell is None else cell for cell in cells])
    return np.array([MISSING if _absent(v) else _text(v) for v in cells])


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _absent(value: Any) -> bool:
    return value is None or value != value or type(value).__name__ in ("NAType", "NaTType")
