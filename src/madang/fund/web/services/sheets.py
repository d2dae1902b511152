"""How does a report stand on a page? Each figure with the address of its postings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.http import urlencode

from madang.fund.engine.reports import paper
from madang.fund.engine.reports.cell import Cell
from madang.kernel.words import Words

if TYPE_CHECKING:
    from madang.fund.engine.reports.cell import Report, Row, Statement
    from madang.fund.web.models import Fund

_MOST_PARTS = 60
"""An address with more parts is too long for some servers; such a sum is shown by its rows."""


def tables(report: Report, fund: Fund, *, partner: int = 0) -> list[dict[str, Any]]:
    """The report's tables, row by row.

    Args:
        report: What is shown.
        fund: Whose ledger the figures lead to.
        partner: The partner who reads it, whose figures lead to its own postings and who may not
            see others'; 0 for who may see the whole ledger.
    """
    return [_table(each, fund, partner) for each in report.statements]


def _table(statement: Statement, fund: Fund, partner: int) -> dict[str, Any]:
    return {
        "title": statement.title,
        "of": statement.of,
        "columns": [(each.title, each.kind not in ("text", "code")) for each in statement.columns],
        "rows": [_row(row, statement, fund, partner) for row in statement.rows],
        "note": statement.note,
        "section": statement.section,
    }


def _row(row: Row, statement: Statement, fund: Fund, partner: int) -> dict[str, Any]:
    cells = []
    for content, column in zip(row.cells, statement.columns, strict=True):
        shown = paper.value(content, column)
        url = ""
        if (
            isinstance(content, Cell)
            and 0 < len(content.parts) <= _MOST_PARTS
            and (not partner or all(part.partner == partner for part in content.parts))
        ):
            url = address(fund, content, row.label, partner=partner)
        cells.append(
            {
                "shown": shown,
                "url": url,
                "is_won": column.kind == "won" and isinstance(shown, int),
                "is_number": column.kind not in ("text", "code"),
            }
        )
    return {"label": row.label, "cells": cells, "is_total": row.is_total}


def address(fund: Fund, cell: Cell, label: Words | str, *, partner: int = 0) -> str:
    """Where the postings of a figure are listed."""
    where = reverse("fund:ledger", args=[fund.pk])
    if partner:
        where = reverse("fund:partner-ledger", args=[fund.pk, partner])
    pairs = [("part", str(each)) for each in cell.parts] + [("label", str(label))]
    return f"{where}?{urlencode(pairs)}"
