"""Is this a name that a resource certificate may have? (RFC 6487 sections 4.4 and 4.5)."""

from __future__ import annotations

import re
from typing import Final

from madang.rpki.engine.der.reader import (
    OID,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTF8_STRING,
    enter,
    finished,
    sorted_set,
)
from madang.rpki.engine.faults import Fault

_COMMON_NAME: Final = b"\x55\x04\x03"
_SERIAL_NUMBER: Final = b"\x55\x04\x05"
_PRINTABLE: Final = re.compile(rb"[A-Za-z0-9 '()+,\-./:=?]+")
_LONGEST: Final = 1_024
"""Bytes of a name; an attribute has 64 characters at most (RFC 5280, appendix A)."""
_MOST_SEEN: Final = 8_192
_seen: dict[bytes, tuple[bytes, bool]] = {}


def read_name(data: bytes, at: int, end: int) -> tuple[bytes, bool, int]:
    """The Name at `at` as its bytes, whether it is odd, and the byte after it.

    It is odd where it is a UTF8String: RFC 6487 wants a PrintableString.

    Raises:
        Fault: It has no CommonName or two, another attribute than a serial number beside it, or
            signs beyond PrintableString's.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    if stop - at > _LONGEST:
        raise Fault("name-form", at, f"{stop - at} bytes")
    name = data[at:stop]
    if name not in _seen:
        odd = _check(data, start, stop)
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        _seen[name] = name, odd
    return *_seen[name], stop


def common_name(name: bytes) -> str:
    """The CommonName of a name that `read_name` took."""
    at = name.index(_COMMON_NAME) + len(_COMMON_NAME)
    start, stop = enter(name, at, len(name), name[at])
    return name[start:stop].decode("ascii")


def _check(data: bytes, start: int, stop: int) -> bool:
    seen: list[bytes] = []
    odd = False
    at = start
    while at < stop:
        first, after = enter(data, at, stop, SET)
        for place, tag, inner, inner_end in sorted_set(data, first, after):
            if tag != SEQUENCE:
                raise Fault("name-form", place)
            kind, utf8 = _attribute(data, inner, inner_end)
            seen.append(kind)
            odd = odd or utf8
        at = after
    if seen.count(_COMMON_NAME) != 1 or seen.count(_SERIAL_NUMBER) > 1:
        raise Fault("name-form", start, f"{seen.count(_COMMON_NAME)} common names")
    return odd


def _attribute(data: bytes, at: int, end: int) -> tuple[bytes, bool]:
    start, stop = enter(data, at, end, OID)
    kind = data[start:stop]
    if kind not in (_COMMON_NAME, _SERIAL_NUMBER):
        raise Fault("name-form", at, "an attribute that is neither a common name nor a serial")
    utf8 = stop < end and data[stop] == UTF8_STRING
    first, after = enter(data, stop, end, UTF8_STRING if utf8 else PRINTABLE_STRING)
    finished(after, end)
    if not _PRINTABLE.fullmatch(data, first, after):
        raise Fault("name-form", stop, "signs beyond PrintableString")
    return kind, utf8
