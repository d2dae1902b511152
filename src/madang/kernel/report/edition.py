"""How does a document read in one language? The same plain values for page and printer.

Both write from this, so that neither can say what the other does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import (
    Callout,
    Code,
    Facts,
    Figure,
    Paragraph,
    Steps,
    Table,
)
from madang.kernel.report.written import NO_VALUE, cell, lines, said, width
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from madang.kernel.report.document import Block, Document, Fact
    from madang.kernel.words import Language

WIDE_PX, NARROW_PX = 640, 328
_NARROWEST, _WIDEST, _WIDE = 7, 26, 40
CHROME = {
    "contents": words("차례", "Contents"),
    "as_table": words("표로 보기", "Show as a table"),
    "footer": words("출처와 지문", "Sources and digests"),
    "figure": words("그림", "Figure"),
    "table": words("표", "Table"),
}
"""What the house itself says around a report."""
CALLOUTS = {
    "finding": words("확인된 사실", "Finding"),
    "warning": words("주의", "Caution"),
    "danger": words("위험", "Danger"),
    "unproved": words("입증되지 않음", "Not proved"),
}


class Edition:
    """A document in one language.

    Args:
        document: What to write.
        language: In which language.
        widths_px: Figures are drawn at these widths, under these names.
    """

    def __init__(self, document: Document, language: Language, widths_px: dict[str, int]) -> None:
        self._language: Language = language
        self._widths_px = widths_px
        self._count = 0
        self._document = document

    def values(self) -> dict[str, Any]:
        """The whole edition as plain JSON values."""
        document, language = self._document, self._language
        return {
            "language": language,
            "title": said(document.title, language),
            "subtitle": said(document.subtitle, language),
            "facts": self._facts(document.facts),
            "summary": list(self._blocks(document.summary)),
            "sections": [
                {
                    "id": f"{language}-{number}",
                    "title": said(section.title, language),
                    "blocks": list(self._blocks(section.blocks)),
                }
                for number, section in enumerate(document.sections, start=1)
            ],
            "footer": self._facts(document.footer),
            "chrome": {name: text.within(language) for name, text in CHROME.items()},
        }

    def _blocks(self, blocks: Iterable[Block]) -> Iterator[dict[str, Any]]:
        for block in blocks:
            kind = type(block).__name__.lower()
            yield {"type": kind, **self._block(block)}

    def _block(self, block: Block) -> dict[str, Any]:
        language = self._language
        match block:
            case Paragraph():
                return {"text": said(block.text, language)}
            case Table():
                return self._table(block)
            case Figure():
                return self._figure(block)
            case Facts():
                return {"facts": self._facts(block.facts)}
            case Callout():
                return {
                    "kind": block.kind,
                    "kind_said": CALLOUTS[block.kind].within(language),
                    "title": said(block.title, language),
                    "text": said(block.text, language),
                }
            case Steps():
                return {
                    "steps": [
                        {"text": said(step.text, language), "code": lines(step.code)}
                        for step in block.steps
                    ]
                }
            case Code():
                return {"text": lines(block.text)}

    def _facts(self, facts: Iterable[Fact]) -> list[dict[str, str]]:
        return [
            {
                "label": said(fact.label, self._language),
                "value": said(fact.value, self._language),
                "kind": fact.kind,
            }
            for fact in facts
        ]

    def _figure(self, figure: Figure) -> dict[str, Any]:
        drawn = {
            name: figure.drawing.svg(self._language, width_px=width_px)
            for name, width_px in self._widths_px.items()
        }
        return {
            "title": said(figure.title, self._language),
            "alt": said(figure.alt, self._language),
            "table": self._table(figure.table) if figure.table else None,
            **drawn,
        }

    def _table(self, table: Table) -> dict[str, Any]:
        language = self._language
        self._count += 1
        rows = []
        for position, row in enumerate(table.rows):
            cells = [
                {
                    "text": cell(value, column, language),
                    "missing": NO_VALUE.within(language) if value is None else "",
                }
                for value, column in zip(row, table.columns, strict=True)
            ]
            rows.append({"cells": cells, "highlighted": position in table.highlighted})
        return {
            "id": f"{language}-table-{self._count}",
            "caption": said(table.caption, language),
            "columns": [
                {
                    "title": said(column.title, language),
                    "kind": column.kind,
                    "share": _share(
                        said(column.title, language),
                        rows,
                        place,
                        most=_WIDE if column.is_wide else _WIDEST,
                    ),
                }
                for place, column in enumerate(table.columns)
            ],
            "rows": rows,
            "note": said(table.note, language) if table.note else "",
        }


def _share(title: str, rows: list[dict[str, Any]], place: int, *, most: int) -> int:
    """How much of the paper's width a column of text deserves beside the others."""
    longest = max((width(row["cells"][place]["text"]) for row in rows), default=0)
    word = max(map(width, title.split()), default=0)
    return min(max(word, longest, _NARROWEST), most)
