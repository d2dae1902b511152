"""How much of a member's or a country's routes and addresses is protected? One row a day.

A route is protected where it is valid (RFC 6811); an address is where a payload covers it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.resources.blocks import Blocks, Resources, canonical, prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from madang.rpki.engine.payloads import Vrp
    from madang.rpki.engine.routes.origin import OriginIndex
    from madang.rpki.engine.routes.whatif import Observed

WHOLE: Final = ""
"""The name of the row over all members."""


class Coverage(NamedTuple):
    """How one member, or all together, stand on one day."""

    day: date
    name: str
    """The member; `WHOLE` for all."""
    announced: int
    """Pairs of prefix and origin seen within the held addresses."""
    valid: int
    invalid: int
    not_found: int
    v4_held: int
    """IPv4 addresses."""
    v4_covered: int
    v6_held: int
    """IPv6 addresses: a number of up to 39 digits."""
    v6_covered: int

    @property
    def routes_share(self) -> float | None:
        """Share of the announced routes that are valid; None where none is announced."""
        return self.valid / self.announced if self.announced else None

    @property
    def v4_share(self) -> float | None:
        """Share of the held IPv4 addresses that a payload covers; None where none is held."""
        return self.v4_covered / self.v4_held if self.v4_held else None

    @property
    def v6_share(self) -> float | None:
        """Share of the held IPv6 addresses that a payload covers; None where none is held."""
        return self.v6_covered / self.v6_held if self.v6_held else None

    def plain(self) -> dict[str, str | int | float | None]:
        """The row for a table; IPv6 addresses only as a share, which a table can hold."""
        return {
            "day": self.day.isoformat(),
            "name": self.name,
            "announced": self.announced,
            "valid": self.valid,
            "invalid": self.invalid,
            "not_found": self.not_found,
            "routes_share": self.routes_share,
            "v4_held": self.v4_held,
            "v4_covered": self.v4_covered,
            "v4_share": self.v4_share,
            "v6_share": self.v6_share,
        }


def coverage(
    members: Mapping[str, Resources],
    observed: Observed,
    vrps: Iterable[Vrp],
    *,
    index: OriginIndex,
    day: date,
) -> list[Coverage]:
    """The rows of one day: that of all members together first, then each in its order.

    Args:
        members: Name → what is held. What two hold (a member and its customer) counts once in
            the whole.
        observed: The routes that are seen.
        vrps: The payloads, of which the index is made.
        index: Tells the state of routes.
        day: Of which the rows tell.
    """
    held = list(vrps)
    four = canonical((each.address, each.prefix.last) for each in held if each.family == 4)
    six = canonical((each.address, each.prefix.last) for each in held if each.family == 6)
    whole = Resources(
        canonical(pair for each in members.values() for pair in each.v4),
        canonical(pair for each in members.values() for pair in each.v6),
    )
    everyone = {WHOLE: whole} | {name: each for name, each in members.items() if name != WHOLE}
    rows = []
    for name, resources in everyone.items():
        states = _states(resources, observed, index)
        rows.append(
            Coverage(
                day,
                name,
                sum(states.values()),
                states["valid"],
                states["invalid"],
                states["not-found"],
                size(resources.v4),
                common_size(four, resources.v4),
                size(resources.v6),
                common_size(six, resources.v6),
            )
        )
    return rows


def _states(resources: Resources, observed: Observed, index: OriginIndex) -> Counter[str]:
    routes = [
        (route.prefix, route.origin)
        for family, blocks in ((4, resources.v4), (6, resources.v6))
        for prefix in prefixes(family, blocks)
        for route in observed.under(prefix)
    ]
    return Counter(index.states(routes))


def size(blocks: Blocks) -> int:
    """How many numbers there are in a set."""
    return sum(high - low + 1 for low, high in blocks)


def common_size(many: Blocks, few: Blocks) -> int:
    """How many numbers two sets have in common; quick where the second has few blocks."""
    found = 0
    for low, high in few:
        at = max(0, bisect_right(many, (low, low)) - 1)
        while at < len(many) and many[at][0] <= high:
            found += max(0, min(high, many[at][1]) - max(low, many[at][0]) + 1)
            at += 1
    return found
