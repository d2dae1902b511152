"""Which AS may announce which prefixes? (RFC 9582)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der.reader import (
    OCTET_STRING,
    SEQUENCE,
    enter,
    finished,
    integer,
    number_text,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.numbers import INHERIT, prefix_bounds
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import LAST_ASN, covers

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.objects.numbers import Held

ROA_TYPE: Final = bytes.fromhex("2a864886f70d0109100118")
_FAMILY: Final = {b"\0\1": (4, 32), b"\0\2": (6, 128)}
_MOST_PREFIXES: Final = 100_000


def read_roa(signed: SignedObject) -> tuple[tuple[Vrp, ...], tuple[str, ...]]:
    """The payloads of a ROA, all within its EE certificate, and the codes of its oddities.

    Raises:
        Fault: It is no ROA, is malformed, or names what its certificate does not hold.
    """
    data = signed.data
    if signed.content_type != ROA_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    at, end = enter(data, *signed.content, SEQUENCE)
    finished(end, signed.content[1])
    if at < end and data[at] == 0xA0:
        raise Fault("content-version", at)
    asn, place = integer(data, at, end)
    if not 0 <= asn <= LAST_ASN:
        raise Fault("roa-as", at, number_text(asn))
    first, after = enter(data, place, end, SEQUENCE)
    finished(after, end)
    vrps = _families(data, first, after, asn)
    _check_certificate(signed, vrps)
    odd = () if signed.certificate.asn is None else ("roa-as-resources",)
    return vrps, odd


def _families(data: bytes, at: int, end: int, asn: int) -> tuple[Vrp, ...]:
    found: list[Vrp] = []
    seen: set[int] = set()
    while at < end:
        start, stop = enter(data, at, end, SEQUENCE)
        name, name_end = enter(data, start, stop, OCTET_STRING)
        family = _FAMILY.get(data[name:name_end])
        if family is None or family[0] in seen:
            raise Fault("ip-family", start, f"address family {data[name:name_end].hex()}")
        seen.add(family[0])
        first, after = enter(data, name_end, stop, SEQUENCE)
        finished(after, stop)
        if first == after:
            raise Fault("roa-empty", first)
        while first < after:
            if len(found) >= _MOST_PREFIXES:
                raise Fault("roa-length", first, f"more than {_MOST_PREFIXES} prefixes")
            vrp, first = _address(data, first, after, (*family, asn))
            found.append(vrp)
        at = stop
    if not found:
        raise Fault("roa-empty", at)
    return tuple(found)


def _address(data: bytes, at: int, end: int, family: tuple[int, int, int]) -> tuple[Vrp, int]:
    version, size, asn = family
    start, stop = enter(data, at, end, SEQUENCE)
    low, high, place = prefix_bounds(data, start, stop, size)
    length = size - (high - low).bit_length()
    greatest = length
    if place < stop:
        greatest, after = integer(data, place, stop)
        finished(after, stop)
        if not length <= greatest <= size:
            raise Fault("roa-max-length", place, f"{number_text(greatest)} for {length} bits")
    return Vrp(version, low, length, greatest, asn), stop


def _check_certificate(signed: SignedObject, vrps: tuple[Vrp, ...]) -> None:
    """RFC 9582 section 5: the certificate holds every prefix, and inherits none."""
    certificate = signed.certificate
    if INHERIT in (certificate.v4, certificate.v6):
        raise Fault("roa-inherit")
    for vrp in vrps:
        held: Held = certificate.v4 if vrp.family == 4 else certificate.v6
        size = 32 if vrp.family == 4 else 128
        block = (vrp.address, vrp.address | (1 << size - vrp.length) - 1)
        if not held or held == INHERIT or not covers(held, (block,)):
            raise Fault("roa-outside", signed.content[0], str(vrp.prefix))
