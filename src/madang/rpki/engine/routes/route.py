"""What is an observed route? A prefix, the AS that originates it, and the path to it (RFC 4271).

Who originates a route is told by the last segment of its path (RFC 6811, section 2): the last AS
of a sequence; none where the path ends in an AS_SET.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.resources.prefix import Prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NO_ORIGIN: Final = -1
"""The origin of a route whose path ends in an AS_SET: it equals no AS (RFC 6811, NONE)."""

MOST_PEERS: Final = 4096
"""Peers that one table can tell apart; the largest collectors have some hundreds."""


def origin_text(origin: int) -> str:
    """An origin as people read it: `AS64500`, or `AS_SET` where there is none."""
    return f"AS{origin}" if origin >= 0 else "AS_SET"


class AsPath(NamedTuple):
    """The ASes that a route went through, the neighbour first."""

    hops: tuple[int, ...]
    """As received, prepends included; ASes of confederations are left out (RFC 5065)."""
    has_set: bool = False
    """Whether there is an AS_SET anywhere in it; its members are not among the hops."""
    ends_in_set: bool = False

    @property
    def origin(self) -> int:
        """The AS that originates the route; `NO_ORIGIN` behind an AS_SET or an empty path."""
        return NO_ORIGIN if self.ends_in_set or not self.hops else self.hops[-1]

    def __str__(self) -> str:
        return " ".join(map(str, self.hops)) + (" {…}" if self.has_set else "")


class Route(NamedTuple):
    """A prefix as some peers see it from one origin."""

    prefix: Prefix
    origin: int
    peers: int = 1
    """How many peers see it."""

    def __str__(self) -> str:
        return f"{self.prefix} {origin_text(self.origin)}"


class Table:
    """All routes that some peers see: for each prefix its origins, for each origin its peers."""

    def __init__(self) -> None:
        self.seen: dict[Prefix, dict[int, int]] = {}
        """Prefix → origin → the peers that see it, one bit each."""
        self.paths: dict[AsPath, int] = {}
        """Each distinct path → by how many (prefix, peer) pairs it was seen."""
        self.peers: list[str] = []
        """The names of the peers, by the number of their bit."""

    def see(self, prefix: Prefix, path: AsPath, *, peer: int, origin: int | None = None) -> None:
        """Note that a peer announces a prefix over a path.

        Args:
            prefix: What is announced.
            path: As received.
            peer: The number of the peer, below `MOST_PEERS`.
            origin: Where the path itself does not say it (an empty path within one AS).
        """
        who = path.origin if origin is None else origin
        origins = self.seen.setdefault(prefix, {})
        origins[who] = origins.get(who, 0) | 1 << peer
        self.paths[path] = self.paths.get(path, 0) + 1

    def routes(self) -> Iterator[Route]:
        """Each pair of prefix and origin once."""
        for prefix, origins in self.seen.items():
            for origin, peers in origins.items():
                yield Route(prefix, origin, peers.bit_count())

    def __len__(self) -> int:
        return sum(map(len, self.seen.values()))


def table_of(pairs: Iterable[tuple[Prefix, AsPath]]) -> Table:
    """A table of one unnamed peer."""
    table = Table()
    for prefix, path in pairs:
        table.see(prefix, path, peer=0)
    return table
