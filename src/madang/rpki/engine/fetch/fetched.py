"""Which repository is meant, and what came of fetching it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from madang.rpki.engine.store.naming import canonical, module
from madang.rpki.engine.store.update import Counts

if TYPE_CHECKING:
    from madang.kernel.words import Words

Way = Literal["unchanged", "delta", "snapshot", "rsync", "failed", "refused"]


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

    def told(self, **changes: Any) -> Fetched:
        """The same with some things said otherwise."""
        return replace(self, **changes)
