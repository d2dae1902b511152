"""How does a report become paper? As one A4 file with a Korean part, an English part, or both.

The file follows PDF/UA-1 (ISO 14289-1): tagged, titled, with a text for every picture. Text
reaches the typesetter as data and is never read as markup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.report import colours, font
from madang.kernel.report.edition import WIDE_PX, Edition
from madang.kernel.report.written import MINUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.kernel.report.document import Document
    from madang.kernel.words import Language

_PAGE = Path(__file__).parent / "page.typ"
_SPARE = "Libertinus Serif"
"""Comes with the typesetter; lends the minus sign, which the Korean font lacks."""
_CODE = "DejaVu Sans Mono"


def pdf(document: Document, *, languages: Sequence[Language] = ("ko", "en")) -> bytes:
    """The report as PDF, the same bytes each time.

    Args:
        document: What it says.
        languages: Its parts, in their order.

    Raises:
        Unavailable: The Korean font is not installed.
    """
    import typst

    editions = [Edition(document, language, {"wide": WIDE_PX}).values() for language in languages]
    report = {
        "editions": _printable(editions),
        "sheet": document.is_sheet,
        "dated": document.made_at is not None,
        "colours": {name: colour.light for name, colour in colours.TOKENS.items()},
        "fonts": [font.FAMILY, _SPARE],
        "code-fonts": [_CODE, font.FAMILY],
    }
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(font.files().folder)])
    moment = int(document.made_at.timestamp()) if document.made_at else None
    written: bytes = typst.compile(
        _PAGE.read_bytes(),
        font_paths=fonts,
        sys_inputs={"report": json.dumps(report, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=moment,
    )
    return written


def _printable(value: Any) -> Any:
    """Every text with the characters that the fonts lack replaced by their codes."""
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, str):
        return MINUS.join(map(font.printable, value.split(MINUS)))
    return value
