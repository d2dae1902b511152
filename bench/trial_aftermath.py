"""What has a storm left behind: ended, doubled, lost and stray runs, processes and groups?"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.evidence.keys import VerifyingKey
from madang.kernel.evidence.verify import verify_path
from madang.kernel.jobs.record import TERMINAL
from madang.kernel.sandbox.cage import groups
from madang.trials.engine.board import Ledger
from madang.trials.engine.cause import Cause
from madang.trials.engine.proceedings import Proceedings
from madang.trials.engine.runner import Scoring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.jobs.lease import Leases
    from madang.kernel.jobs.record import JobRun, Transition
    from madang.trials.engine.workspace import Workspace

DESERVED = {
    "good": ("done", ""),
    "python": ("done", ""),
    "crasher": ("failed", Cause.CRASH),
}
"""Kind of submission → state and cause of its run."""


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What a storm left behind."""

    runs: int
    ended: int
    """Runs in a terminal state."""
    as_expected: int
    """Runs that ended as their submission deserves."""
    platform: int
    """Runs that the platform failed, after all attempts."""
    unknown: int
    """Runs that are missing, or that nobody queued."""
    most_ends: int
    """The most terminal transitions of one run."""
    stale_tokens: int
    """Runs whose tokens do not rise with each lease, or that ended by another than the last."""
    releases_off: int
    """Scored runs without exactly one release in the ledger, or with another than they tell."""
    statements_off: int
    """Runs without exactly one statement of their end in the log."""
    quota_off: int
    """Firms whose used quota is not the number of their runs less those the platform failed."""
    log_verifies: bool
    left_processes: tuple[str, ...]
    """Command lines of descendants that still ran five seconds after the last worker's end."""
    left_groups: int
    """Control groups of dead workers, after the next owner of a pool has come."""
    defects: int
    """Workers that ended by themselves with another exit code than 0."""
    blows: Mapping[str, int]
    lost: int
    """Leases that ran out."""
    latest_s: float
    """The longest time from a lease's end to its being noticed."""
    submit_ms: tuple[float, float]
    """CPU time of one submission, among the first and the last tenth."""
    cpu_s: float
    """Of all workers, scorers and jails."""
    wall_s: float

    @property
    def is_clean(self) -> bool:
        """Every promise is kept."""
        nothing = (
            *(self.unknown, self.stale_tokens, self.releases_off, self.statements_off),
            *(self.quota_off, len(self.left_processes), self.left_groups, self.defects),
        )
        return (
            self.ended == self.runs == self.as_expected + self.platform
            and self.most_ends == 1
            and self.log_verifies
            and self.latest_s <= 5
            and not any(nothing)
        )


def ends(leases: Leases, kinds: Mapping[str, str]) -> dict[str, Any]:
    """What the queue says of the runs and their history."""
    runs = leases.list()
    histories = {run.id: leases.history(run.id) for run in runs}
    lapses = [
        each.detail["overdue_s"]
        for history in histories.values()
        for each in history
        if each.cause == Cause.WORKER_LOST
    ]
    return {
        "runs": len(kinds),
        "ended": sum(run.is_terminal for run in runs),
        "as_expected": sum((run.state, run.cause) == DESERVED[kinds[run.id]] for run in runs),
        "platform": sum(_failed_by_platform(run) for run in runs),
        "unknown": len(set(kinds) ^ set(histories)),
        "most_ends": max(sum(e.state in TERMINAL for e in each) for each in histories.values()),
        "stale_tokens": sum(_is_stale(each) for each in histories.values()),
        "lost": len(lapses),
        "latest_s": max(lapses, default=0.0),
    }


def _failed_by_platform(run: JobRun) -> bool:
    return run.state == "failed" and not Cause(run.cause).is_firms


def _is_stale(history: Sequence[Transition]) -> bool:
    """Whether tokens do not rise by one with each lease, or another than the last one ended it."""
    given = [each.token for each in history if each.state == "running"]
    return given != list(range(1, len(given) + 1)) or history[-1].token != given[-1]


def records(workspace: Workspace, runs: Sequence[JobRun]) -> dict[str, Any]:
    """What the ledger, the log and the quota say of them."""
    demand = runs[0].parameters["demand"]
    released: dict[str, list[Any]] = {}
    for each in Ledger(workspace).releases(demand):
        released.setdefault(each.run, []).append(each.facts)
    stated = Counter(
        entry.statement.predicate["run"]
        for entry in workspace.log.entries()
        if "run" in entry.statement.predicate
    )
    key = VerifyingKey.read(workspace.public_key_file)
    return {
        "releases_off": sum(
            released.get(run.id) != [(run.result or {})["release"]]
            for run in runs
            if run.state == "done"
        ),
        "statements_off": sum(stated[run.id] != 1 for run in runs),
        "quota_off": _quota_off(workspace, demand, runs),
        "log_verifies": verify_path(workspace.folder / "evidence", key=key).ok,
    }


def _quota_off(workspace: Workspace, demand: str, runs: Sequence[JobRun]) -> int:
    proceedings = Proceedings(workspace, Scoring(workspace))
    owed = Counter(run.parameters["firm"] for run in runs if not _failed_by_platform(run))
    firms = {run.parameters["firm"] for run in runs}
    return sum(proceedings.used(demand, firm) != owed[firm] for firm in firms)


def left_processes() -> tuple[str, ...]:
    """What still runs of all that the storm began, five seconds after its last worker ended."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.05)
        except ChildProcessError:
            return ()
    return tuple(command(pid).decode("utf-8", "replace") for pid in children(os.getpid()))


def children(parent: int) -> list[int]:
    """The processes that this one started or adopted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if int(stat.rpartition(b")")[2].split()[1]) == parent:
            found.append(int(folder.name))
    return found


def command(pid: int) -> bytes:
    """What a process was started with; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def left_groups(owners: Sequence[int]) -> int:
    """Groups of dead workers: whoever makes the next group sweeps them away, as is done here."""
    groups()
    return sum(
        1 for owner in owners for _ in Path("/sys/fs/cgroup").glob(f"**/madang-*-{owner}-*")
    )
