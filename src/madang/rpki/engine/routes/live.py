"""Which routes do routers see now? A table for each peer, kept by their updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.resources.prefix import BITS
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import MOST_PEERS, NO_ORIGIN, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.routes.bgp import Placed, Update
    from madang.rpki.engine.routes.route import AsPath

MOST_ROUTES: Final = 20_000_000
"""In all tables together: a full table has about 1.2 million."""


class Peer(NamedTuple):
    """Who announces."""

    asn: int
    address: str
    view: str = ""
    """Which of its tables: `pre`, `post`, `out-pre`, `out-post`, `loc`; empty where only one."""
    router: str = ""
    """The router that tells of it."""

    def __str__(self) -> str:
        parts = (f"AS{self.asn}", self.address, self.view, self.router)
        return " ".join(part for part in parts if part)


class Seen(NamedTuple):
    """One route that came, changed or went."""

    peer: Peer
    prefix: Prefix
    origin: int | None
    """None where it is gone."""
    path: AsPath | None


class Live:
    """The tables of all peers."""

    def __init__(self, most: int = MOST_ROUTES) -> None:
        self.tables: dict[Peer, dict[Placed, AsPath]] = {}
        self._most = most
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def follow(self, peer: Peer, update: Update) -> list[Seen]:
        """Take up an update; what it changed.

        Raises:
            Malformed: More routes than may be kept; the table of the peer is as before.
        """
        table = self.tables.get(peer, {})
        if self._count + len(update.announced) > self._most:
            raise Malformed("many", str(self._most))
        if peer not in self.tables:
            if len(self.tables) >= MOST_PEERS:
                raise Malformed("peers", str(MOST_PEERS))
            self.tables[peer] = table
        before = len(table)
        seen = [
            Seen(peer, placed[0], None, None)
            for placed in update.withdrawn
            if table.pop(placed, None) is not None
        ]
        if update.path is not None:
            origin = origin_of(update.path, peer.asn)
            for placed in update.announced:
                if table.get(placed) != update.path:
                    table[placed] = update.path
                    seen.append(Seen(peer, placed[0], origin, update.path))
        self._count += len(table) - before
        return seen

    def drop(self, peer: Peer) -> int:
        """Forget a peer that went down; how many routes went with it."""
        gone = len(self.tables.pop(peer, {}))
        self._count -= gone
        return gone

    def routes(self) -> Iterator[tuple[Peer, Prefix, AsPath]]:
        """Every route of every peer."""
        for peer, table in self.tables.items():
            for (prefix, _), path in table.items():
                yield peer, prefix, path

    def table(self, within: Collection[Prefix] = ()) -> Table:
        """All peers' routes in one table.

        Args:
            within: Only routes inside one of these; all where empty. A watcher of some prefixes
                needs no copy of a million routes at each look.
        """
        table = Table()
        inside = _Inside(within) if within else None
        for number, (peer, held) in enumerate(self.tables.items()):
            table.peers.append(str(peer))
            for (prefix, _), path in held.items():
                if inside is not None and not inside.holds(prefix):
                    continue
                table.see(prefix, path, peer=number, origin=origin_of(path, peer.asn))
        return table


class _Inside:
    """Tells whether a prefix lies within one of some; one question for each of their lengths."""

    def __init__(self, wanted: Collection[Prefix]) -> None:
        self._by_length: dict[tuple[int, int], set[int]] = {}
        for family, address, length in wanted:
            keys = self._by_length.setdefault((family, length), set())
            keys.add(address >> (BITS[family] - length))

    def holds(self, prefix: Prefix) -> bool:
        bits = BITS[prefix.family]
        return any(
            family == prefix.family
            and length <= prefix.length
            and prefix.address >> (bits - length) in keys
            for (family, length), keys in self._by_length.items()
        )


def origin_of(path: AsPath, asn: int) -> int:
    """The origin of a route; that of an empty path is the AS of the session (RFC 6811, 2)."""
    if not path.hops and not path.has_set:
        return asn or NO_ORIGIN
    return path.origin
