"""How much may a repository cost, and by which ways is it fetched?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

FallBack = Literal["never", "stale", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits and ways of fetching. The defaults are beyond what any honest repository needs."""

    time_s: float = 600.0
    """Of one repository in one round, by RRDP; where that fails, as long again by rsync."""
    size: int = 512 << 20
    """Bytes that one repository may send in one round, and that it may hold; all repositories of
    2025 together held 923 MB."""
    objects: int = 400_000
    """That one repository may hold; the largest of 2025 held about a third of it."""
    object_size: int = 8 << 20
    notification_size: int = 8 << 20
    deltas: int = 300
    """Deltas taken at once; where more are missing, the snapshot is."""
    delta_changes: int = 100_000
    """Elements of one delta; a larger one is no saving."""
    repositories: int = 1000
    """Of one trust anchor in one round."""
    connect_s: float = 15.0
    silent_s: float = 10.0
    """How long a server may send nothing."""
    slow_size: int = 20_000
    slow_s: float = 20.0
    """So many bytes must come in every such stretch of time."""
    redirects: int = 5
    fall_back: FallBack = "stale"
    """When rsync is asked in place of a failing RRDP: never; once the copy is `fall_back_s` old;
    or only where there is no copy yet."""
    fall_back_s: tuple[float, float] = (3600.0, 7200.0)
    """The age is drawn between these, so that not everybody asks at the same moment."""
    dubious: bool = False
    """Whether hosts of this machine's own network may be asked."""
    https: bool = True
    rsync: bool = True
    rsync_program: str = "rsync"
    authorities: Path | None = None
    """A file of certificates by which servers are known; the system's own without it."""
    proxy: str = ""
    """`http://host:port`, by which the world is reached (CONNECT)."""
    at_once: int = 16
    """Repositories that are fetched at the same time, of those that did well last time, and as
    many of the others."""
    patience_s: float = 2.0
    """After so long a repository does not count among those any more."""
    slow_ones: int = 240
    """That go on beside them."""
