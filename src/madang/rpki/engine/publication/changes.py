"""What does an authority ask of its publication server? To publish, replace and withdraw files.

RFC 8181, section 2: a query is done wholly or not at all, and names by its digest each file that
it replaces, so that two writers cannot overwrite each other unawares.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from madang.rpki.engine.errors import ExchangeRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from madang.kernel.words import Words


T = TypeVar("T")


class FileChange(NamedTuple):
    """One file that shall be published, replaced or withdrawn."""

    uri: str
    content: bytes | None
    """None withdraws the file."""
    replaces: str = ""
    """SHA-256 of the file that stands there now, in hexadecimal; empty where none does."""


class Publisher(Protocol):
    """Whoever publishes for an authority, here or elsewhere."""

    def listed(self) -> Mapping[str, str]:
        """URI → SHA-256, in hexadecimal, of each file that stands published."""

    def apply(self, changes: Sequence[FileChange]) -> None:
        """Do all of this or nothing.

        Raises:
            ExchangeRefused: The publisher refuses one of the changes.
            Unreachable: The publisher does not answer.
        """

    def finish(self) -> None:
        """Bring out what was taken in before a crash; nothing where all is out."""


class QueryRefused(ExchangeRefused):
    """A query to a publication server that it refuses as a whole.

    Args:
        code: The reason by its name in RFC 8181, section 2.5.
        found: What is wrong.
        expected: What would have been accepted.
    """

    def __init__(self, code: str, found: Words | str, expected: Words | str) -> None:
        super().__init__(found, expected)
        self.code = code


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as publication names files."""
    return hashlib.sha256(content).hexdigest()


def changes_towards(
    wanted: Mapping[str, tuple[str, T]],
    listed: Mapping[str, str],
    *,
    content: Callable[[T], bytes],
) -> list[FileChange]:
    """What must be asked so that what is listed becomes what is wanted; withdrawals first.

    Args:
        wanted: URI → the file's SHA-256 in hexadecimal, and by what to find it.
        listed: URI → SHA-256 of what stands published.
        content: Finds a file that has to be sent.
    """
    found = [FileChange(uri, None, listed[uri]) for uri in sorted(listed.keys() - wanted.keys())]
    for uri in sorted(wanted):
        expected, at = wanted[uri]
        if listed.get(uri) != expected:
            found.append(FileChange(uri, content(at), listed.get(uri, "")))
    return found
