"""What does the validator read? Publication points, each as one repository holds it now.

A publication point is the folder that a CA certificate names in its SIA (RFC 6487 section 4.8.8).
What one repository delivered is never mixed with what another did: a point belongs to the
repository that it was fetched from, so that no repository can overwrite another's objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable


class Point(Protocol):
    """One publication point as it stands in the store."""

    @property
    def source(self) -> str:
        """Where it came from: the address of the RRDP notification, or the rsync module."""

    @property
    def token(self) -> Hashable:
        """Changes whenever an object of the point does: equal tokens, equal objects."""

    def read(self, name: str) -> bytes | None:
        """The bytes of one file directly below the point; None where there is none."""


class Store(Protocol):
    """All publication points on this machine."""

    @property
    def keeps(self) -> bool:
        """Whether it can remember what was last good; not where somebody else fills it."""

    def point(self, repository: str, notify: str) -> Point | None:
        """The point at a CA's `rsync://…/` address, as fetched from its repository.

        Args:
            repository: The SIA's caRepository, ending in `/`.
            notify: The SIA's rpkiNotify (RFC 8182), empty where there is none.
        """

    def anchor(self, uris: tuple[str, ...]) -> bytes | None:
        """The certificate last fetched for a trust-anchor locator with these addresses."""

    def last_good(self, manifest: str) -> Point | None:
        """What the point of this manifest held when it was last found whole (RFC 9286, 6.6)."""

    def keep_point(self, manifest: str, point: Point, names: Collection[str]) -> bool:
        """Remember a point that was found whole: the manifest and every file it lists.

        Returns:
            Whether it is remembered: not if the point no longer stands as it was looked at, nor
            in a store that somebody else fills.
        """
