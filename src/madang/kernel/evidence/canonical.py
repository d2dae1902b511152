"""Which bytes does a JSON value have? One form only, so a digest has one meaning (RFC 8785)."""

from __future__ import annotations

import json
import os
from typing import Any

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words

DEEPEST = 64
"""Nesting that is still read; a deeper value could exhaust the stack of whoever reads it next."""

ALTERED = words("파일이 변경되었거나 손상되었습니다.", "The file was altered or damaged.")
"""What to think of bytes that are out of form."""

_EXACT_DIGITS = 15
"""Decimal digits that every binary64 number keeps exactly (IEEE 754)."""


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value.

    Args:
        value: None, booleans, finite numbers, strings, and lists and string-keyed dicts of these.
            An integer beyond ±(2^53 − 1) has no exact form in JSON and is refused.

    Raises:
        ValueError: The value has no canonical form.

    Source: RFC 8785.
    """
    import rfc8785

    return rfc8785.dumps(value)


def decode(content: bytes, *, what: Words | str, exact: bool = True) -> Any:
    """The value that JSON bytes from outside stand for.

    Args:
        content: The bytes, UTF-8 without a byte order mark.
        what: What the bytes should be, for the sentence of a refusal.
        exact: Refuse bytes that are not the canonical form, so that no byte is without meaning.

    Raises:
        InputError: Not JSON, a repeated member, a number that is no number, nested too deeply, or
            not canonical although `exact`.
    """
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_int=_number,
            parse_constant=_refuse,
            object_pairs_hook=None if exact else _unique,
        )
        if _too_deep(value):
            raise ValueError("nested too deeply")
        again = encode(value)
    except (ValueError, RecursionError) as fault:
        place = getattr(fault, "pos", getattr(fault, "start", None))
        found = words("읽을 수 없는 JSON", "JSON that cannot be read")
        raise InputError(_at(found, place), what, ALTERED) from fault
    if exact and again != content:
        found = words("정규 형식이 아닌 JSON", "JSON that is not in canonical form")
        raise InputError(_at(found, first_difference(content, again)), what, ALTERED)
    return value


def first_difference(one: bytes, other: bytes) -> int:
    """The offset of the first byte in which two contents differ."""
    return len(os.path.commonprefix([one, other]))


def _at(found: Words, place: int | None) -> Words:
    """What was found, with the place where it is known."""
    if place is None:
        return found
    return words(f"{found.ko}({place}번째 글자 부근)", f"{found.en} (near character {place})")


def _number(digits: str) -> int | float:
    """Integers as JSON means them: those beyond exact range are binary64 numbers."""
    return int(digits) if len(digits) <= _EXACT_DIGITS else _wide(digits)


def _wide(digits: str) -> int | float:
    number = float(digits)
    return int(digits) if abs(number) < 2**53 else number


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(members)
    if len(record) != len(members):
        raise ValueError("a member occurs twice")
    return record


def _too_deep(value: Any) -> bool:
    """Is the value nested deeper than `DEEPEST`? Level by level, without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
