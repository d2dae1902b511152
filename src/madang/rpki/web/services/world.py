"""What did the validator see last? Read from its picture, which another process may write."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from madang.rpki.engine.faults import reasons
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import BITS
from madang.rpki.engine.service.history import History
from madang.rpki.engine.service.picture import Picture
from madang.rpki.engine.service.workspace import Workspace

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from madang.rpki.engine.faults import Reason
    from madang.rpki.engine.resources.blocks import Resources
    from madang.rpki.engine.resources.prefix import Prefix


class Sourced(NamedTuple):
    """A payload with the object that says it."""

    vrp: Vrp
    manifest: str
    """Of its publication point."""
    uri: str


class Point(NamedTuple):
    """A publication point as the last round judged it."""

    id: int
    manifest: str
    certificate: str
    repository: str
    anchor: str
    depth: int
    name: str
    resources: str
    above: str
    """The manifest of the point above; empty for a trust anchor."""
    source: str
    number: str
    this_update: int
    next_update: int
    not_after: int
    last_good: int
    code: str
    accepted: int
    refused: int
    ignored: int

    @property
    def reason(self) -> Reason | None:
        """Why what was fetched last could not be used."""
        return reasons().get(self.code)

    @property
    def ends(self) -> datetime:
        """Until when its manifest holds."""
        return moment(self.next_update)


_POINT = ", ".join(Point._fields)


def workspace() -> Workspace:
    """The folder of this site's validator."""
    return Workspace(settings.DATA / "rpki" / "validator")


def moment(second: int) -> datetime:
    """A second since 1970 as a moment."""
    return datetime.fromtimestamp(second, UTC)


@contextmanager
def rows() -> Iterator[sqlite3.Connection | None]:
    """The open picture; None before the first round."""
    path = workspace().picture
    if not path.exists():
        yield None
        return
    with Picture(path).rows() as found:
        yield found


def asked(sql: str, *values: Any) -> list[sqlite3.Row]:
    """What the picture answers; nothing before the first round."""
    with rows() as found:
        return [] if found is None else found.execute(sql, values).fetchall()


def meta() -> dict[str, Any]:
    """When and how the last round went; empty before the first."""
    return {name: json.loads(value) for name, value in asked("select name, value from meta")}


def history() -> History | None:
    """The log of what came and went; None before the first round."""
    path = workspace().history
    return History(path) if path.exists() else None


class Found:
    """Rows of the picture as a list that is read a page at a time.

    Args:
        sql: All of it, in its order.
        values: Of its question marks.
    """

    def __init__(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._sql, self._values = sql, tuple(values)

    def count(self) -> int:
        """How many there are."""
        counted = asked(f"select count(*) from ({self._sql})", *self._values)  # noqa: S608 - ours
        return int(counted[0][0]) if counted else 0

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[sqlite3.Row]:
        start, stop = part.start or 0, part.stop
        limit = -1 if stop is None else stop - start
        return asked(f"{self._sql} limit ? offset ?", *self._values, limit, start)

    def __iter__(self) -> Iterator[sqlite3.Row]:
        return iter(self[0:])


def near(resources: Resources) -> set[Vrp]:
    """The payloads that cover a part of these addresses, or lie within them."""
    found: set[Vrp] = set()
    with rows() as open_:
        if open_ is None:
            return found
        lengths = open_.execute("select distinct family, length from vrp").fetchall()
        for family, blocks in ((4, resources.v4), (6, resources.v6)):
            for length in sorted(each[1] for each in lengths if each[0] == family):
                hidden = BITS[family] - length
                for low, high in blocks:
                    pair = (low >> hidden << hidden, high)
                    found.update(vrp(row) for row in _between(open_, family, length, pair))
    return found


def _between(
    rows: sqlite3.Connection, family: int, length: int, pair: tuple[int, int]
) -> list[sqlite3.Row]:
    low, high = (address.to_bytes(16, "big") for address in pair)
    return rows.execute(
        "select family, address, length, max_length, asn, point, name from vrp"
        " where family = ? and length = ? and address between ? and ?",
        (family, length, low, high),
    ).fetchall()


def vrp(row: sqlite3.Row) -> Vrp:
    """A row of the table `vrp` as a payload."""
    return Vrp(
        row["family"],
        int.from_bytes(row["address"], "big"),
        row["length"],
        row["max_length"],
        row["asn"],
    )


def covering(prefix: Prefix) -> list[Sourced]:
    """The payloads that cover a prefix, the shortest first, each with its object."""
    found = []
    with rows() as open_:
        if open_ is None:
            return []
        for length in range(prefix.length + 1):
            hidden = BITS[prefix.family] - length
            start = prefix.address >> hidden << hidden
            for row in _between(open_, prefix.family, length, (start, start)):
                place = open_.execute(
                    "select manifest, repository from point where id = ?", (row["point"],)
                ).fetchone()
                found.append(Sourced(vrp(row), place[0], place[1] + row["name"]))
    return found


def aspas() -> frozenset[Aspa]:
    """Every ASPA that is believed."""
    return frozenset(
        Aspa(row[0], tuple(map(int, row[1].split())))
        for row in asked("select customer, providers from aspa")
    )


def point(manifest: str) -> Point | None:
    """The publication point of this manifest; the first where several ways lead to it."""
    sql = f"select {_POINT} from point where manifest = ? order by id limit 1"  # noqa: S608 - ours
    return next((Point(*row) for row in asked(sql, manifest)), None)


def point_at(repository: str) -> Point | None:
    """The publication point of this folder."""
    sql = f"select {_POINT} from point where repository = ? order by id limit 1"  # noqa: S608
    return next((Point(*row) for row in asked(sql, repository)), None)


def in_trouble() -> list[Point]:
    """Publication points with objects that were refused, or that could not be used at all."""
    sql = f"select {_POINT} from point where refused > 0 or code <> '' order by id"  # noqa: S608
    return [Point(*row) for row in asked(sql)]


def chain(found: Point) -> list[Point]:
    """The points from the trust anchor down to this one."""
    links = [found]
    while links[-1].above and len(links) <= found.depth:
        above = point(links[-1].above)
        if above is None:
            break
        links.append(above)
    return links[::-1]
