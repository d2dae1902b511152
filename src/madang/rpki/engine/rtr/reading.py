"""What does a PDU say? A strict reader for all of them; every length is checked before its use.

Routers send three kinds, caches the rest: both sides can be read, so that a feed can be checked
by asking it.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple, TypeAlias

from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
from madang.rpki.engine.resources.prefix import BITS
from madang.rpki.engine.rtr import pdu

LONGEST: Final = 1 << 16
"""An ASPA with the 16,000 providers that fit is far above every limit on providers."""
_LENGTHS: Final = {
    # Type → the lengths it has in versions 0, 1 and 2; pairs are the least and the greatest.
    pdu.SERIAL_NOTIFY: (12, 12),
    pdu.SERIAL_QUERY: (12, 12),
    pdu.RESET_QUERY: (8, 8),
    pdu.CACHE_RESPONSE: (8, 8),
    pdu.IPV4_PREFIX: (20, 20),
    pdu.IPV6_PREFIX: (32, 32),
    pdu.END_OF_DATA: (12, 24),
    pdu.CACHE_RESET: (8, 8),
    pdu.ROUTER_KEY: (33, LONGEST),
    pdu.ERROR_REPORT: (16, LONGEST),
    pdu.ASPA: (12, LONGEST),
}


class Malformed(Exception):  # noqa: N818 - it becomes an Error Report, no error of the product
    """A PDU that breaks the protocol; the code is that of the Error Report it deserves."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class SerialNotify(NamedTuple):
    """There is something newer."""

    session: int
    serial: int


class SerialQuery(NamedTuple):
    """What has changed since?"""

    session: int
    serial: int


class ResetQuery(NamedTuple):
    """What is there?"""


class CacheResponse(NamedTuple):
    """Here it comes."""

    session: int


class EndOfData(NamedTuple):
    """That was all."""

    session: int
    serial: int
    timing: pdu.Timing | None
    """None in version 0."""


class CacheReset(NamedTuple):
    """Ask for all of it."""


class ErrorReport(NamedTuple):
    """The other side cannot go on."""

    code: int
    about: bytes
    text: str


class Told(NamedTuple):
    """A payload that comes or goes; a withdrawn ASPA has no providers."""

    announced: bool
    payload: Vrp | RouterKey | Aspa


Message: TypeAlias = (
    SerialNotify
    | SerialQuery
    | ResetQuery
    | CacheResponse
    | EndOfData
    | CacheReset
    | ErrorReport
    | Told
)


def length_of(head: bytes) -> int:
    """The length that the first eight bytes of a PDU state; 0 where no PDU has it."""
    length = int.from_bytes(head[4:8], "big")
    return length if pdu.HEAD_BYTES <= length <= LONGEST else 0


def read(message: bytes) -> Message:
    """One whole PDU.

    Raises:
        Malformed: It breaks the rules of its version.
    """
    if len(message) < pdu.HEAD_BYTES or length_of(message) != len(message):
        raise Malformed(pdu.CORRUPT_DATA, "the length does not hold")
    version, kind, number, _ = pdu.head.unpack_from(message)
    if version not in pdu.VERSIONS:
        raise Malformed(pdu.UNSUPPORTED_VERSION, f"version {version}")
    if kind not in _LENGTHS or pdu.FIRST_VERSION_OF.get(kind, 0) > version:
        raise Malformed(pdu.UNSUPPORTED_TYPE, f"type {kind} in version {version}")
    least, most = _LENGTHS[kind]
    if kind == pdu.END_OF_DATA:
        least = most = 24 if version else 12
    if not least <= len(message) <= most:
        raise Malformed(pdu.CORRUPT_DATA, f"{len(message)} bytes for type {kind}")
    if kind in (pdu.IPV4_PREFIX, pdu.IPV6_PREFIX):
        return _prefix(message)
    if kind in (pdu.ROUTER_KEY, pdu.ASPA):
        return _other(message, kind, number)
    if kind == pdu.ERROR_REPORT:
        return _error(message, number)
    return _plain(message, kind, number)


def announced_run(stream: bytes, at: int) -> tuple[list[Vrp], int]:
    """The announced prefixes of one family that stand at `at`, and the place behind them.

    A whole answer has hundreds of thousands: together they are read five times quicker than by
    `read`. The run ends before the first PDU that is anything else, which `read` then judges.
    """
    kind = stream[at + 1]
    if kind not in _RUNS or stream[at] not in pdu.VERSIONS:
        return [], at
    form, family, bits = _RUNS[kind]
    count = (len(stream) - at) // form.size
    # Version, type, zero and length are those of the first in every PDU of the run.
    for column, byte in enumerate(pdu.head.pack(stream[at], kind, 0, form.size) + b"\x01"):
        found = stream[at + column : at + count * form.size : form.size]
        count -= len(found.lstrip(bytes((byte,))))
    vrps: list[Vrp] = []
    for values in form.iter_unpack(stream[at : at + count * form.size]):
        length, most, asn = values[0], values[1], values[-1]
        address = values[2] if family == 4 else values[2] << 64 | values[3]
        if not length <= most <= bits or address & ((1 << (bits - length)) - 1):
            break
        vrps.append(Vrp(family, address, length, most, asn))
    return vrps, at + len(vrps) * form.size


_RUNS: Final = {
    pdu.IPV4_PREFIX: (struct.Struct(">9xBBxII"), 4, BITS[4]),
    pdu.IPV6_PREFIX: (struct.Struct(">9xBBxQQI"), 6, BITS[6]),
}


def _plain(message: bytes, kind: int, number: int) -> Message:
    if kind == pdu.RESET_QUERY:
        return ResetQuery()
    if kind == pdu.CACHE_RESET:
        return CacheReset()
    if kind == pdu.CACHE_RESPONSE:
        return CacheResponse(number)
    serial = int.from_bytes(message[8:12], "big")
    if kind == pdu.SERIAL_QUERY:
        return SerialQuery(number, serial)
    if kind == pdu.SERIAL_NOTIFY:
        return SerialNotify(number, serial)
    if len(message) == 12:
        return EndOfData(number, serial, None)
    return EndOfData(number, serial, pdu.Timing(*struct.unpack(">III", message[12:])))


def _prefix(message: bytes) -> Told:
    flags, length, most = message[8], message[9], message[10]
    family = 4 if message[1] == pdu.IPV4_PREFIX else 6
    address = int.from_bytes(message[12:-4], "big")
    bits = BITS[family]
    if flags > 1:
        raise Malformed(pdu.CORRUPT_DATA, f"flags {flags:#x}")
    if not length <= most <= bits or address & ((1 << (bits - length)) - 1):
        raise Malformed(pdu.CORRUPT_DATA, f"no prefix: length {length}, at most {most}")
    asn = int.from_bytes(message[-4:], "big")
    return Told(bool(flags), Vrp(family, address, length, most, asn))


def _other(message: bytes, kind: int, number: int) -> Told:
    flags = number >> 8
    if flags > 1:
        raise Malformed(pdu.CORRUPT_DATA, f"flags {flags:#x}")
    if kind == pdu.ROUTER_KEY:
        asn = int.from_bytes(message[28:32], "big")
        return Told(bool(flags), RouterKey(asn, message[8:28], message[32:]))
    if len(message) % 4:
        raise Malformed(pdu.CORRUPT_DATA, f"{len(message)} bytes for an ASPA")
    providers = struct.unpack(f">{len(message) // 4 - 3}I", message[12:])
    rises = all(one < next_ for one, next_ in zip(providers, providers[1:], strict=False))
    if not rises or bool(flags) != bool(providers):
        raise Malformed(pdu.CORRUPT_DATA, "providers that do not rise, are missing or too many")
    return Told(bool(flags), Aspa(int.from_bytes(message[8:12], "big"), providers))


def _error(message: bytes, code: int) -> ErrorReport:
    quoted = int.from_bytes(message[8:12], "big")
    if quoted > len(message) - 16:
        raise Malformed(pdu.CORRUPT_DATA, "the quoted PDU does not fit")
    said = int.from_bytes(message[12 + quoted : 16 + quoted], "big")
    if said != len(message) - 16 - quoted:
        raise Malformed(pdu.CORRUPT_DATA, "the text does not fit")
    text = message[16 + quoted :].decode("utf-8", "replace")
    return ErrorReport(code, message[12 : 12 + quoted], text)
