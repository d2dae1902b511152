"""What did the last round see, for whoever looks from another process? One SQLite file.

The service writes it after every wave, touching only the points whose verdict changed; pages and
commands read it while the service runs.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from madang.kernel.errors import Unavailable
from madang.rpki.engine.objects.naming import common_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.rpki.engine.service.rounds import Round
    from madang.rpki.engine.validation.outcome import Outcome, Visit
    from madang.rpki.engine.validation.verdicts import PointVerdict

_LAYOUT: Final = """
CREATE TABLE IF NOT EXISTS point (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, manifest TEXT NOT NULL,
    certificate TEXT NOT NULL, repository TEXT NOT NULL, notify TEXT NOT NULL,
    anchor TEXT NOT NULL, depth INTEGER NOT NULL, name TEXT NOT NULL, resources TEXT NOT NULL,
    above TEXT NOT NULL, source TEXT NOT NULL, number TEXT NOT NULL, this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL, not_after INTEGER NOT NULL, last_good INTEGER NOT NULL,
    code TEXT NOT NULL, accepted INTEGER NOT NULL, refused INTEGER NOT NULL,
    ignored INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    point INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL,
    at INTEGER NOT NULL, detail TEXT NOT NULL, oddities TEXT NOT NULL,
    not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, payloads INTEGER NOT NULL,
    PRIMARY KEY (point, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vrp (
    point INTEGER NOT NULL, name TEXT NOT NULL, family INTEGER NOT NULL, address BLOB NOT NULL,
    length INTEGER NOT NULL, max_length INTEGER NOT NULL, asn INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS aspa (
    point INTEGER NOT NULL, name TEXT NOT NULL, customer INTEGER NOT NULL,
    providers TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS repository (
    source TEXT PRIMARY KEY, at INTEGER NOT NULL, way TEXT NOT NULL, took_s REAL NOT NULL,
    received INTEGER NOT NULL, failure_ko TEXT NOT NULL, failure_en TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS vrp_place ON vrp (family, length, address);
CREATE INDEX IF NOT EXISTS vrp_asn ON vrp (asn);
CREATE INDEX IF NOT EXISTS vrp_point ON vrp (point);
CREATE INDEX IF NOT EXISTS aspa_point ON aspa (point);
CREATE INDEX IF NOT EXISTS point_manifest ON point (manifest);
CREATE INDEX IF NOT EXISTS object_state ON object (state, code);
"""
_ADD_POINT: Final = "INSERT INTO point VALUES (NULL" + ", ?" * 20 + ") RETURNING id"
_TABLES: Final = ("point", "object", "vrp", "aspa", "repository", "meta")


class Picture:
    """The picture of one validator.

    Args:
        path: The file; made where it does not exist.

    Raises:
        Unavailable: The file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._standing: dict[int, tuple[PointVerdict, str]] = {}
        with self.rows() as rows:
            rows.execute("PRAGMA journal_mode = WAL")
            rows.executescript(_LAYOUT)

    @contextmanager
    def rows(self) -> Iterator[sqlite3.Connection]:
        """The open file; what is written within stands together or not at all.

        Raises:
            Unavailable: The file cannot be read or written.
        """
        try:
            with closing(sqlite3.connect(self._path, timeout=30)) as rows, rows:
                rows.row_factory = sqlite3.Row
                yield rows
        except sqlite3.Error as fault:
            raise Unavailable(str(self._path), reason=str(fault)) from fault

    def draw(self, round_: Round) -> None:
        """Bring the picture after a wave of a round."""
        outcome = round_.outcome
        with self.rows() as rows:
            if not self._standing:
                for table in _TABLES:
                    rows.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this module
            present = {id(visit.verdict): visit for visit in outcome.visits}
            for known in self._standing.keys() - present.keys():
                _remove(rows, self._standing.pop(known)[1])
            for known in present.keys() - self._standing.keys():
                visit = present[known]
                # Held, so that no other verdict can take its number.
                self._standing[known] = visit.verdict, _add(rows, outcome, visit)
            rows.executemany(
                "INSERT OR REPLACE INTO repository VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        each.source,
                        outcome.at,
                        each.way,
                        each.took_s,
                        each.received,
                        each.failure.ko if each.failure else "",
                        each.failure.en if each.failure else "",
                    )
                    for each in round_.fetched
                ],
            )
            rows.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in _meta(round_).items()],
            )

    def meta(self) -> dict[str, Any]:
        """When and how the last round went; empty before the first."""
        with self.rows() as rows:
            found = rows.execute("SELECT name, value FROM meta").fetchall()
        return {name: json.loads(value) for name, value in found}


def _meta(round_: Round) -> dict[str, Any]:
    outcome, payloads = round_.outcome, round_.payloads
    return {
        "at": outcome.at,
        "took_s": round(round_.took_s, 3),
        "serial": round_.serial,
        "vrps": len(payloads.vrps),
        "aspas": len(payloads.aspas),
        "router_keys": len(payloads.router_keys),
        "points": len(outcome.visits),
        "anchors": {name: fault and fault.code for name, fault in outcome.anchors.items()},
    }


def _key(visit: Visit) -> str:
    """What tells two ways to one manifest apart."""
    authority = visit.authority
    return f"{authority.anchor} {authority.depth} {authority.uri} {authority.certificate.manifest}"


def _remove(rows: sqlite3.Connection, key: str) -> None:
    found = rows.execute("SELECT id FROM point WHERE key = ?", (key,)).fetchone()
    if found is None:
        return
    for table in ("object", "vrp", "aspa"):
        rows.execute(f"DELETE FROM {table} WHERE point = ?", (found[0],))  # noqa: S608 - as above
    rows.execute("DELETE FROM point WHERE id = ?", (found[0],))


def _add(rows: sqlite3.Connection, outcome: Outcome, visit: Visit) -> str:
    key = _key(visit)
    _remove(rows, key)
    authority, verdict = visit.authority, visit.verdict
    certificate = authority.certificate
    above = (
        outcome.visits[visit.parent].authority.certificate.manifest if visit.parent >= 0 else ""
    )
    number = rows.execute(
        _ADD_POINT,
        (
            key, certificate.manifest, authority.uri, certificate.repository, certificate.notify,
            authority.anchor, authority.depth, common_name(certificate.subject),
            str(authority.resources), above, verdict.source, str(verdict.number),
            verdict.this_update, verdict.next_update, certificate.not_after,
            int(verdict.from_last_good), verdict.failure.fault.code if verdict.failure else "",
            len(verdict.accepted), len(verdict.refused), verdict.ignored,
        ),
    ).fetchone()[0]  # fmt: skip
    rows.executemany(
        "INSERT OR REPLACE INTO object VALUES (?,?,?,?,?,?,?,?,?,?)", _objects(number, visit)
    )
    rows.executemany("INSERT INTO vrp VALUES (?, ?, ?, ?, ?, ?, ?)", _vrps(number, visit))
    rows.executemany(
        "INSERT INTO aspa VALUES (?, ?, ?, ?)",
        [
            (number, name, aspa.customer, " ".join(str(asn) for asn in aspa.providers))
            for name, judged in verdict.accepted.items()
            for aspa in judged.aspas
        ],
    )
    return key


def _objects(number: int, visit: Visit) -> Iterator[tuple[Any, ...]]:
    verdict = visit.verdict
    for name, judged in verdict.accepted.items():
        payloads = len(judged.vrps) + len(judged.aspas) + len(judged.router_keys)
        yield (
            number, name, "accepted", "", -1, "", " ".join(judged.oddities),
            judged.not_before, judged.not_after, payloads,
        )  # fmt: skip
    failure = (verdict.failure,) if verdict.failure else ()
    for name, fault in (*failure, *verdict.refused):
        yield number, name, "refused", fault.code, fault.at, fault.detail[:500], "", 0, 0, 0


def _vrps(number: int, visit: Visit) -> Iterator[tuple[Any, ...]]:
    for name, judged in visit.verdict.accepted.items():
        for family, address, length, most, asn in judged.vrps:
            # SQLite's numbers end at 63 bits; 16 bytes sort as the address does.
            yield number, name, family, address.to_bytes(16, "big"), length, most, asn
