"""What is remembered about a queued job, and what must a place that remembers it be able to do?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

State: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]
TERMINAL: frozenset[State] = frozenset({"done", "failed", "cancelled"})

WORKER_LOST = "worker_lost"
"""The lease ran out without a word from the worker."""
TIME_LIMIT = "time_limit"
"""One attempt took longer than `limit_s`, though its worker was alive."""
LOST = (WORKER_LOST, TIME_LIMIT)
"""The causes of a lease that ran out."""
CANCELLED = "cancelled"
"""Somebody asked for the end."""
CANCEL_ASKED = "cancel_asked"
"""In the history of a running job: the moment somebody asked for the end."""


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """One job in the queue: what to do, how far it is, how it ended. Times: seconds since 1970."""

    id: str
    job: str
    """Name of the job: a reference that `jobs.run` takes, or a word its worker knows."""
    parameters: dict[str, Any]
    attempts: int
    """How often it may be begun."""
    priority: int
    """Higher is taken first; equals in the order of their arrival."""
    limit_s: float
    """How long one attempt may take, heartbeats or not."""
    enqueued_s: float
    state: State = "queued"
    attempt: int = 0
    """How often it has been begun."""
    token: int = 0
    """The fencing token of the latest lease."""
    worker: str = ""
    """Who holds it, or held it last."""
    not_before_s: float = 0.0
    """Not to be taken earlier: the pause before another attempt."""
    started_s: float = 0.0
    until_s: float = 0.0
    """When the present lease ends."""
    cancel_asked: bool = False
    ended_s: float | None = None
    result: dict[str, Any] | None = None
    cause: str = ""
    """Why it failed, was cancelled, or went back to the queue."""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_terminal(self) -> bool:
        """It has ended and will never change again."""
        return self.state in TERMINAL


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right of one worker to work on one run."""

    id: str
    job: str
    parameters: dict[str, Any]
    worker: str
    token: int
    attempt: int
    attempts: int
    lease_s: float
    """By how much a heartbeat renews it."""
    until_s: float
    """When it ended if no heartbeat came."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One line of a run's history."""

    id: str
    at_s: float
    state: State
    worker: str
    attempt: int
    token: int
    cause: str
    detail: dict[str, Any]


class Rows(Protocol):
    """What one transaction sees. A run it hands out is changed by nobody else until its end."""

    def run(self, id: str) -> JobRun | None:
        """The run with this identifier."""

    def runs(
        self, *, state: State | None, job: str | None, matching: Mapping[str, str]
    ) -> Sequence[JobRun]:
        """Runs with these parameters, in the order of their arrival."""

    def tally(self, job: str, matching: Mapping[str, str]) -> Mapping[tuple[State, str], int]:
        """How many runs of a job with these parameters stand in each state, by cause."""

    def next_due(self, now_s: float, jobs: Collection[str] | None) -> JobRun | None:
        """Of queued runs whose `not_before_s` has come, the first by priority, then arrival."""

    def overdue(self, now_s: float) -> Sequence[JobRun]:
        """Running runs whose `until_s` has come."""

    def is_work_left(self, jobs: Collection[str] | None) -> bool:
        """Whether any run (of these jobs) is queued or running."""

    def add(self, run: JobRun) -> bool:
        """Insert a run; False if another transaction was quicker with the same identifier."""

    def change(self, run: JobRun) -> None:
        """Replace the run of the same identifier."""

    def note(self, transition: Transition) -> None:
        """Append one line to the history."""

    def history(self, id: str) -> Sequence[Transition]:
        """The lines of one run in their order."""


class LeaseStore(Protocol):
    """Where the rows lie. A store knows no rules."""

    def writing(self) -> AbstractContextManager[Rows]:
        """A transaction that sees the latest rows, alone, and is durable once the block is left.

        Raises:
            Unavailable: The rows cannot be read or written; nothing was changed.
        """

    def reading(self) -> AbstractContextManager[Rows]:
        """A consistent view of the rows, for reading only."""
