"""How does a table look in a terminal? In columns that stay straight under Hangul, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.report import written
from madang.kernel.report.written import cell, said, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.kernel.report.document import Table, TableColumn
    from madang.kernel.words import Language

_GAP = "  "
_LEAST = 8
"""Cells below which a column of text is not squeezed further."""


def table_text(table: Table, language: Language, width: int = 80) -> str:
    """The table as lines of text without colours, each at most `width` cells wide.

    Long texts are broken into several lines; numbers never are, so that a terminal too narrow for
    them gets wider lines than it asked for. A highlighted row begins with `▶`.

    Args:
        table: What to write.
        language: In which language.
        width: Cells of the terminal; a Hangul syllable takes two.

    Returns:
        Lines joined by line breaks, without one at the end.
    """
    return _Columns(table, language, width).text()


class _Columns:
    """A table's cells, written, with the width of each column."""

    def __init__(self, table: Table, language: Language, room: int) -> None:
        self.table, self.language, self.room = table, language, room
        self.titles = [said(column.title, language) for column in table.columns]
        self.rows = [
            [
                cell(value, column, language)
                for value, column in zip(row, table.columns, strict=True)
            ]
            for row in table.rows
        ]
        self.marked = bool(table.highlighted)
        self.widths = self._squeezed()

    def _squeezed(self) -> list[int]:
        """Natural widths, then one cell less of the widest text until the line fits."""
        columns = list(zip(self.titles, *self.rows, strict=True))
        widths = [max(map(written.width, column)) for column in columns]
        least = [self._least(place, column) for place, column in enumerate(columns)]
        spare = self.room - len(_GAP) * (len(widths) - 1) - 2 * self.marked
        while sum(widths) > spare:
            shrinkable = [place for place, cells in enumerate(widths) if cells > least[place]]
            if not shrinkable:
                break
            widths[max(shrinkable, key=lambda place: widths[place])] -= 1
        return widths

    def _least(self, place: int, column: Sequence[str]) -> int:
        if _stands_right(self.table.columns[place]):
            return max([_LEAST // 2, *map(written.width, column[1:])])
        return _LEAST

    def text(self) -> str:
        """All lines, from the caption to the note."""
        rule = "─" * (sum(self.widths) + len(_GAP) * (len(self.widths) - 1) + 2 * self.marked)
        rows = [
            line
            for place, row in enumerate(self.rows)
            for line in self._row(row, marked=place in self.table.highlighted)
        ]
        note = wrapped(said(self.table.note, self.language), self.room) if self.table.note else []
        caption = wrapped(said(self.table.caption, self.language), self.room)
        return "\n".join([*caption, rule, *self._row(self.titles), rule, *rows, rule, *note])

    def _row(self, cells: Sequence[str], *, marked: bool = False) -> list[str]:
        broken = [wrapped(text, cells) for text, cells in zip(cells, self.widths, strict=True)]
        lines = []
        for number in range(max(map(len, broken))):
            pieces = [
                _padded(
                    lines_[number] if number < len(lines_) else "",
                    self.widths[place],
                    right=_stands_right(self.table.columns[place]),
                )
                for place, lines_ in enumerate(broken)
            ]
            lead = ("▶ " if marked and number == 0 else "  ") if self.marked else ""
            lines.append((lead + _GAP.join(pieces)).rstrip())
        return lines


def _stands_right(column: TableColumn) -> bool:
    return column.kind in ("number", "interval")


def _padded(text: str, cells: int, *, right: bool) -> str:
    air = " " * (cells - written.width(text))
    return air + text if right else text + air
