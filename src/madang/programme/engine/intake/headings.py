"""What is each column for? Found from its heading, or said by a mapping file.

A heading may take several rows (`집행액` above `교부 | 집행 | 실집행`) and may stand below a
title and a note of the unit. Agencies' own schemas are not published; what the synonyms do not
know, a mapping file names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.kernel.sheets.amounts import UNITS, unit_in
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.headings import bare, stacked
from madang.kernel.sheets.sheet import Sheet
from madang.kernel.words import words
from madang.programme.engine.intake.roles import AMOUNTS, ROLE_OF, ROLES, SYNONYMS, Role

_NEEDED: tuple[Role, ...] = ("line", "day")
_DEEPEST = 3
_LOOKED_AT = 40


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that is read."""

    at: int
    """Its place, from 0."""
    heading: str
    """As the file has it, the rows of a heading joined by a blank."""
    role: Role
    unit_krw: int = 1
    """Of its amounts."""
    unit_said: bool = False
    """Whether the file or the mapping names the unit; else it is taken for won."""


@dataclass(frozen=True, kw_only=True)
class Headings:
    """Where a table begins, and what its columns are for."""

    first: int
    """Position in the sheet of the first row below the headings."""
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    """What stands above the headings: titles, the unit."""
    unread: tuple[str, ...]
    """Headings of columns that nothing is taken from."""

    def of(self, role: Role) -> Column | None:
        """The column of a role."""
        return next((each for each in self.columns if each.role == role), None)

    @property
    def amounts(self) -> tuple[Column, ...]:
        """The columns of money."""
        return tuple(each for each in self.columns if each.role in AMOUNTS)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a mapping file says of an agency's own table; all of it may be left out."""

    columns: Mapping[str, Role]
    """Heading as in the file → role."""
    unit_krw: int | None = None
    sheet: str = ""
    lines: Mapping[str, str]
    """What the agency calls a line → its identifier here."""
    repeats: tuple[Role, ...] = ()
    """Roles whose empty cells mean the value above, as merged cells come out of a CSV file."""


NOTHING_GIVEN = Given(columns={}, lines={})


def read_mapping(plain: Mapping[str, Any]) -> Given:
    """A mapping from its file's plain values.

    Args:
        plain: `columns`, `unit`, `sheet`, `lines` and `repeats`, each optional.

    Raises:
        FileRefused: It names an unknown role or unit, or holds something else.
    """
    wanted = {"columns", "unit", "sheet", "lines", "repeats"}
    if unknown := sorted(map(str, set(plain) - wanted)):
        raise _misfit(f"'{unknown[0]}'", ", ".join(sorted(wanted)))
    columns = dict(plain.get("columns") or {})
    repeats = tuple(plain.get("repeats") or ())
    for role in (*columns.values(), *repeats):
        if role not in ROLES:
            raise _misfit(f"'{role}'", ", ".join(ROLES))
    unit = plain.get("unit")
    if unit is not None and unit not in UNITS:
        raise _misfit(f"'{unit}'", ", ".join(UNITS))
    return Given(
        columns={bare(str(heading)): role for heading, role in columns.items()},
        unit_krw=UNITS[unit] if unit else None,
        sheet=str(plain.get("sheet") or ""),
        lines={bare(str(name)): str(line) for name, line in (plain.get("lines") or {}).items()},
        repeats=repeats,
    )


def _misfit(found: str, expected: str) -> FileRefused:
    return FileRefused(
        words(f"매핑 파일의 {found}", f"{found} in the mapping file"),
        words(f"{expected} 가운데 하나", f"one of {expected}"),
    )


def find(sheet: Sheet, given: Given = NOTHING_GIVEN) -> Headings | None:
    """The headings of a table, None where no row names a line's day and an amount."""
    best: tuple[int, int, int, Headings] | None = None
    for top in range(min(len(sheet.rows), _LOOKED_AT)):
        for depth in range(1, _DEEPEST + 1):
            if top + depth > len(sheet.rows):
                break
            found = _taken(sheet, top, depth, given)
            rank = (len(found.columns), -depth, -top)
            if _is_enough(found) and (best is None or rank > best[:3]):
                best = (*rank, found)
    return best[3] if best else None


def missing(sheet: Sheet, given: Given = NOTHING_GIVEN) -> tuple[str, list[Role]]:
    """The row that looks most like headings, and which roles it lacks."""
    rows = range(min(len(sheet.rows), _LOOKED_AT))
    found = [_taken(sheet, top, 1, given) for top in rows]
    best = max(found, key=lambda each: len(each.columns), default=None)
    row = sheet.rows[best.first - 1] if best and best.columns else sheet.rows[0]
    lacking: list[Role] = [role for role in _NEEDED if best is None or not best.of(role)]
    if best is None or not best.amounts:
        lacking.append("amount")
    return ", ".join(each for each in row if each.strip())[:200], lacking


def _is_enough(found: Headings) -> bool:
    return bool(found.of("line") and found.of("day") and found.amounts)


def _taken(sheet: Sheet, top: int, depth: int, given: Given) -> Headings:
    """What the rows from `top` on would mean as headings."""
    texts = stacked(sheet.rows[top : top + depth])
    notes = [
        cell.strip() for row in sheet.rows[:top] for cell in dict.fromkeys(row) if cell.strip()
    ]
    noted = next((unit for unit in map(unit_in, notes) if unit), None)
    chosen: dict[Role, tuple[int, Column]] = {}
    for at, parts in enumerate(texts):
        role, rank = _role(parts, given)
        if role is None or (role in chosen and chosen[role][0] <= rank):
            continue
        unit = next((won for won in map(unit_in, reversed(parts)) if won), None)
        unit = given.unit_krw or unit or noted
        column = Column(
            at=at,
            heading=" ".join(parts),
            role=role,
            unit_krw=unit or 1,
            unit_said=unit is not None,
        )
        chosen[role] = (rank, column)
    columns = sorted((each for _, each in chosen.values()), key=lambda each: each.at)
    read = {each.at for each in columns}
    return Headings(
        first=top + depth,
        columns=tuple(columns),
        notes=tuple(notes),
        unread=tuple(
            " ".join(parts) for at, parts in enumerate(texts) if parts and at not in read
        ),
    )


def _role(parts: Sequence[str], given: Given) -> tuple[Role | None, int]:
    """What a column is for, and how well its words say so: 0 best, as the mapping file does."""
    if not parts:
        return None, 0
    names = (bare(parts[-1]), bare("".join(parts)))
    for name in reversed(names):
        if name in given.columns:
            return given.columns[name], 0
    for name in names:
        if name in ROLE_OF:
            role = ROLE_OF[name]
            return role, 1 + SYNONYMS[role].split().index(name)
    return None, 0
