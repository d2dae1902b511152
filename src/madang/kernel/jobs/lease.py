"""Who may work on a queued job, until when, and how does it reach its one end?

    queued ──claim──▶ running ──finish──▶ done
      ▲  │              │ │
      │  └──cancel──────┼─┼─────────────▶ cancelled
      └── retry, lost ──┘ └──fail, lost─▶ failed

A worker holds a run by a *lease* that it renews by heartbeats. A lease that is not renewed is
lost: the run goes back to the queue, or fails with `worker_lost` when its attempts are used up.
Each lease carries a *fencing token*, one higher than the last; whoever comes back with an old one
is refused. So a run ends exactly once, and never hangs: the lease bounds a dead worker, `limit_s`
one that is alive but stuck, `attempts` both.

The rules stand here alone. Where the rows lie is a `LeaseStore`'s business.

Source: tokens as in M. Kleppmann, "How to do distributed locking" (2016); leases as in C. Gray and
D. Cheriton, "Leases", SOSP 1989.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.jobs import plain
from madang.kernel.jobs.errors import Fenced
from madang.kernel.jobs.record import (
    CANCEL_ASKED,
    CANCELLED,
    TIME_LIMIT,
    WORKER_LOST,
    JobRun,
    Lease,
    Transition,
)
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from madang.kernel.jobs.record import LeaseStore, Rows, State


def doubling_s(attempt: int) -> float:
    """The pause after the given failed attempt: 1, 2, 4 … seconds, at most one minute."""
    return min(60.0, 2.0 ** (attempt - 1))


class Leases:
    """The queue: every change of a run's state goes through one of these methods.

    Args:
        store: Where the rows lie.
        backoff_s: Seconds to wait after the n-th failed attempt (n from 1).
    """

    def __init__(
        self, store: LeaseStore, *, backoff_s: Callable[[int], float] = doubling_s
    ) -> None:
        self._store, self._backoff_s = store, backoff_s

    def enqueue(
        self,
        id: str,
        job: str,
        parameters: dict[str, Any],
        *,
        attempts: int = 3,
        priority: int = 0,
        limit_s: float = 86_400.0,
    ) -> JobRun:
        """Put a job in the queue. The same identifier again changes nothing.

        Args:
            id: The caller's identifier; asking twice with it makes one run.
            job: Name of the job.
            parameters: Plain JSON.
            attempts: How often it may be begun, at least 1.
            priority: Higher is taken first.
            limit_s: Seconds that one attempt may take.

        Returns:
            The run as it now stands, which may be long under way.

        Raises:
            InputError: The identifier belongs to another job or other parameters.
            NotPlain: The parameters are not plain JSON.
        """
        plain.check(parameters, what="parameters")
        if attempts < 1 or limit_s <= 0:
            raise ValueError("attempts must be at least 1 and limit_s positive")
        run = JobRun(
            id=id,
            job=job,
            parameters=parameters,
            attempts=attempts,
            priority=priority,
            limit_s=limit_s,
            enqueued_s=clock.epoch_s(),
        )
        with self._store.writing() as rows:
            known = rows.run(id)
            if known is None:
                if rows.add(run):
                    _note(rows, run)
                else:
                    known = _known(rows, id)
        if known and (known.job, known.parameters) != (job, parameters):
            raise _taken(id)
        return known or run

    def claim(
        self, worker: str, *, lease_s: float, jobs: Collection[str] | None = None
    ) -> Lease | None:
        """Take the next run, or None when nothing is due. Overdue leases are given back first.

        Args:
            worker: Who asks; stands in the history.
            lease_s: Seconds until the lease ends unless a heartbeat renews it.
            jobs: Take only jobs of these names.
        """
        if lease_s <= 0:
            raise ValueError("lease_s must be positive")
        now_s = clock.epoch_s()
        with self._store.writing() as rows:
            _give_back(rows, now_s)
            run = rows.next_due(now_s, jobs)
            if run is None:
                return None
            run = _claimed(run, worker=worker, lease_s=lease_s, now_s=now_s)
            _move(rows, run)
        return _lease(run, lease_s)

    def heartbeat(self, lease: Lease) -> bool:
        """Renew the lease from now on.

        Returns:
            True while the work is wanted; False once somebody asked to cancel it.

        Raises:
            Fenced: The run is held by somebody else, has ended, or has exceeded its time limit.
        """
        now_s = clock.epoch_s()
        with self._store.writing() as rows:
            run = _held(rows, lease)
            in_time = now_s < run.started_s + run.limit_s
            if in_time:
                rows.change(replace(run, until_s=_until_s(run, now_s, lease.lease_s)))
            else:
                _move(rows, _lost(run, now_s))
        if not in_time:
            raise Fenced(lease.id, lease.token)
        return not run.cancel_asked

    def finish(self, lease: Lease, result: dict[str, Any]) -> JobRun:
        """End the run as done. A result that arrives before the worker heard of a cancel counts.

        Raises:
            Fenced: The lease is no longer valid; nothing was changed.
            NotPlain: The result is not plain JSON; the lease still stands.
        """
        plain.check(result, what="result")
        with self._store.writing() as rows:
            run = _held(rows, lease)
            run = replace(
                run, state="done", result=result, cause="", detail={}, ended_s=clock.epoch_s()
            )
            _move(rows, run)
        return run

    def fail(
        self, lease: Lease, cause: str, detail: dict[str, Any] | None = None, *, retry: bool
    ) -> JobRun:
        """End the attempt as failed; also how a worker confirms a cancel.

        Args:
            lease: The worker's right to say so.
            cause: The typed cause, such as `memory` or `storage`.
            detail: Plain JSON beside the cause.
            retry: Whether another attempt may help; it is made, after a pause, if one is left.

        Returns:
            The run: queued again, failed, or cancelled if that had been asked for.

        Raises:
            Fenced: The lease is no longer valid; nothing was changed.
        """
        if not cause:
            raise ValueError("a failure has a cause")
        detail = {} if detail is None else detail
        plain.check(detail, what="detail")
        now_s = clock.epoch_s()
        with self._store.writing() as rows:
            run = replace(_held(rows, lease), cause=cause, detail=detail)
            if run.cancel_asked:
                run = _ended(run, "cancelled", now_s)
            elif retry and run.attempt < run.attempts:
                run = _queued_again(run, now_s + self._backoff_s(run.attempt))
            else:
                run = _ended(run, "failed", now_s)
            _move(rows, run)
        return run

    def cancel(self, id: str, *, by: str = "") -> JobRun:
        """Ask for the end: at once if queued, at the worker's next heartbeat if running.

        Args:
            id: The run.
            by: Who asks; stands in the history.

        Returns:
            The run as it now stands; one that had ended stays as it was.

        Raises:
            InputError: There is no such run.
        """
        with self._store.writing() as rows:
            run = _known(rows, id)
            if run.is_terminal or run.cancel_asked:
                return run
            detail = {"by": by} if by else {}
            if run.state == "queued":
                run = replace(run, cause=CANCELLED, detail=detail, cancel_asked=True)
                run = _ended(run, "cancelled", clock.epoch_s())
                _move(rows, run)
            else:
                run = replace(run, cancel_asked=True)
                rows.change(run)
                _note(rows, replace(run, cause=CANCEL_ASKED, detail=detail))
        return run

    def expire(self) -> int:
        """Give every overdue lease back.

        Returns:
            How many leases had run out.
        """
        with self._store.writing() as rows:
            return _give_back(rows, clock.epoch_s())

    def get(self, id: str) -> JobRun:
        """The run with this identifier.

        Raises:
            InputError: There is none.
        """
        with self._store.reading() as rows:
            return _known(rows, id)

    def list(
        self,
        *,
        state: State | None = None,
        job: str | None = None,
        matching: Mapping[str, str] | None = None,
    ) -> Sequence[JobRun]:
        """Runs in the order of their arrival, of one state or job if named.

        Args:
            state: Only runs in this state.
            job: Only runs of the job of this name.
            matching: Only runs with these parameters, by name; texts only.
        """
        with self._store.reading() as rows:
            return rows.runs(state=state, job=job, matching=matching or {})

    def tally(
        self, job: str, matching: Mapping[str, str] | None = None
    ) -> Mapping[tuple[State, str], int]:
        """How many runs stand in each state, by cause; counted where they lie, none is read.

        Args:
            job: Name of the job.
            matching: Parameters that the counted runs have, by name; texts only.

        Returns:
            (state, cause) → runs; pairs without a run are left out.
        """
        with self._store.reading() as rows:
            return rows.tally(job, matching or {})

    def is_work_left(self, jobs: Collection[str] | None = None) -> bool:
        """Whether any run (of these jobs) is still queued or running."""
        with self._store.reading() as rows:
            return rows.is_work_left(jobs)

    def history(self, id: str) -> Sequence[Transition]:
        """Every transition of one run: time, worker, attempt, cause."""
        with self._store.reading() as rows:
            _known(rows, id)
            return rows.history(id)


def _claimed(run: JobRun, *, worker: str, lease_s: float, now_s: float) -> JobRun:
    run = replace(
        run,
        state="running",
        attempt=run.attempt + 1,
        token=run.token + 1,
        worker=worker,
        started_s=now_s,
        cause="",
        detail={},
    )
    return replace(run, until_s=_until_s(run, now_s, lease_s))


def _until_s(run: JobRun, now_s: float, lease_s: float) -> float:
    """The end of a lease renewed now; the time limit bounds it however the worker beats."""
    return min(now_s + lease_s, run.started_s + run.limit_s)


def _lease(run: JobRun, lease_s: float) -> Lease:
    return Lease(
        id=run.id,
        job=run.job,
        parameters=run.parameters,
        worker=run.worker,
        token=run.token,
        attempt=run.attempt,
        attempts=run.attempts,
        lease_s=lease_s,
        until_s=run.until_s,
    )


def _held(rows: Rows, lease: Lease) -> JobRun:
    """The run that the lease holds, or Fenced."""
    run = rows.run(lease.id)
    if run is None or run.state != "running" or run.token != lease.token:
        raise Fenced(lease.id, lease.token)
    return run


def _give_back(rows: Rows, now_s: float) -> int:
    overdue = rows.overdue(now_s)
    for run in overdue:
        _move(rows, _lost(run, now_s))
    return len(overdue)


def _lost(run: JobRun, now_s: float) -> JobRun:
    """A run whose lease ran out. No pause: the fault was the worker's, the next may begin."""
    cause = TIME_LIMIT if now_s >= run.started_s + run.limit_s else WORKER_LOST
    run = replace(run, cause=cause, detail={"overdue_s": round(now_s - run.until_s, 3)})
    if run.cancel_asked:
        return _ended(run, "cancelled", now_s)
    if run.attempt < run.attempts:
        return _queued_again(run, now_s)
    return _ended(run, "failed", now_s)


def _queued_again(run: JobRun, not_before_s: float) -> JobRun:
    return replace(run, state="queued", not_before_s=not_before_s)


def _ended(run: JobRun, state: State, now_s: float) -> JobRun:
    return replace(run, state=state, ended_s=now_s)


def _move(rows: Rows, run: JobRun) -> None:
    rows.change(run)
    _note(rows, run)


def _note(rows: Rows, run: JobRun) -> None:
    rows.note(
        Transition(
            id=run.id,
            at_s=clock.epoch_s(),
            state=run.state,
            worker=run.worker,
            attempt=run.attempt,
            token=run.token,
            cause=run.cause,
            detail=run.detail,
        )
    )


def _known(rows: Rows, id: str) -> JobRun:
    run = rows.run(id)
    if run is None:
        raise InputError(
            words(f"작업 번호 {id!r}", f"job {id!r}"),
            words("대기열에 있는 작업의 번호", "the identifier of a job in the queue"),
            words("작업 목록에서 번호를 확인하십시오.", "Look it up in the list of jobs."),
        )
    return run


def _taken(id: str) -> InputError:
    return InputError(
        words(f"이미 다른 내용으로 등록된 작업 번호 {id!r}", f"job {id!r} with other content"),
        words("같은 번호에는 같은 작업과 값", "the same job and parameters under one identifier"),
        words("새 번호로 등록하십시오.", "Use a new identifier."),
    )
