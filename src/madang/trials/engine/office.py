"""Who leads a trial through its acts and writes down what each of them found?

The office is the face's one partner: it holds the workspace, the scorer and the queue, lets the
acts of `proceedings` happen in their order, and appends their statements to the log.
"""

from __future__ import annotations

import json
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.jobs.worker import Worker
from madang.kernel.words import words
from madang.trials.engine import statements
from madang.trials.engine.board import Ledger, board_rows, shown_baselines
from madang.trials.engine.errors import DemandError
from madang.trials.engine.paper import Paper
from madang.trials.engine.proceedings import Proceedings, Registered
from madang.trials.engine.publication import Published, publish
from madang.trials.engine.rehearsal import Rehearsal, rehearse
from madang.trials.engine.runner import JOB, Runner
from madang.trials.engine.submission import check_form
from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from madang.kernel.evidence.log import Entry
    from madang.kernel.evidence.statement import Statement
    from madang.kernel.jobs.record import JobRun
    from madang.kernel.words import Words
    from madang.trials.engine.demand import Tier
    from madang.trials.engine.submission import Submission
    from madang.trials.engine.workspace import DemandFolder, Workspace

LEASE_S = 30.0
"""How long a silent worker keeps a run."""


class Office:
    """One workspace, open for business; close it to end its helpers.

    Args:
        workspace: Its folder is made where it is missing.
        lease_s: How long a silent worker keeps a run.
    """

    def __init__(self, workspace: Workspace, *, lease_s: float = LEASE_S) -> None:
        self.workspace, self._lease_s = workspace.create(), lease_s
        self.runner = Runner(self.workspace)
        self._recorded: set[str] = set()
        self._entries_read = 0

    @cached_property
    def proceedings(self) -> Proceedings:
        """The acts."""
        return Proceedings(self.workspace, self.runner.scoring)

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.close()

    def warm_up(self) -> None:
        """Start jails in the background, so that the first run does not wait for them."""

        def start() -> None:
            try:
                self.runner.pool.wait_ready()
            except Unavailable:
                return  # each run that needs a jail will say so itself

        threading.Thread(target=start, daemon=True).start()

    def record(self, found: Sequence[Statement]) -> tuple[Entry, ...]:
        """Append statements to the log."""
        return self.workspace.log.append(found) if found else ()

    def register(
        self, text: str, *, table: str = "", demonstration: str = "", accept: Sequence[str] = ()
    ) -> Registered:
        """Register a demand and record it."""
        registered = self.proceedings.register(
            text, table=table, demonstration=demonstration, accept=accept
        )
        if registered.facts:
            folder = self.workspace.demand_folder(registered.facts["demand"])
            with self.workspace.locked(f"submit-{folder.name}"):
                self._record_registration(folder)
        return registered

    def _record_registration(self, folder: DemandFolder) -> None:
        """The demand's own statement, once, even if the office died right after registering."""
        written = folder.folder / "recorded"
        if written.exists():
            return
        known = any(
            f"demand/{folder.name}" in entry.statement.subjects
            for entry in self.workspace.log.entries()
        )
        if not known:
            self.record([statements.registered(folder.demand, folder.registration)])
        write_whole(written, b"")

    def submit(
        self,
        demand: str,
        *,
        firm: str,
        name: str,
        title: Words,
        tier: Tier,
        files: Mapping[str, bytes],
    ) -> Submission:
        """Take in a submission, record it and queue its run on the board part.

        Raises:
            SubmissionError: Not what the tier asks for; nothing was kept.
            QuotaSpent: The firm has no submission left.
        """
        if tier == "onnx":
            self._check_model(demand, files)
        # Two submissions at once must not both find the last place of a quota free.
        folder = self.workspace.demand_folder(demand)
        with self.workspace.locked(f"submit-{folder.name}"):
            self._record_registration(folder)
            submission, statement = self.proceedings.submit(
                demand, firm=firm, name=name, title=title, tier=tier, files=files
            )
            self.record([statement])
            self.proceedings.queue(submission, "board")
        return submission

    def _check_model(self, demand: str, files: Mapping[str, bytes]) -> None:
        check_form(self.workspace.demand_folder(demand).demand, "onnx", files)
        try:
            self.runner.check_model(files["model.onnx"])
        except Unavailable:
            return  # no jail here; each run will say so itself, and looks at the model first

    def rehearse(self, demand: str, tier: Tier, files: Mapping[str, bytes]) -> Rehearsal | None:
        """Run a solution on the open sample and keep everything it says.

        Raises:
            SubmissionError: Not of the form that the tier asks for.
            Unavailable: No jail works here.
        """
        folder = self.workspace.demand_folder(demand)
        check_form(folder.demand, tier, files)
        return rehearse(self.runner, folder, tier, files)

    def board(self, demand: str) -> dict[str, Any]:
        """What the board shows: baselines, released scores, bits that left."""
        folder = self.workspace.demand_folder(demand)
        ledger = Ledger(self.workspace)
        runs = self.proceedings.demand_runs(demand)
        return {
            "demand": demand,
            "metric": folder.demand.decision.metric,
            "baselines": self.baselines(folder),
            "rows": board_rows(ledger, demand),
            "bits": self.bits(demand, runs),
            "runs": {
                state: sum(run.state == state for run in runs)
                for state in ("queued", "running", "done", "failed", "cancelled")
            },
        }

    def baselines(self, folder: DemandFolder) -> dict[str, Any]:
        """Name → title and score on the board part."""
        return shown_baselines(folder, self.runner.scoring.ask)

    def bits(self, demand: str, runs: Sequence[JobRun]) -> float:
        """Bits that left the seal: releases, and what failed runs told."""
        told = sum(run.detail.get("bits", 0.0) for run in runs)
        return float(Ledger(self.workspace).bits(demand) + told)

    def work(self, told: Callable[[JobRun], None] | None = None) -> int:
        """Execute queued runs until none is left, and record how each ended.

        Args:
            told: Called with each run that ended.
        """
        worker = Worker(
            self.proceedings.runs,
            self.runner.execute,
            lease_s=self._lease_s,
            poll_s=0.05,
            jobs=[JOB],
        )
        count = worker.run_until_idle()
        self.record_ended(told)
        return count

    def record_ended(self, told: Callable[[JobRun], None] | None = None) -> None:
        """Record every ended run that the log does not hold yet; safe to repeat after a crash."""
        with self.workspace.locked("record"):
            known = self._recorded_runs()
            ended = [
                run
                for run in self.proceedings.runs.list(job=JOB)
                if run.is_terminal and run.id not in known
            ]
            self.record(self.proceedings.ended_statements(ended))
        for run in ended:
            if told:
                told(run)

    def _recorded_runs(self) -> set[str]:
        """Runs whose end stands in the log; an entry once read is never read again."""
        for entry in self.workspace.log.entries(self._entries_read):
            self._entries_read = entry.index + 1
            if "run" in entry.statement.predicate:
                self._recorded.add(entry.statement.predicate["run"])
        return self._recorded

    def close(self, demand: str) -> Paper:
        """Run the final part, compare, decide; after this the demand takes no submission.

        Raises:
            DemandError: The demand was closed before, or nothing was scored.
        """
        folder = self.workspace.demand_folder(demand)
        if (folder.folder / "closed.json").exists():
            return self.paper(demand)
        finalists = self.proceedings.finalists(demand)
        if not finalists:
            raise DemandError(
                words("채점된 제출이 없음", "no scored submission"),
                words(
                    "순위판에서 채점된 제출 하나 이상",
                    "at least one submission scored on the board",
                ),
            )
        for submission in finalists:
            self.proceedings.queue(submission, "final")
        self.work()
        closed = self.proceedings.compare(demand)
        self.record(closed.statements)
        facts = {
            "comparison": closed.comparison,
            "decision": closed.decision.plain(),
            "closed": clock.stamp(),
        }
        write_whole(folder.folder / "closed.json", json.dumps(facts).encode())
        return self.paper(demand)

    def paper(self, demand: str) -> Paper:
        """The facts of a closed trial.

        Raises:
            DemandError: It is not closed.
        """
        from madang.trials.engine.decision import Decision

        folder = self.workspace.demand_folder(demand)
        file = folder.folder / "closed.json"
        if not file.exists():
            raise DemandError(
                words(f"아직 마감하지 않은 수요 {demand}", f"the open demand {demand}"),
                words("마감한 수요", "a closed demand"),
                words(
                    "'madang trials report'가 마감까지 처리합니다.",
                    "'madang trials report' closes it.",
                ),
            )
        facts: dict[str, Any] = json.loads(file.read_text("utf-8"))
        runs = self.proceedings.demand_runs(demand)
        order = dict.fromkeys(run.parameters["submission"] for run in runs)
        ledger = Ledger(self.workspace)
        return Paper(
            folder=folder,
            comparison=facts["comparison"],
            decision=Decision.from_plain(facts["decision"]),
            submissions=[self.proceedings.submission(each) for each in order],
            runs=runs,
            board=board_rows(ledger, demand),
            bits=self.bits(demand, runs),
            closed=facts["closed"],
        )

    def publish(self, demand: str, folder: Path) -> Published:
        """Write the signed report of a closed trial."""
        paper = self.paper(demand)
        entries = [
            entry
            for entry in self.workspace.log.entries()
            if entry.statement.predicate.get("demand") == demand
            and not entry.statement.predicate_type.endswith("/document/v1")
        ]
        return publish(self.workspace, paper, entries, folder)
