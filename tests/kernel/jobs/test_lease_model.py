"""Several workers, a moving clock, any order of calls: the queue does what a page of rules says.

The model beside it is written from the rules alone and keeps its runs in a dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from madang.kernel import clock
from madang.kernel.jobs.errors import Fenced
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.record import Lease, LeaseStore
from madang.kernel.jobs.sqlite import SqliteLeaseStore

START = datetime(2026, 11, 22, tzinfo=UTC)
ENDED = {"done", "failed", "cancelled"}


@dataclass
class Modelled:
    """One run as the rules see it. Times in whole seconds after the start."""

    place: int
    job: str
    attempts: int
    priority: int
    limit: int
    state: str = "queued"
    attempt: int = 0
    token: int = 0
    due: int = 0
    began: int = 0
    until: int = 0
    unwanted: bool = False
    cause: str = ""

    def leave(self, cause: str, now: int, *, pause: int, again: bool) -> None:
        """The attempt is over without a result."""
        self.cause = cause
        if self.unwanted:
            self.state = "cancelled"
        elif again and self.attempt < self.attempts:
            self.state, self.due = "queued", now + pause
        else:
            self.state = "failed"

    def lapse(self, now: int) -> None:
        """Give an overdue lease back."""
        if self.state == "running" and self.until <= now:
            late = now >= self.began + self.limit
            self.leave("time_limit" if late else "worker_lost", now, pause=0, again=True)


class Queue(RuleBasedStateMachine):
    """The queue under test beside its model."""

    leases_given = Bundle("leases_given")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.model: dict[str, Modelled] = {}
        self.ends: dict[str, int] = {}
        self.stopped = clock.stopped_at(START)
        self.stopped.__enter__()
        self.queue = Leases(self.store(), backoff_s=lambda attempt: 3 * attempt)

    def store(self) -> LeaseStore:
        """An empty store; the site's queue is tested with one of its own."""
        return SqliteLeaseStore(":memory:")

    def teardown(self) -> None:
        """Whatever happened: with no worker but time, every run reaches an end."""
        for _ in range(200):
            self.pass_time(50)
            self.queue.claim("last", lease_s=1)
        assert all(run.is_terminal for run in self.queue.list())
        assert not self.queue.is_work_left()
        for id in self.model:
            ends = [each for each in self.queue.history(id) if each.state in ENDED]
            assert len(ends) == 1
        self.stopped.__exit__(None, None, None)

    @rule(seconds=st.integers(1, 12))
    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        self.stopped.__exit__(None, None, None)
        self.stopped = clock.stopped_at(START + timedelta(seconds=self.now))
        self.stopped.__enter__()

    @rule(
        id=st.sampled_from("abcdef"),
        attempts=st.integers(1, 3),
        priority=st.integers(0, 2),
        limit=st.integers(5, 60),
    )
    def enqueue(self, id: str, attempts: int, priority: int, limit: int) -> None:
        job = "even" if ord(id) % 2 else "odd"
        self.queue.enqueue(
            id, job, {"id": id}, attempts=attempts, priority=priority, limit_s=limit
        )
        self.model.setdefault(
            id,
            Modelled(
                place=len(self.model), job=job, attempts=attempts, priority=priority, limit=limit
            ),
        )

    @rule(
        target=leases_given,
        worker=st.sampled_from(["w1", "w2", "w3"]),
        lease_s=st.integers(1, 15),
        jobs=st.sampled_from([None, {"even"}, {"even", "odd"}]),
    )
    def claim(self, worker: str, lease_s: int, jobs: set[str] | None) -> object:
        for run in self.model.values():
            run.lapse(self.now)
        due = [
            (-run.priority, run.place, id)
            for id, run in self.model.items()
            if run.state == "queued" and run.due <= self.now and (jobs is None or run.job in jobs)
        ]
        lease = self.queue.claim(worker, lease_s=lease_s, jobs=jobs)
        if not due:
            assert lease is None
            return multiple()
        id = min(due)[2]
        run = self.model[id]
        run.state, run.attempt, run.token = "running", run.attempt + 1, run.token + 1
        run.began, run.until, run.cause = self.now, self.now + min(lease_s, run.limit), ""
        assert lease is not None
        assert (lease.id, lease.token, lease.attempt) == (id, run.token, run.attempt)
        assert lease.parameters == {"id": id}
        return lease

    def held(self, lease: Lease) -> Modelled | None:
        """The model's run if this lease is the one that holds it."""
        run = self.model[lease.id]
        return run if run.state == "running" and run.token == lease.token else None

    @rule(lease=leases_given)
    def heartbeat(self, lease: Lease) -> None:
        run = self.held(lease)
        try:
            is_wanted = self.queue.heartbeat(lease)
        except Fenced:
            assert run is None or self.now >= run.began + run.limit
            if run:
                run.leave("time_limit", self.now, pause=0, again=True)
            return
        assert run is not None
        assert is_wanted is not run.unwanted
        run.until = min(self.now + int(lease.lease_s), run.began + run.limit)

    @rule(lease=leases_given)
    def finish(self, lease: Lease) -> None:
        run = self.held(lease)
        try:
            self.queue.finish(lease, {"token": lease.token})
        except Fenced:
            assert run is None
            return
        assert run is not None
        run.state, run.cause = "done", ""

    @rule(lease=consumes(leases_given), retry=st.booleans())
    def fail(self, lease: Lease, retry: bool) -> None:
        run = self.held(lease)
        try:
            self.queue.fail(lease, "crash", retry=retry)
        except Fenced:
            assert run is None
            return
        assert run is not None
        run.leave("crash", self.now, pause=3 * run.attempt, again=retry)

    @rule(id=st.sampled_from("abcdef"))
    def cancel(self, id: str) -> None:
        if id not in self.model:
            return
        run = self.model[id]
        self.queue.cancel(id)
        if run.state == "queued":
            run.state, run.cause, run.unwanted = "cancelled", "cancelled", True
        elif run.state == "running":
            run.unwanted = True

    @rule()
    def expire(self) -> None:
        overdue = [
            run for run in self.model.values() if run.state == "running" and run.until <= self.now
        ]
        for run in overdue:
            run.lapse(self.now)
        assert self.queue.expire() == len(overdue)

    @invariant()
    def the_queue_is_as_the_rules_say(self) -> None:
        seen = {
            run.id: (run.state, run.attempt, run.token, run.cause, run.cancel_asked)
            for run in self.queue.list()
        }
        assert seen == {
            id: (run.state, run.attempt, run.token, run.cause, run.unwanted)
            for id, run in self.model.items()
        }

    @invariant()
    def an_end_is_an_end(self) -> None:
        for run in self.queue.list():
            if run.is_terminal:
                length = len(self.queue.history(run.id))
                assert self.ends.setdefault(run.id, length) == length
                assert run.state != "done" or run.result == {"token": run.token}


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
