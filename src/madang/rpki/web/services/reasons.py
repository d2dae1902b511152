"""Why is an announcement valid, invalid or not found? From the validator's picture (RFC 6811)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.faults import reasons
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.routes.origin import judged, told
from madang.rpki.web.services import world

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from madang.kernel.words import Words
    from madang.rpki.engine.faults import Reason
    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.routes.origin import Origin
    from madang.rpki.engine.service.history import Turn

_MOST = 100


class Behind(NamedTuple):
    """A payload that covers the prefix, with everything on which it rests."""

    vrp: Any
    uri: str
    chain: list[world.Point]
    turns: tuple[Turn, ...]
    """When it came, and when it was gone before."""
    is_matching: bool

    @property
    def since(self) -> datetime | None:
        """Since when it is believed; None where that was before the log began."""
        return world.moment(self.turns[0].at) if self.turns else None


class Missed(NamedTuple):
    """An object of a holder of the prefix that is not believed."""

    uri: str
    reason: Reason | None
    at: int
    """The byte at which the check failed; -1 where it lies in none."""
    detail: str


class Why(NamedTuple):
    """The state of one announcement, with all that decided it."""

    prefix: Prefix
    asn: int
    origin: Origin
    sentence: Words
    behind: list[Behind]
    missed: list[Missed]

    def plain(self) -> dict[str, Any]:
        """For programs."""
        return {
            "prefix": str(self.prefix),
            "asn": self.asn,
            "state": self.origin.state,
            "reason": self.origin.reason,
            "covering": [
                {"vrp": str(each.vrp), "object": each.uri, "matching": each.is_matching}
                for each in self.behind
            ],
            "not_believed": [
                {
                    "object": each.uri,
                    "code": each.reason.code if each.reason else "",
                    "norm": each.reason.norm if each.reason else "",
                    "at": each.at,
                    "detail": each.detail,
                }
                for each in self.missed
            ],
        }


def why(prefix: Prefix, asn: int) -> Why:
    """The verdict on one announcement."""
    found = world.covering(prefix)
    origin = judged(prefix.length, asn, [each.vrp for each in found])
    behind = [_behind(each, each.vrp in origin.matching) for each in found[:_MOST]]
    sentence = told(prefix, asn, origin)
    return Why(prefix, asn, origin, sentence, behind, _missed(prefix))


def _behind(each: world.Sourced, is_matching: bool) -> Behind:
    point, log = world.point(each.manifest), world.history()
    turns = log.of(each.vrp, limit=10) if log else ()
    return Behind(each.vrp, each.uri, world.chain(point) if point else [], turns, is_matching)


def _missed(prefix: Prefix) -> list[Missed]:
    """Refused objects of those who hold the prefix: one of them may be what is missing."""
    found: list[Missed] = []
    for point in world.in_trouble():
        try:
            holds = read_resources(point.resources).covers_prefix(prefix)
        except ResourcesRefused:
            holds = False
        if holds:
            found += [missed(point.repository, row) for row in refused(point.id)]
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def refused(point: int) -> list[sqlite3.Row]:
    """The objects of a publication point that were refused."""
    return world.asked(
        "select * from object where point = ? and state = 'refused' order by name", point
    )


def missed(repository: str, row: sqlite3.Row) -> Missed:
    """A refused object with its reason."""
    return Missed(repository + row["name"], reasons().get(row["code"]), row["at"], row["detail"])
