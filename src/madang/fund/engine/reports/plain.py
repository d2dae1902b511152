"""How do other programs read a report? As CSV, one figure a line, with the question behind it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from madang.fund.engine.reports.cell import Cell, Measured, Ratio
from madang.kernel.words import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.fund.engine.reports.cell import Content, Report
    from madang.kernel.words import Words

_HEAD = ("table", "row_ko", "row_en", "column_ko", "column_en", "value", "postings")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(report: Report) -> str:
    """The report's figures as CSV: whole won as integers, ratios as decimals.

    `postings` holds the questions to the ledger that make a figure, joined by a blank.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    writer.writerows(_lines(report))
    return out.getvalue()


def _lines(report: Report) -> Iterator[tuple[str | int, ...]]:
    for statement in report.statements:
        for row in statement.rows:
            for column, content in zip(statement.columns, row.cells, strict=True):
                yield (
                    _safe(statement.title.en),
                    _said(row.label, "ko"),
                    _said(row.label, "en"),
                    column.title.ko,
                    column.title.en,
                    _value(content),
                    questions(content),
                )


def _said(text: Words | str, language: str) -> str:
    return _safe(within(text, "ko" if language == "ko" else "en"))


def _safe(text: str) -> str:
    """Names come from outside: none may begin a formula in the program that opens the file."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _value(content: Content) -> str | int:
    if isinstance(content, Cell):
        return content.value
    if isinstance(content, (Ratio, Measured)):
        return "" if content.value is None else f"{float(content.value):.10g}"
    return _safe(within(content, "en")) if content is not None else ""


def questions(content: Content) -> str:
    """The questions to the ledger behind a cell, as addresses write them."""
    if isinstance(content, Cell):
        cells: tuple[Cell, ...] = (content,)
    elif isinstance(content, Ratio):
        cells = (content.top, content.bottom)
    elif isinstance(content, Measured):
        cells = content.flows
    else:
        cells = ()
    return " ".join(dict.fromkeys(str(part) for each in cells for part in each.parts))
