"""How does a report become a workbook? Numbers as numbers, each with the way to its postings.

A cover, every table in Korean and in English, and a last sheet that says for each cell which
question to the ledger gives it. The same report is the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from madang.fund.engine.reports.cell import Cell, Measured, Ratio
from madang.fund.engine.reports.plain import questions
from madang.kernel.words import Language, within, words

if TYPE_CHECKING:
    from madang.fund.engine.reports.cell import Content, Report, Statement

_EXACT = 10**15
"""A spreadsheet keeps 15 digits: a larger amount is written as text, not rounded."""
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "label": {"text_wrap": True, "valign": "top"},
    "total-label": {"bold": True, "top": 1, "text_wrap": True},
    "won": {"num_format": "#,##0;[Red]-#,##0"},
    "total-won": {"num_format": "#,##0;[Red]-#,##0", "bold": True, "top": 1},
    "share": {"num_format": "0.00%"},
    "multiple": {"num_format": "0.00"},
    "text": {},
    "code": {"font_name": "Consolas", "font_size": 9},
    "note": {"italic": True, "text_wrap": True, "valign": "top"},
}
_COVER = words("표지", "Cover")
_TRACES = words("출처", "Postings")
_TRACE_HEADS = (
    "시트 Sheet",
    "칸 Cell",
    "항목 Item",
    "열 Column",
    "값 Value",
    "장부 조건 Postings",
)
_LONGEST_LINK = 2_000
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the file says nothing of when it was made


def xlsx(report: Report, *, address: str = "") -> bytes:
    """The report as an XLSX file.

    Args:
        report: What it tells.
        address: Where postings can be seen, such as `https://…/postings/?`; each question is
            written behind it.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": report.title.ko, "created": _MADE})
    writer = _Writer(book, report, address)
    writer.cover()
    for number, statement in enumerate(report.statements, start=1):
        languages: tuple[Language, ...] = ("ko", "en")
        for language in languages:
            writer.table(statement, language, f"{number} {'한국어' if language == 'ko' else 'EN'}")
    writer.write_traces()
    book.close()
    return out.getvalue()


class _Writer:
    def __init__(self, book: Any, report: Report, address: str) -> None:
        self.book, self.report, self.address = book, report, address
        self.formats = {
            name: book.add_format({"font_name": "맑은 고딕", **each})
            for name, each in _FORMATS.items()
        }
        self.traces: list[tuple[str, str, str, str, int | float | None, str]] = []

    def cover(self) -> None:
        report = self.report
        sheet = self.book.add_worksheet(f"{_COVER.ko} {_COVER.en}")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 2, 60)
        sheet.write_string(0, 0, report.title.ko, self.formats["title"])
        sheet.write_string(1, 0, report.title.en)
        facts = [
            (words("펀드", "Fund"), report.agreement.title.ko, report.agreement.title.en),
            (words("대상", "Of"), report.subtitle.ko, report.subtitle.en),
            (words("기준일", "As of"), report.until.isoformat(), ""),
            (words("장부 기록 수", "Entries of the ledger"), f"{report.entries:,}", ""),
            (words("장부 지문", "Digest of the ledger"), report.head, ""),
            (words("규약", "Terms"), f"v{report.agreement.version} {report.agreement.digest}", ""),
        ]
        for at, (label, ko, en) in enumerate(facts, start=3):
            sheet.write_string(at, 0, f"{label.ko} {label.en}", self.formats["label"])
            sheet.write_string(at, 1, ko, self.formats["label"])
            sheet.write_string(at, 2, en, self.formats["label"])
        for at, each in enumerate(report.left_out, start=4 + len(facts)):
            sheet.write_string(at, 1, each.ko, self.formats["note"])
            sheet.write_string(at, 2, each.en, self.formats["note"])

    def table(self, statement: Statement, language: Language, name: str) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 42)
        for at, column in enumerate(statement.columns, start=1):
            sheet.set_column(at, at, 22 if column.kind == "won" else 16)
        sheet.write_string(0, 0, within(statement.title, language), self.formats["title"])
        sheet.write_string(2, 0, within(statement.of, language), self.formats["head"])
        for at, column in enumerate(statement.columns, start=1):
            sheet.write_string(2, at, within(column.title, language), self.formats["head"])
        sheet.freeze_panes(3, 1)
        for down, row in enumerate(statement.rows, start=3):
            label = "total-label" if row.is_total else "label"
            said = within(row.label, language)
            sheet.write_string(down, 0, said, self.formats[label])
            for at, content in enumerate(row.cells, start=1):
                column = statement.columns[at - 1]
                kind = "total-won" if row.is_total and column.kind == "won" else column.kind
                self._content(sheet, down, at, content, kind, language)
                if language == "ko" and (asked := questions(content)):
                    self.traces.append(
                        (name, _place(down, at), said, column.title.ko, _number(content), asked)
                    )
        if statement.note:
            down = 4 + len(statement.rows)
            sheet.write_string(down, 0, within(statement.note, language), self.formats["note"])

    def _content(
        self, sheet: Any, down: int, at: int, content: Content, kind: str, language: Language
    ) -> None:
        number = _number(content)
        if isinstance(content, Measured):
            kind = "share"
        elif isinstance(content, Ratio) and kind != "share":
            kind = "multiple"
        if number is not None and abs(number) < _EXACT:
            sheet.write_number(down, at, number, self.formats[kind])
        elif number is not None:
            sheet.write_string(down, at, f"{number:,}", self.formats[kind])
        elif isinstance(content, Measured):
            said = within(content.note, language) if content.note else ""
            sheet.write_string(down, at, said, self.formats["note"])
        elif content is not None and not isinstance(content, (Cell, Ratio)):
            sheet.write_string(down, at, within(content, language), self.formats[kind])

    def write_traces(self) -> None:
        """Which question to the ledger gives which cell."""
        sheet = self.book.add_worksheet(f"{_TRACES.ko} {_TRACES.en}")
        for at, width in enumerate((10, 8, 40, 20, 22, 90)):
            sheet.set_column(at, at, width)
        heads = (
            "시트 Sheet",
            "칸 Cell",
            "항목 Item",
            "열 Column",
            "값 Value",
            "장부 조건 Postings",
        )
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, self.formats["head"])
        sheet.freeze_panes(1, 0)
        for down, (name, place, said, column, number, asked) in enumerate(self.traces, start=1):
            for at, text in enumerate((name, place, said, column)):
                sheet.write_string(down, at, text)
            if number is not None and abs(number) < _EXACT:
                whole = self.formats["won" if isinstance(number, int) else "multiple"]
                sheet.write_number(down, 4, number, whole)
            elif number is not None:
                sheet.write_string(down, 4, f"{number:,}")
            link = " ".join(self.address + each for each in asked.split(" "))
            if link.startswith("https://") and " " not in link and len(link) < _LONGEST_LINK:
                sheet.write_url(down, 5, link)
            else:
                sheet.write_string(down, 5, link[:32_000])


def _place(down: int, at: int) -> str:
    """A cell's name, such as `B4`."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(down, at))


def _number(content: Content) -> int | float | None:
    if isinstance(content, Cell):
        return content.value
    if isinstance(content, (Ratio, Measured)) and content.value is not None:
        return float(content.value)
    return None
