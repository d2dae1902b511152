"""How does each authority stand? What it holds, what it signed, and what is due next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.desk import moment
from madang.rpki.engine.authority.intents import intents
from madang.rpki.engine.authority.planning import held

if TYPE_CHECKING:
    import sqlite3


class Standing(NamedTuple):
    """One authority at this moment."""

    handle: str
    kind: str
    resources: str
    keys: dict[str, int]
    """State → how many keys are in it."""
    files: dict[str, int]
    """Kind of file → how many stand."""
    intents: int
    unsigned: tuple[str, ...]
    """Intents that no certificate covers any more."""
    renewal: str
    """When the first of its CRLs and manifests ends; empty where there are none."""
    ceremony: bool
    """Whether a request waits for its answer."""


def standings(rows: sqlite3.Connection) -> list[Standing]:
    """Every authority here, as it stands."""
    return [_standing(rows, each) for each in entries.authorities(rows)]


def _standing(rows: sqlite3.Connection, authority: entries.AuthorityEntry) -> Standing:
    keys = [
        key
        for class_ in entries.classes(rows, authority.handle)
        for key in entries.keys(rows, class_.id)
    ]
    files = Counter(each.kind for key in keys for each in entries.objects(rows, key.id).values())
    vrps, aspas = intents(rows, authority.handle)
    resources = held(rows, authority.handle)
    ends = [key.next_update for key in keys if key.next_update]
    waiting = any(
        rows.execute("select 1 from ceremony where key = ?", (key.id,)).fetchone() for key in keys
    )
    unsigned = [str(each) for each in vrps if not resources.covers_prefix(each.prefix)]
    return Standing(
        authority.handle,
        authority.kind,
        str(resources),
        dict(Counter(key.state for key in keys)),
        dict(files),
        len(vrps) + len(aspas),
        tuple(unsigned),
        clock.stamp(moment(min(ends))) if ends else "",
        waiting,
    )
