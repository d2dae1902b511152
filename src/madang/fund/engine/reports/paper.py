"""How does a report read as a page, as a PDF and in a terminal? As a document of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.reports.cell import Cell, Measured, Ratio
from madang.kernel.report.document import Callout, Document, Fact, Section, Table, TableColumn
from madang.kernel.words import words

if TYPE_CHECKING:
    from datetime import datetime

    from madang.fund.engine.reports.cell import Column, Content, Report, Row, Statement
    from madang.kernel.report.document import Block
    from madang.kernel.report.document import Cell as Written
    from madang.kernel.words import Words


def document(report: Report, *, made_at: datetime | None = None) -> Document:
    """The report as a document; `kernel.report` writes it as a page, a PDF or text.

    Args:
        report: What it tells.
        made_at: When, for the file's own properties.
    """
    first = tuple(table(each) for each in report.statements if each.section is None)
    sections: dict[Words, list[Block]] = {}
    for each in report.statements:
        if each.section is not None:
            sections.setdefault(each.section, []).append(table(each))
    last = list(sections.values())[-1] if sections else None
    if last is not None:
        last += _left_out(report)
    return Document(
        title=report.title,
        subtitle=report.subtitle,
        facts=(Fact(label=words("기준일", "As of"), value=report.until.isoformat()),),
        summary=first if sections else (*first, *_left_out(report)),
        sections=tuple(
            Section(title=title, blocks=tuple(blocks)) for title, blocks in sections.items()
        ),
        footer=(
            Fact(
                label=words("출처", "Source"),
                value=words(
                    f"모든 금액은 펀드 장부의 기록 {report.entries:,}건에서 계산했습니다.",
                    f"Every amount is computed from the {report.entries:,} entries of the fund's "
                    "ledger.",
                ),
            ),
            Fact(label=words("장부 지문", "Digest of the ledger"), value=report.head, kind="code"),
        ),
        made_at=made_at,
        is_sheet=not sections,
    )


def _left_out(report: Report) -> tuple[Block, ...]:
    if not report.left_out:
        return ()
    return (
        Callout(
            kind="warning",
            title=words("양식에 있으나 적지 않은 항목", "Rows of the form that are left out"),
            text=words(
                " ".join(each.ko for each in report.left_out),
                " ".join(each.en for each in report.left_out),
            ),
        ),
    )


def table(statement: Statement) -> Table:
    """One table as the kernel's writers take it."""
    totals = frozenset(place for place, row in enumerate(statement.rows) if row.is_total)
    return Table(
        caption=statement.title,
        columns=(TableColumn(title=statement.of), *map(_column, statement.columns)),
        rows=tuple(_written(row, statement.columns) for row in statement.rows),
        note=statement.note,
        highlighted=totals,
    )


def _column(column: Column) -> TableColumn:
    if column.kind == "text":
        return TableColumn(title=column.title)
    if column.kind == "code":
        return TableColumn(title=column.title, kind="code")
    return TableColumn(title=column.title, kind="number", decimals=0)


def _written(row: Row, columns: tuple[Column, ...]) -> tuple[Written, ...]:
    cells = (value(content, column) for content, column in zip(row.cells, columns, strict=True))
    return (row.label, *cells)


def value(content: Content, column: Column) -> Written:
    """What a reader sees in a cell; None where there is no value."""
    if isinstance(content, Cell):
        return content.value
    if isinstance(content, (Ratio, Measured)):
        number = content.value
        if number is None:
            note = content.note if isinstance(content, Measured) else None
            return note
        is_share = column.kind == "share" or isinstance(content, Measured)
        return f"{float(number):.2%}" if is_share else f"{float(number):.2f}"
    return content
