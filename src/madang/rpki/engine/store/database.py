"""Where do the world's repositories lie on this machine? In one SQLite file, each for itself."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.store import keeping, schema
from madang.rpki.engine.store.connections import Connections
from madang.rpki.engine.store.held import HeldPoint
from madang.rpki.engine.store.naming import canonical, divided, module
from madang.rpki.engine.store.state import Event, Mark, State
from madang.rpki.engine.store.sweep import Swept, forget, sweep
from madang.rpki.engine.store.update import Update

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from madang.kernel.words import Words
    from madang.rpki.engine.store.held import KeptPoint
    from madang.rpki.engine.store.point import Point


class Database:
    """A `Store` (`engine.store.point`) that a fetcher fills while validators read.

    One object may serve several threads; after a fork, and where it was sent to another process,
    it opens its own connections.

    Args:
        path: The file; made where it does not exist.
        busy_s: Seconds to wait for another process's transaction.

    Raises:
        Unavailable: The file cannot be opened or written, or is no such store.
    """

    def __init__(self, path: Path | str, *, busy_s: float = 30.0) -> None:
        self.path, self._busy_s = Path(path), busy_s
        self._connections = Connections(self.path, busy_s=busy_s)
        with self._connections.writing() as rows:
            self._name = _laid_out(rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path,)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._connections.close()

    @property
    def keeps(self) -> bool:
        """Yes."""
        return True

    def point(self, repository: str, notify: str) -> HeldPoint | None:
        """See `Store.point`: the RRDP copy, or rsync's where that is used in its place."""
        folder = canonical(repository)
        source = canonical(notify) or module(folder)
        with self._connections.reading() as rows:
            found = rows.execute(_POINT, (folder, source)).fetchone()
            if found is not None and found[0] and notify:
                source = module(folder)
                found = rows.execute(_POINT, (folder, source)).fetchone()
        if found is None or found[1] is None:
            return None
        _, number, token, size = found
        return HeldPoint(
            self._connections, source, folder=number, token=f"{self._name}-{token}", size=size
        )

    def anchor(self, uris: tuple[str, ...]) -> bytes | None:
        """See `Store.anchor`."""
        marks = ",".join("?" * len(uris))
        query = f"SELECT content FROM anchor WHERE uri IN ({marks})"  # noqa: S608 - marks only
        with self._connections.reading() as rows:
            found = rows.execute(f"{query} ORDER BY fetched_s DESC LIMIT 1", uris).fetchone()
        return None if found is None else bytes(found[0])

    def put_anchor(self, uri: str, content: bytes) -> None:
        """The certificate of a trust anchor, as this address gave it."""
        with self._connections.writing() as rows:
            row = (uri, content, clock.epoch_s())
            rows.execute("INSERT OR REPLACE INTO anchor VALUES (?, ?, ?)", row)

    def last_good(self, manifest: str) -> KeptPoint | None:
        """See `Store.last_good`."""
        return keeping.last_good(self._connections, manifest)

    def keep(self, manifest: str, files: Mapping[str, bytes]) -> None:
        """See `Store.keep`; what is kept already is only looked up."""
        keeping.keep(self._connections, ((manifest, files),))

    def keep_all(self, points: Iterable[tuple[str, Mapping[str, bytes]]]) -> None:
        """`keep` for many points, in few transactions."""
        keeping.keep(self._connections, points)

    def keep_point(self, manifest: str, point: Point, names: Collection[str]) -> bool:
        """See `Store.keep_point`; no file is read or hashed again."""
        if not isinstance(point, HeldPoint):
            return False
        return keeping.keep_point(self._connections, manifest, point, names)

    def update(self, source: str, *, whole: bool) -> Update:
        """Begin to change what a repository holds; see `Update`."""
        return Update(self._connections, source, whole=whole)

    def state(self, source: str) -> State | None:
        """What is known of one repository; None where it was never asked for."""
        with self._connections.reading() as rows:
            found = rows.execute(f"{_STATES} WHERE source = ?", (source,)).fetchone()
        return None if found is None else _state(found)

    def states(self) -> tuple[State, ...]:
        """What is known of every repository, by name."""
        with self._connections.reading() as rows:
            return tuple(_state(row) for row in rows.execute(f"{_STATES} ORDER BY source"))

    def reached(self, source: str, *, took_s: float, fall_back_s: float | None = None) -> None:
        """A repository was found to be as it stands here now."""
        now_s = clock.epoch_s()
        with self._connections.writing() as rows:
            rows.execute("INSERT OR IGNORE INTO repository (source) VALUES (?)", (source,))
            rows.execute(_REACHED, (now_s, now_s, took_s, fall_back_s, source))

    def missed(
        self, source: str, failure: Words, *, took_s: float, fallen_back: bool = False
    ) -> None:
        """A repository could not be read; what it held before stays."""
        with self._connections.writing() as rows:
            rows.execute("INSERT OR IGNORE INTO repository (source) VALUES (?)", (source,))
            rows.execute(
                _MISSED,
                (clock.epoch_s(), failure.ko, failure.en, took_s, fallen_back, source),
            )

    def forget(self, source: str) -> None:
        """Drop a repository that nobody names any more, and all it held."""
        with self._connections.reading() as rows:
            query = "SELECT id FROM repository WHERE source = ?"
            found = rows.execute(query, (source,)).fetchone()
        if found is not None:
            forget(self._connections, found[0])

    def events(self, uri: str, *, limit: int = 1000) -> tuple[Event, ...]:
        """What happened to one object, oldest first, as far back as is remembered.

        An object of which no change is remembered came with the first load of its repository, or
        longer ago than is remembered: the event is then told from its present state.
        """
        uri = canonical(uri)
        with self._connections.reading() as rows:
            told = rows.execute(_EVENTS, (uri, limit)).fetchall()
            held = rows.execute(_HELD, divided(uri)).fetchall()
        known = {row[2] for row in told}
        first = [row for row in held if row[2] not in known]
        return tuple(sorted((_event(uri, row) for row in (*first, *told)), key=lambda e: e.at_s))

    def digest(self, repository: str, uri: str) -> bytes | None:
        """The SHA-256 of an object as one repository holds it."""
        folder, name = divided(canonical(uri))
        with self._connections.reading() as rows:
            found = rows.execute(_DIGEST, (repository, folder, name)).fetchone()
        return None if found is None else bytes(found[0])

    def sweep(self, **limits: Any) -> Swept:
        """Remove what nothing refers to any more; see `engine.store.sweep.sweep`."""
        return sweep(self._connections, **limits)


def _laid_out(rows: sqlite3.Connection) -> str:
    """Make the tables where they are missing; gives the store's own name."""
    for table in schema.TABLES:
        rows.execute(table)
    for name, value in (("object", 0), ("token", 0), ("load", 0)):
        rows.execute("INSERT OR IGNORE INTO counter VALUES (?, ?)", (name, value))
    rows.execute("INSERT OR IGNORE INTO counter VALUES ('store', ?)", (secrets.token_hex(8),))
    return str(rows.execute("SELECT value FROM counter WHERE name = 'store'").fetchone()[0])


def _state(row: tuple[Any, ...]) -> State:
    (source, session, serial, etag, modified, deltas, held, size) = row[:8]
    (succeeded_s, attempted_s, ko, en, took_s, fall_back_s, fallen_back) = row[8:]
    return State(
        source=source,
        mark=Mark(
            session=session,
            serial=serial,
            etag=etag,
            modified=modified,
            deltas={int(number): digest for number, digest in json.loads(deltas).items()},
        ),
        objects=held,
        size=size,
        succeeded_s=succeeded_s,
        attempted_s=attempted_s,
        failure=None if ko is None else words(ko, en),
        took_s=took_s,
        fall_back_s=fall_back_s,
        fallen_back=bool(fallen_back),
    )


def _event(uri: str, row: tuple[Any, ...]) -> Event:
    before, after, source, session, serial, at_s = row
    return Event(
        uri=uri,
        kind="added" if before is None else "withdrawn" if after is None else "changed",
        before=before,
        after=after,
        source=source,
        session=session,
        serial=serial,
        at_s=at_s,
    )


_POINT = """SELECT fallen_back, folder.id, folder.token, folder.size FROM repository
    LEFT JOIN folder ON folder.repository = repository.id AND folder.uri = ?
                     AND folder.objects > 0
    WHERE repository.source = ?"""
_STATES = """SELECT source, session, serial, etag, modified, deltas, objects, size, succeeded_s,
    attempted_s, failure_ko, failure_en, took_s, fall_back_s, fallen_back FROM repository"""
_REACHED = """UPDATE repository SET succeeded_s = ?, attempted_s = ?, took_s = ?, fall_back_s = ?,
    failure_ko = NULL, failure_en = NULL, fallen_back = 0 WHERE source = ?"""
_MISSED = """UPDATE repository SET attempted_s = ?, failure_ko = ?, failure_en = ?, took_s = ?,
    fallen_back = ? WHERE source = ?"""
_EVENTS = """SELECT before, after, source, event.session, event.serial, at_s FROM event
    JOIN repository ON repository.id = event.repository WHERE uri = ?
    ORDER BY event.id DESC LIMIT ?"""
_HELD = """SELECT NULL, digest, source, session, entry.serial, at_s FROM folder
    JOIN entry ON entry.folder = folder.id JOIN object ON object.id = entry.object
    JOIN repository ON repository.id = folder.repository
    WHERE folder.uri = ? AND entry.name = ?"""
_DIGEST = """SELECT object.digest FROM repository
    JOIN folder ON folder.repository = repository.id JOIN entry ON entry.folder = folder.id
    JOIN object ON object.id = entry.object
    WHERE repository.source = ? AND folder.uri = ? AND entry.name = ?"""
