"""BGP messages and MRT records, written byte by byte after RFC 4271 and RFC 6396."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from madang.rpki.engine.resources.prefix import BITS, Prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

ORIGIN_IGP = bytes([0x40, 1, 1, 0])
NEXT_HOP = bytes([0x40, 3, 4, 192, 0, 2, 1])


def attribute(code: int, value: bytes, flags: int = 0x40) -> bytes:
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, code, len(value)) + value
    return struct.pack(">BBB", flags, code, len(value)) + value


def segment(ases: Sequence[int], kind: int = 2, width: int = 4) -> bytes:
    return bytes([kind, len(ases)]) + b"".join(asn.to_bytes(width, "big") for asn in ases)


def path_attributes(ases: Sequence[int], *, width: int = 4) -> bytes:
    path = segment(ases, width=width) if ases else b""
    return ORIGIN_IGP + attribute(2, path) + NEXT_HOP


def nlri(prefix: Prefix, number: int | None = None) -> bytes:
    """A prefix as BGP writes it; with a path identifier in front where one is given."""
    content = prefix.address.to_bytes(BITS[prefix.family] // 8, "big")[: (prefix.length + 7) // 8]
    front = b"" if number is None else struct.pack(">I", number)
    return front + bytes([prefix.length]) + content


def mp_reach(*routes: bytes, family: int = 6) -> bytes:
    hop = bytes(16 if family == 6 else 4)
    value = struct.pack(">HBB", 2 if family == 6 else 1, 1, len(hop)) + hop + b"\0"
    return attribute(14, value + b"".join(routes), 0x80)


def mp_unreach(*routes: bytes, family: int = 6) -> bytes:
    value = struct.pack(">HB", 2 if family == 6 else 1, 1)
    return attribute(15, value + b"".join(routes), 0x80)


def update_body(withdrawn: bytes = b"", attributes: bytes = b"", announced: bytes = b"") -> bytes:
    sizes = struct.pack(">H", len(withdrawn)), struct.pack(">H", len(attributes))
    return sizes[0] + withdrawn + sizes[1] + attributes + announced


def bgp(body: bytes, kind: int = 2) -> bytes:
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body


def record(kind: int, subtype: int, content: bytes, when: int = 1_700_000_000) -> bytes:
    return struct.pack(">IHHI", when, kind, subtype, len(content)) + content


def peer_index(*peers: tuple[int, str]) -> bytes:
    """An index of peers as (AS, address)."""
    from ipaddress import ip_address

    found = bytes(4) + struct.pack(">H", 4) + b"view" + struct.pack(">H", len(peers))
    for asn, text in peers:
        address = ip_address(text)
        wide = 2 | (address.version == 6)
        found += bytes([wide]) + bytes(4) + address.packed + struct.pack(">I", asn)
    return record(13, 1, found)


def rib(prefix: Prefix, *entries: tuple[int, bytes], path_ids: bool = False) -> bytes:
    """What peers (by number) say about one prefix (attributes)."""
    found = bytes(4) + nlri(prefix) + struct.pack(">H", len(entries))
    for number, attributes in entries:
        found += struct.pack(">HI", number, 1_600_000_000)
        found += struct.pack(">I", 7) if path_ids else b""
        found += struct.pack(">H", len(attributes)) + attributes
    subtype = {4: 2, 6: 4}[prefix.family] + (6 if path_ids else 0)
    return record(13, subtype, found)


def exchange(asn: int, content: bytes, subtype: int = 4, *, extended: bool = False) -> bytes:
    """A message from 192.0.2.9 at a collector of AS 64496."""
    width = 4 if subtype in (4, 5, 7, 9, 11) else 2
    head = asn.to_bytes(width, "big") + (64496).to_bytes(width, "big") + struct.pack(">HH", 0, 1)
    body = head + bytes([192, 0, 2, 9]) + bytes([192, 0, 2, 1]) + content
    return record(17 if extended else 16, subtype, (bytes(4) if extended else b"") + body)
