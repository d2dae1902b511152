"""Do all jobs end, once, though their workers are killed and frozen at random? One such run.

`python -m bench.chaos FILE LOG SEED` is a worker of the run: it takes jobs until none is left.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.kernel.jobs.errors import Fenced
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.record import JobRun, Lease
from madang.kernel.jobs.sqlite import SqliteLeaseStore
from madang.kernel.jobs.worker import Claimed, Done, Worker

LEASE_S = 1.0
_ATTEMPTS = 10
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What a run left behind."""

    jobs: int
    ended: int
    """Runs in a terminal state."""
    done: int
    most_ends: int
    """The most terminal transitions that one run has in its history."""
    most_finishes: int
    """The most finishes of one run that the workers saw accepted, by their own log."""
    unknown: int
    """Runs that were enqueued and are missing, or were never enqueued and exist."""
    kills: int
    freezes: int
    given_back: int
    """Leases that ran out."""
    fenced: int
    """Late answers that were refused."""
    latest_s: float
    """The longest time from a lease's end to its being noticed."""


def storm(
    folder: Path, *, jobs: int, workers: int, seed: int, pause_s: tuple[float, float]
) -> Aftermath:
    """Enqueue jobs and kill or freeze random workers, replaced at once, until all jobs have ended.

    The first job takes half a lease, and the first blow kills whoever has it.

    Args:
        folder: Where the queue and the log lie.
        jobs: How many.
        workers: How many processes at a time.
        seed: Of the blows.
        pause_s: Shortest and longest time between two blows.
    """
    chance = random.Random(seed)
    queue, log = folder / "queue.sqlite3", folder / "log"
    log.touch()
    leases = Leases(SqliteLeaseStore(queue))
    for number in range(jobs):
        leases.enqueue(f"run-{number}", "tiny", {"n": number}, attempts=_ATTEMPTS)
    alive = [_worker(queue, log, seed) for _ in range(workers)]
    blows: Counter[str] = Counter()
    try:
        _strike_at_work(leases, alive)
        blows["kill"] += workers
        alive = [_worker(queue, log, seed) for _ in range(workers)]
        while leases.is_work_left():
            time.sleep(chance.uniform(*pause_s))
            number = chance.randrange(workers)
            kind = chance.choice(["kill", "kill", "kill", "freeze"])
            blows[kind] += 1
            _strike(alive[number], kind)
            if alive[number].poll() is not None:
                alive[number] = _worker(queue, log, seed)
    finally:
        for process in alive:
            process.kill()
            process.wait()
    return _aftermath(leases, log, jobs=jobs, blows=blows)


def _strike_at_work(leases: Leases, workers: list[subprocess.Popen[bytes]]) -> None:
    """The first blow falls while the first job is under way: at least one lease must run out.

    All later blows may by chance fall between two jobs.
    """
    while leases.get("run-0").state != "running":
        time.sleep(0.005)
    for process in workers:
        _strike(process, "kill")


def _worker(queue: Path, log: Path, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.chaos", str(queue), str(log), str(seed)]
    return subprocess.Popen(command, cwd=_ROOT)


def _strike(process: subprocess.Popen[bytes], kind: str) -> None:
    if kind == "kill":
        process.kill()
        process.wait()
        return
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.3 * LEASE_S)
    process.send_signal(signal.SIGCONT)


def _aftermath(leases: Leases, log: Path, *, jobs: int, blows: Counter[str]) -> Aftermath:
    runs = leases.list()
    histories = {run.id: leases.history(run.id) for run in runs}
    ends = Counter(
        each.id
        for history in histories.values()
        for each in history
        if each.state in ("done", "failed", "cancelled")
    )
    overdue = [
        each.detail["overdue_s"]
        for history in histories.values()
        for each in history
        if each.cause == "worker_lost"
    ]
    lines = [line.split() for line in log.read_text().splitlines()]
    finishes = Counter(id for kind, id in lines if kind == "finished")
    return Aftermath(
        jobs=jobs,
        ended=sum(run.is_terminal for run in runs),
        done=sum(run.state == "done" and run.result == {"n": _number(run)} for run in runs),
        most_ends=max(ends.values()),
        most_finishes=max(finishes.values()),
        unknown=len({f"run-{n}" for n in range(jobs)} ^ set(histories)),
        kills=blows["kill"],
        freezes=blows["freeze"],
        given_back=len(overdue),
        fenced=sum(kind == "fenced" for kind, _ in lines),
        latest_s=max(overdue, default=0.0),
    )


def _number(run: JobRun) -> int:
    return int(run.id.removeprefix("run-"))


class _Noting(Leases):
    """Leases whose answers, accepted or refused, also stand in a log beside the queue."""

    def __init__(self, queue: Path, log: Path) -> None:
        super().__init__(SqliteLeaseStore(queue))
        self._log = log.open("a", buffering=1)

    def finish(self, lease: Lease, result: dict[str, Any]) -> JobRun:
        """As `Leases.finish`."""
        try:
            run = super().finish(lease, result)
        except Fenced:
            self._log.write(f"fenced {lease.id}\n")
            raise
        self._log.write(f"finished {lease.id}\n")
        return run


def _work(queue: Path, log: Path, seed: int) -> None:
    chance = random.Random(seed)

    def execute(claimed: Claimed) -> Done:
        is_first = claimed.parameters["n"] == 0
        time.sleep(LEASE_S / 2 if is_first else chance.uniform(0.005, 0.03))
        return Done(result={"n": claimed.parameters["n"]})

    Worker(_Noting(queue, log), execute, lease_s=LEASE_S, poll_s=0.1).run_until_idle()


if __name__ == "__main__":
    _work(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
