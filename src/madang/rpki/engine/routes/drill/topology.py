"""Who sells transit to whom, and who exchanges as equals? ASes and their relations.

A topology is drawn by a seed, or read in CAIDA's form of AS relationships: `1|2|-1` where 1 is the
provider of 2, `1|2|0` where they are peers; a fourth column is passed over.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused, RoutesRefused
from madang.rpki.engine.routes.mrt_stream import Stream, opened
from madang.rpki.engine.routes.reading import quick_asn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_RELATIONS: Final = 5_000_000
"""CAIDA's largest has about 700,000."""
_MOST_BYTES: Final = 1 << 28
_FIRST_ASN: Final = 64_496


@dataclass
class Topology:
    """The neighbours of each AS."""

    providers: dict[int, set[int]] = field(default_factory=dict)
    customers: dict[int, set[int]] = field(default_factory=dict)
    peers: dict[int, set[int]] = field(default_factory=dict)

    def know(self, asn: int) -> None:
        """Let there be an AS."""
        for relations in (self.providers, self.customers, self.peers):
            relations.setdefault(asn, set())

    def sell(self, provider: int, customer: int) -> None:
        """Let one AS sell transit to another."""
        self.know(provider)
        self.know(customer)
        self.customers[provider].add(customer)
        self.providers[customer].add(provider)

    def pair(self, one: int, other: int) -> None:
        """Let two ASes exchange the routes of their customers."""
        self.know(one)
        self.know(other)
        self.peers[one].add(other)
        self.peers[other].add(one)

    @property
    def ases(self) -> list[int]:
        """All ASes, rising."""
        return sorted(self.providers)

    @property
    def edges(self) -> list[int]:
        """The ASes without customers, rising: where most networks stand."""
        return [asn for asn in self.ases if not self.customers[asn]]

    def __len__(self) -> int:
        return len(self.providers)


def drawn(seed: int, *, count: int = 1000) -> Topology:
    """A topology by a seed: a few tier-1 ASes, all peers; regional ASes; many at the edge.

    Args:
        seed: The same seed draws the same topology.
        count: Number of ASes, at least 20.
    """
    chance = random.Random(seed)  # noqa: S311 - a drill needs repeatable chance, no secrets
    names = list(range(_FIRST_ASN, _FIRST_ASN + count))
    top = max(3, count // 100)
    middle = top + max(5, count * 15 // 100)
    found = Topology()
    for one in range(top):
        for other in range(one):
            found.pair(names[one], names[other])
    for place in range(top, count):
        # Whoever already has many customers gets more: so do real networks grow.
        above = names[: min(place, middle)]
        weights = [len(found.customers.get(asn, ())) + 1 for asn in above]
        for provider in chance.choices(above, weights, k=chance.choice((1, 2, 2, 3))):
            if names[place] not in found.providers.get(provider, ()):
                found.sell(provider, names[place])
    regional = names[top:middle]
    for _ in range(2 * len(regional)):
        one, other = chance.sample(regional, 2)
        if other not in found.providers[one] | found.customers[one]:
            found.pair(one, other)
    return found


def read_relation_file(path: Path) -> Topology:
    """The topology of a file in CAIDA's form, plain or packed (gzip, bzip2).

    Raises:
        RoutesRefused: It cannot be opened or unpacked, or a line is none of its form.
    """
    with opened(path) as source:
        stream = Stream(source, _MOST_BYTES)
        content = stream.take(_MOST_BYTES)
    if stream.fault or len(content) == _MOST_BYTES:
        raise _refused(path.name, stream.fault or "256 MiB")
    return read_relations(content.decode("utf-8", "replace").splitlines(), name=path.name)


def read_relations(lines: Iterable[str], *, name: str) -> Topology:
    """The topology that a file in CAIDA's form tells.

    Raises:
        RoutesRefused: A line is none of its form, or there are too many or none.
    """
    found = Topology()
    count = 0
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if not bare or bare[0] == "#":
            continue
        count += 1
        cells = bare.split("|", 3) if len(bare) < 200 else []
        try:
            one, other = quick_asn(cells[0]), quick_asn(cells[1])
            kind = cells[2]
        except (IndexError, ResourcesRefused) as fault:
            raise _refused(f"{name}:{number}", bare) from fault
        if kind not in ("-1", "0") or one == other or count > MOST_RELATIONS:
            raise _refused(f"{name}:{number}", bare)
        if kind == "0":
            found.pair(one, other)
        else:
            found.sell(one, other)
    if len(found) < 20:
        raise _refused(name, f"{len(found)} AS")
    return found


def _refused(place: str, found: str) -> RoutesRefused:
    return RoutesRefused(
        words(f"{place}: {found[:60]!r}", f"{place}: {found[:60]!r}"),
        words(
            "1|2|-1 (1이 2의 제공자) 또는 1|2|0 (동등) 꼴의 줄, AS 20개 이상",
            "lines such as 1|2|-1 (1 provides for 2) or 1|2|0 (peers), of 20 ASes at least",
        ),
    )
