"""What does a report say? A frozen document in both languages, which knows no page and no printer.

    Document
    ├── facts, summary      the first page
    ├── Section             title and blocks
    │   └── Block           Paragraph · Table · Figure · Facts · Callout · Steps · Code
    └── footer              sources and digests

`report.html`, `report.pdf` and `report.text` write it. A plain string stands for what has no
translation: a name, a digest, a number already written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from madang.kernel.words import Words

if TYPE_CHECKING:
    from datetime import datetime

    from madang.kernel.words import Language

Said: TypeAlias = Words | str


class Interval(NamedTuple):
    """From the lower to the upper limit, in the unit of its column."""

    low: float
    high: float


Cell: TypeAlias = Words | str | float | Interval | None
"""None is "no value", and is shown as such; a cell of text may stand in any kind of column."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One labelled value, such as the date or the digest of the data."""

    label: Words
    value: Said
    kind: Literal["text", "code"] = "text"
    """`code` for digests, keys and commands: every character counts."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Labelled values, one a line."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of text."""

    text: Said


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """One column: numbers stand to the right, codes in a typewriter's letters."""

    title: Said
    kind: Literal["text", "number", "interval", "code"] = "text"
    decimals: int | None = None
    """Digits after the point; None: whole numbers stay whole, others get six digits in all."""
    signed: bool = False
    """Write the plus sign, as differences need it."""
    is_wide: bool = False
    """Whether a column of text holds whole sentences and deserves most of the paper."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under titled columns; the first column names the row.

    Raises:
        ValueError: There is no column, a row has more or fewer cells than there are columns, a
            number is not finite, or a highlighted row does not exist.
    """

    caption: Words
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Words | None = None
    highlighted: frozenset[int] = frozenset()
    """Positions of the rows that the reader should find first."""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a table needs a column")
        for position, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {position}: {len(row)} cells, {len(self.columns)} columns")
            if not all(map(_is_finite, row)):
                raise ValueError(f"row {position}: a number is not finite; use None and a note")
        if not self.highlighted <= set(range(len(self.rows))):
            raise ValueError("a highlighted row does not exist")


def _is_finite(cell: Cell) -> bool:
    if isinstance(cell, Interval):
        return math.isfinite(cell.low) and math.isfinite(cell.high)
    return not isinstance(cell, float) or math.isfinite(cell)


class Drawing(Protocol):
    """What a figure shows; the functions of `report.charts` give one."""

    def svg(self, language: Language, *, width_px: int) -> str:
        """The picture as SVG of that width, the same bytes each time."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture whose title says the finding."""

    title: Words
    alt: Words
    """The same finding for who cannot see the picture."""
    drawing: Drawing
    table: Table | None = None
    """The numbers behind the picture, one click away."""


@dataclass(frozen=True, kw_only=True)
class Callout:
    """What must not be overlooked.

    `finding`: measured and holds. `warning`: be careful. `danger`: to people, money or networks.
    `unproved`: claimed, not shown; grey with a dashed edge.
    """

    kind: Literal["finding", "warning", "danger", "unproved"]
    title: Words
    text: Said


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do, with the command that does it."""

    text: Said
    code: str = ""


@dataclass(frozen=True)
class Steps:
    """What to do, in this order."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Code:
    """Lines to be read or copied as they are."""

    text: str


Block: TypeAlias = Paragraph | Table | Figure | Facts | Callout | Steps | Code


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question and its answer."""

    title: Words
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report: the first page alone must tell its reader what was found and decided."""

    title: Words
    subtitle: Words
    facts: tuple[Fact, ...] = ()
    summary: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: tuple[Fact, ...] = ()
    """Sources and digests."""
    made_at: datetime | None = None
    """When it was made, for the file's own properties; readers see only `facts`."""
    is_sheet: bool = False
    """Whether it is set closely, to fit one sheet of paper a language; it has no sections then."""
