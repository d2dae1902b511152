"""Which day does a cell say? Dates as Korean agencies and spreadsheets write them."""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import date, timedelta

from madang.kernel.sheets.faults import CellFault
from madang.kernel.words import words

_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SIX = re.compile(r"(\d{2})(\d{2})(\d{2})")
_PARTS = re.compile(r"[']?(\d{4}|\d{2})[.\-/년](\d{1,2})[.\-/월](\d{1,2})[.일]?")
_TAIL = re.compile(
    r"(?:\([월화수목금토일]\)|[월화수목금토일]요일)?"
    r"(?:t?(?:오전|오후)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?$"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_QUOTES = str.maketrans("’‘`´", "''''")
_LONGEST = 60
"""Characters of a cell that is looked at for a day."""
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIALS = range(36_526, 73_051)
"""From 2000-01-01 to 2100-01-01; other five-digit numbers are no day."""


def day(text: str, *, from_1904: bool = False) -> date:
    """The day that a cell says.

    `2025-10-31`, `2025.10.31.`, `2025. 10. 31.(금)`, `2025년 10월 31일`, `20251031`, `'25.10.31`,
    `251031` and the serial numbers of spreadsheets are read; a time of day after it is left out.

    Args:
        text: The cell as it stands.
        from_1904: The workbook counts days from 1904, as those from old Macs do.

    Raises:
        CellFault: It is no day, or one that the calendar does not have.

    Source: ECMA-376-1, 18.17.4.1, dates as serial numbers.
    """
    if len(text) > _LONGEST:
        raise _no_day(text)
    return _read(text, from_1904)


@functools.lru_cache(maxsize=1 << 14)
def _read(text: str, from_1904: bool) -> date:
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_QUOTES).lower()
    parts = _parts(bare)
    if parts is None:
        serial = _SERIAL.fullmatch(bare)
        if serial and int(serial[1]) in _SERIALS:
            return (_EPOCH_1904 if from_1904 else _EPOCH_1900) + timedelta(days=int(serial[1]))
        raise _no_day(text)
    year, month, number = parts
    try:
        return date(year + (2000 if year < 100 else 0), month, number)
    except ValueError as fault:
        raise CellFault(
            words(f"달력에 없는 날 '{text.strip()[:40]}'", f"'{text.strip()[:40]}', no such day"),
            words("달력에 있는 날", "a day of the calendar"),
        ) from fault


def _parts(bare: str) -> tuple[int, int, int] | None:
    """Year, month and day of a text without blanks."""
    for pattern in (_EIGHT, _SIX):
        whole = pattern.fullmatch(bare)
        if whole:
            return int(whole[1]), int(whole[2]), int(whole[3])
    written = _PARTS.match(bare)
    if written and _TAIL.match(bare, written.end()):
        return int(written[1]), int(written[2]), int(written[3])
    return None


def _no_day(text: str) -> CellFault:
    return CellFault(
        f"'{text.strip()[:40]}'",
        words(
            "2025-10-31이나 2025년 10월 31일 같은 날짜",
            "a date such as 2025-10-31 or 2025년 10월 31일",
        ),
    )
