"""Who was followed, and how did it end? The outcome columns of a file of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.words import words
from madang.prognosis.engine.models.intervals import Watched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from madang.prognosis.engine.table import Table

    Floats: TypeAlias = NDArray[np.float64]


class OutcomeColumns(NamedTuple):
    """Names of columns: follow-up, how it ended (0 without the event, 1 with it), and what else.

    `competing` is the code in `event` of another end that makes the event impossible.
    """

    time: str
    event: str
    competing: int | None = None
    entry: str | None = None
    weight: str | None = None

    @property
    def names(self) -> set[str]:
        """All columns that are no covariates."""
        return {each for each in (self.time, self.event, self.entry, self.weight) if each}


def read_watched(table: Table, named: OutcomeColumns) -> Watched:
    """The follow-up of every patient of the file.

    Raises:
        InputError: A column is missing, or a cell is no time above 0, no known code, no entry from
            0 to before the end, or no weight above 0: the first such row is named.
    """
    time = _checked(table, named.time, 0.0, words("0보다 큰 기간", "a time above 0"))
    codes = [0, 1] if named.competing is None else [0, 1, named.competing]
    event = table.numbers(named.event)
    for place in np.flatnonzero(~np.isin(event, codes)).tolist():
        shown = ", ".join(map(str, codes))
        expected = words(f"{shown} 가운데 하나", f"one of {shown}")
        raise table.fault(place, named.event, table.of(named.event)[place], expected)
    cause = np.where(event == 1, 1, np.where(event == 0, 0, 2))
    entry = weight = None
    if named.entry is not None:
        entry = table.numbers(named.entry)
        for place in np.flatnonzero(~((entry >= 0) & (entry < time))).tolist():
            expected = words("0 이상이고 끝보다 이른 시각", "0 or later, and before the end")
            raise table.fault(place, named.entry, table.of(named.entry)[place], expected)
    if named.weight is not None:
        weight = _checked(table, named.weight, 0.0, words("0보다 큰 가중치", "a weight above 0"))
    return Watched.of(time, cause, entry=entry, weight=weight)


def _checked(table: Table, column: str, above: float, expected: object) -> Floats:
    numbers = table.numbers(column)
    for place in np.flatnonzero(~(numbers > above)).tolist():
        raise table.fault(place, column, table.of(column)[place], expected)
    return numbers
