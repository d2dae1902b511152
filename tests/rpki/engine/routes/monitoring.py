"""BMP messages, written byte by byte after RFC 7854."""

from __future__ import annotations

import struct
from ipaddress import ip_address

from tests.rpki.engine.routes import dumps

POST, NARROW, OUT = 0x40, 0x20, 0x10
LOCAL_TABLE = 3


def bmp(kind: int, body: bytes) -> bytes:
    return struct.pack(">BIB", 3, 6 + len(body), kind) + body


def head(asn: int, address: str, flags: int = 0, kind: int = 0, rd: int = 0) -> bytes:
    packed = ip_address(address).packed
    flags |= 0x80 if len(packed) == 16 else 0
    return (
        struct.pack(">BBQ", kind, flags, rd)
        + packed.rjust(16, b"\0")
        + struct.pack(">IIII", asn, 1, 1_700_000_000, 0)
    )


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">HH", kind, len(value)) + value


def initiation(name: str = "r1", description: str = "a router") -> bytes:
    return bmp(4, item(2, name.encode()) + item(1, description.encode()))


def opening(asn: int = 64500, paths: int | None = None) -> bytes:
    """An OPEN; with path identifiers for IPv4 offered so (RFC 7911) where given."""
    capability = b"" if paths is None else bytes([69, 4, 0, 1, 1, paths])
    parameter = bytes([2, len(capability)]) + capability if capability else b""
    body = struct.pack(">BHHIB", 4, min(asn, 23456), 90, 1, len(parameter)) + parameter
    return dumps.bgp(body, 1)


def up(peer: bytes, *, sent: bytes | None = None, received: bytes | None = None) -> bytes:
    return bmp(3, peer + bytes(20) + (sent or opening()) + (received or opening()))


def down(peer: bytes) -> bytes:
    return bmp(2, peer + b"\x04")


def monitoring(peer: bytes, body: bytes) -> bytes:
    return bmp(0, peer + dumps.bgp(body))
