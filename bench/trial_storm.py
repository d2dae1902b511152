"""Do all runs of a trial end, once, though workers and scorers are killed? One such storm.

`python -m bench.trial_storm storm FOLDER PLAN` leads a storm and prints what it left as JSON;
`python -m bench.trial_storm work FOLDER LEASE_S` is one of its workers, which knows the toys.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.trial_aftermath import (
    DESERVED,
    Aftermath,
    children,
    command,
    ends,
    left_groups,
    left_processes,
    records,
)
from madang.kernel import systems
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.record import TERMINAL
from madang.kernel.words import words
from madang.trials.engine.office import Office
from madang.trials.engine.runner import JOB
from madang.trials.engine.workspace import Workspace
from tests.trials import acts, toy_house
from tests.trials.toys import LINE_SOLUTIONS

if TYPE_CHECKING:
    from madang.trials.engine.demand import Tier

_ROOT = Path(__file__).parents[1]
_PR_SET_CHILD_SUBREAPER = 36
_FIRMS = 20
_BLOWS = ("worker", "scorer", "worker", "freeze")
"""Who is struck, in turns: two workers and a scorer killed, a worker frozen past its lease."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How large a storm, and how hard."""

    good: int
    """Predictions files."""
    python: int = 0
    """Solutions that run in the jail."""
    crasher: int = 0
    """Solutions that crash in the jail."""
    blows: int = 0
    workers: int = 2
    lease_s: float = 2.0
    seed: int = 1
    deadline_s: float = 3600.0


def storm_apart(plan: Plan) -> Aftermath:
    """Lead a storm in a process of its own, which adopts and counts all that it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(
            [sys.executable, "-m", "bench.trial_storm", "storm", folder, json.dumps(asdict(plan))],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    facts = json.loads(found.stdout)
    pairs = {name: tuple(facts[name]) for name in ("left_processes", "submit_ms")}
    return Aftermath(**facts | pairs)


def storm(folder: Path, plan: Plan) -> Aftermath:
    """Register the line demand, submit, and strike the workers until all runs have ended."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    workspace = Workspace(folder / "workspace")
    with Office(workspace) as office:
        handed_in = _HandedIn(office, folder, plan)
    leases = Leases(workspace.runs)
    cpu_s, started = _children_cpu_s(), time.monotonic()
    crew = _Crew(workspace.folder, plan)
    crew.work(leases, runs=len(handed_in.kinds))
    wall_s, left = time.monotonic() - started, left_processes()
    return Aftermath(
        **ends(leases, handed_in.kinds),
        **records(workspace, leases.list()),
        left_processes=left,
        left_groups=left_groups(crew.pids),
        defects=crew.defects,
        blows=dict(crew.struck),
        submit_ms=handed_in.submit_ms(),
        cpu_s=round(_children_cpu_s() - cpu_s, 2),
        wall_s=round(wall_s, 2),
    )


class _HandedIn:
    """What was submitted: run → kind of the submission; and what each submission cost."""

    def __init__(self, office: Office, folder: Path, plan: Plan) -> None:
        text = acts.LINE_DEMAND.replace("submissions: 3", "submissions: 1000")
        self._office, self._demand = office, acts.register_line(office, folder, text=text)
        self.kinds: dict[str, str] = {}
        self._cost_s: list[float] = []
        kinds = [kind for kind in DESERVED for _ in range(getattr(plan, kind))]
        random.Random(plan.seed).shuffle(kinds)
        for number, kind in enumerate(kinds):
            self._submit(number, kind)

    def submit_ms(self) -> tuple[float, float]:
        """CPU time of one submission: medians of the first and of the last tenth."""
        tenth = max(1, len(self._cost_s) // 10)
        ends = self._cost_s[:tenth], self._cost_s[-tenth:]
        first, last = (round(1000 * float(np.median(each)), 2) for each in ends)
        return first, last

    def _submit(self, number: int, kind: str) -> None:
        tier: Tier = "predictions" if kind == "good" else "python"
        files = self._answers(number) if kind == "good" else self._source(number, kind)
        started = time.process_time()
        submission = self._office.submit(
            self._demand,
            firm=f"firm_{number % _FIRMS}",
            name=f"solution_{number}",
            title=words("해법", "solution"),
            tier=tier,
            files=files,
        )
        self._cost_s.append(time.process_time() - started)
        self.kinds[f"{submission.id.replace('submission', 'run')}-board"] = kind

    @staticmethod
    def _source(number: int, kind: str) -> dict[str, bytes]:
        source = LINE_SOLUTIONS["good" if kind == "python" else "crasher"]
        return {"solution.py": f"{source}\n# {number}\n".encode()}

    def _answers(self, number: int) -> dict[str, bytes]:
        """Answers that become better with the number, so that the Ladder releases now and then."""
        import polars as pl

        public = self._office.workspace.demand_folder(self._demand).public
        cases = pl.concat(
            [pl.read_parquet(public / f"{part}_inputs.parquet") for part in ("board", "final")]
        )
        noise = np.random.default_rng(number).normal(0, 300 / (1 + number), cases.height)
        answers = cases.select("case", y=2 * cases["x"] + 1 + pl.Series(noise))
        return {"predictions.csv": answers.write_csv().encode()}


class _Crew:
    """The workers of a storm, replaced as they fall."""

    def __init__(self, workspace: Path, plan: Plan) -> None:
        self._workspace, self._plan = workspace, plan
        self._chance = random.Random(plan.seed)
        self._workers: list[subprocess.Popen[bytes]] = []
        self.pids: list[int] = []
        self.struck: Counter[str] = Counter()
        self.defects = 0

    def work(self, leases: Leases, *, runs: int) -> None:
        """Until every worker has found nothing left to do."""
        deadline = time.monotonic() + self._plan.deadline_s
        blows = self._blows(runs)
        self._workers = [self._start() for _ in range(self._plan.workers)]
        try:
            while self._any_at_work():
                time.sleep(0.02)
                if time.monotonic() > deadline:
                    raise TimeoutError("the storm did not end")
                if blows and _ended(leases) >= blows[0][0] and self._strike(blows[0][1]):
                    del blows[0]
        finally:
            for worker in self._workers:
                worker.kill()
                worker.wait()

    def _blows(self, runs: int) -> list[tuple[int, str]]:
        """After how many ends who is struck; the last blow falls while the ends are recorded."""
        count = self._plan.blows
        moments = sorted(self._chance.sample(range(1, runs), max(0, count - 1)))
        kinds = [_BLOWS[number % len(_BLOWS)] for number in range(count)]
        return list(zip([*moments, runs][:count], kinds, strict=True))

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench.trial_storm", "work", str(self._workspace)]
        worker = subprocess.Popen([*command, str(self._plan.lease_s)], cwd=_ROOT)
        self.pids.append(worker.pid)
        return worker

    def _any_at_work(self) -> bool:
        """Whether any is; one that ended with a fault of its own is counted and replaced."""
        codes = [worker.poll() for worker in self._workers]
        for number, code in enumerate(codes):
            if code:
                self.defects += 1
                self._workers[number] = self._start()
        return any(code != 0 for code in codes)

    def _strike(self, kind: str) -> bool:
        """Strike a worker or its scorer at some moment; False where none is there to strike."""
        time.sleep(self._chance.uniform(0, 0.1))
        alive = [number for number, worker in enumerate(self._workers) if worker.poll() is None]
        if not alive:
            return True
        number = self._chance.choice(alive)
        worker = self._workers[number]
        if kind == "scorer":
            scorers = [pid for pid in children(worker.pid) if b"toy_house" in command(pid)]
            if not scorers:
                return False
            os.kill(scorers[0], signal.SIGKILL)
        elif kind == "freeze":
            self._freeze(worker)
        else:
            worker.kill()
            worker.wait()
            self._workers[number] = self._start()
        self.struck[kind] += 1
        return True

    def _freeze(self, worker: subprocess.Popen[bytes]) -> None:
        """Past the end of its lease."""
        worker.send_signal(signal.SIGSTOP)
        time.sleep(1.3 * self._plan.lease_s)
        worker.send_signal(signal.SIGCONT)


def _ended(leases: Leases) -> int:
    tally = leases.tally(JOB)
    return sum(number for (state, _), number in tally.items() if state in TERMINAL)


def _children_cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def know_the_toys() -> None:
    """The toys stand in the house of this process, and of every scorer that it starts."""
    systems.manifests = toy_house.manifests
    Workspace.scorer_command = property(  # type: ignore[method-assign, assignment]
        lambda workspace: [sys.executable, "-m", "tests.trials.toy_house", str(workspace.folder)]
    )


def _main(act: str, folder: Path, what: str) -> None:
    know_the_toys()
    if act == "storm":
        print(json.dumps(asdict(storm(folder, Plan(**json.loads(what))))))
    else:
        with Office(Workspace(folder), lease_s=float(what)) as office:
            office.work()


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
