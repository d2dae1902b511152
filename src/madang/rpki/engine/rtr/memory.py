"""What does a feed remember over a restart? Its sessions, its serial number and what it told.

A router that knows serial number 7 of a session must never hear other data under that number. So
an edition is on the disk before a router hears of it: SQLite with full synchronisation, where
each edition costs what has changed, not what is held.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.rtr.editions import Delta

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from madang.rpki.engine.rtr.editions import Entries
    from madang.rpki.engine.rtr.records import Record

_FORM: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deltas (number INTEGER PRIMARY KEY, old INTEGER, new INTEGER);
CREATE TABLE IF NOT EXISTS entries (number INTEGER, key BLOB, before BLOB, after BLOB,
                                    PRIMARY KEY (number, key)) WITHOUT ROWID;
"""


class Remembered(NamedTuple):
    """What a feed knew when it ended."""

    sessions: tuple[int, ...]
    serial: int
    records: list[Record]
    history: tuple[Delta, ...]


class Memory:
    """A file that outlives the feed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            # Editions come from whichever thread validates; the feed lets in one at a time.
            self._base = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            self._base.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}"
            )
        except sqlite3.Error as fault:
            raise self._unusable(fault) from fault

    def recall(self) -> Remembered | None:
        """What was kept; None where nothing was.

        Raises:
            Unavailable: The file is damaged, or of another form.
        """
        try:
            facts = dict(self._base.execute("SELECT name, number FROM facts"))
            if "serial" not in facts:
                return None
            if facts.get("form") != _FORM:
                raise self._unusable(f"form {facts.get('form')}")
            history = []
            for number, old, new in self._base.execute("SELECT * FROM deltas ORDER BY number"):
                found = self._base.execute(
                    "SELECT key, before, after FROM entries WHERE number = ?", (number,)
                )
                entries = {key: (before, after) for key, before, after in found}
                history.append(Delta(old, new, entries))
            records = self._base.execute("SELECT key, value FROM held").fetchall()
        except sqlite3.Error as fault:
            raise self._unusable(fault) from fault
        sessions = tuple(facts[f"session {version}"] for version in range(3))
        return Remembered(sessions, facts["serial"], records, tuple(history))

    def begin(self, sessions: Iterable[int], serial: int, records: Iterable[Record]) -> None:
        """Forget everything; keep these records as the first edition of new sessions."""
        facts = [("form", _FORM), ("serial", serial)]
        facts += [(f"session {version}", number) for version, number in enumerate(sessions)]
        self._write(
            ("DELETE FROM facts", [()]),
            ("DELETE FROM held", [()]),
            ("DELETE FROM deltas", [()]),
            ("DELETE FROM entries", [()]),
            ("INSERT INTO facts VALUES (?, ?)", facts),
            ("INSERT INTO held VALUES (?, ?)", records),
        )

    def keep(self, delta: Delta, *, deltas: int) -> None:
        """Keep what has changed, and so many of the latest deltas.

        Raises:
            Unavailable: The file cannot be written; nothing of the change is kept.
        """
        number = self._latest() + 1
        entries = delta.entries
        self._write(
            ("UPDATE facts SET number = ? WHERE name = 'serial'", [(delta.new,)]),
            ("DELETE FROM held WHERE key = ?", _gone(entries)),
            ("INSERT OR REPLACE INTO held VALUES (?, ?)", _come(entries)),
            ("INSERT INTO deltas VALUES (?, ?, ?)", [(number, delta.old, delta.new)]),
            (
                "INSERT INTO entries VALUES (?, ?, ?, ?)",
                ((number, key, *values) for key, values in entries.items()),
            ),
            ("DELETE FROM deltas WHERE number <= ?", [(number - deltas,)]),
            ("DELETE FROM entries WHERE number <= ?", [(number - deltas,)]),
        )

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _latest(self) -> int:
        try:
            (number,) = self._base.execute("SELECT max(number) FROM deltas").fetchone()
        except sqlite3.Error as fault:
            raise self._unusable(fault) from fault
        return number or 0

    def _write(self, *steps: tuple[str, Iterable[tuple[object, ...]]]) -> None:
        try:
            with closing(self._base.cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                for order, rows in steps:
                    cursor.executemany(order, rows)
                cursor.execute("COMMIT")
        except sqlite3.Error as fault:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise self._unusable(fault) from fault

    def _unusable(self, reason: object) -> Unavailable:
        return Unavailable(
            words(f"라우터 세션 기록 {self._file}", f"the memory of router sessions {self._file}"),
            reason=str(reason),
            remedy=words(
                "파일을 지우면 새 세션으로 시작하며 라우터는 전체를 다시 받습니다.",
                "Delete the file to begin new sessions; routers will fetch everything again.",
            ),
        )


def _gone(entries: Entries) -> list[tuple[bytes]]:
    return [(key,) for key, (_, after) in entries.items() if after is None]


def _come(entries: Entries) -> list[tuple[bytes, bytes]]:
    return [(key, after) for key, (_, after) in entries.items() if after is not None]
