"""Which runs stand in the queue, who may look at one, and what can be done with it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock, systems
from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.log import remember
from madang.portal.models import JobRun, JobTransition
from madang.portal.queue import enqueue, leases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from madang.portal.access import Access
    from madang.portal.models import User

STATES = {
    "queued": words("대기 중", "Waiting"),
    "running": words("실행 중", "Running"),
    "done": words("끝남", "Done"),
    "failed": words("실패", "Failed"),
    "cancelled": words("취소됨", "Cancelled"),
}
KINDS = {
    "queued": "plain",
    "running": "info",
    "done": "good",
    "failed": "danger",
    "cancelled": "plain",
}
"""State → how it is shown."""
CAUSES = {
    "worker_lost": words("작업자가 사라짐 (플랫폼)", "worker lost (platform)"),
    "time_limit": words("작업 시간 한도를 넘김 (플랫폼)", "over its time limit (platform)"),
    "unavailable": words(
        "필요한 서비스를 사용할 수 없음 (플랫폼)", "service unavailable (platform)"
    ),
    "defect": words("플랫폼의 결함", "defect of the platform"),
    "input": words("입력을 쓸 수 없음", "the input cannot be used"),
    "cancelled": words("요청에 따라 취소함", "called off as asked"),
    "cancel_asked": words("취소를 요청함", "asked to end"),
}
"""The kernel's own causes; a system's stand in its manifest."""
PLATFORM = frozenset({"worker_lost", "time_limit", "unavailable", "defect"})
"""Causes of the kernel's that another try may mend."""
_AGAIN = re.compile(r"^(.*)~(\d+)$")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which runs somebody asks for; empty words ask for all."""

    state: str = ""
    job: str = ""
    cause: str = ""
    id: str = ""
    """The beginning of an identifier."""
    unsettled: bool = False
    """Only those whose end could not be remembered yet."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a run's history."""

    at: datetime | None
    what: Words
    who: str
    note: Words | str


def found(asked: Asked) -> QuerySet[JobRun]:
    """The runs that were asked for, the last to arrive first."""
    runs = JobRun.objects.order_by("-arrival").select_related("owner", "jobending")
    for name in ("state", "job", "cause"):
        if value := getattr(asked, name):
            runs = runs.filter(**{name: value})
    if asked.id:
        runs = runs.filter(id__startswith=asked.id)
    if asked.unsettled:
        runs = runs.filter(jobending__tries__gt=0)
    return runs


def may_see(run: JobRun, access: Access) -> bool:
    """Whether this reader may look at it and cancel it: it is theirs, or they see all."""
    owners = {each.pk for each in access.organisations}
    return run.owner_id in owners or access.everywhere("portal.runs")


def history(run: JobRun) -> list[Event]:
    """What happened to it, the newest first."""
    steps = JobTransition.objects.filter(run_id=run.id).order_by("-pk")
    return [_event(each) for each in steps]


def _event(step: JobTransition) -> Event:
    note: Words | str = cause_words(step.cause) if step.cause else ""
    if step.state == "running" and not step.cause:
        note = words(f"{step.attempt}번째 시도", f"attempt {step.attempt}")
    return Event(at=moment(step.at_s), what=STATES[step.state], who=step.worker, note=note)


def cause_words(cause: str) -> Words:
    """A typed cause in words; the cause itself where nobody has words for it."""
    if cause in CAUSES or not cause:
        return CAUSES.get(cause, words("", ""))
    for system in systems.installed():
        if system.causes:
            said = systems.load(system.causes, extra=system.extra)(cause)
            if said:
                return said
    return words(cause, cause)


def moment(seconds: float | None) -> datetime | None:
    """A time of the queue as a moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)


def silent_since(run: JobRun) -> datetime | None:
    """Since when nothing was heard of it, though it should be at work."""
    if run.state != "running" or clock.epoch_s() <= run.until_s:
        return None
    return moment(run.until_s)


def percent(run: JobRun) -> float | None:
    """How far it is, where it is at work and has said so."""
    return 100 * run.share if run.state == "running" and run.share else None


def cancel(run: JobRun, *, by: User) -> bool:
    """Ask for the end of a run.

    Returns:
        Whether that changed anything: what has ended, or was asked to, stays as it is.
    """
    with transaction.atomic():
        before = leases().get(run.id)
        if before.is_terminal or before.cancel_asked:
            return False
        remember("run-cancelled", f"run/{run.id}", by=by, job=run.job)
        leases().cancel(run.id, by=f"user {by.pk}")
    return True


def may_repeat(run: JobRun) -> bool:
    """Whether it failed by a fault of the platform, and its system lets it be tried anew."""
    owner, _, name = run.job.partition(".")
    if run.state != "failed":
        return False
    if owner not in systems.NAMES:
        return owner == "portal" and run.cause in PLATFORM
    system = systems.manifest(owner)
    return name in system.again and run.cause in {*PLATFORM, *system.faults}


def repeat(run: JobRun, *, by: User) -> str:
    """Have what the platform failed done anew, as another run; this one stays as it ended.

    Returns:
        The identifier of the new run.

    Raises:
        InputError: It has not failed so, or somebody was quicker.
    """
    if not may_repeat(run):
        raise InputError(
            words(f"다시 실행할 수 없는 작업 {run.id}", f"run {run.id}, which is not repeated"),
            words(
                "플랫폼의 문제로 실패했고, 다시 실행할 수 있는 작업",
                "one that failed by a fault of the platform and can be tried anew",
            ),
        )
    owner, _, name = run.job.partition(".")
    with transaction.atomic():
        if owner == "portal":
            again = _next(run.id)
            enqueue(again, run.job, run.parameters, owner=run.owner, attempts=run.attempts)
        else:
            system = systems.manifest(owner)
            act = systems.load(system.again[name], extra=system.extra)
            again = act(leases().get(run.id), by=by)
        remember("run-repeated", f"run/{run.id}", by=by, job=run.job, again=again)
    return str(again)


def _next(id: str) -> str:
    """The identifier of another try: `check-1~2` of `check-1`, then `check-1~3`."""
    found = _AGAIN.match(id)
    return f"{found[1]}~{int(found[2]) + 1}" if found else f"{id}~2"


def known() -> tuple[list[str], list[str]]:
    """The jobs and the causes of the runs in the queue."""
    pairs = list(JobRun.objects.order_by().values_list("job", "cause").distinct())
    return sorted({job for job, _ in pairs}), sorted({cause for _, cause in pairs if cause})


def plain(runs: Iterable[JobRun]) -> Iterable[dict[str, Any]]:
    """Rows of a file."""
    for run in runs:
        yield {
            "id": run.id,
            "job": run.job,
            "state": run.state,
            "cause": run.cause,
            "attempt": run.attempt,
            "owner": run.owner.slug if run.owner else "",
            "enqueued": _stamp(run.enqueued_s),
            "started": _stamp(run.started_s or None),
            "ended": _stamp(run.ended_s),
            "worker": run.worker,
        }


COLUMNS: Sequence[str] = "id job state cause attempt owner enqueued started ended worker".split()


def _stamp(seconds: float | None) -> str:
    when = moment(seconds)
    return clock.stamp(when) if when else ""
