"""What does a dumped table hold? Its peers, and for each prefix what they say (RFC 6396, 4.3)."""

from __future__ import annotations

import struct
from typing import Final

from madang.rpki.engine.resources.prefix import BITS, Prefix, address_text
from madang.rpki.engine.routes.bgp import AS_PATH, address_of, each_attribute, path_from, segments
from madang.rpki.engine.routes.live import Live, Peer, origin_of
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import MOST_PEERS, AsPath, Table

_MOST_KNOWN: Final = 1 << 17


class Rib:
    """The table that the records of one or several dumps fill."""

    def __init__(self) -> None:
        self.table = Table()
        self.entries = 0
        self.local = 0
        """Entries without an AS_PATH: routes of the router itself, which came by no BGP."""
        self._numbers: dict[Peer, int] = {}
        self._index: list[tuple[int, int]] = []
        """For each peer of the present index: its bit, and its AS."""
        self._known: dict[bytes, AsPath | None] = {}
        """Attributes as bytes → their path: neighbouring prefixes often share them."""
        self._same: dict[AsPath, AsPath] = {}
        """Each path once, so that equal ones take the memory of one."""

    def index(self, content: bytes) -> None:
        """Take up a PEER_INDEX_TABLE.

        Raises:
            Malformed: It is cut off, or has more peers than can be told apart.
        """
        self._index = []
        if len(content) < 8:
            raise Malformed("cut")
        at = 6 + int.from_bytes(content[4:6], "big")
        if at + 2 > len(content):
            raise Malformed("cut")
        count = int.from_bytes(content[at : at + 2], "big")
        at += 2
        found = []
        for _ in range(count):
            peer, at = _peer(content, at)
            found.append((self._bit(peer), peer.asn))
        if at != len(content):
            raise Malformed("rest")
        self._index = found

    def _bit(self, peer: Peer) -> int:
        number = self._numbers.get(peer)
        if number is None:
            number = len(self._numbers)
            if number >= MOST_PEERS:
                raise Malformed("peers", str(number + 1))
            self._numbers[peer] = number
            self.table.peers.append(str(peer))
        return 1 << number

    def record(self, content: bytes, family: int, *, many: bool) -> None:
        """Take up what all peers say about one prefix: all of it, or nothing.

        Raises:
            Malformed: Something in it reaches beyond its end, or is not as it must be.
        """
        if len(content) < 7:
            raise Malformed("cut")
        length, bits = content[4], BITS[family]
        if length > bits:
            raise Malformed("prefix", f"/{length}")
        at = 5 + (length + 7) // 8
        if at + 2 > len(content):
            raise Malformed("cut")
        prefix = Prefix(family, address_of(content[5:at], length, bits), length)
        count = content[at] << 8 | content[at + 1]
        found = self._entries(content, at + 2, count, many=many)
        origins = self.table.seen.setdefault(prefix, {})
        paths = self.table.paths
        for bit, asn, path in found:
            if path is None:
                self.local += 1
                continue
            origin = path.hops[-1] if path.hops and not path.has_set else origin_of(path, asn)
            origins[origin] = origins.get(origin, 0) | bit
            paths[path] = paths.get(path, 0) + 1
        if not origins:
            del self.table.seen[prefix]
        self.entries += count

    def _entries(
        self, content: bytes, at: int, count: int, *, many: bool
    ) -> list[tuple[int, int, AsPath | None]]:
        form = struct.Struct(">HIIH" if many else ">HIH")
        size, end, index, known = form.size, len(content), self._index, self._known
        found = []
        for _ in range(count):
            start = at + size
            if start > end:
                raise Malformed("cut")
            fields = form.unpack_from(content, at)
            at = start + fields[-1]
            if at > end:
                raise Malformed("cut")
            if fields[0] >= len(index):
                raise Malformed("peer", str(fields[0]))
            block = content[start:at]
            path = known[block] if block in known else self._path(block)
            found.append((*index[fields[0]], path))
        if at != end:
            raise Malformed("rest")
        return found

    def _path(self, block: bytes) -> AsPath | None:
        value = path = None
        for code, content in each_attribute(block, flagged=False):
            if code == AS_PATH and value is None:
                value = content
        if value is not None:
            path = path_from(segments(value, 4))
            path = self._same.setdefault(path, path)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[block] = path
        return path

    def with_live(self, live: Live) -> Table:
        """This table with the routes of updates put into it."""
        for peer, prefix, path in live.routes():
            number = self._bit(peer).bit_length() - 1
            self.table.see(prefix, path, peer=number, origin=origin_of(path, peer.asn))
        return self.table


def _peer(content: bytes, at: int) -> tuple[Peer, int]:
    """One peer of an index, and where the next begins."""
    if at >= len(content):
        raise Malformed("cut")
    family = 6 if content[at] & 1 else 4
    width = 4 if content[at] & 2 else 2
    size = 16 if family == 6 else 4
    address, end = at + 5, at + 5 + size + width
    if end > len(content):
        raise Malformed("cut")
    number = int.from_bytes(content[address : address + size], "big")
    asn = int.from_bytes(content[address + size : end], "big")
    return Peer(asn, address_text(family, number)), end
