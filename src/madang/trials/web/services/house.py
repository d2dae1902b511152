"""Where do the trials of this site lie? In the engine's workspace, on the site's log and queue."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from madang.portal.log import log
from madang.portal.queue import DatabaseLeaseStore
from madang.portal.webhooks import emit
from madang.trials.engine.office import Office
from madang.trials.engine.workspace import Workspace
from madang.trials.web.models import Demand

if TYPE_CHECKING:
    from pathlib import Path


@cache
def _office(data: Path, objects: str) -> Office:
    workspace = Workspace(data / "trials", log=log, runs=DatabaseLeaseStore(), objects=objects)
    found = Office(workspace)
    atexit.register(found.runner.close)
    return found


def office() -> Office:
    """The engine's partner of the site's services; its scorer starts only when it is asked."""
    return _office(settings.DATA, str(settings.OBJECTS))


def alone(demand: Demand | int) -> Demand:
    """A demand's row for this transaction alone: the lock under which a trial changes."""
    rows = Demand.objects.select_for_update(of=("self",)).select_related("agency", "ministry")
    return rows.get(pk=demand if isinstance(demand, int) else demand.pk)


def moved(demand: Demand) -> None:
    """Tell programs that a demand came into another state, in the transaction that moved it."""
    emit("trials.demand.moved", {"demand": demand.name, "state": demand.state}, to=None)
