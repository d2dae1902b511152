"""Who works on the site's queue, and how does the site learn how a run ended?

A worker executes jobs by their names in the manifests. After each one, and whenever it is idle, it
*settles* the runs that have ended: the system that asked for the run remembers its end, in the
transaction that takes the run off the list of endings. So a worker that dies between the two loses
nothing, and a system whose `settle` fails is asked again later, while the others go on.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection, transaction

from madang.kernel import clock, systems
from madang.kernel.errors import MadangError, Unavailable
from madang.kernel.jobs import run as jobs
from madang.kernel.jobs.errors import Unwanted
from madang.kernel.jobs.worker import Done, Failed, Worker, caught
from madang.kernel.words import Words
from madang.portal import acting, logs
from madang.portal import jobs as own
from madang.portal.models import JobEnding, JobRun, SeenWorker
from madang.portal.queue import leases, telling

if TYPE_CHECKING:
    import threading

    from madang.kernel.jobs.lease import Leases
    from madang.kernel.jobs.record import JobRun as Record
    from madang.kernel.jobs.record import Lease
    from madang.kernel.jobs.worker import Claimed, Outcome

_log = logging.getLogger(__name__)

TELLING_S = 1.0
"""Progress is written down no more often than this."""
SEEN_S = 5.0
"""How often a worker says that it is there."""
TICK_S = 5.0
"""How often a worker asks the systems what the clock has made due."""
FORGOTTEN_S = 86_400.0
"""A worker that was not seen for so long is forgotten."""
LONGEST_PAUSE_S = 600.0
"""Between two tries to settle a run."""
_AT_ONCE = 100


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
    with acting.as_(request=claimed.id):
        return Done(result=jobs.run(_reference(claimed.job), parameters, progress=progress))


def _reference(job: str) -> str:
    owner, _, name = job.partition(".")
    return own.JOBS.get(name, job) if owner == "portal" else job


def _tell(run: str, share: float, text: Words | str) -> None:
    ko, en = (text.ko, text.en) if isinstance(text, Words) else (text, text)
    try:
        with telling():
            JobRun.objects.filter(id=run).update(
                share=min(max(share, 0.0), 1.0), saying_ko=_line(ko), saying_en=_line(en)
            )
    except Unavailable as fault:
        # Nobody's work is lost because a page could not be told how far it is.
        _log.warning("the progress of run %s could not be written down: %s", run, fault)


def _line(text: str) -> str:
    return text.replace("\0", "")[:300]


def settle_ended() -> int:
    """Let the systems remember how their runs ended, oldest endings first.

    What one system's `settle` raises is remembered beside the run and logged; the others go on.

    Returns:
        How many runs were settled.

    Raises:
        Unavailable: The database does not answer.
    """
    with telling():
        due = JobEnding.objects.filter(not_before_s__lte=clock.epoch_s()).order_by("run")
        waiting = list(due.values_list("run__id", flat=True)[:_AT_ONCE])
    count = 0
    for identifier in waiting:
        with acting.as_(request=identifier):
            settled = caught(lambda: settle(identifier))  # noqa: B023 - called at once
        if isinstance(settled, Exception):
            _remember_fault(identifier, settled)
        else:
            count += settled
    return count


def settle(identifier: str) -> bool:
    """Settle one ended run, once; True if it was done now.

    The lock is on the ending, which no service ever holds: whatever else a system's `settle`
    locks, and in whichever order, no two can wait for each other because of it.
    """
    with transaction.atomic():
        ending = (
            JobEnding.objects.select_for_update(skip_locked=True, of=("self",))
            if connection.features.has_select_for_update
            else JobEnding.objects
        )
        if not (row := ending.filter(run__id=identifier).first()):
            return False
        run = leases().get(identifier)
        if reference := _settle_reference(run.job):
            systems.load(reference)(run)
        row.delete()
    return True


def _settle_reference(job: str) -> str:
    owner, _, name = job.partition(".")
    if owner == "portal":
        return own.SETTLE.get(name, "")
    return systems.manifest(owner).settle.get(name, "") if owner in systems.NAMES else ""


def _remember_fault(identifier: str, fault: Exception) -> None:
    """Why a run could not be settled, and when to try again.

    Raises:
        Unavailable: The database does not answer.
    """
    _log.error("the end of run %s could not be settled", identifier, exc_info=fault)
    said = str(fault) if isinstance(fault, MadangError) else type(fault).__qualname__
    with telling(), transaction.atomic():
        row = JobEnding.objects.filter(run__id=identifier).first()
        if row is None:
            return
        pause_s = min(LONGEST_PAUSE_S, 2.0 ** min(row.tries, 16))
        JobEnding.objects.filter(pk=row.pk).update(
            tries=row.tries + 1, not_before_s=clock.epoch_s() + pause_s, fault=_line(said)
        )


def runnable() -> list[str]:
    """The jobs that the systems installed here know, and the portal's own."""
    known = [f"{each.name}.{job}" for each in systems.installed() for job in each.jobs]
    return [*known, *(f"portal.{job}" for job in own.JOBS)]


def follow_clock() -> None:
    """Let each system do what the clock alone has made due; what one raises keeps no other."""
    for system in systems.installed():
        if system.tick:
            fault = caught(systems.load(system.tick))
            if isinstance(fault, Exception):
                _log.error("the clock of %s does not go", system.name, exc_info=fault)


class SiteWorker(Worker):
    """A worker that settles what has ended, and says that it is there."""

    def __init__(self, queue: Leases, **options: Any) -> None:
        super().__init__(queue, execute, **options)
        self._since_s, self._said_s, self._ticked_s = clock.epoch_s(), 0.0, 0.0

    def _claim(self) -> Lease | None:
        # A connection that the database closed is opened anew before it is used.
        if not connection.in_atomic_block:
            close_old_connections()
        self._say_here()
        settle_ended()
        if clock.epoch_s() - self._ticked_s >= TICK_S:
            follow_clock()
            self._ticked_s = clock.epoch_s()
        return super()._claim()

    def _beat(self, claimed: Claimed, over: threading.Event) -> None:
        """As `Worker._beat`; the thread's own connection ends with it."""
        try:
            super()._beat(claimed, over)
        finally:
            connection.close()

    def _report(self, lease: Lease, outcome: Outcome) -> None:
        super()._report(lease, outcome)
        facts: dict[str, Any] = {"run": lease.id, "job": lease.job, "attempt": lease.attempt}
        if isinstance(outcome, Failed):
            facts["cause"] = outcome.cause
        logs.line("run", **facts)

    def _renew(self, claimed: Claimed) -> None:
        super()._renew(claimed)
        self._say_here()

    def _say_here(self) -> None:
        now_s = clock.epoch_s()
        if now_s - self._said_s < SEEN_S:
            return
        with telling():
            SeenWorker.objects.update_or_create(
                name=self.name, defaults={"since_s": self._since_s, "seen_s": now_s}
            )
            SeenWorker.objects.filter(seen_s__lt=now_s - FORGOTTEN_S).delete()
        self._said_s = now_s

    def leave(self) -> None:
        """Say that it has gone."""
        with telling():
            SeenWorker.objects.filter(name=self.name).delete()


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
    while settle_ended():
        pass
    worker.leave()
    return count


def ended_at(run: Record) -> Any:
    """When a run ended, as a moment."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(run.ended_s or clock.epoch_s(), tz=UTC)
