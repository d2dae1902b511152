"""How is what routers learn written on the wire? PDUs of RFC 6810, RFC 8210 and draft 8210bis.

A PDU has a version, a type, two bytes whose meaning hangs on the type, and its length with these
eight bytes. Version 0 carries prefixes, version 1 router keys too, version 2 ASPAs too.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

DRAFT: Final = "draft-ietf-sidrops-8210bis-26"
"""What version 2 follows while it is no RFC; the ASPA PDU changed its form in earlier drafts."""
VERSIONS: Final = (0, 1, 2)

SERIAL_NOTIFY: Final = 0
SERIAL_QUERY: Final = 1
RESET_QUERY: Final = 2
CACHE_RESPONSE: Final = 3
IPV4_PREFIX: Final = 4
IPV6_PREFIX: Final = 6
END_OF_DATA: Final = 7
CACHE_RESET: Final = 8
ROUTER_KEY: Final = 9
ERROR_REPORT: Final = 10
ASPA: Final = 11

ANNOUNCE: Final = 1
WITHDRAW: Final = 0

CORRUPT_DATA: Final = 0
INTERNAL_ERROR: Final = 1
NO_DATA_AVAILABLE: Final = 2
INVALID_REQUEST: Final = 3
UNSUPPORTED_VERSION: Final = 4
UNSUPPORTED_TYPE: Final = 5
UNEXPECTED_VERSION: Final = 8

HEAD_BYTES: Final = 8
FIRST_VERSION_OF: Final = {ROUTER_KEY: 1, ASPA: 2}
"""Type → the first version that knows it; version 0 where none is named."""
_QUOTED_BYTES: Final = 64

head = struct.Struct(">BBHI")
_serial = struct.Struct(">BBHII")
_end = struct.Struct(">BBHIIIII")


class Timing(NamedTuple):
    """When a router asks again, and how long it keeps what it has (RFC 8210, section 6)."""

    refresh_s: int = 3600
    """From 1 to 86400: when to ask while all is well."""
    retry_s: int = 600
    """From 1 to 7200: when to ask again after a failure."""
    expire_s: int = 7200
    """From 600 to 172800, above both others: when data without a cache are dropped."""

    def holds(self) -> bool:
        """Whether the three are within the bounds of RFC 8210, section 6."""
        return (
            1 <= self.refresh_s <= 86400
            and 1 <= self.retry_s <= 7200
            and 600 <= self.expire_s <= 172800
            and self.expire_s > max(self.refresh_s, self.retry_s)
        )


def serial_notify(version: int, session: int, serial: int) -> bytes:
    """There is something newer than you have (5.2)."""
    return _serial.pack(version, SERIAL_NOTIFY, session, 12, serial)


def serial_query(version: int, session: int, serial: int) -> bytes:
    """Ask what has changed since this serial number (5.3)."""
    return _serial.pack(version, SERIAL_QUERY, session, 12, serial)


def reset_query(version: int) -> bytes:
    """Ask for everything (5.4)."""
    return head.pack(version, RESET_QUERY, 0, HEAD_BYTES)


def cache_response(version: int, session: int) -> bytes:
    """Here it comes (5.5)."""
    return head.pack(version, CACHE_RESPONSE, session, HEAD_BYTES)


def cache_reset(version: int) -> bytes:
    """The way from there is no longer known: ask for all of it (5.9)."""
    return head.pack(version, CACHE_RESET, 0, HEAD_BYTES)


def end_of_data(version: int, session: int, *, serial: int, timing: Timing) -> bytes:
    """That was all, and this is its serial number (5.8); version 0 has no times."""
    if version == 0:
        return _serial.pack(version, END_OF_DATA, session, 12, serial)
    return _end.pack(version, END_OF_DATA, session, 24, serial, *timing)


def error_report(version: int, code: int, *, about: bytes = b"", text: str = "") -> bytes:
    """Why this cannot be answered (5.11).

    Args:
        version: The version of the answer.
        code: One of the numbers of RFC 8210, section 12.
        about: The PDU that is at fault; a long one is cut, as the RFC allows.
        text: English, for the log of the other side.
    """
    quoted, said = about[:_QUOTED_BYTES], text.encode()
    length = HEAD_BYTES + 8 + len(quoted) + len(said)
    return b"".join(
        (
            head.pack(version, ERROR_REPORT, code, length),
            len(quoted).to_bytes(4, "big"),
            quoted,
            len(said).to_bytes(4, "big"),
            said,
        )
    )
