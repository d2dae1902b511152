"""Workbooks as Excel writes them, and as no Excel ever would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DAY_STYLE, THOUSANDS_STYLE, KOREAN_DAY_STYLE = 1, 2, 3
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts>'
    '<numFmt numFmtId="164" formatCode="#,##0,"/>'
    '<numFmt numFmtId="165" formatCode="yyyy&quot;년&quot; m&quot;월&quot; d&quot;일&quot;"/>'
    '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    "</cellXfs></styleSheet>"
)

Cell = str | int | float | tuple[str, int]
"""Text, a number, or XML of the cell's value with a style."""


def book(
    rows: Sequence[Sequence[Cell | None]],
    *,
    merged: Sequence[str] = (),
    title: str = "집행",
    from_1904: bool = False,
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A workbook of one sheet."""
    return packed(parts(rows, merged=merged, title=title, from_1904=from_1904) | dict(more or {}))


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """Files in a ZIP archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def parts(
    rows: Sequence[Sequence[Cell | None]],
    *,
    merged: Sequence[str] = (),
    title: str = "집행",
    from_1904: bool = False,
) -> dict[str, str | bytes]:
    """The files of such a workbook."""
    shared: dict[str, int] = {}
    body = "".join(
        f'<row r="{number}">'
        + "".join(_cell(cell, at, number, shared) for at, cell in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    epoch = '<workbookPr date1904="1"/>' if from_1904 else ""
    return {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{epoch}<sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>'
        f"<mergeCells>{areas}</mergeCells></worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": STYLES,
    }


def _cell(cell: Cell | None, at: int, row: int, shared: dict[str, int]) -> str:
    place = f"{chr(65 + at)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return f'<c r="{place}" s="{cell[1]}">{cell[0]}</c>'
    if isinstance(cell, str):
        number = shared.setdefault(cell, len(shared))
        return f'<c r="{place}" t="s"><v>{number}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'
