"""How is a run shown while it waits, works and when it has ended? To whoever may look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.trials.engine.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import JobRun, JobTransition

STATE_KINDS = {
    "queued": "plain",
    "running": "info",
    "done": "good",
    "failed": "late",
    "cancelled": "plain",
}
STATES = {
    "queued": words("대기 중", "Waiting"),
    "running": words("실행 중", "Running"),
    "done": words("끝남", "Ended"),
    "failed": words("실패", "Failed"),
    "cancelled": words("취소됨", "Cancelled"),
}
SILENT_S = 20.0
"""A run whose lease was not renewed for so long is shown as silent."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a run's history."""

    at: datetime
    what: Words
    who: str = ""
    note: Words | str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A run as a page tells it."""

    state: str
    title: Words
    kind: str
    share: float | None
    saying: Words
    ahead: int
    """Runs that are due before it."""
    is_over: bool
    is_cancelling: bool
    silent_since: datetime | None
    events: list[Event]


def told(run: JobRun, steps: Sequence[JobTransition]) -> Told:
    """A run for a page."""
    return Told(
        state=run.state,
        title=STATES[run.state],
        kind=STATE_KINDS[run.state],
        share=100 * run.share if run.state == "running" else None,
        saying=words(run.saying_ko, run.saying_en),
        ahead=_ahead(run),
        is_over=run.state in ("done", "failed", "cancelled"),
        is_cancelling=run.cancel_asked and run.state in ("queued", "running"),
        silent_since=_silent_since(run),
        events=[_event(each) for each in reversed(steps)],
    )


def _ahead(run: JobRun) -> int:
    if run.state != "queued":
        return 0
    due = type(run).objects.filter(state="queued", arrival__lt=run.arrival)
    return int(due.count())


def _silent_since(run: JobRun) -> datetime | None:
    if run.state != "running" or clock.epoch_s() < run.until_s + SILENT_S:
        return None
    return _moment(run.until_s)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _event(step: JobTransition) -> Event:
    note = cause_words(step.cause) if step.cause else words("", "")
    if step.state == "running" and step.attempt > 1:
        note = words(f"{step.attempt}번째 시도", f"attempt {step.attempt}")
    return Event(at=_moment(step.at_s), what=STATES[step.state], note=note)


_CAUSES = {
    "cancelled": words("요청에 따라 취소함", "called off as asked"),
    "cancel_asked": words("취소를 요청함", "asked to end"),
    "input": words("입력을 쓸 수 없음", "the input cannot be used"),
}


def cause_words(cause: str) -> Words:
    """A typed cause for a reader; empty where there is none."""
    if cause in set(Cause):
        return Cause(cause).words
    return _CAUSES.get(cause, words(cause, cause))
