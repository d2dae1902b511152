"""What would a change of payloads do to the routes that are seen?

States are those of RFC 6811 and of the draft of ASPA verification. Only routes below a changed
payload, and paths through a changed customer, are judged again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.words import Words, words
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.routes.origin import (
    REASON_WORDS,
    STATE_WORDS,
    Origin,
    OriginIndex,
    State,
    judged,
    state_of,
)
from madang.rpki.engine.routes.paths import PathIndex, PathState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.payloads import Change, Vrp
    from madang.rpki.engine.routes.paths import Direction, PathVerdict
    from madang.rpki.engine.routes.route import AsPath, Route, Table

_HIGHEST: Final = 1 << 129


class Turned(NamedTuple):
    """A route whose state changes."""

    route: Route
    before: Origin
    after: Origin


class PathTurned(NamedTuple):
    """A path whose state changes, and how many pairs of prefix and peer use it."""

    path: AsPath
    routes: int
    before: PathVerdict
    after: PathVerdict


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change would do."""

    judged: int
    """Routes below a changed payload."""
    turned: tuple[Turned, ...]
    """Those whose state changes, in the order of their prefixes."""
    paths: tuple[PathTurned, ...] = ()

    def to(self, state: State) -> tuple[Turned, ...]:
        """The routes that come to this state."""
        return tuple(each for each in self.turned if each.after.state == state)

    def paths_to(self, state: PathState) -> tuple[PathTurned, ...]:
        """The paths that come to this state."""
        return tuple(each for each in self.paths if each.after.state == state)

    @property
    def reasons(self) -> dict[str, int]:
        """Reason → how many routes turn invalid for it."""
        return dict(Counter(each.after.reason for each in self.to("invalid")))

    @property
    def harms(self) -> bool:
        """Whether a route or a path turns invalid: such a change wants a confirmation."""
        return bool(self.to("invalid") or self.paths_to("invalid"))

    @property
    def sentence(self) -> Words:
        """The impact for people, in one sentence."""
        counts = {state: len(self.to(state)) for state in STATE_WORDS}
        ko = ", ".join(f"{STATE_WORDS[state].ko} {count}개" for state, count in counts.items())
        en = ", ".join(f"{count} {STATE_WORDS[state].en}" for state, count in counts.items())
        lost = len(self.paths_to("invalid"))
        ko_paths, en_paths = "", ""
        if self.paths:
            ko_paths, en_paths = f"; 무효가 되는 경로 {lost}개", f"; {lost} paths turn invalid"
        return words(
            f"이 변경으로 상태가 바뀌는 경로: {ko}{ko_paths}",
            f"By this change routes turn: {en}{en_paths}",
        )


class Observed:
    """Routes that are seen, found by the prefix above them or by an AS on their path."""

    def __init__(self, table: Table) -> None:
        self._routes: dict[int, list[Route]] = {4: [], 6: []}
        for route in table.routes():
            self._routes[route.prefix.family].append(route)
        for routes in self._routes.values():
            routes.sort()
        self._starts = {
            family: [route.prefix.address for route in routes]
            for family, routes in self._routes.items()
        }
        self._paths = table.paths
        self._through: dict[int, list[AsPath]] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._routes.values()))

    def routes(self) -> Iterator[Route]:
        """All routes, in the order of their prefixes."""
        for routes in self._routes.values():
            yield from routes

    def under(self, prefix: Prefix) -> Iterator[Route]:
        """The routes whose prefix lies within this one, or is it."""
        starts = self._starts[prefix.family]
        first, last = bisect_left(starts, prefix.address), bisect_right(starts, prefix.last)
        for route in self._routes[prefix.family][first:last]:
            if route.prefix.length >= prefix.length:
                yield route

    def through(self, asn: int) -> list[AsPath]:
        """The paths on which an AS stands."""
        if self._through is None:
            self._through = {}
            for path in self._paths:
                for hop in set(path.hops):
                    self._through.setdefault(hop, []).append(path)
        return self._through.get(asn, [])

    def uses(self, path: AsPath) -> int:
        """How many pairs of prefix and peer have this path."""
        return self._paths.get(path, 0)


def impact(
    observed: Observed,
    index: OriginIndex,
    change: Change,
    *,
    paths: PathIndex | None = None,
    direction: Direction = "downstream",
) -> Impact:
    """What a change of the payloads in an index would do; the index stays as it is.

    Args:
        observed: The routes that are seen.
        index: The payloads before the change.
        change: What is announced and withdrawn.
        paths: The ASPA payloads before the change; where missing, paths are not judged.
        direction: How the collector's peers stand to it; a peer that shows it the whole table is
            like a provider, and its paths are judged leniently, as those from a provider are.
    """
    gone = change.withdrawn.vrps
    affected = _affected(observed, change)
    come = OriginIndex(change.announced.vrps)
    found = []
    for route in affected:
        prefix, origin = route[0], route[1]
        held, new = index.covering(prefix), come.covering(prefix)
        left = tuple([vrp for vrp in held if vrp not in gone]) if gone else held
        length = prefix[2]
        if state_of(length, origin, held) != state_of(length, origin, left + new):
            later = sorted({*left, *new}, key=_by_length)
            after = judged(length, origin, later)
            found.append(Turned(route, judged(length, origin, held), after))
    turned = _paths_turned(observed, paths, change, direction) if paths is not None else ()
    return Impact(len(affected), tuple(found), turned)


def _by_length(vrp: Vrp) -> tuple[int, Vrp]:
    return vrp.length, vrp


def _affected(observed: Observed, change: Change) -> list[Route]:
    """The routes below changed payloads, each once, in the order of their prefixes."""
    blocks = sorted(
        {vrp.prefix for vrp in change.announced.vrps | change.withdrawn.vrps},
        key=lambda prefix: (prefix.family, prefix.address, prefix.length),
    )
    # Prefixes are apart or within each other: of the latter, the outer one finds all routes.
    outer: list[Prefix] = []
    for prefix in blocks:
        if not outer or not outer[-1].covers(prefix):
            outer.append(prefix)
    return [route for prefix in outer for route in observed.under(prefix)]


def _paths_turned(
    observed: Observed, paths: PathIndex, change: Change, direction: Direction
) -> tuple[PathTurned, ...]:
    customers = {aspa.customer for aspa in change.announced.aspas | change.withdrawn.aspas}
    if not customers:
        return ()
    later = paths.with_change(change)
    found = []
    for path in sorted({path for asn in customers for path in observed.through(asn)}):
        before, after = paths.verdict(path, direction), later.verdict(path, direction)
        if before.state != after.state:
            found.append(PathTurned(path, observed.uses(path), before, after))
    return tuple(found)


def told(turned: Turned) -> Words:
    """One route's turn as a line for people."""
    before, after = STATE_WORDS[turned.before.state], STATE_WORDS[turned.after.state]
    reason = REASON_WORDS[turned.after.reason]
    ko_end = f" ({reason.ko})" if reason.ko else ""
    en_end = f" ({reason.en})" if reason.en else ""
    return words(
        f"{turned.route}: {before.ko} → {after.ko}{ko_end}",
        f"{turned.route}: {before.en} → {after.en}{en_end}",
    )
