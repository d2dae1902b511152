"""What do the extensions of a certificate say? Each one that RFC 6487 section 4.8 knows.

Certificates of one authority repeat most of their extensions byte for byte; what was read once
is remembered by its bytes, so that only what differs is read again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.rpki.engine.der.reader import (
    BOOLEAN,
    IA5_STRING,
    OCTET_STRING,
    OID,
    SEQUENCE,
    bits,
    element,
    enter,
    finished,
    oid,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.numbers import read_addresses, read_asns

if TYPE_CHECKING:
    from collections.abc import Callable

_PKIX: Final = b"\x2b\x06\x01\x05\x05\x07"
_POLICY: Final = _PKIX + b"\x0e\x02"
_POLICY_2: Final = _PKIX + b"\x0e\x03"
_CPS: Final = _PKIX + b"\x02\x01"
_CA_ISSUERS: Final = _PKIX + b"\x30\x02"
CA_REPOSITORY: Final = _PKIX + b"\x30\x05"
RPKI_MANIFEST: Final = _PKIX + b"\x30\x0a"
SIGNED_OBJECT: Final = _PKIX + b"\x30\x0b"
RPKI_NOTIFY: Final = _PKIX + b"\x30\x0d"
_RESOURCES: Final = 1_000_000
"""Bytes of a set of numbers: more than a hundred thousand prefixes."""
_URI: Final = 0x86
_URI_TEXT: Final = re.compile(rb"[\x21-\x7e]{1,2048}")


class Access(NamedTuple):
    """One way to something: the method's identifier and the address."""

    method: bytes
    uri: str
    """Empty where the location is no URI."""


class RevocationPoints(NamedTuple):
    """Where the revocation list lies."""

    uris: tuple[str, ...]
    points: int
    """Distribution points named; one is right."""


def uri_text(data: bytes, start: int, stop: int) -> str:
    """An address in visible ASCII.

    Raises:
        Fault: It is empty, longer than 2,048 bytes, or has other signs in it.
    """
    if not _URI_TEXT.fullmatch(data, start, stop):
        raise Fault("uri-form", start)
    return data[start:stop].decode("ascii")


def _basic_constraints(data: bytes, at: int, end: int) -> bool:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    if start == stop:
        return False
    if data[start:stop] != b"\x01\x01\xff":
        raise Fault("basic-constraints", start, "more than cA, or cA in another form")
    return True


def _subject_key(data: bytes, at: int, end: int) -> bytes:
    start, stop = enter(data, at, end, OCTET_STRING)
    finished(stop, end)
    if stop - start != 20:
        raise Fault("ski-form", at, f"{stop - start} bytes")
    return data[start:stop]


def _authority_key(data: bytes, at: int, end: int) -> bytes:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    first, after = enter(data, start, stop, 0x80)
    if after != stop:
        raise Fault("aki-form", after, "more than a key identifier")
    if after - first != 20:
        raise Fault("aki-form", first, f"{after - first} bytes")
    return data[first:after]


def _key_usage(data: bytes, at: int, end: int) -> bytes:
    content, unused, after = bits(data, at, end)
    finished(after, end)
    if not content or not content[-1] >> unused & 1:
        raise Fault("key-usage", at, "bits behind the last one that is set")
    return content


def _extended_usage(data: bytes, at: int, end: int) -> tuple[bytes, ...]:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    found = []
    while start < stop:
        purpose, start = oid(data, start, stop)
        found.append(purpose)
    if not found:
        raise Fault("extended-usage", at, "no purpose")
    return tuple(found)


def _revocation_points(data: bytes, at: int, end: int) -> RevocationPoints:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    uris: list[str] = []
    points = 0
    while start < stop:
        first, after = enter(data, start, stop, SEQUENCE)
        if first == after or data[first] != 0xA0:
            raise Fault("crl-point", first, "a point without a place")
        name, name_end = enter(data, first, after, 0xA0)
        if name_end != after:
            raise Fault("crl-point", name_end, "reasons, or an issuer of the list")
        full, full_end = enter(data, name, name_end, 0xA0)
        finished(full_end, name_end)
        uris += _general_uris(data, full, full_end)
        points += 1
        start = after
    return RevocationPoints(tuple(uris), points)


def _general_uris(data: bytes, at: int, end: int) -> list[str]:
    found = []
    while at < end:
        start, stop = enter(data, at, end, _URI)
        found.append(uri_text(data, start, stop))
        at = stop
    return found


def _accesses(data: bytes, at: int, end: int) -> tuple[Access, ...]:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    found = []
    while start < stop:
        first, after = enter(data, start, stop, SEQUENCE)
        method, place = oid(data, first, after)
        tag, name, name_end = element(data, place, after)
        finished(name_end, after)
        uri = uri_text(data, name, name_end) if tag == _URI else ""
        found.append(Access(method, uri))
        start = after
    if not found:
        raise Fault("access-empty", at)
    return tuple(found)


def _policies(data: bytes, at: int, end: int) -> bool:
    """Whether the policy is that of RFC 8360 (validation reconsidered)."""
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    first, after = enter(data, start, stop, SEQUENCE)
    if after != stop:
        raise Fault("policy", after, "more than one policy")
    policy, place = oid(data, first, after)
    if policy not in (_POLICY, _POLICY_2):
        raise Fault("policy", first, "another policy")
    if place < after:
        _qualifier(data, place, after)
    return policy == _POLICY_2


def _qualifier(data: bytes, at: int, end: int) -> None:
    """One qualifier at most: where the practice statement lies (RFC 7318)."""
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    first, after = enter(data, start, stop, SEQUENCE)
    kind, place = oid(data, first, after)
    if after != stop or kind != _CPS:
        raise Fault("policy", first, "a qualifier that is not one practice statement")
    text, text_end = enter(data, place, after, IA5_STRING)
    finished(text_end, after)
    uri_text(data, text, text_end)


class _Kind(NamedTuple):
    slot: str
    critical: bool
    read: Callable[[bytes, int, int], Any]
    repeated: bool
    """Whether certificates of one issuer share it, so that remembering pays."""
    longest: int = 16_384
    """Bytes of its value; only resources need more."""


_EXTENSION: Final = b"\x55\x1d"
KINDS: Final[dict[bytes, _Kind]] = {
    _EXTENSION + b"\x13": _Kind("basic_constraints", True, _basic_constraints, True),
    _EXTENSION + b"\x0e": _Kind("ski", False, _subject_key, False),
    _EXTENSION + b"\x23": _Kind("aki", False, _authority_key, True),
    _EXTENSION + b"\x0f": _Kind("key_usage", True, _key_usage, True),
    _EXTENSION + b"\x25": _Kind("extended_usage", False, _extended_usage, True),
    _EXTENSION + b"\x1f": _Kind("crl", False, _revocation_points, True),
    _PKIX + b"\x01\x01": _Kind("aia", False, _accesses, True),
    _PKIX + b"\x01\x0b": _Kind("sia", False, _accesses, False),
    _EXTENSION + b"\x20": _Kind("policy_2", True, _policies, True),
    _PKIX + b"\x01\x07": _Kind("addresses", True, read_addresses, False, _RESOURCES),
    _PKIX + b"\x01\x08": _Kind("asns", True, read_asns, True, _RESOURCES),
    _PKIX + b"\x01\x1c": _Kind("addresses_2", True, read_addresses, False, _RESOURCES),
    _PKIX + b"\x01\x1d": _Kind("asns_2", True, read_asns, True, _RESOURCES),
}
"""Identifier → what RFC 6487 section 4.8 (and RFC 8360 section 4.2.2) says of it."""

_MOST_KNOWN: Final = 8_192
_WORTH_KNOWING: Final = 512
"""Bytes up to which an extension is remembered, so that memory stays bounded."""
_known: dict[bytes, tuple[str, Any]] = {}


def read_extensions(data: bytes, at: int, end: int) -> dict[str, Any]:
    """All extensions of a certificate by their slot in `KINDS`.

    Raises:
        Fault: One is unknown, doubled, wrongly critical or not, or malformed.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    found: dict[str, Any] = {}
    while start < stop:
        first, after = enter(data, start, stop, SEQUENCE)
        known = _known.get(data[start:after])
        slot, value = known or _extension(data, start, (first, after))
        if slot in found:
            raise Fault("extension-double", start, slot)
        found[slot] = value
        start = after
    return found


def _extension(data: bytes, at: int, place: tuple[int, int]) -> tuple[str, Any]:
    first, after = place
    name, name_end = enter(data, first, after, OID)
    kind = KINDS.get(data[name:name_end])
    if kind is None:
        raise Fault("extension-unknown", at, data[name:name_end].hex())
    critical = data[name_end] == BOOLEAN if name_end < after else False
    if critical:
        flag, name_end = enter(data, name_end, after, BOOLEAN)
        if data[flag:name_end] != b"\xff":
            raise Fault("der-boolean", flag)
    if critical != kind.critical:
        raise Fault("extension-critical", at, kind.slot)
    value, value_end = enter(data, name_end, after, OCTET_STRING)
    finished(value_end, after)
    if value_end - value > kind.longest:
        raise Fault("der-length", value, f"{value_end - value} bytes of {kind.slot}")
    answer = kind.slot, kind.read(data, value, value_end)
    if kind.repeated and after - at <= _WORTH_KNOWING:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[data[at:after]] = answer
    return answer
