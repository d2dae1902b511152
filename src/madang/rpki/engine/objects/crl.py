"""Which certificates of this issuer are revoked? (RFC 6487 section 5, RFC 9829)."""

from __future__ import annotations

from typing import Final, NamedTuple

from madang.rpki.engine.der.reader import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    enter,
    finished,
    integer,
    number_text,
    time,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.certificate import Signed, algorithm_end, signature_at
from madang.rpki.engine.objects.naming import read_name

_AKI: Final = b"\x55\x1d\x23"
_CRL_NUMBER: Final = b"\x55\x1d\x14"


class Crl(NamedTuple):
    """A revocation list as its bytes say it."""

    issuer: bytes
    this_update: int
    """Seconds since 1970."""
    next_update: int
    aki: bytes
    number: int
    serials: frozenset[int]
    """Serial numbers of the revoked certificates."""
    signed: Signed


def read_crl(data: bytes) -> Crl:
    """A file with one revocation list.

    Raises:
        Fault: It is none, or breaks the profile of RFC 6487 section 5.
    """
    start, stop = enter(data, 0, len(data), SEQUENCE)
    finished(stop, len(data))
    body, body_end = enter(data, start, stop, SEQUENCE)
    signature = signature_at(data, body_end, stop)
    if data[body : body + 3] != b"\x02\x01\x01":
        raise Fault("crl-version", body)
    issuer, _, at = read_name(data, algorithm_end(data, body + 3), body_end)
    this_update, at = time(data, at, body_end)
    next_update, at = _next_update(data, at, body_end)
    if next_update < this_update:
        raise Fault("validity-crossed", at)
    serials: frozenset[int] = frozenset()
    if at < body_end and data[at] == SEQUENCE:
        serials, at = _revoked(data, at, body_end)
    first, after = enter(data, at, body_end, 0xA0)
    finished(after, body_end)
    aki, number = _extensions(data, first, after)
    signed = Signed(data[start:body_end], signature)
    return Crl(issuer, this_update, next_update, aki, number, serials, signed)


def _next_update(data: bytes, at: int, end: int) -> tuple[int, int]:
    if at >= end or data[at] not in (0x17, 0x18):
        raise Fault("crl-next", at)
    return time(data, at, end)


def _revoked(data: bytes, at: int, end: int) -> tuple[frozenset[int], int]:
    start, stop = enter(data, at, end, SEQUENCE)
    # An empty list should be left out (RFC 5280, 5.1.2.6), yet a quarter of real lists have one.
    serials = []
    while start < stop:
        first, after = enter(data, start, stop, SEQUENCE)
        serial, place = integer(data, first, after)
        if serial <= 0 or place - first - 2 > 20:
            raise Fault("crl-entry", start, f"the serial number {number_text(serial)}")
        _, place = time(data, place, after)
        if place != after:
            raise Fault("crl-entry", place, "extensions of an entry")
        serials.append(serial)
        start = after
    return frozenset(serials), stop


def _extensions(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The key identifier and the number: exactly these two."""
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    found: dict[bytes, tuple[int, int]] = {}
    while start < stop:
        first, after = enter(data, start, stop, SEQUENCE)
        name, name_end = enter(data, first, after, 0x06)
        kind = data[name:name_end]
        if kind not in (_AKI, _CRL_NUMBER) or kind in found:
            raise Fault("crl-extension", start, kind.hex())
        if name_end < after and data[name_end] == 0x01:
            raise Fault("extension-critical", start, "crl")
        value, value_end = enter(data, name_end, after, OCTET_STRING)
        finished(value_end, after)
        found[kind] = (value, value_end)
        start = after
    if len(found) != 2:
        raise Fault("crl-extension", at, "the key identifier or the number is missing")
    return _aki(data, *found[_AKI]), _number(data, *found[_CRL_NUMBER])


def _aki(data: bytes, at: int, end: int) -> bytes:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    first, after = enter(data, start, stop, 0x80)
    if after != stop or after - first != 20:
        raise Fault("aki-form", first, f"{after - first} bytes")
    return data[first:after]


def _number(data: bytes, at: int, end: int) -> int:
    start, stop = enter(data, at, end, INTEGER)
    number, after = integer(data, at, end)
    finished(after, end)
    if number < 0 or stop - start > 20:
        raise Fault("crl-number", at)
    return number
