"""Does somebody else announce what is mine? Watched prefixes beside the routes that are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.kernel.words import Words, words
from madang.rpki.engine.routes.alarms import Alarm, Kind, Repository, Watch, alarm_of
from madang.rpki.engine.routes.losses import Losses, Thresholds
from madang.rpki.engine.routes.origin import REASON_WORDS
from madang.rpki.engine.routes.route import origin_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from madang.rpki.engine.routes.origin import OriginIndex
    from madang.rpki.engine.routes.route import Route
    from madang.rpki.engine.routes.whatif import Observed

MOST_OPEN: Final = 10_000
"""Alarms that may be open at once: beyond, nobody reads them."""
_LEAST_SHARE: Final = 0.5


class Situation(NamedTuple):
    """How things stand at one moment."""

    at: datetime
    counts: Mapping[str, int]
    """Payloads by scope (`losses.Losses.look`)."""
    observed: Observed
    """Routes; those within the watched prefixes suffice (`live.Live.table`)."""
    validity: OriginIndex
    repositories: Sequence[Repository] = ()


class Events(NamedTuple):
    """What changed with the latest look."""

    opened: list[Alarm]
    closed: list[Alarm]


class Watcher:
    """Looks at one situation after another; opens and closes alarms.

    Args:
        watches: What to watch.
        thresholds: When a loss of payloads is told.
        calm: For how many looks in a row a matter must be gone before its alarm closes.
    """

    def __init__(
        self,
        watches: Sequence[Watch] = (),
        thresholds: Thresholds | None = None,
        *,
        calm: int = 2,
    ) -> None:
        self.watches = tuple(watches)
        self.losses = Losses(thresholds)
        self.open: dict[tuple[str, str], Alarm] = {}
        self._calm = calm
        self._quiet: dict[tuple[str, str], int] = {}
        self._known: dict[str, set[int]] = {}
        """Watched prefix → origins seen with it so far."""
        self._peers: dict[str, int] = {}
        """Watched prefix → by how many peers it was seen while nothing was wrong."""

    def look(self, situation: Situation) -> Events:
        """Take up a situation; the alarms that open and close by it."""
        now = self.losses.look(situation.counts, situation.repositories, at=situation.at)
        for watch in self.watches:
            now += self._watched(watch, situation)
        holding = {alarm.key: alarm for alarm in now}
        opened = []
        for key, alarm in holding.items():
            self._quiet.pop(key, None)
            if key not in self.open and len(self.open) < MOST_OPEN:
                self.open[key] = alarm
                opened.append(alarm)
        closed = [
            replace(self.open.pop(key), closed_at=situation.at)
            for key in list(self.open)
            if key not in holding and self._is_calm(key)
        ]
        return Events(opened, closed)

    def _is_calm(self, key: tuple[str, str]) -> bool:
        self._quiet[key] = self._quiet.get(key, 0) + 1
        if self._quiet[key] < self._calm:
            return False
        del self._quiet[key]
        return True

    def _watched(self, watch: Watch, situation: Situation) -> list[Alarm]:
        routes = list(situation.observed.under(watch.prefix))
        name = str(watch.prefix)
        exact = [route for route in routes if route.prefix == watch.prefix]
        known = self._known.setdefault(name, set())
        right = watch.origins or frozenset(known)
        if not right:
            right = frozenset(route.origin for route in exact)
        found = [
            alarm
            for route in routes
            if (alarm := _judged(watch, route, right, situation)) is not None
        ]
        if not watch.origins:
            # One that is only new is told once; from then on it belongs to the prefix.
            strange = {
                a.facts["origin"] for a in found if a.kind in ("hijack", "sub-prefix-hijack")
            }
            known |= {route.origin for route in exact} - strange
        return found + self._seen(watch, exact, right, situation.at)

    def _seen(
        self, watch: Watch, exact: list[Route], right: frozenset[int], at: datetime
    ) -> list[Alarm]:
        """Whether the prefix is seen by as many peers as it was."""
        name = str(watch.prefix)
        now = max((route.peers for route in exact if route.origin in right), default=0)
        before = self._peers.get(name, 0)
        if now >= before * _LEAST_SHARE and now:
            self._peers[name] = max(now, before)
            return []
        if not before:
            return []
        sentence = words(
            f"{name}: 정당한 발원의 경로가 보이는 피어가 {before}곳에서 {now}곳으로 줄어듦",
            f"{name}: its rightful route was seen by {before} peers and is seen by {now}",
        )
        facts = {"prefix": name, "before": before, "now": now}
        return [Alarm("visibility-lost", name, at, sentence, member=watch.member, facts=facts)]

    def plain(self) -> dict[str, Any]:
        """What is remembered, as JSON-able values, for the next process to go on with."""
        return {
            "losses": self.losses.plain(),
            "open": [alarm.plain() for alarm in self.open.values()],
            "quiet": [[*key, count] for key, count in self._quiet.items()],
            "known": {name: sorted(origins) for name, origins in self._known.items()},
            "peers": dict(self._peers),
        }

    def remember(self, plain: Mapping[str, Any]) -> None:
        """Go on from what `plain` wrote."""
        self.losses.remember(plain["losses"])
        self.open = {alarm.key: alarm for alarm in map(alarm_of, plain["open"])}
        self._quiet = {(kind, scope): int(count) for kind, scope, count in plain["quiet"]}
        self._known = {name: set(origins) for name, origins in plain["known"].items()}
        self._peers = {name: int(count) for name, count in plain["peers"].items()}


def _judged(
    watch: Watch, route: Route, right: frozenset[int], situation: Situation
) -> Alarm | None:
    """The alarm that one route below a watched prefix gives, if any."""
    verdict = situation.validity.verdict(route.prefix, route.origin)
    foreign = route.origin not in right
    if foreign and verdict.state == "valid":
        kind: Kind = "new-origin"
    elif foreign:
        kind = "hijack" if route.prefix == watch.prefix else "sub-prefix-hijack"
    elif verdict.state == "invalid":
        kind = "invalid-announcement"
    else:
        return None
    whose = ", ".join(origin_text(asn) for asn in sorted(right)) or "—"
    facts = {
        "prefix": str(route.prefix),
        "watched": str(watch.prefix),
        "origin": route.origin,
        "state": verdict.state,
        "reason": verdict.reason,
        "peers": route.peers,
    }
    sentence = _sentences(kind, watch, route, whose)
    if kind == "invalid-announcement":
        reason = REASON_WORDS[verdict.reason]
        sentence = words(f"{sentence.ko}: {reason.ko}", f"{sentence.en}: {reason.en}")
    return Alarm(kind, str(route), situation.at, sentence, member=watch.member, facts=facts)


def _sentences(kind: Kind, watch: Watch, route: Route, whose: str) -> Words:
    who, peers = origin_text(route.origin), route.peers
    if kind == "hijack":
        return words(
            f"{route.prefix}: 정당한 발원은 {whose}이나 {who}에서도 광고됨 (피어 {peers}곳)",
            f"{route.prefix} of {whose} is announced by {who}, seen by {peers} peers",
        )
    if kind == "sub-prefix-hijack":
        return words(
            f"{route.prefix}: {watch.prefix} ({whose})의 일부가 {who}에서 광고됨 (피어 {peers}곳)",
            f"{route.prefix}, a part of {watch.prefix} of {whose}, is announced by {who}, seen by"
            f" {peers} peers",
        )
    if kind == "new-origin":
        return words(
            f"{route.prefix}: 인가를 갖춘 새 발원 {who} (기존: {whose})",
            f"{route.prefix} has a new origin {who}, which is authorised (so far: {whose})",
        )
    return words(
        f"{route.prefix}: {who}의 광고가 무효 (피어 {peers}곳)",
        f"{route.prefix} of {who} is invalid, seen by {peers} peers",
    )
