"""What does a router tell of its BGP sessions? The monitoring protocol BMP (RFC 7854).

Views before and after policy, those sent out (RFC 8671) and the router's own table (RFC 9069) are
told apart. Bytes in, values out: nothing here knows of connections.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from madang.rpki.engine.resources.prefix import address_text
from madang.rpki.engine.routes.bgp import HEADER, UPDATE, Session, Update, message, update
from madang.rpki.engine.routes.live import Peer
from madang.rpki.engine.routes.malformed import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 3
FRONT: Final = 6
"""Bytes of the common header."""
MOST_MESSAGE: Final = 1 << 18
"""Two OPENs and an UPDATE of 65,535 bytes each fit in."""

MONITORING, STATISTICS, DOWN, UP, INITIATION, TERMINATION, MIRRORING = range(7)
_PEER_HEADER: Final = 42
_LOCAL_TABLE: Final = 3
_SIX, _POST, _NARROW, _OUT = 0x80, 0x40, 0x20, 0x10
_OPEN: Final = 1
_CAPABILITIES: Final = 2
_MANY_PATHS: Final = 69
_MOST_TEXT: Final = 4096
_FAMILY: Final = {(1, 1): 4, (2, 1): 6}


class Hello(NamedTuple):
    """The router says who it is (Initiation)."""

    name: str
    description: str


class Bye(NamedTuple):
    """The router ends the session (Termination); 0 to 4 as RFC 7854, section 4.5."""

    reason: int


class Raised(NamedTuple):
    """A session came up (Peer Up)."""

    peer: Peer


class Fallen(NamedTuple):
    """A session went down (Peer Down)."""

    peers: tuple[Peer, ...]
    """All views of the session."""
    reason: int


class Monitored(NamedTuple):
    """An update of a session (Route Monitoring)."""

    peer: Peer
    update: Update


class Counted(NamedTuple):
    """Counters of a session (Statistics Report)."""

    peer: Peer
    counters: dict[int, int]
    """Type (RFC 7854, section 4.8) → value."""


class Passed(NamedTuple):
    """A message of a kind that tells of no routes."""

    kind: int


Told: TypeAlias = Hello | Bye | Raised | Fallen | Monitored | Counted | Passed


def front(content: bytes) -> tuple[int, int]:
    """The length of the body and the kind that a common header tells (section 4.1).

    Raises:
        Malformed: Another version, or a length out of bounds: the stream cannot be followed.
    """
    if content[0] != VERSION:
        raise Malformed("version", str(content[0]))
    length = int.from_bytes(content[1:5], "big")
    if not FRONT <= length <= MOST_MESSAGE:
        raise Malformed("length", str(length))
    return length - FRONT, content[5]


@dataclass
class Router:
    """What must be remembered of one router to understand its next message."""

    name: str
    up: dict[tuple[int, bytes], dict[bool, frozenset[int]]] = field(default_factory=dict)
    """Session (type, distinguisher and address) → outward? → families with path identifiers."""
    most_sessions: int = 1024

    def told(self, kind: int, body: bytes) -> Told:
        """What one message says.

        Raises:
            Malformed: It is not what it claims; the messages after it can be read.
        """
        if kind == INITIATION:
            said = dict(_items(body))
            return Hello(_text(said.get(2, b"")), _text(said.get(1, b"")))
        if kind == TERMINATION:
            reason = dict(_items(body)).get(1, b"")
            return Bye(int.from_bytes(reason[:2], "big"))
        if kind not in {MONITORING, STATISTICS, DOWN, UP}:
            if kind != MIRRORING:
                raise Malformed("kind", str(kind))
            return Passed(kind)
        if len(body) < _PEER_HEADER:
            raise Malformed("cut")
        head, rest = body[:_PEER_HEADER], body[_PEER_HEADER:]
        if kind == UP:
            return self._raised(head, rest)
        if kind == DOWN:
            return self._fallen(head, rest)
        return self._counted(head, rest) if kind == STATISTICS else self._monitored(head, rest)

    def _peer(self, head: bytes, flags: int | None = None) -> Peer:
        """The session and view that a per-peer header names (section 4.2)."""
        bits = head[1] if flags is None else flags
        six = bits & _SIX and head[0] != _LOCAL_TABLE
        family, content = (6, head[10:26]) if six else (4, head[22:26])
        address = address_text(family, int.from_bytes(content, "big"))
        if any(head[2:10]):
            address += f"%{head[2:10].hex()}"
        if head[0] == _LOCAL_TABLE:
            view = "loc"
        else:
            view = ("out-" if bits & _OUT else "") + ("post" if bits & _POST else "pre")
        return Peer(int.from_bytes(head[26:30], "big"), address, view, self.name)

    def _raised(self, head: bytes, rest: bytes) -> Raised:
        sent, at = _message(rest, 20)
        received, _ = _message(rest, at)
        key = _session(head)
        if key not in self.up and len(self.up) >= self.most_sessions:
            raise Malformed("peers", str(self.most_sessions))
        ours, theirs = _paths_offered(sent), _paths_offered(received)
        # RFC 7911, section 4: 1 receives, 2 sends, 3 does both.
        self.up[key] = {
            False: frozenset(f for f in ours if ours[f] & 1 and theirs.get(f, 0) & 2),
            True: frozenset(f for f in ours if ours[f] & 2 and theirs.get(f, 0) & 1),
        }
        return Raised(self._peer(head))

    def _fallen(self, head: bytes, rest: bytes) -> Fallen:
        if not rest:
            raise Malformed("cut")
        self.up.pop(_session(head), None)
        six = head[1] & _SIX
        views = (0, _POST, _OUT, _OUT | _POST)
        peers = dict.fromkeys(self._peer(head, six | view) for view in views)
        return Fallen(tuple(peers), rest[0])

    def _monitored(self, head: bytes, rest: bytes) -> Monitored:
        many = self.up.get(_session(head))
        if many is None:
            raise Malformed("unknown-peer")
        kind, body = message(rest)
        if kind != UPDATE:
            raise Malformed("kind", str(kind))
        local = head[0] == _LOCAL_TABLE
        wide = local or not head[1] & _NARROW
        out = not local and bool(head[1] & _OUT)
        return Monitored(self._peer(head), update(body, Session(wide, many[out])))

    def _counted(self, head: bytes, rest: bytes) -> Counted:
        counters = {
            kind: int.from_bytes(value, "big")
            for kind, value in _items(rest[4:])
            if len(value) in (4, 8)
        }
        if len(rest) < 4:
            raise Malformed("cut")
        return Counted(self._peer(head), counters)


def _session(head: bytes) -> tuple[int, bytes]:
    return head[0], head[2:26]


def _items(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Values with their type and length in front (section 4.4)."""
    at = 0
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at + 2 : at + 4], "big")
        if at + 4 > len(content) or end > len(content):
            raise Malformed("cut")
        yield int.from_bytes(content[at : at + 2], "big"), content[at + 4 : end]
        at = end


def _text(content: bytes) -> str:
    """Text of a router, without what could disturb a log or a page."""
    read = content[:_MOST_TEXT].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in read)


def _message(content: bytes, at: int) -> tuple[bytes, int]:
    """The body of the OPEN that begins here, and where it ends."""
    if at + HEADER > len(content):
        raise Malformed("cut")
    end = at + int.from_bytes(content[at + 16 : at + 18], "big")
    if end > len(content):
        raise Malformed("cut")
    kind, body = message(content[at:end])
    if kind != _OPEN or len(body) < 10:
        raise Malformed("kind", str(kind))
    return body, end


def _paths_offered(opening: bytes) -> dict[int, int]:
    """Family → whether an OPEN offers to receive (1) or send (2) many paths (RFC 5492, 7911)."""
    found: dict[int, int] = {}
    for kind, content in _short_items(_parameters(opening)):
        if kind != _CAPABILITIES:
            continue
        for capability, value in _short_items(content):
            if capability == _MANY_PATHS:
                for at in range(0, len(value) - 3, 4):
                    family = _FAMILY.get((value[at] << 8 | value[at + 1], value[at + 2]))
                    if family:
                        found[family] = value[at + 3]
    return found


def _parameters(opening: bytes) -> bytes:
    """The optional parameters; in the long form of RFC 9072 none are looked for."""
    count = opening[9]
    if count == 255 and opening[10:11] == b"\xff":
        return b""
    if 10 + count > len(opening):
        raise Malformed("cut")
    return opening[10 : 10 + count]


def _short_items(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        if at + 2 > len(content) or at + 2 + content[at + 1] > len(content):
            raise Malformed("cut")
        yield content[at], content[at + 2 : at + 2 + content[at + 1]]
        at += 2 + content[at + 1]
