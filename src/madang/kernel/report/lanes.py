"""How are rows of intervals or bars laid out? A name, a mark and a written value for each row.

Where there is room, the name stands left of the mark and the value right of it; on a narrow screen
both stand above the mark, which then has the whole width.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.report import colours, marks
from madang.kernel.report.written import width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TOP_PX = 4
_NAME_SHARE = 0.3
_GAP_PX = 14


class Lane(NamedTuple):
    """One row, its words written already."""

    name: str
    note: str
    value: str
    estimate: float | None
    low: float | None
    high: float | None
    kind: str


class Look(NamedTuple):
    """How the mark of a row looks."""

    shape: str
    stroke: str
    fill: str
    dash: tuple[int, int]


class Lanes:
    """Rows of one chart at one width. All lengths are in pixels."""

    def __init__(self, rows: Sequence[Lane], width_px: int, *, bold: int | None = None) -> None:
        self.rows, self.width_px, self.bold = tuple(rows), width_px, bold
        self.wide = width_px >= marks.WIDE_PX

    @cached_property
    def value_px(self) -> float:
        """Room for the longest written value."""
        longest = max(width(row.value) for row in self.rows)
        return longest * marks.CELL_PX

    @cached_property
    def names(self) -> list[list[str]]:
        """Each row's name in one or two lines."""
        beside = self.width_px * _NAME_SHARE
        room = beside if self.wide else self.width_px - self.value_px - _GAP_PX
        return [marks.name_lines(row.name, room) for row in self.rows]

    @cached_property
    def span(self) -> tuple[float, float]:
        """From where to where measured values are drawn."""
        if not self.wide:
            return 8.0, self.width_px - 8.0
        return self.width_px * _NAME_SHARE + _GAP_PX, self.width_px - self.value_px - _GAP_PX

    @cached_property
    def tops(self) -> list[float]:
        """Where each row begins, and where the last one ends."""
        tops = [float(_TOP_PX)]
        for row, name in zip(self.rows, self.names, strict=True):
            words_px = marks.LINE_PX * (len(name) + bool(row.note and row.estimate is not None))
            tops.append(tops[-1] + (max(34, words_px + 12) if self.wide else words_px + 34))
        return tops

    def mark_y(self, position: int) -> float:
        """Height of a row's mark."""
        if self.wide:
            return (self.tops[position] + self.tops[position + 1]) / 2
        return self.tops[position + 1] - 17

    def words(self) -> list[Any]:
        """The layers of names, notes and values."""
        names, notes, values = self._names(), self._notes(), self._values()
        right, soft = float(self.width_px), colours.SOFT_INK.light
        bold = set() if self.bold is None else {self.bold}
        rest = set(range(len(self.rows))) - bold
        return [
            *marks.words_at(0, [names[row] for row in sorted(rest)]),
            *marks.words_at(0, [names[row] for row in bold], bold=True),
            *marks.words_at(0, notes, colour=soft, size=marks.SMALL_PX),
            *marks.words_at(right, [values[row] for row in sorted(rest)], align="right"),
            *marks.words_at(right, [values[row] for row in bold], align="right", bold=True),
            *self._reasons(),
        ]

    def _first_y(self, position: int) -> float:
        """Height of the first line of a row's name."""
        if not self.wide:
            return self.tops[position] + 9
        lines = len(self.names[position]) + self._is_noted(position)
        return self.mark_y(position) - (lines - 1) * marks.LINE_PX / 2

    def _is_noted(self, position: int) -> bool:
        """Does a note stand under the name? Without an estimate it stands where the mark would."""
        row = self.rows[position]
        return bool(row.note) and row.estimate is not None

    def _names(self) -> list[tuple[float, str]]:
        return [(self._first_y(row), "\n".join(name)) for row, name in enumerate(self.names)]

    def _notes(self) -> list[tuple[float, str]]:
        return [
            (self._first_y(row) + len(name) * marks.LINE_PX, self.rows[row].note)
            for row, name in enumerate(self.names)
            if self._is_noted(row)
        ]

    def _values(self) -> list[tuple[float, str]]:
        heights = self.mark_y if self.wide else self._first_y
        return [(heights(position), row.value) for position, row in enumerate(self.rows)]

    def _reasons(self) -> list[Any]:
        """Why a row has no mark, where the mark would be."""
        reasons = [
            (self.mark_y(position), row.note)
            for position, row in enumerate(self.rows)
            if row.estimate is None and row.note
        ]
        soft = colours.SOFT_INK.light
        return marks.words_at(self.span[0], reasons, colour=soft, size=marks.SMALL_PX)

    def sorted_by_look(self, look: Callable[[Lane], Look]) -> dict[Look, list[dict[str, float]]]:
        """Rows with an estimate, as data of a layer for each look."""
        layers: dict[Look, list[dict[str, float]]] = {}
        for position, row in enumerate(self.rows):
            if row.estimate is None:
                continue
            point = {"x": row.estimate, "y": self.mark_y(position)}
            if row.low is not None and row.high is not None:
                point |= {"low": row.low, "high": row.high}
            layers.setdefault(look(row), []).append(point)
        return layers

    def picture(self, layers: Sequence[Any], *, title: str, key: Sequence[str] = ()) -> Any:
        """The chart: marks, names, values, and under the axis what it measures."""
        import altair as alt

        height, start = self.tops[-1], self.span[0]
        room = self.width_px - start
        under = [*marks.packed([title], room), *marks.packed(key, room)]
        words = [*self.words(), *marks.below(under, x=start, height_px=height)]
        return alt.layer(
            *layers,
            *words,
            width=self.width_px,
            height=height,
            config=marks.config(grid=self.wide),
        )

    def verticals(self) -> list[tuple[float, float]]:
        """From where to where a line across all rows is drawn: it must not cross any words."""
        if self.wide:
            return [(self.tops[0], self.tops[-1])]
        return [(self.mark_y(row) - 13, self.mark_y(row) + 13) for row in range(len(self.rows))]
