"""How does a list leave the site as a file? CSV for spreadsheets, JSON for programs, streamed."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MARK = "\ufeff"
"""Tells spreadsheets that the text is UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file that hands on what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(
    rows: Iterable[dict[str, Any]], *, columns: Sequence[str], name: str
) -> StreamingHttpResponse:
    """Rows as CSV.

    Args:
        rows: Each with a value for every column.
        columns: Their names, which stand in the first line even where there is no row.
        name: Of the file, without its ending.
    """

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield _MARK + writer.writerow(columns)
        for row in rows:
            yield writer.writerow([_harmless(row[column]) for column in columns])

    return _file(lines(), f"{name}.csv", "text/csv; charset=utf-8")


def as_json(rows: Iterable[dict[str, Any]], *, name: str) -> StreamingHttpResponse:
    """Rows as one JSON object whose one member is the list."""

    def lines() -> Iterator[str]:
        yield f"{{{json.dumps(name)}: ["
        for number, row in enumerate(rows):
            yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
        yield "\n]}\n"

    return _file(lines(), f"{name}.json", "application/json")


def _file(content: Iterator[str], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
