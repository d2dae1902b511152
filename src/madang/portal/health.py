"""Does the process live, and can the site do its work? Asked by machines, answered in JSON."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from madang.kernel import clock
from madang.kernel.errors import MadangError
from madang.portal import metrics
from madang.portal.models import SeenWorker
from madang.portal.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable

STUCK_S = 120.0
"""A run that has been due for so long, while no worker was seen, says that the queue stands."""
LEAST_FREE = 64 * 2**20
"""Bytes that must be free where objects lie."""
FRESH_S = 2.0
"""An answer is good for so long, so that whoever asks often costs little."""
_PROBE = b"madang\n"


class Unfit(Exception):
    """A check did not hold. Its one word, which says why, is for machines."""


def readiness() -> dict[str, Any]:
    """Every check, and whether all hold: `{"ready": true, "checks": {"database": {…}, …}}`."""
    checks = {}
    for name, check in _CHECKS.items():
        try:
            checks[name] = {"ok": True, **check()}
        except Unfit as fault:
            checks[name] = {"ok": False, "why": str(fault)}
        except (DatabaseError, InterfaceError):
            _let_go()
            checks[name] = {"ok": False, "why": "no-answer"}
    return {"ready": all(each["ok"] for each in checks.values()), "checks": checks}


class Remembered:
    """An answer that is asked for anew only when it is no longer fresh."""

    def __init__(self, ask: Callable[[], dict[str, Any]]) -> None:
        self._ask, self._until_s = ask, 0.0
        self._said: dict[str, Any] = {}

    def __call__(self) -> dict[str, Any]:
        """The answer."""
        now_s = time.monotonic()
        if now_s >= self._until_s:
            self._said = self._ask()
            self._until_s = time.monotonic() + FRESH_S
        return self._said


def _let_go() -> None:
    # A broken connection is opened again by the next question.
    if not connection.in_atomic_block:
        connection.close()


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"kind": connection.vendor}


def _migrations() -> dict[str, Any]:
    _all_applied()
    return {}


@cache
def _all_applied() -> None:
    """Whether every migration was applied; once that is so, it stays so for this process.

    Raises:
        Unfit: Some are missing.
    """
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Unfit("not-applied")


def _objects() -> dict[str, Any]:
    try:
        objects().put(_PROBE)
        if "://" not in str(settings.OBJECTS):
            return {"free_bytes": _free(Path(settings.OBJECTS))}
    except (MadangError, OSError) as fault:
        raise Unfit("not-writable") from fault
    return {}


def _free(folder: Path) -> int:
    """How much may still be written.

    Raises:
        Unfit: Too little.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(_PROBE)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise Unfit("no-room")
    return free


def _queue() -> dict[str, Any]:
    now_s = clock.epoch_s()
    waited_s = metrics.waited_s(now_s)
    seen = SeenWorker.objects.filter(seen_s__gt=now_s - metrics.LATELY_S).count()
    if waited_s > STUCK_S and not seen:
        raise Unfit("no-worker")
    return {"oldest_due_s": round(waited_s, 1), "workers": seen}


_CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "database": _database,
    "migrations": _migrations,
    "objects": _objects,
    "queue": _queue,
}
