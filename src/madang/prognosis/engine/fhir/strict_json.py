"""Is this text JSON that has one meaning, and what does it say? (RFC 8259, FHIR R4 JSON).

Python's reader keeps the last of two equal keys, takes NaN and Infinity, and turns 1.200 into
1.2. Here two equal keys and non-finite numbers are kept as marks in their place, so that the rules
can name the place, and decimals keep their digits.
"""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator


class Repeated(dict[str, Any]):
    """An object in which one key stands twice; `key` names it."""

    key: str


class NotFinite:
    """NaN, Infinity or -Infinity, where a number should be."""

    def __init__(self, text: str) -> None:
        self.text = text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = Repeated(found)
    for key, _ in pairs:
        if key in seen:
            twice.key = key
            break
        seen.add(key)
    return twice


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=NotFinite
)
decode = _decoder.decode
"""Text to value, with the marks; raises what `read_json` translates."""

FAILURES = (json.JSONDecodeError, InvalidOperation, RecursionError, ValueError)
"""What `decode` raises on text that is no JSON, has absurd numbers, or nests without end."""


def read_json(text: str) -> Any:
    """The value of a text.

    Decimals come as `decimal.Decimal` with the digits as written, an object with two equal keys
    as `Repeated`, NaN and Infinity as `NotFinite`.

    Raises:
        InputError: The text is no JSON, with line and column.
    """
    try:
        with uncollected():
            return decode(text)
    except FAILURES as fault:
        raise InputError(
            words(f"JSON이 아닌 글({place(fault)})", f"text that is no JSON ({place(fault)})"),
            words("RFC 8259에 맞는 JSON", "JSON as in RFC 8259"),
        ) from fault


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles still: JSON has none, and a large text is half its work."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def place(fault: Exception) -> str:
    """Where and why the text could not be read, in short."""
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.lineno}:{fault.colno} {fault.msg}"
    if isinstance(fault, RecursionError):
        return "nested too deeply"
    return "a number out of bounds"


def write_json(value: Any) -> str:
    """A value as compact JSON, decimals with their digits as they were written.

    Raises:
        TypeError: Something that JSON cannot say, such as a float that is not finite.
    """
    if isinstance(value, dict):
        members = (f"{encode_basestring(key)}:{write_json(each)}" for key, each in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(write_json, value)) + "]"
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float) and value - value == 0:
        return repr(value)
    raise TypeError(f"JSON cannot say {value!r}")
