"""Where do made repositories lie while they are judged? In memory, with what was last good."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.store.naming import divided

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from madang.rpki.engine.simulator.tree import Tree
    from madang.rpki.engine.store.point import Point


class MemoryPoint(NamedTuple):
    """One publication point as a table of its files."""

    source: str
    files: Mapping[str, bytes]
    token: bytes
    """A digest of all names and contents."""

    def read(self, name: str) -> bytes | None:
        """The bytes of one file; None where there is none."""
        return self.files.get(name)


def _point(source: str, files: Mapping[str, bytes]) -> MemoryPoint:
    token = hashlib.sha256()
    for name, content in sorted(files.items()):
        token.update(name.encode() + b"/" + hashlib.sha256(content).digest())
    return MemoryPoint(source, files, token.digest())


class MemoryStore:
    """All points of made repositories; what is put in is seen by the next run."""

    def __init__(self, files: Mapping[str, bytes], anchors: Mapping[str, bytes]) -> None:
        self._points: dict[str, MemoryPoint] = {}
        self._anchors = dict(anchors)
        self._kept: dict[str, MemoryPoint] = {}
        points: dict[str, dict[str, bytes]] = {}
        for uri, content in files.items():
            folder, name = divided(uri)
            points.setdefault(folder, {})[name] = content
        for folder, held in points.items():
            self.put(folder, held)

    @classmethod
    def of(cls, tree: Tree) -> MemoryStore:
        """The store that holds one made tree."""
        return cls(tree.files, {tree.anchor_uri: tree.anchor})

    def put(self, repository: str, files: Mapping[str, bytes]) -> None:
        """Replace what a point holds; nothing takes the point away."""
        if files:
            self._points[repository] = _point(repository, dict(files))
        else:
            self._points.pop(repository, None)

    def copy(self) -> MemoryStore:
        """A store in the same state, that shares no later change."""
        made = MemoryStore({}, self._anchors)
        made._points.update(self._points)
        made._kept.update(self._kept)
        return made

    def kept(self) -> dict[str, bytes]:
        """Manifest → the token of what was last good."""
        return {manifest: point.token for manifest, point in self._kept.items()}

    @property
    def keeps(self) -> bool:
        """Yes."""
        return True

    def point(self, repository: str, notify: str) -> MemoryPoint | None:
        """The point at this address, wherever it is said to be fetched from."""
        return self._points.get(repository)

    def anchor(self, uris: tuple[str, ...]) -> bytes | None:
        """The certificate at the first of these addresses that is here."""
        return next((self._anchors[uri] for uri in uris if uri in self._anchors), None)

    def last_good(self, manifest: str) -> MemoryPoint | None:
        """What the point of this manifest held when it was last found whole."""
        return self._kept.get(manifest)

    def keep_point(self, manifest: str, point: Point, names: Collection[str]) -> bool:
        """Remember these files of a point that was found whole."""
        files = {name: content for name in names if (content := point.read(name)) is not None}
        if len(files) < len(names):
            return False
        self.keep(manifest, files)
        return True

    def keep(self, manifest: str, files: Mapping[str, bytes]) -> None:
        """Remember a point that was found whole."""
        self._kept[manifest] = _point(manifest, dict(files))
