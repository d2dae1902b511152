"""What may be done in a trial, and in which order? Register, submit, run, compare.

Each act checks that it is due, does one thing and returns what it found together with the
statements that the calling face appends to the log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import clock, ids
from madang.kernel.jobs.lease import Leases
from madang.kernel.words import Words, words
from madang.trials.engine import statements
from madang.trials.engine.board import Ledger
from madang.trials.engine.cause import Cause
from madang.trials.engine.decision import Decision, decide
from madang.trials.engine.environment import environment_digest
from madang.trials.engine.errors import DemandError, QuotaSpent, SubmissionError
from madang.trials.engine.predictions import check_predictions
from madang.trials.engine.runner import JOB, Scoring
from madang.trials.engine.submission import (
    Submission,
    check_firm,
    check_form,
    check_name,
    check_size,
)
from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.evidence.statement import Statement
    from madang.kernel.jobs.record import JobRun, State
    from madang.kernel.trial import Part
    from madang.trials.engine.demand import Tier
    from madang.trials.engine.workspace import DemandFolder, Workspace

ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A demand that was registered, or the leaks that stand against it."""

    facts: Mapping[str, Any]
    leaks: tuple[Mapping[str, Any], ...]
    """Leaks that the agency has not accepted; then nothing was registered."""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A trial at its end."""

    comparison: Mapping[str, Any]
    decision: Decision
    solutions: Mapping[str, str]
    """Solution → the submission that it stands for."""
    statements: tuple[Statement, ...]


class Proceedings:
    """The acts of a trial on one workspace."""

    def __init__(self, workspace: Workspace, scoring: Scoring) -> None:
        self._workspace, self._scoring = workspace, scoring
        self._runs = Leases(workspace.runs)

    @property
    def runs(self) -> Leases:
        """The queue of runs."""
        return self._runs

    def register(
        self, text: str, *, table: str = "", demonstration: str = "", accept: Sequence[str] = ()
    ) -> Registered:
        """Register a demand: its table is read, checked, split and sealed by the scorer.

        Raises:
            MadangError: The text or the table cannot be used.
        """
        facts = self._scoring.ask(
            "register", text=text, table=table, demonstration=demonstration, accept=list(accept)
        )
        if "digest" not in facts:
            return Registered(facts={}, leaks=tuple(facts["leaks"]))
        return Registered(facts=facts, leaks=())

    def submit(
        self,
        demand_name: str,
        *,
        firm: str,
        name: str,
        title: Words,
        tier: Tier,
        files: Mapping[str, bytes],
    ) -> tuple[Submission, Statement]:
        """Take in what a firm hands in. Costs no quota; `queue` does.

        Raises:
            SubmissionError: Not of the form that the tier asks for.
            QuotaSpent: The firm has no submission left.
        """
        self.check_due(demand_name, firm=firm, name=name)
        submission = self.keep(
            demand_name, firm=firm, name=name, title=title, tier=tier, files=files
        )
        return submission, self.admit(submission)

    def check_due(self, demand_name: str, *, firm: str, name: str) -> None:
        """May this firm hand in a solution of this name now?

        Raises:
            SubmissionError: The demand is closed, or a name cannot be used.
            QuotaSpent: The firm has no submission left.
        """
        folder = self._workspace.demand_folder(demand_name)
        self._check_open(folder)
        check_firm(firm)
        check_name(name)
        self._check_quota(folder, firm)
        self._check_name(folder.name, firm, name)

    def keep(
        self,
        demand_name: str,
        *,
        firm: str,
        name: str,
        title: Words,
        tier: Tier,
        files: Mapping[str, bytes],
    ) -> Submission:
        """Check what is handed in and keep its files; it is not taken in before `admit`.

        Raises:
            SubmissionError: Not of the form that the tier asks for; nothing was kept.
        """
        folder = self._workspace.demand_folder(demand_name)
        check_size(files, folder.demand.limits.submission_mb * 2**20)
        check_form(folder.demand, tier, files)
        if tier == "predictions":
            self._check_answers(folder, files)
        return Submission(
            id=ids.new("submission"),
            demand=folder.name,
            firm=firm,
            name=name,
            title=title,
            tier=tier,
            files={n: self._workspace.objects.put(content) for n, content in files.items()},
            received=clock.stamp(),
        )

    def admit(self, submission: Submission) -> Statement:
        """Take in what was kept. The caller sees to it that only one is admitted at a time.

        Raises:
            SubmissionError: The demand has closed, or another firm took the name.
            QuotaSpent: The firm has no submission left.
        """
        self.check_due(submission.demand, firm=submission.firm, name=submission.name)
        self._write(submission)
        return statements.received(submission)

    def _check_open(self, folder: DemandFolder) -> None:
        if (folder.folder / "closed.json").exists():
            raise SubmissionError(
                words(f"이미 마감된 수요 {folder.name}", f"the closed demand {folder.name}"),
                words("접수 중인 수요", "a demand that is open"),
            )

    def _check_answers(self, folder: DemandFolder, files: Mapping[str, bytes]) -> None:
        """Does a predictions file answer for every case whose inputs were given out?"""
        scale = folder.scale
        outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
        check_predictions(files, outputs, folder.given_out)

    def _check_quota(self, folder: DemandFolder, firm: str) -> None:
        used = self.used(folder.name, firm)
        if used >= folder.demand.quota:
            raise QuotaSpent(
                words(f"이미 쓴 제출 {used}회", f"{used} submissions used"),
                words(f"{folder.demand.quota}회 이하", f"at most {folder.demand.quota}"),
                words("최종 비교를 기다리십시오.", "Wait for the final comparison."),
            )

    def _check_name(self, demand: str, firm: str, name: str) -> None:
        # A solution's name stands for it in the comparison: two firms cannot share one.
        alike = {"demand": demand, "name": name}
        runs, own = (
            sum(self._runs.tally(JOB, matching).values())
            for matching in (alike, {**alike, "firm": firm})
        )
        if runs > own:
            raise SubmissionError(
                words(f"이미 쓰인 해법 이름 {name!r}", f"the solution name {name!r}, taken"),
                words("다른 기업이 쓰지 않은 이름", "a name that no other firm uses"),
            )

    def used(self, demand: str, firm: str) -> int:
        """How many submissions count against a firm's quota: all but those the platform failed."""
        tally = self._runs.tally(JOB, {"demand": demand, "firm": firm, "part": "board"})
        return sum(number for (state, cause), number in tally.items() if counts(state, cause))

    def queue(self, submission: Submission, part: Part) -> str:
        """Put a run in the queue; the same submission and part again is the same run."""
        # Firm and name stand here too, so that the queue itself can count by them.
        parameters = {
            "demand": submission.demand,
            "submission": submission.id,
            "part": part,
            "firm": submission.firm,
            "name": submission.name,
        }
        run = f"{submission.id.replace('submission', 'run')}-{part}"
        self._runs.enqueue(run, JOB, parameters, attempts=ATTEMPTS)
        return run

    def demand_runs(self, demand: str, part: Part | None = None) -> list[JobRun]:
        """The runs of a demand, in the order of their arrival."""
        matching = {"demand": demand} | ({"part": part} if part else {})
        return list(self._runs.list(job=JOB, matching=matching))

    def submission(self, identifier: str) -> Submission:
        """A submission by its identifier."""
        file = self._workspace.folder / "submissions" / f"{identifier}.json"
        return Submission.from_plain(json.loads(file.read_text("utf-8")))

    def _write(self, submission: Submission) -> None:
        folder = self._workspace.folder / "submissions"
        folder.mkdir(exist_ok=True)
        content = json.dumps(submission.plain(), ensure_ascii=False).encode()
        write_whole(folder / f"{submission.id}.json", content)

    def finalists(self, demand: str) -> list[Submission]:
        """One submission a firm: that of its best released score, else its last scored one."""
        scored = {
            run.id: self.submission(run.parameters["submission"])
            for run in self.demand_runs(demand, "board")
            if run.state == "done"
        }
        chosen = {submission.firm: submission for submission in scored.values()}
        for release in Ledger(self._workspace).releases(demand):
            if release.improved and release.run in scored:
                chosen[release.firm] = scored[release.run]
        return list(chosen.values())

    def compare(self, demand_name: str) -> Closed:
        """The final comparison and the decision, once every final run has ended.

        Raises:
            DemandError: A run is still under way.
        """
        folder = self._workspace.demand_folder(demand_name)
        runs = self.demand_runs(demand_name, "final")
        self._check_ended(demand_name)
        done = [
            (self.submission(run.parameters["submission"]), run.result["answers"])
            for run in runs
            if run.state == "done" and run.result
        ]
        answers = {submission.name: digest for submission, digest in done}
        comparison, decision = conclude(folder, self._scoring, answers)
        return Closed(
            comparison=comparison,
            decision=decision,
            solutions={submission.name: submission.id for submission, _ in done},
            statements=(
                statements.compared(folder.demand, comparison),
                statements.decided(folder.demand, decision.plain()),
            ),
        )

    def _check_ended(self, demand: str) -> None:
        waiting = [run.id for run in self.demand_runs(demand) if not run.is_terminal]
        if waiting:
            raise DemandError(
                words(f"끝나지 않은 실행 {len(waiting)}건", f"{len(waiting)} runs under way"),
                words("모두 끝난 실행", "runs that have all ended"),
                words("'madang trials run'을 실행하십시오.", "Run 'madang trials run' first."),
            )

    def ended_statements(self, runs: Sequence[JobRun]) -> list[Statement]:
        """One statement for each run that has ended."""
        return [
            statements.ended(run, self._environment(run.parameters["demand"]))
            for run in runs
            if run.is_terminal
        ]

    def _environment(self, demand: str) -> str:
        return environment_digest(self._workspace.demand_folder(demand).demand.wheels)


def conclude(
    folder: DemandFolder, scoring: Scoring, answers: Mapping[str, str]
) -> tuple[dict[str, Any], Decision]:
    """The comparison of final answers with each other and the baselines, and what follows.

    Args:
        folder: The demand.
        scoring: The scorer.
        answers: Solution → digest of its answers for the final part.
    """
    trivial = scoring.ask("baselines", demand=folder.name, part="final")
    rule, names = folder.demand.decision, list(answers)
    comparison: dict[str, Any] = scoring.ask(
        "compare",
        demand=folder.name,
        part="final",
        solutions={f"baseline:{name}": each["answers"] for name, each in trivial.items()}
        | dict(answers),
        baseline=f"baseline:{rule.baseline}",
        among=names,
    )
    directions = {name: metric.direction for name, metric in folder.scale.metrics.items()}
    return comparison, decide(rule, comparison, solutions=names, directions=directions)


def counts(state: State, cause: str) -> bool:
    """Does such a run count against the quota? What the platform failed does not."""
    if state == "failed":
        return Cause(cause).is_firms if cause in set(Cause) else False
    return state != "cancelled"
