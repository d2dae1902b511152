"""Did payloads vanish? Counts beside what they were, overall, per trust anchor and per member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.rpki.engine.routes.alarms import Alarm, Repository, scope_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on a loss is told; both must be passed."""

    ratio: float = 0.1
    """Share of the payloads that were there."""
    least: int = 10
    """Number of payloads."""
    member_least: int = 1
    """The same for a member, who may have few."""
    window_s: float = 86_400.0
    """How long the highest count is remembered: slow losses add up within it."""


class Losses:
    """Remembers counts and says which scopes lost too many."""

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()
        self._high: dict[str, list[tuple[float, int]]] = {}
        """Scope → moments and counts, each higher than all after it: a falling staircase."""
        self._low: dict[str, int] = {}
        """Scope that lost → the count from which it was lost."""

    def look(
        self,
        counts: Mapping[str, int],
        repositories: Iterable[Repository],
        *,
        at: datetime,
    ) -> list[Alarm]:
        """The alarms that hold now.

        Args:
            counts: Payloads by scope: `all`, `anchor:NAME`, `member:NAME`. A scope that is
                missing has none.
            repositories: How each stands now.
            at: The present moment.
        """
        silent = [each for each in repositories if not each.answers]
        found = []
        for scope in sorted(set(counts) | set(self._high)):
            count, before = counts.get(scope, 0), self._before(scope, at)
            if self._lost(scope, count, before):
                self._low.setdefault(scope, before)
                found.append(self._alarm(scope, count, silent, at=at))
            else:
                self._low.pop(scope, None)
                self._note(scope, count, at)
        return found

    def accept(self, scope: str) -> None:
        """Take the present count of a scope for right: its loss was meant."""
        self._low.pop(scope, None)
        self._high.pop(scope, None)

    def _before(self, scope: str, at: datetime) -> int:
        """What a scope had: before its loss where that is open, else its highest of late."""
        if scope in self._low:
            return self._low[scope]
        stairs = self._high.get(scope, [])
        oldest = at.timestamp() - self.thresholds.window_s
        while len(stairs) > 1 and stairs[0][0] < oldest:
            stairs.pop(0)
        return stairs[0][1] if stairs else 0

    def _lost(self, scope: str, count: int, before: int) -> bool:
        limits = self.thresholds
        least = limits.member_least if scope.startswith("member:") else limits.least
        # An open loss closes only when half of what opened it is back: no flapping at the edge.
        share = 0.5 if scope in self._low else 1.0
        gone = before - count
        return gone >= max(1.0, least * share) and gone >= before * limits.ratio * share

    def _note(self, scope: str, count: int, at: datetime) -> None:
        stairs = self._high.setdefault(scope, [])
        while stairs and stairs[-1][1] <= count:
            stairs.pop()
        stairs.append((at.timestamp(), count))

    def _alarm(self, scope: str, count: int, silent: list[Repository], *, at: datetime) -> Alarm:
        before, whose = self._low[scope], scope_words(scope)
        guilty = [each.name for each in silent if not each.scopes or scope in each.scopes]
        if scope == "all":
            guilty = [each.name for each in silent]
        member = scope.removeprefix("member:") if scope.startswith("member:") else ""
        facts: dict[str, Any] = {"before": before, "now": count, "silent": guilty[:20]}
        share = f"{(before - count) / before:.0%}"
        if guilty:
            names = ", ".join(guilty[:3])
            sentence = words(
                f"{whose.ko}: 저장소 {names}의 응답이 없어 인가 정보가 {before:,d}건에서"
                f" {count:,d}건으로 줄어듦 ({share})",
                f"{whose.en}: payloads fell from {before:,d} to {count:,d} ({share}) while"
                f" {names} does not answer",
            )
            return Alarm("repository-trouble", scope, at, sentence, member=member, facts=facts)
        sentence = words(
            f"{whose.ko}: 저장소는 정상이나 인가 정보가 {before:,d}건에서 {count:,d}건으로"
            f" 줄어듦 ({share})",
            f"{whose.en}: payloads fell from {before:,d} to {count:,d} ({share}) though all its"
            " repositories answer",
        )
        return Alarm("payload-loss", scope, at, sentence, member=member, facts=facts)

    def plain(self) -> dict[str, Any]:
        """What is remembered, as JSON-able values."""
        return {
            "high": {
                scope: [list(stair) for stair in stairs] for scope, stairs in self._high.items()
            },
            "low": dict(self._low),
        }

    def remember(self, plain: Mapping[str, Any]) -> None:
        """Go on from what `plain` wrote."""
        self._low = {str(scope): int(count) for scope, count in plain["low"].items()}
        self._high = {
            str(scope): [(float(when), int(count)) for when, count in stairs]
            for scope, stairs in plain["high"].items()
        }
