"""How is a value written on paper? Numbers, intervals and other people's text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from madang.kernel.report.document import Interval
from madang.kernel.words import within, words

if TYPE_CHECKING:
    from madang.kernel.report.document import Cell, Said, TableColumn
    from madang.kernel.words import Language

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
NO_VALUE = words("값 없음", "no value")
_STRANGE = "\N{REPLACEMENT CHARACTER}"


def said(text: Said, language: Language) -> str:
    """The text in that language, on one line, harmless to a page, a terminal and a printer.

    Letters are composed (NFC). What could break a line of the page, steer a terminal, turn the
    direction of its neighbours or not be encoded at all becomes U+FFFD: names come from outside.
    """
    return " ".join(_visible(within(text, language)).split())


def lines(text: str) -> str:
    """The same for text whose line breaks and spaces matter, such as commands."""
    return "\n".join(_visible(line) for line in text.replace("\t", "    ").splitlines())


def _visible(text: str) -> str:
    return "".join(map(_shown, unicodedata.normalize("NFC", text)))


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Zl", "Zp") or character in "\n\r\t":
        return " "
    # Zero-width joiners spell words in several scripts; other format characters hide.
    hidden = kind == "Cf" and character not in "\u200c\u200d\u00ad"
    unknown = kind == "Cn" and ord(character) & 0xFFFE == 0xFFFE
    return _STRANGE if hidden or unknown or kind in ("Cc", "Cs") else character


def number(value: float, *, decimals: int | None = None, signed: bool = False) -> str:
    """A number with thousands separated and a true minus sign.

    Args:
        value: A finite number.
        decimals: Digits after the point; None leaves whole numbers whole and others at six
            significant digits.
        signed: Write a plus sign before what is above zero.
    """
    if decimals is None:
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    else:
        text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):  # no minus before a rounded zero: nobody could tell what it means
        return text.lstrip("-")
    if text.startswith("-"):
        return MINUS + text[1:]
    return f"+{text}" if signed else text


def interval(
    limits: Interval, language: Language, *, decimals: int | None = None, signed: bool = False
) -> str:
    """Both limits; a dash joins them unless a minus sign stands beside it."""
    low, high = (number(limit, decimals=decimals, signed=signed) for limit in limits)
    if MINUS not in low + high and not signed:
        return f"{low}\N{EN DASH}{high}"
    return f"{low} ~ {high}" if language == "ko" else f"{low} to {high}"


def cell(value: Cell, column: TableColumn, language: Language) -> str:
    """A table's cell as it is read; `NOTHING` where there is no value."""
    if value is None:
        return NOTHING
    if isinstance(value, Interval):
        return interval(value, language, decimals=column.decimals, signed=column.signed)
    if isinstance(value, (int, float)):
        return number(value, decimals=column.decimals, signed=column.signed)
    return said(value, language)


def width(text: str) -> int:
    """Cells that the text takes in a terminal: a Hangul syllable is two letters wide.

    Source: Unicode Standard Annex #11 (East Asian Width); ambiguous characters count as narrow.
    """
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or 0x1160 <= ord(character) <= 0x11FF:
        return 0  # marks and the vowels and finals of Hangul spelt letter by letter
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, cells: int) -> list[str]:
    """The text in lines of at most that many cells, broken at spaces where there are any.

    Args:
        text: One line of text.
        cells: At least two, the width of one wide character.
    """
    rows = [""]
    for word in text.split(" "):
        joined = f"{rows[-1]} {word}" if rows[-1] else word
        if width(joined) <= cells:
            rows[-1] = joined
            continue
        pieces = _pieces(word, cells)
        rows = rows + pieces if rows[-1] else pieces
    return rows


def _pieces(word: str, cells: int) -> list[str]:
    pieces = [""]
    for character in word:
        if width(pieces[-1] + character) > cells:
            pieces.append("")
        pieces[-1] += character
    return pieces
