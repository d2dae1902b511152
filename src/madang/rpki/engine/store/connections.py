"""How do several threads and processes share one SQLite file?

WAL lets readers pass writers. `BEGIN IMMEDIATE` takes the write lock before the first read, so
that no transaction must be repeated; inside a process a lock of our own hands the turn over,
since SQLite's waiting polls and knows no order. `synchronous=NORMAL` can lose the last
transactions in a power cut, never a part of one: they are fetched again.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PRAGMAS = (
    f"page_size = {schema.PAGE}",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "temp_store = FILE",  # in memory a hostile snapshot would cost what it lists
    "cache_size = -8192",  # KiB; so many connections stand beside each other
    "wal_autocheckpoint = 8000",
    "journal_size_limit = 67108864",
)


class Connections:
    """The connections of one process to one file; after a fork the child opens its own.

    Args:
        path: The file, on a local disk (WAL does not work over a network).
        busy_s: Seconds to wait for another process's transaction.
    """

    def __init__(self, path: Path, *, busy_s: float) -> None:
        self.path = path
        self._busy_s = busy_s
        self._renew()

    def _renew(self) -> None:
        self._owner = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._turn = threading.RLock()

    def reading(self) -> Reading:
        """A connection outside any transaction: each statement sees one moment."""
        return Reading(self)

    @contextmanager
    def writing(self, on: sqlite3.Connection | None = None) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of the block, or nothing of it.

        Args:
            on: The connection to use; one of the idle ones without it.
        """
        with self.telling():
            connection = on or self.take()
            try:
                with self._turn:
                    yield from _transaction(connection)
            finally:
                if on is None:
                    self.give_back(connection)

    def take(self) -> sqlite3.Connection:
        """An idle connection, or a new one."""
        if self._owner != os.getpid():
            self._renew()  # what the parent opened is the parent's
        try:
            return self._idle.pop()
        except IndexError:
            return self._opened()

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Let others use the connection."""
        if self._owner == os.getpid():
            self._idle.append(connection)

    def close(self) -> None:
        """Close what is idle; the next use opens again."""
        while self._idle:
            self._idle.pop().close()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def telling(self) -> Iterator[None]:
        """What the disk or another process did, told to the operator; our own faults pass."""
        try:
            yield
        except sqlite3.DatabaseError as fault:
            self.tell(fault)
            raise

    def tell(self, fault: sqlite3.DatabaseError) -> None:
        """Raise what the operator can mend; a fault of our own is left as it is.

        Raises:
            Unavailable: The disk or another process is at fault.
        """
        if isinstance(fault, (sqlite3.ProgrammingError, sqlite3.IntegrityError)):
            return
        raise Unavailable(
            words(f"저장소 파일 {self.path}", f"the store {self.path}"),
            reason=str(fault),
            remedy=words(
                "디스크 여유 공간과 쓰기 권한을 확인하십시오.",
                "Check the free space and the right to write.",
            ),
        ) from fault


class Reading:
    """A borrowed connection, for some statements.

    A class, since a point is asked for its token as often as there are CAs: a generator takes
    half as long as the question itself.
    """

    __slots__ = ("_connections", "_rows")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._rows = self._connections.take()
        except sqlite3.DatabaseError as fault:
            self._connections.tell(fault)
            raise
        return self._rows

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: object
    ) -> None:
        self._connections.give_back(self._rows)
        if isinstance(fault, sqlite3.DatabaseError):
            self._connections.tell(fault)


def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
