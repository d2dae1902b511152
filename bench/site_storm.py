"""Do all runs of a site end, once, though workers and the database are killed? One such storm.

`python -m bench.site_storm fill N | work | watch | tell N` are its processes.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.sites import Site, set_up

if TYPE_CHECKING:
    from madang.kernel.jobs.record import JobRun

LEASE_S = 2.0
ATTEMPTS = 10
_ME = "bench.site_storm"
_WATCH_S = 0.3
_LONG_S = 15.0
"""After so long without enough being done, the next blow falls all the same."""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What is done, and how hard it is struck."""

    runs: int
    workers: int = 2
    seed: int = 1
    blows: int = 50
    """About how many, spread over the runs: a worker that was just started does some first."""
    restarts: int = 0
    """How often the database is restarted, the last time by killing it."""
    deadline_s: float = 300.0


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What a storm left behind."""

    runs: int
    ended: int
    causes: dict[str, int]
    """Cause → runs that ended so; done runs have none."""
    untyped: int
    """Runs that failed without a cause."""
    most_ends: int
    """The most terminal transitions that one run has in its history."""
    settled: tuple[int, int]
    """How often the end of a run was remembered: the least and the most."""
    unsettled: int
    unknown: int
    """Runs that were enqueued and are missing, or were never enqueued and exist."""
    lost_leases: int
    latest_s: float
    """The longest time from a lease's end to its being noticed."""
    log_verifies: bool
    blows: dict[str, int]
    wall_s: float

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return (
            self.ended == self.runs
            and not self.untyped
            and self.most_ends == 1
            and self.settled == (1, 1)
            and not self.unsettled
            and not self.unknown
            and self.log_verifies
        )


def storm(site: Site, plan: Storm) -> Aftermath:
    """Enqueue runs and strike workers and database at random until all runs have ended."""
    site.ask(_ME, "fill", str(plan.runs))
    watch = _Watch(site)
    start_s = time.monotonic()
    alive = [site.start(_ME, "work") for _ in range(plan.workers)]
    try:
        blows = _strike(site, plan, watch, alive)
    finally:
        wall_s = time.monotonic() - start_s
        for process in alive:
            process.kill()
            process.wait()
        watch.stop()
    told = site.ask(_ME, "tell", str(plan.runs))
    told["settled"] = tuple(told["settled"])
    return Aftermath(**told, blows=blows, wall_s=wall_s)


def _strike(
    site: Site, plan: Storm, watch: _Watch, alive: list[subprocess.Popen[str]]
) -> dict[str, int]:
    chance = random.Random(plan.seed)
    blows: Counter[str] = Counter()
    deadline = time.monotonic() + plan.deadline_s
    while time.monotonic() < deadline and not watch.waits(
        plan.runs * (1 - (blows.total() + chance.random()) / plan.blows)
    ):
        restart = site.server and blows["restart"] < plan.restarts * blows.total() / plan.blows
        kind = "restart" if restart else chance.choices(["kill", "freeze"], [4, 1])[0]
        blows[kind] += 1
        if kind == "restart":
            _restart(site, is_last=blows["restart"] == plan.restarts)
            continue
        place = chance.randrange(plan.workers)
        if kind == "kill":
            alive[place].kill()
            alive[place].wait()
        else:
            _freeze(alive[place])
        for number, process in enumerate(alive):
            if process.poll() is not None:
                alive[number] = site.start(_ME, "work")
    return dict(blows)


def _restart(site: Site, *, is_last: bool) -> None:
    """Stop the database in order, or the last time as good as by a power cut; start it again."""
    assert site.server
    site.server.stop(signal.SIGQUIT if is_last else signal.SIGINT)
    site.server.start()


def _freeze(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.3 * LEASE_S)
    process.send_signal(signal.SIGCONT)


class _Watch:
    """Knows how many runs are left, as a process beside the workers says."""

    def __init__(self, site: Site) -> None:
        self.left = 1 << 30
        self._over = threading.Event()
        self._process = site.start(_ME, "watch", stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.left = int(line)
            if not self.left:
                self._over.set()
                return

    def waits(self, left: float) -> bool:
        """Wait until no more than so many are left, or for long; True if nothing is left."""
        for _ in range(int(_LONG_S / _WATCH_S)):
            if self._over.wait(_WATCH_S) or self.left <= left:
                break
        return self._over.is_set()

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout:
            self._process.stdout.close()


def light(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
    """A job that is over in a few milliseconds."""
    progress(0.5, "light")
    time.sleep(random.uniform(0.001, 0.005))
    return {"n": parameters["n"]}


def note(run: JobRun) -> None:
    """What the site remembers of its end: an entry of the log."""
    from madang.portal.log import remember

    remember("light-ended", f"run/{run.id}", by=None, state=run.state, cause=run.cause)


def _fill(count: int) -> None:
    from django.db import transaction

    from madang.portal.queue import enqueue

    for start in range(0, count, 500):
        with transaction.atomic():
            for n in range(start, min(start + 500, count)):
                enqueue(f"light-{n}", "portal.light", {"n": n}, attempts=ATTEMPTS)


def _work() -> None:
    from madang.portal import jobs, worker

    jobs.JOBS = {"light": f"{_ME}:light"}
    jobs.SETTLE = {"light": f"{_ME}:note"}
    worker.work(lease_s=LEASE_S, poll_s=0.1)


def _watch() -> None:
    from madang.kernel.errors import Unavailable
    from madang.portal.models import JobEnding, JobRun
    from madang.portal.queue import telling

    left = 1
    while left:
        time.sleep(_WATCH_S)
        try:
            with telling():
                left = JobRun.objects.filter(state__in=["queued", "running"]).count()
                left += JobEnding.objects.count()
        except Unavailable:
            continue
        print(left, flush=True)


def _tell(count: int) -> None:
    from madang.kernel.jobs.record import LOST, TERMINAL
    from madang.portal import log_folder
    from madang.portal.models import JobEnding, JobRun, JobTransition, LogEntry

    rows = list(JobRun.objects.values_list("id", "state", "cause"))
    ends = Counter(
        JobTransition.objects.filter(state__in=sorted(TERMINAL)).values_list("run_id", flat=True)
    )
    lost = JobTransition.objects.filter(cause__in=LOST)
    overdue = [step.detail.get("overdue_s", 0.0) for step in lost]
    settled = Counter(LogEntry.objects.values_list("subject", flat=True))
    times = [settled[f"run/{id}"] for id, _, _ in rows]
    facts = {
        "runs": count,
        "ended": sum(state in TERMINAL for _, state, _ in rows),
        "causes": Counter(cause for _, state, cause in rows if state in TERMINAL and cause),
        "untyped": sum(state == "failed" and not cause for _, state, cause in rows),
        "most_ends": max(ends.values(), default=0),
        "settled": (min(times, default=0), max(times, default=0)),
        "unsettled": JobEnding.objects.count(),
        "unknown": len({f"light-{n}" for n in range(count)} ^ {id for id, _, _ in rows}),
        "lost_leases": len(overdue),
        "latest_s": max(overdue, default=0.0),
        "log_verifies": log_folder.verdict().ok,
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    set_up()
    verb, *rest = sys.argv[1:]
    {"fill": _fill, "work": _work, "watch": _watch, "tell": _tell}[verb](*map(int, rest))
