"""What did a publication point hold when it was last found whole? (RFC 9286 section 6.6)."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import clock
from madang.rpki.engine.store.held import KeptPoint
from madang.rpki.engine.store.naming import canonical
from madang.rpki.engine.store.update import kept

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from madang.rpki.engine.store.connections import Connections
    from madang.rpki.engine.store.held import HeldPoint

_DAY_S = 86_400.0
_AT_ONCE = 256
"""Points of one transaction."""


class _Whole(NamedTuple):
    """A point that was found whole."""

    manifest: str
    token: str
    files: Mapping[str, bytes]
    digests: dict[str, bytes]


def last_good(connections: Connections, manifest: str) -> KeptPoint | None:
    """The point that was kept for a manifest."""
    name = canonical(manifest)
    with connections.reading() as rows:
        found = rows.execute(_FOUND, (name,)).fetchone()
    if found is None:
        return None
    return KeptPoint(connections, name, kept=found[0], token=found[1])


def keep(connections: Connections, points: Iterable[tuple[str, Mapping[str, bytes]]]) -> None:
    """Remember points that were found whole; those that are kept already cost a look only.

    Args:
        connections: Those of the store.
        points: The address of each manifest, and every file of the point by name.
    """
    rest = iter(points)
    while some := list(islice(rest, _AT_ONCE)):
        whole = [_whole(manifest, files) for manifest, files in some]
        at_s = clock.epoch_s()
        with connections.reading() as rows:
            new = [each for each in whole if not _is_kept(rows, each, at_s)]
        if new:
            with connections.writing() as rows:
                for each in new:
                    _put_whole(rows, each, at_s)


def keep_point(
    connections: Connections, manifest: str, point: HeldPoint, names: Collection[str]
) -> bool:
    """Remember some files of a point as it stands in the store, without reading any of them.

    Returns:
        Whether the point still stands as it was looked at; if not, nothing is kept.
    """
    wanted, name = set(names), canonical(manifest)
    with connections.reading() as rows:
        found = rows.execute(_STANDING, (point.folder,)).fetchall()
        held = rows.execute(_FOUND, (name,)).fetchone()
    if not found or point.token != point.token_of(found[0][3]):
        return False
    entries = sorted((entry, number, size) for entry, number, size, _ in found if entry in wanted)
    if len(entries) != len(wanted):
        return False
    # A number stands for the same bytes for ever.
    token = hashlib.sha256(repr(entries).encode("utf-8", "surrogateescape")).hexdigest()
    at_s = clock.epoch_s()
    if held is None or held[1] != token or at_s - held[2] >= _DAY_S:
        with connections.writing() as rows:
            _put(rows, name, token, entries=entries, at_s=at_s)
    return True


def _whole(manifest: str, files: Mapping[str, bytes]) -> _Whole:
    digests = {name: hashlib.sha256(content).digest() for name, content in files.items()}
    told = hashlib.sha256()
    for name in sorted(digests):
        told.update(name.encode("utf-8", "surrogateescape") + b"\0" + digests[name])
    return _Whole(canonical(manifest), told.hexdigest(), files, digests)


def _is_kept(rows: sqlite3.Connection, each: _Whole, at_s: float) -> bool:
    """Whether it is kept as it is, and was said to be whole within the day."""
    found = rows.execute(_FOUND, (each.manifest,)).fetchone()
    return found is not None and found[1] == each.token and at_s - found[2] < _DAY_S


def _put_whole(rows: sqlite3.Connection, each: _Whole, at_s: float) -> None:
    contents = dict(each.files)
    numbers = kept(rows, {each.digests[name]: content for name, content in contents.items()})
    entries = [
        (name, numbers[each.digests[name]], len(content))
        for name, content in sorted(contents.items())
    ]
    _put(rows, each.manifest, each.token, entries=entries, at_s=at_s)


def _put(
    rows: sqlite3.Connection,
    manifest: str,
    token: str,
    *,
    entries: list[tuple[str, int, int]],
    at_s: float,
) -> None:
    """Remember names, objects and sizes in place of what was kept before."""
    found = rows.execute(_FOUND, (manifest,)).fetchone()
    if found is None:
        query = "INSERT INTO kept (manifest, token, at_s) VALUES (?, ?, ?)"
        number = rows.execute(query, (manifest, token, at_s)).lastrowid
    else:
        number = found[0]
        rows.execute(_LOOSE, (at_s, number))
        rows.execute("DELETE FROM kept_entry WHERE kept = ?", (number,))
        rows.execute("UPDATE kept SET token = ?, at_s = ? WHERE id = ?", (token, at_s, number))
    rows.executemany(
        "INSERT INTO kept_entry VALUES (?, ?, ?, ?)", [(number, *each) for each in entries]
    )


_FOUND = "SELECT id, token, at_s FROM kept WHERE manifest = ?"
_STANDING = """SELECT entry.name, entry.object, entry.size, folder.token FROM folder
    JOIN entry ON entry.folder = folder.id WHERE folder.id = ?"""
_LOOSE = "INSERT INTO loose SELECT object, object, ?, 0 FROM kept_entry WHERE kept = ?"
