"""Which numbers does somebody hold? Sets of addresses and AS numbers as intervals (RFC 3779).

A block is a pair of its first and last number. A set of blocks is canonical: in rising order,
none touching the next, so that two equal sets are equal tuples.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from madang.rpki.engine.resources.prefix import BITS, Prefix, address_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Blocks: TypeAlias = tuple[tuple[int, int], ...]
"""Canonical intervals: rising, neither overlapping nor adjacent."""

LAST_ASN: Final = (1 << 32) - 1
WHOLE: Final[dict[str, Blocks]] = {
    "v4": ((0, (1 << 32) - 1),),
    "v6": ((0, (1 << 128) - 1),),
    "asn": ((0, LAST_ASN),),
}
"""Kind of resource → the set of all there are."""


def canonical(pairs: Iterable[tuple[int, int]]) -> Blocks:
    """The canonical set of these intervals, in any order, overlapping or not."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def covers(outer: Blocks, inner: Blocks) -> bool:
    """Whether every number of `inner` is in `outer`; both canonical."""
    if outer == inner:
        return True
    at = 0
    for low, high in inner:
        # Sets of a registry have thousands of blocks, those of a member a handful.
        at = bisect_right(outer, (low, LARGEST), at) - 1
        if at < 0 or outer[at][1] < high:
            return False
    return True


LARGEST: Final = 1 << 129
"""Above every address and AS number."""


def intersection(first: Blocks, second: Blocks) -> Blocks:
    """The numbers in both sets."""
    found: list[tuple[int, int]] = []
    left = right = 0
    while left < len(first) and right < len(second):
        low = max(first[left][0], second[right][0])
        high = min(first[left][1], second[right][1])
        if low <= high:
            found.append((low, high))
        if first[left][1] < second[right][1]:
            left += 1
        else:
            right += 1
    return tuple(found)


def difference(first: Blocks, second: Blocks) -> Blocks:
    """The numbers of `first` that are not in `second`."""
    found: list[tuple[int, int]] = []
    at = 0
    for low, high in first:
        start = low
        while at < len(second) and second[at][1] < start:
            at += 1
        here = at
        while here < len(second) and second[here][0] <= high:
            if second[here][0] > start:
                found.append((start, second[here][0] - 1))
            start = second[here][1] + 1
            here += 1
        if start <= high:
            found.append((start, high))
    return tuple(found)


def union(first: Blocks, second: Blocks) -> Blocks:
    """The numbers in either set."""
    return canonical((*first, *second)) if first and second else first or second


def prefixes(family: int, blocks: Blocks) -> Iterator[Prefix]:
    """The fewest prefixes that make up these addresses, in rising order."""
    bits = BITS[family]
    for first, last in blocks:
        low = first
        while low <= last:
            aligned = (low & -low).bit_length() - 1 if low else bits
            free = min(aligned, (last - low + 1).bit_length() - 1)
            yield Prefix(family, low, bits - free)
            low += 1 << free


@dataclass(frozen=True, slots=True)
class Resources:
    """Addresses and AS numbers that somebody holds."""

    v4: Blocks = ()
    v6: Blocks = ()
    asn: Blocks = ()

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6 or self.asn)

    def covers(self, other: Resources) -> bool:
        """Whether all of `other` is held here."""
        return (
            covers(self.v4, other.v4) and covers(self.v6, other.v6) and covers(self.asn, other.asn)
        )

    def covers_prefix(self, prefix: Prefix) -> bool:
        """Whether every address of the prefix is held here."""
        blocks = self.v4 if prefix.family == 4 else self.v6
        return covers(blocks, ((prefix.address, prefix.last),))

    def __and__(self, other: Resources) -> Resources:
        return Resources(
            intersection(self.v4, other.v4),
            intersection(self.v6, other.v6),
            intersection(self.asn, other.asn),
        )

    def __or__(self, other: Resources) -> Resources:
        return Resources(
            union(self.v4, other.v4), union(self.v6, other.v6), union(self.asn, other.asn)
        )

    def __sub__(self, other: Resources) -> Resources:
        return Resources(
            difference(self.v4, other.v4),
            difference(self.v6, other.v6),
            difference(self.asn, other.asn),
        )

    def __str__(self) -> str:
        parts = [str(each) for each in prefixes(4, self.v4)]
        parts += [str(each) for each in prefixes(6, self.v6)]
        parts += [f"AS{low}" if low == high else f"AS{low}-AS{high}" for low, high in self.asn]
        return ", ".join(parts)


EVERYTHING: Final = Resources(WHOLE["v4"], WHOLE["v6"], WHOLE["asn"])
"""All numbers there are: what a trust anchor may hold at most."""


def read_resources(text: str) -> Resources:
    """Resources as people write them: prefixes, address ranges and AS numbers between commas.

    `10.0.0.0/8, 192.0.2.0-192.0.2.127, 2001:db8::/32, AS64500, AS64496-AS64499`

    Raises:
        ResourcesRefused: A part is none of these.
    """
    from madang.rpki.engine.resources.reading import part_of

    found: dict[str, list[tuple[int, int]]] = {"v4": [], "v6": [], "asn": []}
    for part in text.replace("\n", ",").replace(";", ",").split(","):
        if part.strip():
            kind, pair = part_of(part.strip())
            found[kind].append(pair)
    return Resources(*(canonical(found[kind]) for kind in ("v4", "v6", "asn")))


def written_range(family: int, low: int, high: int) -> str:
    """A range of addresses as text; a prefix where it is one."""
    found = list(prefixes(family, ((low, high),)))
    if len(found) == 1:
        return str(found[0])
    return f"{address_text(family, low)}-{address_text(family, high)}"
