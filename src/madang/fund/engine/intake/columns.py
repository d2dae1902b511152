"""Where does a table begin below its titles, and which of its columns is which?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel.sheets.amounts import unit_in
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.headings import bare, stacked
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.sheets.sheet import Sheet

_LOOKED_AT = 40
_DEEPEST = 2


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One kind of table: what its columns are called."""

    title: str
    """Of such a file, in Korean, for the sentences."""
    title_en: str
    synonyms: Mapping[str, tuple[str, ...]]
    """Role → what its column may be called, the likeliest first, without blanks."""
    needed: tuple[str, ...]
    """Roles without which the table is none of this kind."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A table of a file."""

    sheet: Sheet
    first: int
    """Position of the first row below the headings."""
    places: Mapping[str, int]
    """Role → column from 0."""
    headings: Mapping[str, str]
    """Role → the words above the column."""
    units_krw: Mapping[str, int]
    """Role → won in one of the column's unit."""
    notes: tuple[str, ...]
    """What stands above the headings."""

    def text(self, row: Sequence[str], role: str) -> str:
        """The cell of a role in a row; empty where there is none."""
        place = self.places.get(role)
        return row[place].strip() if place is not None and place < len(row) else ""


def find(sheets: Sequence[Sheet], layout: Layout) -> Found:
    """The table of a layout; of several the one with the most known columns.

    Raises:
        FileRefused: No row of any sheet names the columns that are needed.
    """
    best: Found | None = None
    tops = [(sheet, top) for sheet in sheets for top in range(min(len(sheet.rows), _LOOKED_AT))]
    for depth in range(1, _DEEPEST + 1):
        for sheet, top in tops:
            if top + depth > len(sheet.rows):
                continue
            found = _taken(sheet, top, depth, layout)
            is_enough = all(role in found.places for role in layout.needed)
            if is_enough and (best is None or len(found.places) > len(best.places)):
                best = found
    if best is None:
        named = [layout.synonyms[role][0] for role in layout.needed]
        raise FileRefused(
            words(
                f"{sheets[0].name}: {layout.title} 제목 행이 없는 표",
                f"no row of headings of {layout.title_en} ({sheets[0].name})",
            ),
            words(f"{'·'.join(named)} 열", f"the columns {', '.join(named)}"),
            words("은행·회계 프로그램에서 받은 그대로 올리십시오.", "Hand it in as exported."),
        )
    return best


def _taken(sheet: Sheet, top: int, depth: int, layout: Layout) -> Found:
    texts = stacked(sheet.rows[top : top + depth])
    notes = tuple(cell.strip() for row in sheet.rows[:top] for cell in row if cell.strip())
    noted = next((unit for unit in map(unit_in, notes) if unit), 1)
    ranks: dict[str, int] = {}
    places: dict[str, int] = {}
    headings, units = {}, {}
    for at, parts in enumerate(texts):
        role, rank = _role(parts, layout)
        if not role or rank >= ranks.get(role, rank + 1):
            continue
        ranks[role], places[role] = rank, at
        headings[role] = " ".join(parts)
        units[role] = next((won for won in map(unit_in, reversed(parts)) if won), noted)
    return Found(
        sheet=sheet,
        first=top + depth,
        places=places,
        headings=headings,
        units_krw=units,
        notes=notes,
    )


def _role(parts: Sequence[str], layout: Layout) -> tuple[str, int]:
    """What a column is for, and how likely its name is for that: 0 best."""
    if not parts:
        return "", 0
    for name in (bare("".join(parts)), bare(parts[-1])):
        for role, names in layout.synonyms.items():
            if name in names:
                return role, names.index(name)
    return "", 0
