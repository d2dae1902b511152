"""How is a validator's cache on disk read? Objects under `<host>/<module>/…`.

The form of the cache that rpki-client and FORT keep, so that either's can be validated offline.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.store.place import path_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable
    from pathlib import Path

    from madang.rpki.engine.store.point import Point


_READING: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""A pipe in the cache must not stop the reader."""
_LARGEST: Final = 16 << 20
"""Bytes after which reading stops: beyond what any policy takes for one object."""


class FolderPoint(NamedTuple):
    """One publication point as a folder."""

    path: str
    source: str
    token: Hashable
    """Name, size and time of change of every file in the folder."""

    def read(self, name: str) -> bytes | None:
        """The bytes of one file; a link or a folder is no file."""
        try:
            file = os.open(f"{self.path}/{name}", _READING)
        except (FileNotFoundError, IsADirectoryError, OSError):
            return None
        try:
            content = b""
            while len(content) < _LARGEST and (part := os.read(file, 1 << 16)):
                content = content + part if content else part
        except IsADirectoryError:
            return None
        finally:
            os.close(file)
        return content


def _sign(entry: os.DirEntry[str]) -> str:
    found = entry.stat(follow_symlinks=False)
    return f"{entry.name}/{found.st_size}/{found.st_mtime_ns}/{found.st_ino}"


class FolderStore:
    """A cache that somebody else filled: nothing is fetched, nothing is remembered."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    @property
    def keeps(self) -> bool:
        """No: the cache is somebody else's."""
        return False

    def point(self, repository: str, notify: str) -> FolderPoint | None:
        """The folder of a publication point, wherever it was fetched from."""
        path = path_of(self._folder, repository)
        try:
            with os.scandir(path) as entries:
                signs = sorted(_sign(entry) for entry in entries)
        except OSError:
            return None
        # Not `hash`: workers in other processes must come to the same token.
        token = hashlib.sha256("/".join(signs).encode(errors="surrogateescape")).digest()
        return FolderPoint(path, repository, token)

    def anchor(self, uris: tuple[str, ...]) -> bytes | None:
        """The certificate at the first of these addresses that is here."""
        for uri in uris:
            folder, _, name = path_of(self._folder, uri).rpartition("/")
            content = FolderPoint(folder, "", None).read(name)
            if content is not None:
                return content
        return None

    def last_good(self, manifest: str) -> None:
        """Nothing: such a cache has no memory of its own."""

    def keep_point(self, manifest: str, point: Point, names: Collection[str]) -> bool:
        """Nothing is kept: the cache is somebody else's."""
        return False
