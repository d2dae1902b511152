"""How many won does a cell say? Amounts as Korean agencies write them.

A unit may stand in the cell (`12.5억원`), in the heading (`집행액(천원)`) or in a line above the
table (`(단위: 백만원)`). Losses and corrections are written with a minus, a triangle (△, ▲) or in
parentheses. An amount is a whole number of won, always.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from madang.kernel.sheets.faults import CellFault
from madang.kernel.words import words

UNITS: dict[str, int] = {
    "원": 1,
    "십원": 10,
    "백원": 100,
    "천원": 1_000,
    "만원": 10_000,
    "십만원": 100_000,
    "백만원": 1_000_000,
    "천만원": 10_000_000,
    "억원": 100_000_000,
    "십억원": 1_000_000_000,
    "백억원": 10_000_000_000,
    "조원": 1_000_000_000_000,
}
"""Won in one of each unit."""
_FOREIGN = {"krw": 1, "won": 1, "₩": 1, "천": 1_000, "만": 10_000, "백만": 1_000_000}
_SHORT = {"억": 100_000_000, "조": 1_000_000_000_000, **_FOREIGN}
_UNIT = "|".join(sorted({*UNITS, *_SHORT}, key=len, reverse=True))
_IN_A_HEADING = re.compile(
    rf"단위\s*[:：]?\s*({_UNIT})|[(\[<]\s*({_UNIT})\s*[)\]>]|unit:?\s*(krw)"
)
_PART = re.compile(rf"([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)({_UNIT})?")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?")
_HEADING = 200
"""Characters of a heading that are looked at: what comes after them is no heading."""
_MINUS = "-−‐–△▲▽▼"
_FORMULA = "=+@\t\r"
_NOTHING = {"", "-", "–", "−", "—"}
MOST_KRW = 10**15
"""1,000조원, above the whole budget of the state: what is larger is no amount but a mistake."""
_LONGEST = 60
"""Characters of a cell that is looked at for an amount."""
_NOISE_DIGITS = 15
"""A spreadsheet keeps 15 significant digits; what a longer number says beyond them is noise."""


def unit_in(text: str) -> int | None:
    """The won of a unit that a heading or a note names, None where it names none.

    Args:
        text: Such as `집행액(천원)`, `(단위 : 백만원)` or `금액[억원]`.
    """
    found = _IN_A_HEADING.search(unicodedata.normalize("NFKC", text[:_HEADING]).lower())
    if not found:
        return None
    name = next(each for each in found.groups() if each)
    return UNITS.get(name) or _SHORT[name]


def unit_name(unit_krw: int) -> str:
    """What a unit is called: `천원`."""
    return next(name for name, won in UNITS.items() if won == unit_krw)


def amount_krw(text: str, *, unit_krw: int = 1) -> int | None:
    """The amount that a cell says, in won.

    Args:
        text: The cell as it stands.
        unit_krw: Won in one of the column's unit; a unit in the cell itself goes before it.

    Returns:
        None for an empty cell or a dash. A minus sign, a triangle or parentheses around the whole
        make the amount negative.

    Raises:
        CellFault: It is no amount, a formula, no whole number of won, or beyond 1,000조원.
    """
    if len(text) > _LONGEST:
        raise _no_amount(text)
    return _read(text, unit_krw)


@functools.lru_cache(maxsize=1 << 14)
def _read(text: str, unit_krw: int) -> int | None:
    # What most cells are: digits alone.
    if text.isascii() and text.isdigit() and len(text) < _NOISE_DIGITS and unit_krw == 1:
        return int(text)
    if text.lstrip(" ")[:1] in _FORMULA and text.strip():
        raise _formula(text)
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    if bare in _NOTHING:
        return None
    bare, sign = _unsigned(bare.removeprefix("금"))
    value = _sum(bare.removesuffix("정"), unit_krw)
    if value is None:
        raise _no_amount(text)
    return sign * _whole(value, text)


def _unsigned(bare: str) -> tuple[str, int]:
    """The amount without its sign, and the sign; ₩ may stand on either side of it."""
    sign = 1
    bare = bare.removeprefix("₩").removeprefix("\\")
    if bare.startswith("(") and bare.endswith(")"):
        bare, sign = bare[1:-1], -1
    elif bare.endswith("-") and len(bare) > 1:
        bare, sign = bare[:-1], -1
    if bare[:1] and bare[0] in _MINUS:
        bare, sign = bare[1:], -1
    return bare.removeprefix("₩").removeprefix("\\"), sign


def _sum(bare: str, unit_krw: int) -> Decimal | None:
    """`1억2,500만원` is a sum of parts; a lone number takes the column's unit."""
    if _NUMBER.fullmatch(bare):
        return Decimal(bare) * unit_krw
    total, at, last = Decimal(0), 0, None
    for part in _PART.finditer(bare):
        digits, unit = part.groups()
        if part.start() != at or not _well_grouped(digits):
            return None
        if unit is None and (at or part.end() != len(bare)):
            return None
        won = unit_krw if unit is None else UNITS.get(unit) or _SHORT[unit]
        if last is not None and won >= last:
            return None
        total, at, last = total + _decimal(digits) * won, part.end(), won
    return total if at and at == len(bare) else None


def _well_grouped(digits: str) -> bool:
    return "," not in digits or _GROUPED.fullmatch(digits) is not None


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation as fault:  # the pattern lets none through
        raise AssertionError(digits) from fault


def _whole(value: Decimal, text: str) -> int:
    nearest = int(value.to_integral_value())
    noisy = sum(letter.isdigit() for letter in text) >= _NOISE_DIGITS
    if value != nearest and not (noisy and abs(value - nearest) < Decimal("0.01")):
        raise CellFault(
            words(f"'{_short(text)}', 1원보다 작은 금액", f"'{_short(text)}', parts of a won"),
            words("원 단위까지의 금액", "an amount in whole won"),
            words("단위(원, 천원)를 확인하십시오.", "Check the unit (원, 천원)."),
        )
    if abs(nearest) >= MOST_KRW:
        raise CellFault(
            words(f"'{_short(text)}', {nearest:,}원", f"'{_short(text)}', {nearest:,} won"),
            words("1,000조원보다 작은 금액", "less than 1,000조원"),
            words("단위(원, 천원)를 확인하십시오.", "Check the unit (원, 천원)."),
        )
    return nearest


def _formula(text: str) -> CellFault:
    return CellFault(
        words(f"수식 '{_short(text)}'", f"the formula '{_short(text)}'"),
        words("금액", "an amount"),
        words(
            "엑셀에서 값으로 붙여 넣으십시오. 수식은 계산하지 않습니다.",
            "Paste it as a value; formulas are never computed.",
        ),
    )


def _no_amount(text: str) -> CellFault:
    return CellFault(
        f"'{_short(text)}'",
        words("1,500,000이나 1.5백만원 같은 금액", "an amount such as 1,500,000 or 1.5백만원"),
    )


def _short(text: str) -> str:
    bare = " ".join(text.split())
    return bare if len(bare) <= 40 else f"{bare[:39]}…"
