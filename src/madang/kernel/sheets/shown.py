"""Does a cell of a workbook show its number as a day, or in thousands? (ECMA-376-1, 18.8.30)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

_DAY_FORMATS = {14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)}
"""Built-in number formats that show a day, those of Korean Excel among them (18.8.30)."""
_NOT_SHOWN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|[_*].|general', re.I)


class Style(NamedTuple):
    """How a cell shows its number."""

    is_day: bool
    scale: int
    """Powers of ten that are left out of what is shown: `#,##0,` shows thousands."""

    def text(self, value: str, *, from_1904: bool) -> str:
        """What a reader of the sheet sees, with all digits of the number."""
        if self.is_day:
            return _dated(value, from_1904)
        return _scaled(value, self.scale) if self.scale else value


PLAIN = Style(False, 0)


def style(number: int, code: str) -> Style:
    """How a number format shows a cell.

    Args:
        number: Of the format; below 164 it is a built-in one.
        code: What the workbook says of it; empty for a built-in one.
    """
    if number in _DAY_FORMATS:
        return Style(True, 0)
    shown = _NOT_SHOWN.sub("", code.partition(";")[0]).lower()
    if re.search("[yd]", shown) or re.search("년|월", code):
        return Style(True, 0)
    scaled = re.search(r"[0#](,+)(?![0#,])", shown)
    return Style(False, 3 * len(scaled[1])) if scaled else PLAIN


def _dated(value: str, from_1904: bool) -> str:
    """The day of a serial number; what is none stays a number."""
    try:
        days = int(Decimal(value))
        epoch = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        return (epoch + timedelta(days=days)).isoformat()
    except (InvalidOperation, OverflowError, ValueError):
        return value


def _scaled(value: str, scale: int) -> str:
    """The number in the unit that the sheet shows it in, with all its digits."""
    try:
        return format(Decimal(value).scaleb(-scale).normalize(), "f")
    except InvalidOperation:
        return value
