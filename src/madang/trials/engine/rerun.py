"""Does everything come out the same again? A stranger's check of a signed report.

Without the vault's key: signature, log and digests. With it: every solution of the final
comparison runs again in a jail, and its answers and scores must equal the recorded ones bit for
bit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.evidence.seal import unseal
from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.kernel.jobs.record import JobRun
    from madang.trials.engine.office import Office


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was compared."""

    solution: str
    same: bool
    sentence: Words

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "solution": self.solution,
            "same": self.same,
            "ko": self.sentence.ko,
            "en": self.sentence.en,
        }


def recorded(content: bytes) -> dict[str, Any]:
    """The record inside a sealed `report.json`.

    Raises:
        InputError: It is not one.
    """
    sealed = unseal(content)
    if sealed.kind != "json":
        raise DemandError(
            words(f"{sealed.kind} 형식의 보고서", f"a report as {sealed.kind}"),
            words("기록이 든 report.json", "the record report.json"),
        )
    record: dict[str, Any] = json.loads(sealed.body)
    return record


def rerun(office: Office, record: Mapping[str, Any]) -> Iterator[Check]:
    """Run every solution of the final comparison again.

    Args:
        office: A workspace with the sealed data and its keys.
        record: The record of a report.
    """
    demand = record["demand"]["name"]
    folder = office.workspace.demand_folder(demand)
    if folder.registration["digest"] != record["demand"]["digest"]:
        raise DemandError(
            words("지문이 다른 수요", "a demand with another digest"),
            words(
                "보고서와 같은 수요가 등록된 작업 폴더", "the workspace that the report came from"
            ),
        )
    for run in office.proceedings.demand_runs(demand, "final"):
        if run.state == "done":
            yield _again(
                office.runner,
                run,
                record,
                office.proceedings.submission(run.parameters["submission"]).name,
            )


def _again(runner: Runner, run: JobRun, record: Mapping[str, Any], name: str) -> Check:
    answered = runner.answer(runner.assignment(run.id, run.parameters))
    expected = next(each["answers"] for each in record["endings"] if each["run"] == run.id)
    if answered.answers is None:
        cause = str(answered.cause)
        return Check(
            solution=name,
            same=False,
            sentence=words(
                f"{name}: 다시 실행하지 못함 ({cause})", f"{name}: did not run again ({cause})"
            ),
        )
    answers = answered.answers
    scores = runner.scoring.ask(
        "scores", demand=run.parameters["demand"], part="final", answers=answers
    )
    same_scores = scores == record["comparison"]["all"][name]
    if answers == expected and same_scores:
        return Check(
            solution=name,
            same=True,
            sentence=words(
                f"{name}: 답과 모든 점수가 비트까지 같음",
                f"{name}: answers and every score are identical",
            ),
        )
    what = words("점수", "scores") if not same_scores else words("답", "answers")
    return Check(
        solution=name,
        same=False,
        sentence=words(
            f"{name}: {what.ko}이(가) 기록과 다름", f"{name}: {what.en} differ from the record"
        ),
    )
