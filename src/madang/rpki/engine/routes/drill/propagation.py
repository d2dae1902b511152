"""Which route does each AS choose? Valley-free propagation by business relations.

Source: L. Gao, J. Rexford, "Stable Internet routing without global coordination" (2001): routes of
customers go to everybody, those of peers and providers to customers alone; each AS prefers a route
from a customer to one from a peer to one from a provider, then the shortest, then the neighbour
with the lowest number.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from madang.rpki.engine.routes.route import AsPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.routes.drill.topology import Topology
    from madang.rpki.engine.routes.origin import OriginIndex
    from madang.rpki.engine.routes.paths import Direction, PathIndex

From: TypeAlias = Literal["own", "customer", "peer", "provider"]


class Chosen(NamedTuple):
    """The route that an AS uses."""

    path: tuple[int, ...]
    """From the AS itself to the origin."""
    source: From

    @property
    def next_hop(self) -> int:
        """The neighbour to whom traffic goes; the AS itself where it is the origin."""
        return self.path[1] if len(self.path) > 1 else self.path[0]


class Announcement(NamedTuple):
    """A route as it begins: at its origin, at an attacker, or at an AS that leaks it."""

    at: int
    """The AS that sends it to all its neighbours."""
    path: tuple[int, ...]
    """As its neighbours receive it, the sender first."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What ASes check before they accept a route."""

    origins: OriginIndex
    paths: PathIndex
    validating: frozenset[int] = frozenset()
    """Who drops routes of invalid origin (RFC 6811)."""
    verifying: frozenset[int] = frozenset()
    """Who drops invalid paths (ASPA)."""
    _states: dict[tuple[Prefix, int], bool] = field(default_factory=dict)

    def accepts(self, asn: int, prefix: Prefix, path: tuple[int, ...], source: From) -> bool:
        """Whether an AS accepts a route from a customer, peer or provider."""
        if asn in self.validating and not self._origin_holds(prefix, path[-1]):
            return False
        if asn in self.verifying:
            direction: Direction = "downstream" if source == "provider" else "upstream"
            return self.paths.verdict(AsPath(path), direction).state != "invalid"
        return True

    def _origin_holds(self, prefix: Prefix, origin: int) -> bool:
        key = (prefix, origin)
        if key not in self._states:
            self._states[key] = self.origins.verdict(prefix, origin).state != "invalid"
        return self._states[key]


def propagate(
    topology: Topology,
    prefix: Prefix,
    announcements: tuple[Announcement, ...],
    *,
    guard: Guard,
) -> dict[int, Chosen]:
    """The route that each AS chooses for a prefix; those without one are missing."""
    chosen = {each.at: Chosen(each.path, "own") for each in announcements}

    def accepts(asn: int, path: tuple[int, ...], source: From) -> bool:
        return asn not in path and guard.accepts(asn, prefix, path, source)

    _climb(topology, chosen, accepts)
    _cross(topology, chosen, accepts)
    _descend(topology, chosen, accepts)
    return chosen


Accepts: TypeAlias = "Callable[[int, tuple[int, ...], From], bool]"


def _spread(
    chosen: dict[int, Chosen],
    neighbours: dict[int, set[int]],
    accepts: Accepts,
    *,
    source: From,
) -> None:
    """Pass routes on along one kind of relation, the shortest and lowest-numbered first."""
    waiting = [
        (len(held.path), asn, neighbour)
        for asn, held in chosen.items()
        for neighbour in neighbours[asn]
    ]
    heapq.heapify(waiting)
    while waiting:
        length, asn, neighbour = heapq.heappop(waiting)
        path = chosen[asn].path
        if neighbour in chosen or not accepts(neighbour, path, source):
            continue
        chosen[neighbour] = Chosen((neighbour, *path), source)
        for further in neighbours[neighbour]:
            heapq.heappush(waiting, (length + 1, neighbour, further))


def _climb(topology: Topology, chosen: dict[int, Chosen], accepts: Accepts) -> None:
    """Customers tell their providers."""
    _spread(chosen, topology.providers, accepts, source="customer")


def _cross(topology: Topology, chosen: dict[int, Chosen], accepts: Accepts) -> None:
    """Peers tell each other what their customers told them; nobody passes that on to peers."""
    offers = sorted(
        (len(held.path), asn, neighbour)
        for asn, held in chosen.items()
        for neighbour in topology.peers[asn]
        if neighbour not in chosen
    )
    found: dict[int, Chosen] = {}
    for _, asn, neighbour in offers:
        path = chosen[asn].path
        if neighbour not in found and accepts(neighbour, path, "peer"):
            found[neighbour] = Chosen((neighbour, *path), "peer")
    chosen.update(found)


def _descend(topology: Topology, chosen: dict[int, Chosen], accepts: Accepts) -> None:
    """Providers tell their customers all they know."""
    _spread(chosen, topology.customers, accepts, source="provider")
