"""How many seen routes would a member's change turn invalid? Judged with all members' intents.

Other members' authorisations count too: a route may be covered by a ROA of the block above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.intents import intents
from madang.rpki.engine.payloads import Payloads, Vrp, change
from madang.rpki.engine.routes import whatif
from madang.rpki.engine.routes.origin import OriginIndex

if TYPE_CHECKING:
    import sqlite3

    from madang.rpki.engine.authority.planning import Impact
    from madang.rpki.engine.routes.whatif import Observed


def harm(rows: sqlite3.Connection, authority: str, observed: Observed) -> Impact:
    """What counts the routes that a change of this authority's intents turns invalid."""
    others = frozenset(
        vrp
        for each in entries.authorities(rows)
        if each.handle != authority
        for vrp in intents(rows, each.handle)[0]
    )

    def count(before: frozenset[Vrp], after: frozenset[Vrp]) -> int:
        step = change(Payloads(before | others), Payloads(after | others))
        found = whatif.impact(observed, OriginIndex(before | others), step)
        return len(found.to("invalid"))

    return count
