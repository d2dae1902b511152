"""How does a repository's copy become what the repository holds now? In one step, or not at all.

Bytes are stored ahead in short transactions, which nobody sees, since no folder names them yet;
what will change is gathered beside in a table of the connection's own. One last transaction
then moves the folders on. So a crash leaves the old state or the new, and a huge repository
does not keep the others waiting.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.store import schema
from madang.rpki.engine.store.naming import divided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.rpki.engine.store.connections import Connections
    from madang.rpki.engine.store.state import Mark

_PENDING_OBJECTS = 1024
_PENDING_BYTES = 4 << 20
_LETTERS_REMEMBERED = 4 << 20
"""Of the names of folders."""
_FILED_TOGETHER = 32
"""First bytes of digests that are filed in one transaction, of more than the following."""
_FILED_AT_ONCE = 20_000
_HELD = """SELECT folder.id, entry.object, entry.size, object.digest FROM folder
    JOIN entry ON entry.folder = folder.id JOIN object ON object.id = entry.object
    WHERE folder.repository = ? AND folder.uri = ? AND entry.name = ?"""


class Counts(NamedTuple):
    """How many objects an update moved."""

    added: int
    changed: int
    withdrawn: int


class _Pending(NamedTuple):
    folder: str
    name: str
    digest: bytes
    content: bytes | None
    """None where it is withdrawn."""
    before: int | None
    size_before: int


def kept(connection: sqlite3.Connection, contents: Mapping[bytes, bytes]) -> dict[bytes, int]:
    """Store some bytes by their SHA-256, and give their numbers; inside a write transaction."""
    numbers, rows = _stored(connection, contents)
    filed = [(digest, number) for number, digest, _ in rows]
    connection.executemany("INSERT OR IGNORE INTO address VALUES (?, ?)", filed)
    return numbers


def _stored(
    connection: sqlite3.Connection, contents: Mapping[bytes, bytes]
) -> tuple[dict[bytes, int], list[tuple[int, bytes, bytes]]]:
    """The numbers of all, by digest, and the rows of those that were not stored before."""
    numbers = dict(_numbers(connection, list(contents)))
    fresh = [each for each in contents.items() if each[0] not in numbers]
    first = _drawn(connection, "object", len(fresh))
    rows = [(first + at, digest, content) for at, (digest, content) in enumerate(fresh)]
    connection.executemany("INSERT INTO object VALUES (?, ?, ?)", rows)
    numbers.update((digest, number) for number, digest, _ in rows)
    return numbers, rows


def _numbers(connection: sqlite3.Connection, digests: list[bytes]) -> Iterator[tuple[bytes, int]]:
    rest = iter(digests)
    while some := list(islice(rest, 256)):
        marks = ",".join("?" * len(some))
        yield from connection.execute(
            f"SELECT digest, object FROM address WHERE digest IN ({marks})",  # noqa: S608 - marks only
            some,
        )


def _drawn(connection: sqlite3.Connection, name: str, count: int = 1) -> int:
    """The first of so many new numbers, none of which was ever drawn before."""
    connection.execute("UPDATE counter SET value = value + ? WHERE name = ?", (count, name))
    query = "SELECT value FROM counter WHERE name = ?"
    last: int = connection.execute(query, (name,)).fetchone()[0]
    return last - count + 1


class Update:
    """What one repository will hold, gathered until `commit`; used in one thread.

    Either `put` names all that it holds, or `publish` and `withdraw` name what changes.

    Args:
        connections: Those of the store.
        source: The repository.
        whole: Whether all objects will be named, so that others are withdrawn.
    """

    def __init__(self, connections: Connections, source: str, *, whole: bool) -> None:
        self._connections, self._source, self._whole = connections, source, whole
        self._pending: list[_Pending] = []
        self._pending_bytes = self._stored = self._letters = 0
        self._found_stored = self._begun = False
        self._folders: dict[str, int] = {}
        self._connection = connections.take()
        try:
            with connections.telling():
                self._clear()
                for table in (schema.GATHERED, schema.CHANGES, schema.FRESH):
                    self._connection.execute(table)
            with connections.writing(self._connection) as rows:
                rows.execute("INSERT OR IGNORE INTO repository (source) VALUES (?)", (source,))
                query = "SELECT id, version, objects FROM repository WHERE source = ?"
                found = rows.execute(query, (source,)).fetchone()
                self._load = _drawn(rows, "load")
                # What an update that died began; nobody has seen it.
                rows.execute(_UNUSED_FOLDERS, (found[0],))
        except BaseException:
            self.close()
            raise
        self._repository, self._version, self._held = found

    def put(self, uri: str, content: bytes) -> None:
        """The repository holds this object."""
        folder, name = divided(uri)
        self._wait(_Pending(folder, name, hashlib.sha256(content).digest(), content, None, 0))

    def publish(self, uri: str, content: bytes, *, over: bytes | None) -> None:
        """An object is new, or replaces the one with the digest `over`.

        Raises:
            ExchangeRefused: The repository's copy holds something else there.
        """
        folder, name = divided(uri)
        found = self._found(folder, name, over)
        before, size = (None, 0) if found is None else (found[1], found[2])
        digest = hashlib.sha256(content).digest()
        self._wait(_Pending(folder, name, digest, content, before, size))

    def withdraw(self, uri: str, *, over: bytes) -> None:
        """The object with the digest `over` is gone.

        Raises:
            ExchangeRefused: The repository's copy does not hold it.
        """
        folder, name = divided(uri)
        found = self._found(folder, name, over)
        assert found is not None
        self._wait(_Pending(folder, name, over, None, found[1], found[2]))

    def commit(self, mark: Mark) -> Counts:
        """Let everybody see the new state.

        Raises:
            ExchangeRefused: One address was named twice.
            Unavailable: Another process has changed the repository meanwhile.
        """
        self._flush()
        rows = self._connection
        with self._connections.telling():
            self._sort(rows)
            if self._whole and self._held:
                self._compare(rows)
            counts = Counts(*rows.execute(_COUNTS).fetchone())
        self._file()
        with self._connections.writing(rows):
            self._apply(rows, mark)
        return counts

    def close(self) -> None:
        """Forget what was not committed."""
        with self._connections.telling():
            self._clear()
        if self._begun:
            with self._connections.writing(self._connection) as rows:
                rows.execute(_UNUSED_FOLDERS, (self._repository,))
        self._connections.give_back(self._connection)

    def _clear(self) -> None:
        for table in ("gathered", "change", "fresh"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def __enter__(self) -> Update:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _found(
        self, folder: str, name: str, over: bytes | None
    ) -> tuple[int, int, int, bytes] | None:
        """What stands there: folder, object, size and digest; it must be what is replaced."""
        with self._connections.telling():
            place = (self._repository, folder, name)
            row: tuple[int, int, int, bytes] | None
            row = self._connection.execute(_HELD, place).fetchone()
        held = None if row is None else row[3]
        if held != over:
            raise ExchangeRefused(
                words(
                    f"{folder}{name}의 이전 내용으로 지정된 해시 {_shown(over)}",
                    f"a change of {folder}{name} from the digest {_shown(over)}",
                ),
                words(f"보유 중인 해시 {_shown(held)}", f"the digest held, {_shown(held)}"),
            )
        return row

    def _wait(self, change: _Pending) -> None:
        self._pending.append(change)
        self._pending_bytes += len(change.content or b"")
        if len(self._pending) >= _PENDING_OBJECTS or self._pending_bytes >= _PENDING_BYTES:
            self._flush()

    def _flush(self) -> None:
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        if not pending:
            return
        contents = {each.digest: each.content for each in pending if each.content is not None}
        with self._connections.writing(self._connection) as rows:
            numbers = self._store(rows, contents)
            changes = [self._row(rows, each, numbers) for each in pending]
            rows.executemany("INSERT INTO gathered VALUES (?, ?, ?, ?, ?, ?)", changes)

    def _sort(self, rows: sqlite3.Connection) -> None:
        """Bring what was gathered into order; each address may stand there once."""
        rows.execute("DELETE FROM change")
        try:
            rows.execute("INSERT INTO change SELECT * FROM gathered ORDER BY folder, name")
        except sqlite3.IntegrityError as fault:
            raise ExchangeRefused(
                words(
                    f"{self._source}에서 두 번 지정된 주소",
                    f"an address that {self._source} names twice",
                ),
                words("주소마다 한 번", "each address once (RFC 8182, 3.5)"),
            ) from fault

    def _store(
        self, rows: sqlite3.Connection, contents: Mapping[bytes, bytes]
    ) -> dict[bytes, int]:
        numbers, fresh = _stored(rows, contents)
        self._found_stored = self._found_stored or len(fresh) < len(contents)
        if fresh:
            loose = (fresh[0][0], fresh[-1][0], clock.epoch_s(), self._load)
            rows.execute("INSERT INTO loose VALUES (?, ?, ?, ?)", loose)
            filed = [(digest, number) for number, digest, _ in fresh]
            rows.executemany("INSERT INTO fresh VALUES (?, ?)", filed)
            self._stored += len(filed)
        return numbers

    def _file(self) -> None:
        """File what is stored by its digest, in the order of digests and in short turns."""
        step = _FILED_TOGETHER if self._stored > _FILED_AT_ONCE else 256
        for first in range(0, 256 if self._stored else 0, step):
            span = bytes([first]), bytes([first + step - 1]) + b"\xff" * 32
            with self._connections.writing(self._connection) as rows:
                rows.execute(_FILE, span)

    def _row(
        self, rows: sqlite3.Connection, each: _Pending, numbers: dict[bytes, int]
    ) -> tuple[int, str, int | None, int | None, int, int]:
        folder = self._folders.get(each.folder) or self._folder(rows, each.folder)
        if each.content is None:
            return folder, each.name, each.before, None, each.size_before, 0
        size = len(each.content)
        return folder, each.name, each.before, numbers[each.digest], each.size_before, size

    def _folder(self, rows: sqlite3.Connection, uri: str) -> int:
        place = (self._repository, uri)
        query = "SELECT id FROM folder WHERE repository = ? AND uri = ?"
        found = rows.execute(query, place).fetchone()
        if found is None:
            self._begun = True
            rows.execute(_NEW_FOLDER, place)
            found = rows.execute(query, place).fetchone()
        self._remember(uri, found[0])
        return int(found[0])

    def _remember(self, uri: str, number: int) -> None:
        self._letters += len(uri)
        if self._letters > _LETTERS_REMEMBERED:
            self._folders.clear()
            self._letters = len(uri)
        self._folders[uri] = number

    def _compare(self, rows: sqlite3.Connection) -> None:
        """Turn all that the repository holds into what differs from the present state."""
        rows.execute("BEGIN")  # of the connection's own table; the store is only read
        try:
            rows.execute(_GONE, (self._repository,))
            rows.execute(_BEFORE)
            rows.execute("DELETE FROM change WHERE before IS after")
        finally:
            rows.execute("COMMIT")

    def _lost(self, rows: sqlite3.Connection) -> bool:
        """Whether another process swept away what was stored, or found stored, ahead."""
        whole = rows.execute(_AHEAD, (self._load,)).fetchone() == (self._stored,)
        if not whole or rows.execute(_NO_FOLDER).fetchone():
            return True
        return self._found_stored and bool(rows.execute(_LOST).fetchone())

    def _apply(self, rows: sqlite3.Connection, mark: Mark) -> None:
        moved = rows.execute(_MOVE_ON, (self._repository, self._version)).rowcount
        if not moved or self._lost(rows):
            raise Unavailable(
                self._source,
                reason=words("다른 프로세스가 변경함", "another process has changed it meanwhile"),
                remedy=words("다시 실행하십시오.", "Run it again."),
            )
        at_s, number = clock.epoch_s(), self._repository
        if self._held or not self._whole:
            told = rows.execute(_EVENTS, (number, mark.session, mark.serial, at_s)).rowcount
            rows.execute("UPDATE repository SET events = events + ? WHERE id = ?", (told, number))
            rows.execute(
                "DELETE FROM entry WHERE (folder, name) IN (SELECT folder, name"
                " FROM change WHERE after IS NULL)"
            )
        rows.execute(_ENTRIES, (mark.serial, at_s))
        rows.execute(_FOLDERS, (_drawn(rows, "token"),))
        rows.execute(_UNUSED_FOLDERS, (number,))
        self._begun = False
        rows.execute(_LOOSE, (at_s,))
        rows.execute("DELETE FROM loose WHERE load = ?", (self._load,))
        rows.execute(
            "UPDATE repository SET session = ?, serial = ?, etag = ?, modified = ?, deltas = ?"
            " WHERE id = ?",
            (
                mark.session,
                mark.serial,
                mark.etag,
                mark.modified,
                json.dumps(dict(mark.deltas)),
                number,
            ),
        )
        rows.execute(_TOTALS, (number,))
        self._version += 1


def _shown(digest: bytes | None) -> str:
    return "–" if digest is None else digest.hex()


_NEW_FOLDER = """INSERT INTO folder (repository, uri, token, objects, size)
    VALUES (?, ?, 0, 0, 0)"""
_FILE = """INSERT OR IGNORE INTO address
    SELECT digest, object FROM fresh WHERE digest BETWEEN ? AND ? ORDER BY digest"""
_COUNTS = """SELECT count(*) FILTER (WHERE before IS NULL),
    count(*) FILTER (WHERE before IS NOT NULL AND after IS NOT NULL),
    count(*) FILTER (WHERE after IS NULL) FROM change"""
_GONE = """INSERT INTO change SELECT entry.folder, entry.name, entry.object, NULL, entry.size, 0
    FROM folder JOIN entry ON entry.folder = folder.id WHERE folder.repository = ?
    AND NOT EXISTS (SELECT 1 FROM change
                    WHERE change.folder = entry.folder AND change.name = entry.name)"""
_BEFORE = """UPDATE change SET before = entry.object, size_before = entry.size
    FROM entry WHERE entry.folder = change.folder AND entry.name = change.name
    AND change.after IS NOT NULL"""
_MOVE_ON = "UPDATE repository SET version = version + 1 WHERE id = ? AND version = ?"
_AHEAD = "SELECT coalesce(sum(last - first + 1), 0) FROM loose WHERE load = ?"
_LOST = """SELECT 1 FROM change WHERE after IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM object WHERE id = after) LIMIT 1"""
_ENTRIES = """INSERT OR REPLACE INTO entry
    SELECT folder, name, after, size, ?, ? FROM change WHERE after IS NOT NULL"""
_FOLDERS = """UPDATE folder
    SET token = ?, objects = objects + moved.more, size = size + moved.grown
    FROM (SELECT folder, sum((after IS NOT NULL) - (before IS NOT NULL)) AS more,
                 sum(size - size_before) AS grown FROM change GROUP BY folder) AS moved
    WHERE moved.folder = folder.id"""
_UNUSED_FOLDERS = "DELETE FROM folder WHERE repository = ? AND objects = 0"
_NO_FOLDER = """SELECT 1 FROM (SELECT DISTINCT folder AS id FROM change) AS named
    WHERE NOT EXISTS (SELECT 1 FROM folder WHERE folder.id = named.id) LIMIT 1"""
_LOOSE = """INSERT INTO loose SELECT before, before, ?, 0 FROM change WHERE before IS NOT NULL"""
_EVENTS = """INSERT INTO event (uri, before, after, repository, session, serial, at_s)
    SELECT folder.uri || change.name, gone.digest, came.digest, ?, ?, ?, ?
    FROM change JOIN folder ON folder.id = change.folder
    LEFT JOIN object AS gone ON gone.id = change.before
    LEFT JOIN object AS came ON came.id = change.after"""
_TOTALS = """UPDATE repository SET
    objects = objects + coalesce((SELECT sum((after IS NOT NULL) - (before IS NOT NULL))
                                  FROM change), 0),
    size = size + coalesce((SELECT sum(size - size_before) FROM change), 0) WHERE id = ?"""
