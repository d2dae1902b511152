"""Who works on the site's queue, and how does the site learn how a run ended?

A worker executes jobs by their names in the manifests. After each one, and whenever it is idle, it
*settles* the runs that have ended: the system that asked for the run remembers its end, in the
transaction that marks the run as settled. So a worker that dies between the two loses nothing.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, transaction

from madang.kernel import clock, systems
from madang.kernel.jobs import run as jobs
from madang.kernel.jobs.errors import Unwanted
from madang.kernel.jobs.record import TERMINAL
from madang.kernel.jobs.worker import Done, Worker
from madang.kernel.words import Words
from madang.portal.models import JobRun
from madang.portal.queue import leases

if TYPE_CHECKING:
    from madang.kernel.jobs.lease import Leases
    from madang.kernel.jobs.record import JobRun as Record
    from madang.kernel.jobs.record import Lease
    from madang.kernel.jobs.worker import Claimed, Outcome

_log = logging.getLogger(__name__)

TELLING_S = 1.0
"""Progress is written down no more often than this."""


def execute(claimed: Claimed) -> Outcome:
    """Do one run's work in this process; what the job raises is the worker's business."""
    told_s = 0.0

    def progress(share: float, text: Words | str) -> None:
        nonlocal told_s
        if not claimed.is_wanted:
            raise Unwanted
        if (now_s := time.monotonic()) - told_s >= TELLING_S or share >= 1:
            told_s = now_s
            _tell(claimed.id, share, text)

    parameters = {**claimed.parameters, "run": claimed.id}
    return Done(result=jobs.run(claimed.job, parameters, progress=progress))


def _tell(run: str, share: float, text: Words | str) -> None:
    ko, en = (text.ko, text.en) if isinstance(text, Words) else (text, text)
    JobRun.objects.filter(id=run).update(share=share, saying_ko=ko[:300], saying_en=en[:300])


def settle_ended() -> int:
    """Let the systems remember how their runs ended.

    Returns:
        How many runs were settled.
    """
    count = 0
    waiting = JobRun.objects.filter(is_settled=False, state__in=sorted(TERMINAL))
    for identifier in list(waiting.order_by("arrival").values_list("id", flat=True)[:100]):
        count += settle(identifier)
    return count


def settle(identifier: str) -> bool:
    """Settle one ended run, once; True if it was done now."""
    with transaction.atomic():
        row = JobRun.objects.select_for_update().filter(id=identifier, is_settled=False).first()
        if row is None or row.state not in TERMINAL:
            return False
        system, _, job = row.job.partition(".")
        reference = systems.manifest(system).settle.get(job) if system in systems.NAMES else None
        if reference:
            systems.load(reference)(leases().get(identifier))
        JobRun.objects.filter(id=identifier).update(is_settled=True)
    return True


def runnable() -> list[str]:
    """The jobs that the systems installed here know, and the portal's own."""
    return [f"{each.name}.{job}" for each in systems.installed() for job in each.jobs]


class SiteWorker(Worker):
    """A worker that settles what has ended."""

    def __init__(self, queue: Leases, **options: Any) -> None:
        super().__init__(queue, execute, **options)

    def _claim(self) -> Lease | None:
        # A connection that the database closed is opened anew before it is used.
        close_old_connections()
        settle_ended()
        return super()._claim()


def work(*, until_idle: bool = False, lease_s: float, poll_s: float = 0.3) -> int:
    """Work on the site's queue.

    Args:
        until_idle: Return when no run is left; else work until a signal.
        lease_s: How long a silent worker keeps a run.
        poll_s: Pause before an empty queue is asked again.

    Returns:
        How many runs were brought to an end.
    """
    worker = SiteWorker(leases(), lease_s=lease_s, poll_s=poll_s, jobs=runnable())
    count = worker.run_until_idle() if until_idle else worker.run_until_stopped()
    settle_ended()
    return count


def ended_at(run: Record) -> Any:
    """When a run ended, as a moment."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(run.ended_s or clock.epoch_s(), tz=UTC)
