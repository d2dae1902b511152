"""What is known of a repository, and what happened in it? The store's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["added", "changed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a repository has been read, as the repository itself counts (RFC 8182)."""

    session: str = ""
    """Empty for rsync, which has no sessions."""
    serial: int = 0
    etag: str = ""
    modified: str = ""
    """ETag and Last-Modified of the notification that was read to its end."""
    deltas: Mapping[int, str] = field(default_factory=dict)
    """The digest of each delta that was announced, by serial (RFC 9697)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A repository as it stands on this machine."""

    source: str
    """The address of the RRDP notification, or the rsync module."""
    mark: Mark
    objects: int
    size: int
    """Bytes of all objects."""
    succeeded_s: float | None = None
    """When it was last found as it stands here, in seconds since 1970."""
    attempted_s: float | None = None
    failure: Words | None = None
    """Why the last attempt failed; None where it did not."""
    took_s: float = 0.0
    """How long the last attempt took."""
    fall_back_s: float | None = None
    """From when on rsync is asked, should RRDP go on failing."""
    fallen_back: bool = False
    """Whether what rsync delivered is used in place of this repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one object, as a repository announced it."""

    uri: str
    kind: Kind
    before: bytes | None
    """SHA-256 of the bytes that stood before."""
    after: bytes | None
    source: str
    session: str
    serial: int
    at_s: float
    """When this machine took it over, in seconds since 1970."""

    @property
    def sentence(self) -> Words:
        """The change in one line."""
        ko = {"added": "추가됨", "changed": "교체됨", "withdrawn": "철회됨"}[self.kind]
        if not self.session:
            return words(f"{self.source}에서 {ko}", f"{self.kind} by {self.source}")
        return words(
            f"{self.source} 일련번호 {self.serial}에서 {ko}",
            f"{self.kind} by serial {self.serial} of {self.source}",
        )
