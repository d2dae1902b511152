"""Who takes jobs from the queue, and what happens to them when it is stopped or killed?

A worker holds one run at a time and renews its lease from a thread of its own. Asked to stop
(SIGTERM), it finishes the run at hand and takes no other. Killed, it says nothing: the lease runs
out and another worker takes over; should a frozen one come back, its token is old and refused.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from madang.kernel.errors import InputError, MadangError, Unavailable
from madang.kernel.jobs.errors import Fenced, JobFailed, NotPlain, Unwanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from madang.kernel.jobs.lease import Leases
    from madang.kernel.jobs.record import Lease

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Done:
    """The job gave this result (plain JSON)."""

    result: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The attempt failed for a typed cause; `retry` where another attempt may help."""

    cause: str
    detail: dict[str, Any] = field(default_factory=dict)
    retry: bool = False


Outcome: TypeAlias = Done | Failed


def caught(work: Callable[[], T]) -> T | Exception:
    """What the work returns, or whatever it raises: the frame that no defect of a job passes."""
    try:
        return work()
    except Exception as fault:  # noqa: BLE001 - a job's defect must not end its worker
        return fault


class Claimed:
    """A run in a worker's hands: what to do, and whether it is still wanted."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._unwanted = threading.Event()

    @property
    def id(self) -> str:
        """The run's identifier."""
        return self.lease.id

    @property
    def job(self) -> str:
        """Name of the job."""
        return self.lease.job

    @property
    def parameters(self) -> dict[str, Any]:
        """Plain JSON."""
        return self.lease.parameters

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self.lease.attempt

    @property
    def is_wanted(self) -> bool:
        """False once a cancel was asked or the lease was lost: a long job looks now and then."""
        return not self._unwanted.is_set()

    def wait_unwanted(self, timeout_s: float) -> bool:
        """Wait until the work is no longer wanted; True if so within the time."""
        return self._unwanted.wait(timeout_s)

    def drop(self) -> None:
        """Say that the work is no longer wanted."""
        self._unwanted.set()


class Worker:
    """Takes runs, has them executed, reports how they ended.

    Args:
        leases: The queue.
        execute: Does the work. What it raises is a failure too: `Unavailable` with cause
            `unavailable` (tried again), `InputError` with `input` (not), `NotPlain` and whatever
            else with `defect` (not). Of a defect only the type is kept, never the message.
        lease_s: How long a silent worker keeps a run; a third of it passes between two heartbeats.
        poll_s: Pause before an empty queue is asked again.
        patience_s: How long a queue that does not answer is asked again before giving up.
        name: Who it is, for the history; by default host and process.
        jobs: Take only jobs of these names.
    """

    def __init__(
        self,
        leases: Leases,
        execute: Callable[[Claimed], Outcome],
        *,
        lease_s: float = 30.0,
        poll_s: float = 1.0,
        patience_s: float = 60.0,
        name: str = "",
        jobs: Collection[str] | None = None,
    ) -> None:
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._leases, self._execute = leases, execute
        self._lease_s, self._poll_s, self._patience_s = lease_s, poll_s, patience_s
        self._jobs = jobs
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the run at hand, then return. Safe from any thread and from a signal handler."""
        self._stopping.set()

    def run_until_idle(self) -> int:
        """Work until no run of ours is queued or running anywhere, or until asked to stop.

        A run that another worker holds keeps this one waiting, to take over should that one die.

        Returns:
            How many runs this worker brought to an end or gave back.

        Raises:
            Unavailable: The queue did not answer for `patience_s`.
        """
        return self._work(until_idle=True)

    def run_until_stopped(self) -> int:
        """Work until SIGTERM, SIGINT or `stop`.

        Returns:
            How many runs this worker brought to an end or gave back.

        Raises:
            Unavailable: The queue did not answer for `patience_s`.
        """
        return self._work(until_idle=False)

    def _work(self, *, until_idle: bool) -> int:
        count = 0
        with _stopping_on_signals(self.stop):
            while not self._stopping.is_set():
                lease = self._insist(self._claim)
                if lease:
                    count += self._handle(lease)
                elif until_idle and not self._insist(self._is_work_left):
                    break
                else:
                    self._stopping.wait(self._poll_s)
        return count

    def _claim(self) -> Lease | None:
        return self._leases.claim(self.name, lease_s=self._lease_s, jobs=self._jobs)

    def _is_work_left(self) -> bool:
        return self._leases.is_work_left(self._jobs)

    def _insist(self, ask: Callable[[], T]) -> T:
        """Ask the queue until it answers: a database that restarts must not end its workers."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return ask()
            except Unavailable as fault:
                if time.monotonic() >= deadline:
                    raise
                _log.warning("the queue does not answer, asking again: %s", fault)
                time.sleep(self._poll_s)

    def _handle(self, lease: Lease) -> bool:
        """Execute and report one run; False if the lease was lost on the way."""
        claimed = Claimed(lease)
        with self._beating(claimed):
            outcome = self._outcome(claimed)
            try:
                self._insist(lambda: self._report(lease, outcome))
            except Fenced:
                _log.info("job %s was taken over; its outcome here is dropped", lease.id)
                return False
        return True

    def _outcome(self, claimed: Claimed) -> Outcome:
        outcome = caught(lambda: self._execute(claimed))
        if isinstance(outcome, JobFailed):
            return Failed(cause=outcome.cause, detail=outcome.detail, retry=outcome.retry)
        if isinstance(outcome, Unwanted):
            return Failed(cause="cancelled")
        if isinstance(outcome, Unavailable):
            return Failed(cause="unavailable", detail=_said(outcome), retry=True)
        if isinstance(outcome, InputError):
            return Failed(cause="input", detail=_said(outcome))
        if isinstance(outcome, Exception):
            _log.error("job %s (%s) has a defect", claimed.id, claimed.job, exc_info=outcome)
            return Failed(cause="defect", detail={"type": type(outcome).__qualname__})
        return outcome

    def _report(self, lease: Lease, outcome: Outcome) -> None:
        if isinstance(outcome, Done):
            try:
                self._leases.finish(lease, outcome.result)
                return
            except NotPlain as fault:
                outcome = Failed(
                    cause="defect", detail={"type": "NotPlain", "message": str(fault)}
                )
        self._leases.fail(lease, outcome.cause, outcome.detail, retry=outcome.retry)

    @contextmanager
    def _beating(self, claimed: Claimed) -> Iterator[None]:
        """Renew the lease from a thread until the block ends."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(claimed, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, claimed: Claimed, over: threading.Event) -> None:
        while not over.wait(self._lease_s / 3):
            try:
                self._renew(claimed)
            except Fenced:
                claimed.drop()
                return
            except Unavailable as fault:
                # The next beat may get through; if none does, the lease runs out, as it should.
                _log.warning("no heartbeat for job %s: %s", claimed.id, fault)

    def _renew(self, claimed: Claimed) -> None:
        if not self._leases.heartbeat(claimed.lease):
            claimed.drop()


def _said(fault: MadangError) -> dict[str, Any]:
    return {
        "type": type(fault).__qualname__,
        "message_ko": fault.sentence("ko"),
        "message_en": fault.sentence("en"),
    }


@contextmanager
def _stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Turn SIGTERM and SIGINT into a graceful stop, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: stop())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
