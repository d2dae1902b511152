"""Which routes are seen in the world? Those of the newest file that was handed in and read."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import ids
from madang.portal import objects
from madang.portal.log import remember
from madang.portal.models import StoredObject
from madang.portal.queue import enqueue
from madang.rpki.engine.routes.reading import quick_prefix
from madang.rpki.engine.routes.route import AsPath, Table
from madang.rpki.engine.routes.whatif import Observed
from madang.rpki.web.models import RouteSet
from madang.rpki.web.services import days

if TYPE_CHECKING:
    from madang.kernel.jobs.record import JobRun
    from madang.portal.models import User

LARGEST = 32 * 2**20
"""Bytes of one file: a table of the world's routes, thinned out to its origins, has less."""
JOB = "rpki.routes"


def take(content: bytes, *, name: str, by: User | None) -> RouteSet:
    """Keep a file of routes and let a worker read it."""
    with transaction.atomic():
        row = keep(content, name=name, by=by)
        enqueue(row.run, JOB, {"source": row.source.digest, "name": row.name})
    return row


@transaction.atomic
def keep(content: bytes, *, name: str, by: User | None) -> RouteSet:
    """Keep a file of routes that is still to be read."""
    run = ids.new("routes")
    kept = objects.keep(
        content, name=name[:120], media_type="application/octet-stream", owner=None, by=by
    )
    row = RouteSet.objects.create(run=run, name=name[:120], source=kept, by=by)
    remember("rpki-routes-taken", f"rpki/routes/{run}", by=by, source=kept.digest)
    return row


def settle(run: JobRun) -> None:
    """Remember how the reading of a file ended."""
    row = RouteSet.objects.filter(pk=run.id).first()
    if row is None:
        return
    if run.state == "done" and run.result:
        note(row, run.result)
        return
    row.state = "failed"
    row.fault_ko = run.detail.get("message_ko", "")
    row.fault_en = run.detail.get("message_en", "")
    row.save()


def note(row: RouteSet, result: dict[str, Any]) -> None:
    """Hold everything against these routes from now on (`rpki.jobs.routes`)."""
    row.state, row.content = "read", _kept(row, result["content"])
    row.routes, row.peers = result["routes"], result["peers"]
    row.left_out = result["left_out"]
    row.save()
    days.note(observed())


def _kept(row: RouteSet, digest: str) -> StoredObject:
    return StoredObject.objects.create(
        digest=digest,
        name=f"{row.run}.json",
        media_type="application/json",
        size=row.source.size,
        by=row.by,
    )


def newest() -> RouteSet | None:
    """The routes that everything is held against; None before the first file."""
    return RouteSet.objects.select_related("content").filter(state="read").first()


def observed() -> Observed:
    """The routes that are seen; none before the first file."""
    row = newest()
    return load(row.content.digest) if row and row.content else Observed(Table())


@lru_cache(maxsize=2)
def load(content: str) -> Observed:
    """The routes that a worker kept under this digest."""
    told = json.loads(objects.objects().get(content))
    table = Table()
    for prefix, origin, peers in told["routes"]:
        table.seen.setdefault(quick_prefix(prefix), {})[origin] = (1 << peers) - 1
    for hops, has_set, ends_in_set, count in told["paths"]:
        table.paths[AsPath(tuple(hops), has_set, ends_in_set)] = count
    return Observed(table)
