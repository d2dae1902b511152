"""Which repository is meant, and what came of fetching it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from madang.kernel.units import seconds, size
from madang.kernel.words import Words, words
from madang.rpki.engine.store.naming import canonical, module
from madang.rpki.engine.store.update import Counts

Way = Literal["unchanged", "delta", "snapshot", "rsync", "failed", "refused"]


_WAYS = {
    "unchanged": ("변경 없음", "unchanged"),
    "delta": ("델타로 갱신함", "followed by deltas"),
    "snapshot": ("스냅샷으로 갱신함", "taken from its snapshot"),
    "rsync": ("rsync로 갱신함", "copied by rsync"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as CA certificates name it."""

    notify: str = ""
    """The address of its RRDP notification; empty where it has none."""
    rsync_base: str = ""
    """Any rsync address in it; its module is what is fetched."""
    anchor: str = ""
    """The trust anchor below which it was named first."""

    @property
    def source(self) -> str:
        """Its name in the store."""
        return canonical(self.notify) if self.notify else module(self.rsync_base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one repository in one round."""

    repository: Repository
    source: str
    """The copy that was brought up to date: the notification, or the rsync module."""
    way: Way
    counts: Counts = Counts(0, 0, 0)
    received: int = 0
    """Bytes."""
    took_s: float = 0.0
    failure: Words | None = None
    """Why it failed; what was held before stands."""
    note: Words | None = None
    """Why it was not fetched by deltas, or not by RRDP."""

    @property
    def sentence(self) -> Words:
        """What came of it, in one line."""
        if self.failure is not None:
            return words(f"{self.source}: {self.failure.ko}", f"{self.source}: {self.failure.en}")
        added, changed, withdrawn = self.counts
        ko, en = _WAYS[self.way]
        taken = seconds(self.took_s)
        return words(
            f"{self.source}: {ko}. 추가 {added:,}개, 교체 {changed:,}개, 철회 {withdrawn:,}개"
            f" ({size(self.received)}, {taken})",
            f"{self.source}: {en}, {added:,} added, {changed:,} changed, {withdrawn:,} withdrawn"
            f" ({size(self.received)}, {taken})",
        )

    def told(self, **changes: Any) -> Fetched:
        """The same with some things said otherwise."""
        return replace(self, **changes)
