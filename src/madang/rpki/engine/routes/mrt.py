"""Which routes did a collector see? Tables and updates in the MRT format (RFC 6396, RFC 8050).

A malformed record is named by its offset and left out; the others are read. Where the length of a
record cannot be believed, reading goes on at the next place that looks like a record.
"""

from __future__ import annotations

import functools
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from madang.kernel.words import Words
from madang.rpki.engine.resources.prefix import address_text
from madang.rpki.engine.routes.bgp import UPDATE, Session, Update, message, update
from madang.rpki.engine.routes.live import Live, Peer
from madang.rpki.engine.routes.malformed import WHAT, Corrupt, Malformed
from madang.rpki.engine.routes.mrt_rib import Rib
from madang.rpki.engine.routes.mrt_stream import Stream

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from madang.rpki.engine.routes.route import Table

MOST_RECORD: Final = 1 << 24
"""Bytes of one record; the largest of public collectors have about 1 MB."""
MOST_NAMED: Final = 1000
"""Corrupt records that are named; all are counted."""

_TABLE, _BGP4MP, _BGP4MP_ET = 13, 16, 17
_RIBS: Final = {2: (4, False), 4: (6, False), 8: (4, True), 10: (6, True)}
"""Subtype of TABLE_DUMP_V2 → family, and whether entries have path identifiers (RFC 8050)."""
_MESSAGES: Final = {
    1: (False, False),
    4: (True, False),
    6: (False, False),
    7: (True, False),
    8: (False, True),
    9: (True, True),
    10: (False, True),
    11: (True, True),
}
"""Subtype of BGP4MP with a message → four-byte AS numbers, path identifiers."""
_STATES: Final = {0: False, 5: True}
_SEEMS: Final = re.compile(rb"(?=\x00[\x0d\x10\x11]\x00[\x00-\x0c]\x00)", re.DOTALL)
_ESTABLISHED: Final = 6


@dataclass
class Import:
    """What was read from a dump."""

    rib: Rib = field(default_factory=Rib)
    live: Live = field(default_factory=Live)
    """What the updates of the dump leave."""
    records: int = 0
    updates: int = 0
    other: int = 0
    """Records of other kinds, which tell of no unicast routes."""
    corrupt_count: int = 0
    corrupt: list[Corrupt] = field(default_factory=list)
    """The first of them."""
    first_s: int = 0
    last_s: int = 0
    """Seconds since 1970 of the first and the last record."""

    @functools.cached_property
    def table(self) -> Table:
        """All routes of the tables, and those that the updates leave, in one table."""
        table = self.rib.table
        if not self.live.tables:
            return table
        if not table.seen:
            return self.live.table()
        return self.rib.with_live(self.live)

    def fault(self, offset: int, sentence: Words) -> None:
        """Note a record that is left out."""
        self.corrupt_count += 1
        if len(self.corrupt) < MOST_NAMED:
            self.corrupt.append(Corrupt(offset, sentence))


def read_dump(path: Path, *, most_bytes: int = 1 << 36) -> Import:
    """The routes in a file: plain, gzip or bzip2.

    Raises:
        RoutesRefused: It cannot be opened, or its first record is none of MRT.
    """
    from madang.rpki.engine.routes.mrt_stream import opened

    with opened(path) as source:
        return read_stream(source, most_bytes=most_bytes)


def read_stream(source: BinaryIO, *, most_bytes: int = 1 << 36) -> Import:
    """The routes of an unpacked stream of records; never raises for what is in it."""
    found, stream = Import(), Stream(source, most_bytes)
    while True:
        offset = stream.offset
        head = stream.take(12)
        if len(head) < 12:
            if head:
                found.fault(offset, WHAT["cut"])
            break
        when, kind, subtype, length = struct.unpack(">IHHI", head)
        if length > MOST_RECORD:
            found.fault(offset, Malformed("length", str(length)).sentence)
            if not _again(stream, when):
                break
            continue
        content = stream.take(length)
        if len(content) < length:
            found.fault(offset, WHAT["cut"])
            break
        found.records += 1
        found.first_s, found.last_s = found.first_s or when, when
        try:
            _record(found, kind, subtype, content)
        except Malformed as fault:
            found.fault(offset, fault.sentence)
    if stream.fault:
        found.fault(stream.offset, WHAT[stream.fault])
    return found


def _again(stream: Stream, when: int) -> bool:
    """Go to the next place at which a record seems to begin; whether there is one."""
    near = (when >> 24).to_bytes(1, "big")
    while True:
        window = stream.peek(1 << 16)
        for match in _SEEMS.finditer(window, 4):
            if window[match.start() - 4 : match.start() - 3] == near:
                stream.take(match.start() - 4)
                return True
        if len(window) < 12:
            return False
        stream.take(len(window) - 11)


def _record(found: Import, kind: int, subtype: int, content: bytes) -> None:
    if kind == _TABLE and subtype == 1:
        found.rib.index(content)
    elif kind == _TABLE and subtype in _RIBS:
        family, many = _RIBS[subtype]
        found.rib.record(content, family, many=many)
    elif kind in {_BGP4MP, _BGP4MP_ET}:
        # The extended form has microseconds in front (RFC 6396, section 3).
        body = content[4:] if kind == _BGP4MP_ET else content
        if kind == _BGP4MP_ET and len(content) < 4:
            raise Malformed("cut")
        _exchange(found, subtype, body)
    else:
        found.other += 1


def _exchange(found: Import, subtype: int, content: bytes) -> None:
    """A message between a collector and its peer, or a change of their session's state."""
    if subtype in _STATES:
        peer, at = _peer(content, wide=_STATES[subtype])
        if len(content) != at + 4:
            raise Malformed("cut")
        if int.from_bytes(content[at + 2 :], "big") != _ESTABLISHED:
            found.live.drop(peer)
        return
    if subtype not in _MESSAGES:
        found.other += 1
        return
    wide, many = _MESSAGES[subtype]
    peer, at = _peer(content, wide=wide)
    kind, body = message(content[at:])
    if kind != UPDATE:
        found.other += 1
        return
    said = _said(body, wide=wide, many=many)
    found.updates += 1
    found.live.follow(peer, said)
    if said.fault:
        raise Malformed(said.fault)


def _said(body: bytes, *, wide: bool, many: bool) -> Update:
    """What an UPDATE says; with path identifiers where it makes no sense without them.

    Collectors older than RFC 8050 (BIRD 1 for one) wrote updates with path identifiers as if
    they had none. Read so, they are malformed, or name the prefix of no bits several times.
    """
    plain, with_ids = Session(wide=wide), Session(wide=wide, many_paths=frozenset({4, 6}))
    if many:
        return update(body, with_ids)
    try:
        said = update(body, plain)
    except Malformed:
        return update(body, with_ids)
    named = [prefix for prefix, _ in said.announced + said.withdrawn if not prefix.length]
    if len(named) > len(set(named)):
        try:
            return update(body, with_ids)
        except Malformed:
            return said
    return said


def _peer(content: bytes, *, wide: bool) -> tuple[Peer, int]:
    """Who speaks, and where what follows begins (RFC 6396, section 4.4)."""
    width = 4 if wide else 2
    at = 2 * width + 4
    if len(content) < at:
        raise Malformed("cut")
    asn = int.from_bytes(content[:width], "big")
    family = {1: 4, 2: 6}.get(int.from_bytes(content[at - 2 : at], "big"))
    if family is None:
        raise Malformed("family")
    size = 4 if family == 4 else 16
    if len(content) < at + 2 * size:
        raise Malformed("cut")
    address = int.from_bytes(content[at : at + size], "big")
    return Peer(asn, address_text(family, address)), at + 2 * size
