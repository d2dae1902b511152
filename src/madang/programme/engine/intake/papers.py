"""Which evidence files came with the records, and do they have the digests that the rows say?"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Protocol

from madang.kernel import ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from madang.programme.engine.ledger import Entry
    from madang.programme.engine.receipts import Receipts


class Papers(Protocol):
    """Evidence as rows ask for it."""

    def named(self, name: str) -> str | None:
        """The digest of the file of that name, None where none came."""

    def has(self, sha256: str) -> bool:
        """Whether a file of that digest came, or was handed in before."""


class Handed:
    """Evidence files in a folder, beside those that were handed in before.

    Args:
        files: Name → file; names are compared without regard to how Hangul is composed.
        receipts: What was handed in before; None where nothing was.
    """

    def __init__(self, files: Mapping[str, Path], receipts: Receipts | None = None) -> None:
        self.files = {_composed(name): path for name, path in files.items()}
        self.receipts = receipts
        self._digests: dict[str, str] = {}

    def named(self, name: str) -> str | None:
        """The digest of the file of that name, None where none came."""
        name = _composed(name)
        if name not in self.files:
            return None
        if name not in self._digests:
            self._digests[name] = ids.digest(self.files[name].read_bytes())
        return self._digests[name]

    def has(self, sha256: str) -> bool:
        """Whether a file of that digest came, or was handed in before."""
        if self.receipts and self.receipts.knows(sha256):
            return True
        return sha256 in self.by_digest()

    def by_digest(self) -> dict[str, str]:
        """Digest → name of each file that came."""
        for name in self.files:
            self.named(name)
        return {digest: name for name, digest in self._digests.items()}

    def attach(self, entries: Iterable[Entry], *, by: str) -> None:
        """Keep those files that bookings lean on.

        Raises:
            ReceiptBroken: A file was changed since it was looked at.
        """
        came = self.by_digest()
        for digest in dict.fromkeys(each for entry in entries for each in entry.evidence):
            if self.receipts and digest in came:
                content = self.files[came[digest]].read_bytes()
                self.receipts.attach(content, name=came[digest], by=by, sha256=digest)


def in_folder(folder: Path, receipts: Receipts | None = None) -> Handed:
    """The files of a folder, those of its folders under their own names too."""
    found = {path.name: path for path in sorted(folder.rglob("*")) if path.is_file()}
    return Handed(found, receipts)


def _composed(name: str) -> str:
    """Files from a Mac have their Hangul in pieces."""
    return unicodedata.normalize("NFC", name.strip())
