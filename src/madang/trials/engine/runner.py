"""How does one run go from the queue to its end? Jail, answers, release; a typed cause where it fails.

A run answers for one sealed part. On the board part the scorer releases what the Ladder allows; on the
final part the answers are only kept, and the comparison opens them all at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import Unavailable
from madang.kernel.jobs.worker import Done, Failed
from madang.kernel.process import Companion
from madang.trials.engine.board import Ledger, Release
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import SealBroken
from madang.trials.engine.exchange import BadOutput
from madang.trials.engine.guard import telltale_bits
from madang.trials.engine.jailed import DISTRIBUTIONS, PRELOADED, Ended, Jailer, receive, send
from madang.trials.engine.predictions import read_predictions
from madang.trials.engine.scorer import unpacked
from madang.trials.engine.sealed import pack, unpack
from madang.trials.engine.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from madang.kernel.jobs.worker import Claimed, Outcome
    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.trial import Part, Predictions
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


class Runner:
    """Executes runs of one workspace, one at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.scoring = Scoring(workspace)
        self._ledger = Ledger(workspace)

    @cached_property
    def pool(self) -> WarmPool:
        """Jails started ahead; made at the first need.

        Raises:
            Unavailable: No jail works on this machine.
        """
        from madang.kernel.sandbox.jail import WarmPool
        from madang.kernel.sandbox.runtime import Runtime

        return WarmPool(runtime=Runtime(distributions=DISTRIBUTIONS, preload=PRELOADED))

    def close(self) -> None:
        """End the scorer and the jails that wait."""
        self.scoring.close()
        if "pool" in vars(self):
            self.pool.close()

    def execute(self, claimed: Claimed) -> Outcome:
        """One run, to a score or to a typed cause."""
        run = claimed.parameters
        folder = self._workspace.demand_folder(run["demand"])
        submission = self._submission(run["submission"])
        part: Part = run["part"]
        try:
            if submission.tier == "predictions":
                return self._scored(
                    claimed.id,
                    folder,
                    submission,
                    part,
                    self._handed_in(folder, submission, part),
                    {},
                )
            return self._jailed(claimed.id, folder, submission, part)
        except Unavailable as fault:
            return _platform(fault)
        except (OSError, SealBroken) as fault:
            return Failed(cause=Cause.STORAGE, detail={"type": type(fault).__name__}, retry=True)

    def _submission(self, identifier: str) -> Submission:
        import json

        file = self._workspace.folder / "submissions" / f"{identifier}.json"
        return Submission.from_plain(json.loads(file.read_text("utf-8")))

    def _files(self, submission: Submission) -> dict[str, bytes]:
        return {name: self._workspace.objects.get(d) for name, d in submission.files.items()}

    def _inputs(self, folder: DemandFolder, part: Part) -> pl.DataFrame:
        import polars as pl

        return pl.read_parquet(folder.vault.open(part, "inputs"))

    def _handed_in(self, folder: DemandFolder, submission: Submission, part: Part) -> Predictions:
        scale = folder.scale
        outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
        cases = self._inputs(folder, part)["case"].to_list()
        return read_predictions(self._files(submission), outputs, cases)

    def _jailed(
        self, run: str, folder: DemandFolder, submission: Submission, part: Part
    ) -> Outcome:
        try:
            pool = self.pool
        except Unavailable as fault:
            # Not a fault that another attempt mends: this machine has no jail.
            return Failed(cause=Cause.SANDBOX_UNAVAILABLE, detail=_said(fault), retry=False)
        code = self._files(submission)
        fit_inputs, fit_outcomes = self._fit_data(folder)
        play = None
        if folder.scale.task.kind == "replay":
            play = self._player(run, folder, part)
        ended = Jailer(pool, folder.demand, folder.scale).run(
            submission.tier,
            code,
            inputs=self._inputs(folder, part),
            fit_inputs=fit_inputs,
            fit_outcomes=fit_outcomes,
            play=play,
        )
        facts = _facts(ended, code)
        if ended.cause is not None:
            return Failed(cause=ended.cause, detail=facts, retry=not ended.cause.is_firms)
        assert ended.answers is not None
        return self._scored(run, folder, submission, part, ended.answers, facts)

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

    def _player(self, run: str, folder: DemandFolder, part: Part) -> Any:
        """Pass observations and actions between the scorer, which holds the case, and the jail."""

        def play(channel: Channel) -> Predictions:
            message = self.scoring.ask("begin", demand=folder.name, part=part, run=run)
            while message["observation"] is not None:
                send(channel, message)
                action = receive(channel, folder.demand.limits.step_s)
                message = self.scoring.ask("act", run=run, action=action)
            if message.get("malformed"):
                raise BadOutput("malformed_action")
            return unpack(self._workspace.objects.get(message["answers"]))

        return play

    def _scored(
        self,
        run: str,
        folder: DemandFolder,
        submission: Submission,
        part: Part,
        answers: Predictions,
        facts: Mapping[str, Any],
    ) -> Outcome:
        digest = self._workspace.objects.put(pack(answers))
        result = {"part": part, "answers": digest, **facts}
        if part == "board":
            release = self._ledger.release(
                run=run,
                demand=folder.name,
                firm=submission.firm,
                answers=digest,
                decide=lambda best: self._decide(folder.name, digest, best),
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
    """What the record keeps of a jailed run: what the firm may see, and figures for the operator alone."""
    result = ended.result
    return {
        "telltale": ended.telltale.plain(),
        "token": ended.token,
        "bits": telltale_bits(code) if ended.cause else 0.0,
        "exact": {
            "wall_s": round(result.wall_s, 3),
            "cpu_s": round(result.cpu_s, 3),
            "memory_peak_bytes": result.memory_peak_bytes,
            "cgroup": result.cgroup,
            "warm": result.warm,
            "detail": str(result.detail),
        },
    }


def _said(fault: Unavailable) -> dict[str, Any]:
    return {"ko": fault.sentence("ko"), "en": fault.sentence("en")}


def _platform(fault: Unavailable) -> Failed:
    return Failed(cause=Cause.SCORER_LOST, detail=_said(fault), retry=True)


@contextmanager
def running(workspace: Workspace) -> Iterator[Runner]:
    """A runner whose helpers end with the block."""
    runner = Runner(workspace)
    try:
        yield runner
    finally:
        runner.close()
