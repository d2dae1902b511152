"""Which files does a holder of these numbers vouch for? Signed checklists (RFC 9323)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der.reader import (
    IA5_STRING,
    OCTET_STRING,
    SEQUENCE,
    enter,
    finished,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.numbers import INHERIT, read_addresses, read_asns
from madang.rpki.engine.resources.blocks import Resources

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.objects.numbers import Held
    from madang.rpki.engine.resources.blocks import Blocks

CHECKLIST_TYPE: Final = bytes.fromhex("2a864886f70d0109100130")
_SHA256: Final = bytes.fromhex("300b0609608648016503040201")
_NAME: Final = re.compile(rb"[A-Za-z0-9._-]{1,255}")
_MOST: Final = 100_000


class Checklist(NamedTuple):
    """Files by their digests, under the resources of who signed."""

    resources: Resources
    files: tuple[tuple[str, bytes], ...]
    """Name (empty where none is given) and SHA-256 of each."""


def read_checklist(signed: SignedObject) -> Checklist:
    """The list that a signed checklist carries.

    Raises:
        Fault: It is none, names resources that its certificate does not, or a name twice.
    """
    data = signed.data
    if signed.content_type != CHECKLIST_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    if signed.certificate.signed_object:
        raise Fault("checklist-sia")
    at, end = enter(data, *signed.content, SEQUENCE)
    finished(end, signed.content[1])
    if at < end and data[at] == 0xA0:
        raise Fault("content-version", at)
    start, stop = enter(data, at, end, SEQUENCE)
    resources = _resources(data, start, stop)
    _check_certificate(signed, resources)
    if not data.startswith(_SHA256, stop):
        raise Fault("cms-digest-algorithm", stop)
    first, after = enter(data, stop + len(_SHA256), end, SEQUENCE)
    finished(after, end)
    return Checklist(resources, _files(data, first, after))


def _resources(data: bytes, at: int, end: int) -> Resources:
    asn: Held = ()
    addresses: tuple[Held, Held] = ((), ())
    if at < end and data[at] == 0xA0:
        start, stop = enter(data, at, end, 0xA0)
        asn, at = read_asns(data, start, stop), stop
    if at < end and data[at] == 0xA1:
        start, stop = enter(data, at, end, 0xA1)
        addresses, at = read_addresses(data, start, stop), stop
    finished(at, end)
    found = Resources(*(_blocks(held, at) for held in (*addresses, asn)))
    if not found:
        raise Fault("resources-missing", at)
    return found


def _blocks(held: Held, at: int) -> Blocks:
    if held == INHERIT:
        raise Fault("checklist-outside", at, "inherited resources")
    return held or ()


def _check_certificate(signed: SignedObject, resources: Resources) -> None:
    certificate = signed.certificate
    named = (certificate.v4, certificate.v6, certificate.asn)
    if INHERIT in named:
        raise Fault("checklist-outside", -1, "its certificate inherits")
    if not Resources(*(_blocks(held, -1) for held in named)).covers(resources):
        raise Fault("checklist-outside", signed.content[0])


def _files(data: bytes, at: int, end: int) -> tuple[tuple[str, bytes], ...]:
    found: list[tuple[str, bytes]] = []
    seen: set[str] = set()
    while at < end:
        start, stop = enter(data, at, end, SEQUENCE)
        name = ""
        if start < stop and data[start] == IA5_STRING:
            first, after = enter(data, start, stop, IA5_STRING)
            if not _NAME.fullmatch(data, first, after):
                raise Fault("checklist-name", first)
            name, start = data[first:after].decode("ascii"), after
        if name in seen or len(found) >= _MOST:
            raise Fault("checklist-name", at, "a name twice, or too many files")
        first, after = enter(data, start, stop, OCTET_STRING)
        finished(after, stop)
        if after - first != 32:
            raise Fault("manifest-hash", first, f"{after - first} bytes")
        found.append((name, data[first:after]))
        seen |= {name} if name else set()
        at = stop
    if not found:
        raise Fault("checklist-name", at, "no file")
    return tuple(found)
