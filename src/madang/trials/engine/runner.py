"""How does one run go from the queue to its end? Jail, answers, release, or a cause.

A run answers for one sealed part. On the board part the scorer releases what the Ladder allows; on
the final part the answers are only kept, and the comparison opens them all at once.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import ids
from madang.kernel.errors import InputError, MadangError, Unavailable
from madang.kernel.jobs.worker import Done, Failed
from madang.kernel.process import Companion
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.trials.engine.board import Ledger, Release
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import SealBroken, SubmissionError
from madang.trials.engine.exchange import BadOutput
from madang.trials.engine.guard import telltale_bits
from madang.trials.engine.jailed import (
    Ended,
    Jailer,
    check_onnx,
    receive,
    send,
    start_pool,
)
from madang.trials.engine.measuring import MetricFailed
from madang.trials.engine.predictions import read_predictions
from madang.trials.engine.scorer import Hindered, Refused, unpacked
from madang.trials.engine.sealed import pack
from madang.trials.engine.submission import Submission
from madang.trials.engine.wheels import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from madang.kernel.jobs.worker import Claimed, Outcome
    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.trial import Part, Predictions
    from madang.trials.engine.demand import Tier
    from madang.trials.engine.workspace import DemandFolder, Workspace

SCORER_TIMEOUT_S = 600.0
JOB = "trials.run"


class Scoring:
    """The scorer as other processes see it: a companion that gives aggregates alone."""

    def __init__(self, workspace: Workspace) -> None:
        self._companion = Companion(workspace.scorer_command)

    def ask(self, question: str, **arguments: Any) -> Any:
        """The value of an answer.

        Raises:
            MadangError: The scorer refused, with its sentence.
            Unavailable: The scorer died; it is started again at the next question.
        """
        answer = self._companion.ask({"ask": question, **arguments}, timeout_s=SCORER_TIMEOUT_S)
        if "refused" in answer:
            raise unpacked(answer["refused"])
        return answer["value"]

    def close(self) -> None:
        """End the process."""
        self._companion.close()


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What one run is to do: a submission answers for one part of a demand."""

    id: str
    folder: DemandFolder
    submission: Submission
    part: Part


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What came of it: answers, or a typed cause."""

    answers: str | None = None
    """Digest of the stored answers."""
    cause: Cause | None = None
    facts: Mapping[str, Any]
    retry: bool = False


class Runner:
    """Executes runs of one workspace, one at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.scoring = Scoring(workspace)
        self._ledger = Ledger(workspace)
        self._inputs_at_hand: tuple[tuple[str, Part], pl.DataFrame] | None = None
        self._pool: WarmPool | None = None
        self._extended: tuple[str, WarmPool] | None = None
        self._pool_lock = threading.Lock()
        self._checked: set[str] = set()

    @property
    def pool(self) -> WarmPool:
        """Jails started ahead; made at the first need, by whichever thread comes first.

        Raises:
            Unavailable: No jail works on this machine.
        """
        with self._pool_lock:
            if self._pool is None:
                self._pool = start_pool()
            return self._pool

    def pool_for(self, folder: DemandFolder, tier: Tier) -> WarmPool:
        """The jails for a submission: for source, with the packages that the demand declares.

        Beside the fixed environment only the one that was used last is kept ready.

        Raises:
            Unavailable: No jail works on this machine, or a declared wheel is gone.
        """
        wheels = folder.demand.wheels if tier == "python" else ()
        if not wheels:
            return self.pool
        place = str(Shelf(self._workspace.folder).unpacked(wheels))
        with self._pool_lock:
            if self._extended is None or self._extended[0] != place:
                if self._extended:
                    self._extended[1].close()
                self._extended = place, start_pool(place)
            return self._extended[1]

    def close(self) -> None:
        """End the scorer and the jails that wait."""
        self.scoring.close()
        with self._pool_lock:
            pools = [self._pool, self._extended[1] if self._extended else None]
            self._pool = self._extended = None
        for pool in pools:
            if pool:
                pool.close()

    @property
    def workspace(self) -> Workspace:
        """Whose runs these are."""
        return self._workspace

    def execute(self, claimed: Claimed) -> Outcome:
        """One claimed run, to a score or to a typed cause."""
        return self.outcome(claimed.id, claimed.parameters)

    def outcome(
        self,
        identifier: str,
        parameters: Mapping[str, Any],
        *,
        before_scoring: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """The run with this identifier and these parameters, to a score or to a typed cause.

        Args:
            identifier: Of the run.
            parameters: As they were queued.
            before_scoring: Called when the answers are there and nothing was released yet; what it
                raises passes, so that a run that is no longer wanted releases nothing.
        """
        try:
            run = self.assignment(identifier, parameters)
            answered = self.answer(run)
            if answered.answers is None:
                assert answered.cause is not None
                return Failed(
                    cause=answered.cause, detail=dict(answered.facts), retry=answered.retry
                )
            before_scoring()
            return self._scored(run, answered.answers, answered.facts)
        except (OSError, ObjectMissing, ObjectCorrupt, SealBroken, Hindered, Refused) as fault:
            # Whatever the firm can do wrong has been said by now: what the scorer refuses here is
            # a key, a sealed file or an object, or the agency's own metric was stopped.
            if isinstance(fault, Hindered) and fault.kind == MetricFailed.__name__:
                return Failed(cause=Cause.METRIC, detail=_said(fault), retry=True)
            return Failed(cause=Cause.STORAGE, detail={"type": type(fault).__name__}, retry=True)
        except Unavailable as fault:
            return Failed(cause=Cause.SCORER_LOST, detail=_said(fault), retry=True)

    def assignment(self, identifier: str, parameters: Mapping[str, Any]) -> Assignment:
        """What the parameters of a queued run say."""
        file = self._workspace.folder / "submissions" / f"{parameters['submission']}.json"
        return Assignment(
            id=identifier,
            folder=self._workspace.demand_folder(parameters["demand"]),
            submission=Submission.from_plain(json.loads(file.read_text("utf-8"))),
            part=parameters["part"],
        )

    def answer(self, run: Assignment) -> Answered:
        """The answers of a submission for a part, or why there are none."""
        if run.submission.tier == "predictions":
            return self._handed_in(run)
        try:
            pool = self.pool_for(run.folder, run.submission.tier)
        except Unavailable as fault:
            # Not a fault that another attempt mends: this machine has no jail.
            return Answered(cause=Cause.SANDBOX_UNAVAILABLE, facts=_said(fault))
        return self._jailed(run, pool)

    def _files(self, submission: Submission) -> dict[str, bytes]:
        return {name: self._workspace.objects.get(d) for name, d in submission.files.items()}

    def _inputs(self, folder: DemandFolder, part: Part) -> pl.DataFrame:
        """The inputs of a part; the last ones stay at hand, since the next run asks for them."""
        import polars as pl

        key = (folder.name, part)
        if self._inputs_at_hand is None or self._inputs_at_hand[0] != key:
            self._inputs_at_hand = key, pl.read_parquet(folder.vault.open(part, "inputs"))
        return self._inputs_at_hand[1]

    def _handed_in(self, run: Assignment) -> Answered:
        scale = run.folder.scale
        outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
        cases = self._inputs(run.folder, run.part)["case"].to_list()
        try:
            answers = read_predictions(self._files(run.submission), outputs, cases)
        except InputError as fault:
            # Nothing sealed stands in the sentence: the firm has the inputs and wrote the file.
            return Answered(cause=Cause.OUTPUT_INVALID, facts=_said(fault))
        return Answered(answers=self._keep(answers), facts={})

    def check_model(self, content: bytes) -> None:
        """Does an ONNX model pass the allow-list? Looked at once for each model.

        Raises:
            SubmissionError: It does not.
            Unavailable: No jail works here in which it could be read.
        """
        digest = ids.digest(content)
        if digest not in self._checked:
            check_onnx(self.pool, content)
            self._checked.add(digest)

    def _jailed(self, run: Assignment, pool: WarmPool) -> Answered:
        code = self._files(run.submission)
        if run.submission.tier == "onnx":
            try:
                self.check_model(code["model.onnx"])
            except SubmissionError as fault:  # handed in where no jail could read it
                return Answered(cause=Cause.FORBIDDEN, facts=_said(fault))
            except Unavailable as fault:
                return Answered(cause=Cause.SANDBOX_UNAVAILABLE, facts=_said(fault), retry=True)
        fit_inputs, fit_outcomes = self._fit_data(run.folder)
        ended = Jailer(pool, run.folder.demand, run.folder.scale).run(
            run.submission.tier,
            code,
            inputs=self._inputs(run.folder, run.part),
            fit_inputs=fit_inputs,
            fit_outcomes=fit_outcomes,
            play=self._player(run) if run.folder.scale.task.kind == "replay" else None,
        )
        retry = ended.cause is not None and not ended.cause.is_firms
        kept = ended.kept
        if ended.answers is not None:
            kept = self._keep(ended.answers)
        return Answered(answers=kept, cause=ended.cause, facts=_facts(ended, code), retry=retry)

    def _fit_data(self, folder: DemandFolder) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What `fit` may see: the open sample, and the development part where there is one."""
        import polars as pl

        inputs, outcomes = folder.open_sample()
        if "develop" not in folder.demand.shares:
            return inputs, outcomes
        more = pl.read_parquet(folder.vault.open("develop", "outcomes")).select(outcomes.columns)
        return (
            pl.concat([inputs, self._inputs(folder, "develop").select(inputs.columns)]),
            pl.concat([outcomes, more]),
        )

    def _player(self, run: Assignment) -> Callable[[Channel], str]:
        """Pass observations and actions between the scorer, which holds the case, and the jail.

        The records of the conversation stay with the scorer; it gives their digest alone.
        """

        def play(channel: Channel) -> str:
            message = self.scoring.ask("begin", demand=run.folder.name, part=run.part, run=run.id)
            while message["observation"] is not None:
                send(channel, message)
                action = receive(channel, run.folder.demand.limits.step_s)
                message = self.scoring.ask("act", run=run.id, action=action)
            if message.get("malformed"):
                raise BadOutput("malformed_action")
            send(channel, {"observation": None})
            return str(message["answers"])

        return play

    def mark(self, answers: str) -> str:
        """What a record says of answers in place of their digest."""
        return self._workspace.mark(answers)

    def _keep(self, answers: Predictions) -> str:
        return self._workspace.objects.put(pack(answers))

    def _scored(self, run: Assignment, answers: str, facts: Mapping[str, Any]) -> Outcome:
        mark = self._workspace.mark(answers)
        result = {"part": run.part, "answers": answers, "mark": mark, **facts}
        if run.part == "board":
            release = self._ledger.release(
                run=run.id,
                demand=run.folder.name,
                firm=run.submission.firm,
                answers=answers,
                decide=lambda best: self._decide(run.folder.name, answers, best),
            )
            result["release"] = release.facts
        return Done(result=result)

    def _decide(self, demand: str, answers: str, best: Release | None) -> dict[str, Any]:
        released: dict[str, Any] = self.scoring.ask(
            "release",
            demand=demand,
            part="board",
            answers=answers,
            best=best.answers if best else None,
        )
        return released


def _facts(ended: Ended, code: Mapping[str, bytes]) -> dict[str, Any]:
    """What the record keeps: what the firm may see, and `exact` for the operator alone."""
    facts: dict[str, Any] = {
        "telltale": ended.telltale.plain(),
        "token": ended.token,
        "bits": telltale_bits(code) if ended.cause else 0.0,
    }
    result = ended.result
    if result is not None:
        facts["exact"] = {
            "wall_s": round(result.wall_s, 3),
            "cpu_s": round(result.cpu_s, 3),
            "memory_peak_bytes": result.memory_peak_bytes,
            "cgroup": result.cgroup,
            "warm": result.warm,
            "detail": str(result.detail),
        }
    return facts


def _said(fault: MadangError) -> dict[str, Any]:
    return {"ko": fault.sentence("ko"), "en": fault.sentence("en")}
