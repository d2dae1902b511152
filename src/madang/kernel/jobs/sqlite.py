"""Where do queued jobs lie without a server? In one SQLite file that several processes share.

WAL lets readers pass writers; `BEGIN IMMEDIATE` takes the write lock before the first read, so
that no transaction must be repeated; `synchronous=FULL` makes a finished job survive a power cut.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/lang_transaction.html.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import Unavailable
from madang.kernel.jobs.record import JobRun, Transition
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from madang.kernel.jobs.record import State

_VERSION = 1
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS run (
        arrival INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, job TEXT NOT NULL,
        parameters TEXT NOT NULL, attempts INTEGER NOT NULL, priority INTEGER NOT NULL,
        limit_s REAL NOT NULL, enqueued_s REAL NOT NULL, state TEXT NOT NULL,
        attempt INTEGER NOT NULL, token INTEGER NOT NULL, worker TEXT NOT NULL,
        not_before_s REAL NOT NULL, started_s REAL NOT NULL, until_s REAL NOT NULL,
        cancel_asked INTEGER NOT NULL, ended_s REAL, result TEXT, cause TEXT NOT NULL,
        detail TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS run_due ON run (priority DESC, arrival) WHERE state = 'queued'",
    "CREATE INDEX IF NOT EXISTS run_overdue ON run (until_s) WHERE state = 'running'",
    """CREATE TABLE IF NOT EXISTS history (
        line INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at_s REAL NOT NULL,
        state TEXT NOT NULL, worker TEXT NOT NULL, attempt INTEGER NOT NULL,
        token INTEGER NOT NULL, cause TEXT NOT NULL, detail TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS history_of_run ON history (id, line)",
)
_COLUMNS = (
    "id job parameters attempts priority limit_s enqueued_s state attempt token worker "
    "not_before_s started_s until_s cancel_asked ended_s result cause detail"
).split()
_JSON = frozenset({"parameters", "result", "detail"})
_NOTED = "id at_s state worker attempt token cause detail".split()

_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM run "  # noqa: S608 - constants only
_INSERT = f"INSERT INTO run ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - constants only
_UPDATE = f"UPDATE run SET {', '.join(f'{c} = ?' for c in _COLUMNS)} WHERE id = ?"  # noqa: S608 - constants only
_NOTE = f"INSERT INTO history ({', '.join(_NOTED)}) VALUES ({', '.join('?' * len(_NOTED))})"  # noqa: S608 - constants only
_NAME = re.compile("[A-Za-z0-9_.-]+")
_HISTORY = f"SELECT {', '.join(_NOTED)} FROM history WHERE id = ? ORDER BY line"  # noqa: S608 - constants only


class SqliteLeaseStore:
    """A `LeaseStore` in one SQLite file; made where it does not exist.

    One object may serve several threads; after a fork the child opens its own connection.

    Args:
        path: The file, on a local disk (WAL does not work over a network).
        busy_s: Seconds to wait for another process's transaction.
        found_by: Groups of text parameters by which the runs of a job are found and counted, such
            as `demand firm`; each gets an index.

    Raises:
        Unavailable: The file cannot be opened or written, or is no such queue.
    """

    def __init__(
        self, path: str | Path, *, busy_s: float = 30.0, found_by: Collection[str] = ()
    ) -> None:
        self._path, self._busy_s = str(path), busy_s
        self._turn = threading.Lock()
        self._owner = 0
        self._connection: sqlite3.Connection | None = None
        with self.writing() as rows:
            rows.lay_out(found_by)

    @contextmanager
    def writing(self) -> Iterator[SqliteRows]:
        """See `LeaseStore.writing`."""
        with self._turn, self._telling(), self._transaction("BEGIN IMMEDIATE") as rows:
            yield rows

    @contextmanager
    def reading(self) -> Iterator[SqliteRows]:
        """See `LeaseStore.reading`."""
        with self._turn, self._telling(), self._transaction("BEGIN") as rows:
            yield rows

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._turn:
            if self._connection and self._owner == os.getpid():
                self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[SqliteRows]:
        connection = self._open()
        connection.execute(begin)
        try:
            yield SqliteRows(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None or self._owner != os.getpid():
            connection = sqlite3.connect(
                self._path, timeout=self._busy_s, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            except sqlite3.Error:
                connection.close()
                raise
            self._connection, self._owner = connection, os.getpid()
        return self._connection

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the disk or another process did, told to the operator; our own faults pass."""
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise
        except sqlite3.DatabaseError as fault:
            raise Unavailable(
                words(f"작업 대기열 {self._path}", f"job queue {self._path}"),
                reason=str(fault),
                remedy=words(
                    "디스크 여유 공간과 쓰기 권한을 확인하십시오.",
                    "Check the free space and the right to write.",
                ),
            ) from fault


class SqliteRows:
    """`Rows` of one transaction on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def lay_out(self, found_by: Collection[str] = ()) -> None:
        """Make the tables and indexes where they are missing.

        Raises:
            sqlite3.DatabaseError: A later edition of the product made the file.
        """
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise sqlite3.DatabaseError(f"made by a later edition (layout {version})")
        for statement in _SCHEMA:
            self._connection.execute(statement)
        for group in found_by:
            names = group.split()
            parts = ", ".join(parameter("parameters", name) for name in names)
            self._connection.execute(
                f"CREATE INDEX IF NOT EXISTS run_by_{'_'.join(names)} ON run (job, {parts})"
            )
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def run(self, id: str) -> JobRun | None:
        """See `Rows.run`."""
        return self._first(_SELECT + "WHERE id = ?", (id,))

    def runs(
        self, *, state: State | None, job: str | None, matching: Mapping[str, str]
    ) -> list[JobRun]:
        """See `Rows.runs`."""
        where, values = _alike(state=state, job=job, matching=matching)
        found = self._connection.execute(f"{_SELECT}{where} ORDER BY arrival", values)
        return [_run(row) for row in found]

    def tally(self, job: str, matching: Mapping[str, str]) -> dict[tuple[State, str], int]:
        """See `Rows.tally`."""
        where, values = _alike(state=None, job=job, matching=matching)
        found = self._connection.execute(
            f"SELECT state, cause, COUNT(*) FROM run {where} GROUP BY state, cause",  # noqa: S608 - names of columns and checked names of parameters
            values,
        )
        return {(state, cause): count for state, cause, count in found}

    def next_due(self, now_s: float, jobs: Collection[str] | None) -> JobRun | None:
        """See `Rows.next_due`."""
        among, named = _among(jobs)
        return self._first(
            f"{_SELECT} WHERE state = 'queued' AND not_before_s <= ? {among} "
            "ORDER BY priority DESC, arrival LIMIT 1",
            (now_s, *named),
        )

    def is_work_left(self, jobs: Collection[str] | None) -> bool:
        """See `Rows.is_work_left`."""
        among, named = _among(jobs)
        return any(
            self._first(f"{_SELECT} WHERE state = '{state}' {among} LIMIT 1", named)
            for state in ("queued", "running")
        )

    def overdue(self, now_s: float) -> list[JobRun]:
        """See `Rows.overdue`."""
        found = self._connection.execute(
            _SELECT + "WHERE state = 'running' AND until_s <= ? ORDER BY until_s", (now_s,)
        )
        return [_run(row) for row in found]

    def add(self, run: JobRun) -> bool:
        """See `Rows.add`. The file has one writer: nobody is quicker."""
        self._connection.execute(_INSERT, _values(run, _COLUMNS))
        return True

    def change(self, run: JobRun) -> None:
        """See `Rows.change`."""
        self._connection.execute(_UPDATE, (*_values(run, _COLUMNS), run.id))

    def note(self, transition: Transition) -> None:
        """See `Rows.note`."""
        self._connection.execute(_NOTE, _values(transition, _NOTED))

    def history(self, id: str) -> list[Transition]:
        """See `Rows.history`."""
        found = self._connection.execute(_HISTORY, (id,))
        return [Transition(**_fields(_NOTED, row)) for row in found]

    def _first(self, query: str, values: tuple[Any, ...]) -> JobRun | None:
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else _run(row)


def parameter(column: str, name: str) -> str:
    """SQL for a text parameter of a run: in an index and in a question it must read the same.

    Raises:
        ValueError: The name could not stand in SQL as it is.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a parameter to find runs by")
    return f"json_extract({column}, '$.\"{name}\"')"


def _alike(
    *, state: State | None, job: str | None, matching: Mapping[str, str]
) -> tuple[str, list[str]]:
    """A condition on state, job and parameters, and its values."""
    named: dict[str, str | None] = {"job": job, "state": state}
    named |= {parameter("parameters", name): value for name, value in matching.items()}
    given = {name: value for name, value in named.items() if value is not None}
    where = "WHERE " + " AND ".join(f"{name} = ?" for name in given) if given else ""
    return where, list(given.values())


def _among(jobs: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """A condition on the job's name, and its values."""
    if jobs is None:
        return "", ()
    return f"AND job IN ({', '.join('?' * len(jobs))})", tuple(sorted(jobs))


def _values(record: JobRun | Transition, columns: list[str]) -> tuple[Any, ...]:
    return tuple(
        _text(getattr(record, name)) if name in _JSON else getattr(record, name)
        for name in columns
    )


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)


def _fields(columns: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in _JSON and value is not None else value
        for name, value in zip(columns, row, strict=True)
    }


def _run(row: tuple[Any, ...]) -> JobRun:
    fields = _fields(_COLUMNS, row)
    return JobRun(**fields | {"cancel_asked": bool(fields["cancel_asked"])})
