"""Since when is this believed, and by which event? A log of every payload that came or went."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
    from madang.rpki.engine.validation.outcome import Outcome, Visit

_LAYOUT: Final = """
CREATE TABLE IF NOT EXISTS run (
    at INTEGER NOT NULL, vrps INTEGER NOT NULL, aspas INTEGER NOT NULL,
    router_keys INTEGER NOT NULL, refused INTEGER NOT NULL, serial INTEGER);
CREATE TABLE IF NOT EXISTS turn (
    at INTEGER NOT NULL, payload TEXT NOT NULL, come INTEGER NOT NULL,
    manifest TEXT NOT NULL, number TEXT NOT NULL, cause TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS standing (payload TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS turn_payload ON turn (payload, at);
CREATE INDEX IF NOT EXISTS turn_at ON turn (at);
CREATE INDEX IF NOT EXISTS run_at ON run (at);
"""
_MOST: Final = 2_000_000
"""Turns that are kept."""


class Turn(NamedTuple):
    """A payload that came or went."""

    at: int
    """The moment of the run, in seconds since 1970."""
    payload: str
    come: bool
    manifest: str
    """The manifest of the point by which it came or went; empty where several are."""
    number: str
    """That manifest's number."""
    cause: str
    """`issued`, `withdrawn`, or the code of the reason why the point or the object fell."""

    def sentence(self) -> Words:
        """The turn in one line."""
        if self.come:
            return words(
                f"{self.manifest} {self.number}번으로 들어옴",
                f"came with number {self.number} of {self.manifest}",
            )
        return words(
            f"{self.manifest} {self.number}번에서 빠짐: {self.cause}",
            f"went with number {self.number} of {self.manifest}: {self.cause}",
        )


class Totals(NamedTuple):
    """What was believed at one moment, in numbers."""

    at: int
    vrps: int
    aspas: int
    router_keys: int
    refused: int
    serial: int | None


class History:
    """The log of one validator, in one SQLite file.

    Raises:
        Unavailable: The file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = False
        with self._open() as rows:
            rows.execute("PRAGMA journal_mode = WAL")
            rows.executescript(_LAYOUT)

    def record(self, outcome: Outcome, *, serial: int | None, baseline: bool = False) -> int:
        """Write down what a wave changed; how many turns that were.

        Args:
            outcome: What was judged.
            serial: The feed's number after it.
            baseline: Whether nothing before is known, so that nothing has turned.
        """
        with self._open() as rows:
            come, gone = self._changed(rows, outcome)
            rows.executemany("INSERT OR IGNORE INTO standing VALUES (?)", ((it,) for it in come))
            rows.executemany("DELETE FROM standing WHERE payload = ?", ((it,) for it in gone))
            turns = [] if baseline else list(_turns(outcome, come, gone))
            rows.executemany("INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?)", turns)
            rows.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)", _totals(outcome, serial))
            rows.execute(
                "DELETE FROM turn WHERE rowid <= (SELECT max(rowid) FROM turn) - ?", (_MOST,)
            )
        self._begun = True
        return len(turns)

    def _changed(self, rows: sqlite3.Connection, outcome: Outcome) -> tuple[list[str], list[str]]:
        """The payloads that came and went since the last record, even by another process."""
        if self._begun:
            change = outcome.change
            return _texts(change.announced), _texts(change.withdrawn)
        now = set(_texts(outcome.payloads))
        before = {payload for (payload,) in rows.execute("SELECT payload FROM standing")}
        return sorted(now - before), sorted(before - now)

    def of(self, payload: Vrp | Aspa | RouterKey, *, limit: int = 100) -> tuple[Turn, ...]:
        """The turns of one payload, the latest first."""
        with self._open() as rows:
            found = rows.execute(
                "SELECT * FROM turn WHERE payload = ? ORDER BY at DESC, rowid DESC LIMIT ?",
                (str(payload), limit),
            ).fetchall()
        return tuple(_turn(row) for row in found)

    def latest(self, *, limit: int = 100) -> tuple[Turn, ...]:
        """The last turns of all."""
        with self._open() as rows:
            found = rows.execute(
                "SELECT * FROM turn ORDER BY rowid DESC LIMIT ?", (limit,)
            ).fetchall()
        return tuple(_turn(row) for row in found)

    def began(self) -> int | None:
        """The moment of the first run: what stood then may be older."""
        with self._open() as rows:
            found: tuple[int | None] = rows.execute("SELECT min(at) FROM run").fetchone()
        return found[0]

    def totals(self, *, limit: int = 1000) -> tuple[Totals, ...]:
        """The numbers of the last runs, the latest first."""
        with self._open() as rows:
            found = rows.execute(
                "SELECT * FROM run ORDER BY rowid DESC LIMIT ?", (limit,)
            ).fetchall()
        return tuple(Totals(*row) for row in found)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30)) as rows, rows:
                yield rows
        except sqlite3.Error as fault:
            raise Unavailable(str(self._path), reason=str(fault)) from fault


def _turn(row: tuple[int, str, int, str, str, str]) -> Turn:
    at, payload, come, manifest, number, cause = row
    return Turn(at, payload, bool(come), manifest, number, cause)


def _texts(payloads: Payloads) -> list[str]:
    return [
        *(str(each) for each in payloads.vrps),
        *(str(each) for each in payloads.aspas),
        *(str(each) for each in payloads.router_keys),
    ]


def _totals(outcome: Outcome, serial: int | None) -> tuple[int | None, ...]:
    payloads = outcome.payloads
    refused = sum(1 for _ in outcome.refused())
    return (
        outcome.at, len(payloads.vrps), len(payloads.aspas), len(payloads.router_keys),
        refused, serial,
    )  # fmt: skip


def _turns(
    outcome: Outcome, come: list[str], gone: list[str]
) -> Iterator[tuple[int, str, int, str, str, str]]:
    """Every payload that turned, with the point whose verdict brought or took it."""
    came, went = _places(outcome.come), _places(outcome.gone)
    after = {visit.authority.certificate.manifest: visit for visit in outcome.visits}
    for sign, places, payloads in ((1, came, come), (0, went, gone)):
        for payload in payloads:
            place = places.get(_place_key(payload))
            manifest = place[0].authority.certificate.manifest if place else ""
            new = after.get(manifest)
            number = str(new.verdict.number) if new else "-"
            cause = "issued" if sign else _cause(new, place[1] if place else "")
            yield outcome.at, payload, sign, manifest, number, cause


def _place_key(payload: str) -> str:
    # Several ASPAs of one customer stand as one, so that only the customer leads back.
    return payload.partition(" ←")[0]


def _places(visits: tuple[Visit, ...]) -> dict[str, tuple[Visit, str]]:
    found: dict[str, tuple[Visit, str]] = {}
    for visit in visits:
        for name, judged in visit.verdict.accepted.items():
            for payload in chain(judged.vrps, judged.aspas, judged.router_keys):
                found[_place_key(str(payload))] = visit, name
    return found


def _cause(visit: Visit | None, name: str) -> str:
    """Why an object's payloads went: it was withdrawn, refused, or its whole point fell."""
    if visit is None:
        return "authority-gone"
    for refusal in visit.verdict.refused:
        if refusal.name == name:
            return refusal.fault.code
    if visit.verdict.failure and visit.verdict.number < 0:
        return visit.verdict.failure.fault.code
    return "withdrawn"
