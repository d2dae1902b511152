"""Where does a figure come from? A cell is a sum of questions to the ledger, or a ratio of two.

Whoever doubts a figure asks its questions again and sees the postings: they add up to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.ledger.query import Found, Query
    from madang.fund.engine.terms.agreement import Agreement


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Whole won."""

    value: int
    parts: tuple[Query, ...]
    """What it adds up; nothing for the zero before a fund's first day."""

    def postings(self, journal: Journal) -> Iterator[Found]:
        """Every posting that counts, with the won that it adds."""
        for part in self.parts:
            yield from part.postings(journal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """One cell divided by another; no value where the other is 0."""

    top: Cell
    bottom: Cell

    @property
    def value(self) -> Fraction | None:
        """The exact ratio."""
        return Fraction(self.top.value, self.bottom.value) if self.bottom.value else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A rate computed from dated flows, and the cells that it stands on."""

    value: float | None
    flows: tuple[Cell, ...]
    note: Words | None = None
    """Why it has no value, or is not the only one."""


Content: TypeAlias = Cell | Ratio | Measured | Words | str | None


def cell(journal: Journal, *parts: Query) -> Cell:
    """The sum of some questions as the ledger answers them now."""
    return Cell(value=sum(part.of(journal) for part in parts), parts=parts)


def total(cells: Sequence[Cell]) -> Cell:
    """The sum of cells, with all their questions."""
    return Cell(
        value=sum(each.value for each in cells),
        parts=tuple(part for each in cells for part in each.parts),
    )


def turned(cell: Cell) -> Cell:
    """The cell with its sign turned."""
    return Cell(
        value=-cell.value,
        parts=tuple(replace(part, sign=-part.sign) for part in cell.parts),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of a table."""

    label: Words | str
    cells: tuple[Content, ...]
    is_total: bool = False
    """Whether it adds up rows above."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column behind the labels."""

    title: Words
    kind: str = "won"
    """`won`, `share` (a ratio as percentage, else as multiple), `text` or `code`."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One table."""

    title: Words
    of: Words
    """What the labels name, such as a partner."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: Words | None = None
    section: Words | None = None
    """Under which heading it stands on paper; None: on the first page."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Tables of one fund, up to one day, from one state of its ledger."""

    title: Words
    subtitle: Words
    agreement: Agreement
    until: date
    statements: tuple[Statement, ...]
    head: str
    """The digest of the ledger that the figures were taken from."""
    entries: int
    """How many entries it had."""
    left_out: tuple[Words, ...] = ()
    """Rows that the form knows and the ledger has no account for, with the reason."""


class Period(NamedTuple):
    """Days that a column covers."""

    title: Words
    since: date | None
    """None: since the fund began."""
    until: date


def periods(until: date) -> tuple[Period, Period, Period]:
    """The quarter, the year and the whole life up to a day."""
    quarter = until.replace(month=until.month - (until.month - 1) % 3, day=1)
    return (
        Period(words("분기", "Quarter to date"), quarter, until),
        Period(words("연초 이후", "Year to date"), until.replace(month=1, day=1), until),
        Period(words("설립 이후", "Since inception"), None, until),
    )


def report(
    title: Words,
    subtitle: Words,
    agreement: Agreement,
    journal: Journal,
    *,
    until: date,
    statements: Sequence[Statement],
    left_out: Sequence[Words] = (),
) -> Report:
    """A report that says from which state of the ledger it was taken."""
    return Report(
        title=title,
        subtitle=subtitle,
        agreement=agreement,
        until=until,
        statements=tuple(statements),
        head=journal.head,
        entries=len(journal),
        left_out=tuple(left_out),
    )
