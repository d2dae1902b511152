"""What does one folder hold? Read from the store when first asked, all of it in one query.

A folder too large to be held in memory is read object by object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.rpki.engine.store.connections import Connections

_AT_ONCE_BYTES = 8 << 20


class HeldPoint:
    """A publication point in the store (`engine.store.point.Point`).

    Where the folder changes between the first look at its token and the first read, the token is
    from then on that of what was read: `token` and the bytes always belong together.
    """

    def __init__(
        self, connections: Connections, source: str, *, folder: int, token: str, size: int
    ) -> None:
        self._connections, self._token = connections, token
        self.source, self.folder = source, folder
        self._small = size <= _AT_ONCE_BYTES
        self._files: dict[str, bytes] | None = None

    @property
    def token(self) -> str:
        """Changes whenever an object directly below the folder does."""
        return self._token

    def token_of(self, number: int | str) -> str:
        """The token of this folder at one of its numbers."""
        return f"{self._token.partition('-')[0]}-{number}"

    def read(self, name: str) -> bytes | None:
        """The bytes of one file directly below the folder; None where there is none."""
        files = self._all() if self._small else None
        if files is not None:
            return files.get(name)
        with self._connections.reading() as rows:
            found = rows.execute(_ONE, (self.folder, name)).fetchone()
        return None if found is None else bytes(found[0])

    def names(self) -> tuple[str, ...]:
        """The names of all files directly below the folder, sorted."""
        with self._connections.reading() as rows:
            query = "SELECT name FROM entry WHERE folder = ? ORDER BY name"
            return tuple(name for (name,) in rows.execute(query, (self.folder,)))

    def _all(self) -> dict[str, bytes] | None:
        """All files; None where the folder has grown beyond what is held in memory."""
        if self._files is None:
            files, size, stands = {}, 0, f"gone-{self.folder}"
            with self._connections.reading() as rows:
                for name, content, number in rows.execute(_ALL, (self.folder,)):
                    files[name], stands = content, number
                    size += len(content)
                    if size > 2 * _AT_ONCE_BYTES:
                        self._small = False
                        return None
            self._token, self._files = self.token_of(stands), files
        return self._files


class KeptPoint:
    """A point as it was when it was last found whole."""

    def __init__(self, connections: Connections, source: str, *, kept: int, token: str) -> None:
        self._connections, self._kept = connections, kept
        self.source, self.token = source, token

    def read(self, name: str) -> bytes | None:
        """The bytes of one file of the kept point; None where there is none."""
        with self._connections.reading() as rows:
            found = rows.execute(_KEPT, (self._kept, name)).fetchone()
        return None if found is None else bytes(found[0])

    def names(self) -> tuple[str, ...]:
        """The names of all kept files, sorted."""
        with self._connections.reading() as rows:
            query = "SELECT name FROM kept_entry WHERE kept = ? ORDER BY name"
            return tuple(name for (name,) in rows.execute(query, (self._kept,)))


_ONE = """SELECT content FROM entry JOIN object ON object.id = entry.object
    WHERE entry.folder = ? AND entry.name = ?"""
_ALL = """SELECT entry.name, object.content, folder.token FROM folder
    JOIN entry ON entry.folder = folder.id JOIN object ON object.id = entry.object
    WHERE folder.id = ?"""
_KEPT = """SELECT content FROM kept_entry JOIN object ON object.id = kept_entry.object
    WHERE kept_entry.kept = ? AND kept_entry.name = ?"""
