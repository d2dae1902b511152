"""What is no longer needed in the store? Bytes that nothing holds, old events, old kept points.

Whatever came loose stays for an hour: a validation that has begun may still read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import clock

if TYPE_CHECKING:
    from madang.rpki.engine.store.connections import Connections

LOOSE_S = 3600.0
KEPT_S = 60 * 86_400.0
"""A point that nobody found whole for so long is no last good one any more."""
UNNAMED_S = 30 * 86_400.0
"""A repository that was not asked for so long is named by nobody."""
NEVER_S = 86_400.0
"""The same of one that never gave anything, of which anybody may invent names."""
EVENTS = 5_000_000
"""About a gigabyte."""
EVENTS_OF_ONE = 500_000
"""Of one repository, so that none pushes out what is remembered of the others."""
_SPAN = 4000
"""Objects of one transaction: enough that a page is written once for many, and few enough that
an update waits for moments only."""


class Swept(NamedTuple):
    """What was removed."""

    objects: int
    events: int
    kept: int
    repositories: int


def sweep(
    connections: Connections,
    *,
    loose_s: float = LOOSE_S,
    kept_s: float = KEPT_S,
    events: int = EVENTS,
    events_of_one: int = EVENTS_OF_ONE,
) -> Swept:
    """Remove what nothing refers to any more, in short transactions.

    Args:
        connections: Those of the store.
        loose_s: Seconds that loose bytes are still kept.
        kept_s: Seconds that a kept point stays without being kept again.
        events: How many events are remembered in all.
        events_of_one: How many of one repository.
    """
    kept = _old_kept(connections, clock.epoch_s() - kept_s)
    repositories = _unnamed(connections)
    return Swept(
        repositories=repositories,
        objects=_loose(connections, clock.epoch_s() - loose_s),
        events=_old_events_of_one(connections, events_of_one) + _old_events(connections, events),
        kept=kept,
    )


def forget(connections: Connections, number: int) -> None:
    """Drop a repository and all it held."""
    with connections.writing() as rows:
        rows.execute(_LOOSE_REPOSITORY, (clock.epoch_s(), number))
        for statement in _FORGET:
            rows.execute(statement, (number,))


def _unnamed(connections: Connections) -> int:
    now_s = clock.epoch_s()
    with connections.reading() as rows:
        found = rows.execute(_UNNAMED, (now_s - UNNAMED_S, now_s - NEVER_S)).fetchall()
    for (number,) in found:
        forget(connections, number)
    return len(found)


def _loose(connections: Connections, before_s: float) -> int:
    removed = 0
    while True:
        with connections.reading() as rows:
            ranges = rows.execute(
                "SELECT rowid, first, last FROM loose WHERE since_s <= ? LIMIT ?",
                (before_s, _SPAN),
            ).fetchall()
        if not ranges:
            return removed
        removed += _ranges(connections, ranges)


def _ranges(connections: Connections, ranges: list[tuple[int, int, int]]) -> int:
    """Remove what is unused of some ranges; of a long one its begin, and it becomes shorter."""
    removed, room = 0, _SPAN
    with connections.writing() as rows:
        for rowid, first, last in ranges:
            if room <= 0:
                break
            end = min(last, first + room - 1)
            unused = rows.execute(_UNUSED, (first, end)).fetchall()
            rows.executemany("DELETE FROM address WHERE object = ? AND digest = ?", unused)
            rows.executemany("DELETE FROM object WHERE id = ? AND digest = ?", unused)
            removed += len(unused)
            room -= end - first + 1
            if end == last:
                rows.execute("DELETE FROM loose WHERE rowid = ?", (rowid,))
            else:
                rows.execute("UPDATE loose SET first = ? WHERE rowid = ?", (end + 1, rowid))
    return removed


def _old_events(connections: Connections, keep: int) -> int:
    with connections.writing() as rows:
        query = "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?"
        return rows.execute(query, (keep,)).rowcount


def _old_events_of_one(connections: Connections, keep: int) -> int:
    removed = 0
    with connections.reading() as rows:
        query = "SELECT id FROM repository WHERE events > ?"
        numbers = [number for (number,) in rows.execute(query, (keep,))]
    for number in numbers:
        with connections.writing() as rows:
            removed += rows.execute(_OLD_OF_ONE, (number, number, keep)).rowcount
            rows.execute("UPDATE repository SET events = ? WHERE id = ?", (keep, number))
    return removed


def _old_kept(connections: Connections, before_s: float) -> int:
    with connections.writing() as rows:
        old = rows.execute("SELECT id FROM kept WHERE at_s <= ? LIMIT 1000", (before_s,))
        numbers = old.fetchall()
        for number in numbers:
            rows.execute(
                "INSERT INTO loose SELECT object, object, at_s, 0 FROM kept_entry"
                " JOIN kept ON kept.id = kept_entry.kept WHERE kept.id = ?",
                number,
            )
            rows.execute("DELETE FROM kept_entry WHERE kept = ?", number)
            rows.execute("DELETE FROM kept WHERE id = ?", number)
    return len(numbers)


_OLD_OF_ONE = """DELETE FROM event WHERE repository = ? AND id <= (
    SELECT id FROM event WHERE repository = ? ORDER BY id DESC LIMIT 1 OFFSET ?)"""
_UNUSED = """SELECT id, digest FROM object WHERE id BETWEEN ? AND ?
    AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.object = object.id)
    AND NOT EXISTS (SELECT 1 FROM kept_entry WHERE kept_entry.object = object.id)"""
_UNNAMED = """SELECT id FROM repository WHERE attempted_s <= ?
    OR (attempted_s <= ? AND succeeded_s IS NULL AND objects = 0)"""
_LOOSE_REPOSITORY = """INSERT INTO loose SELECT entry.object, entry.object, ?, 0 FROM folder
    JOIN entry ON entry.folder = folder.id WHERE folder.repository = ?"""
_FORGET = (
    "DELETE FROM entry WHERE folder IN (SELECT id FROM folder WHERE repository = ?)",
    "DELETE FROM folder WHERE repository = ?",
    "DELETE FROM event WHERE repository = ?",
    "DELETE FROM repository WHERE id = ?",
)
