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
        raise _no_record(f"{sealed.kind} 형식의 보고서", f"a report as {sealed.kind}")
    record: dict[str, Any] = json.loads(sealed.body)
    if not {"demand", "registration", "endings", "comparison"} <= set(record):
        raise _no_record("다른 종류의 문서", "a document of another kind")
    return record


def _no_record(ko: str, en: str) -> DemandError:
    return DemandError(
        words(ko, en),
        words("실증 기록이 든 report.json", "the record report.json of a trial"),
    )


def rerun(office: Office, record: Mapping[str, Any]) -> Iterator[Check]:
    """Run every solution of the final comparison again.

    Gives one check for each solution and, where all of them are the same and the comparison is
    not, one for the comparison.

    Args:
        office: A workspace with the sealed data and its keys.
        record: The record of a report.

    Raises:
        DemandError: The workspace is not the one that the record came from.
    """
    demand = record["demand"]["name"]
    folder = office.workspace.demand_folder(demand)
    # The same text registered twice has the same digest; the sealed files never are the same.
    if (
        folder.registration["digest"] != record["demand"]["digest"]
        or folder.registration["commitments"] != record["registration"]["commitments"]
    ):
        raise DemandError(
            words("다른 등록의 기록", "a record of another registration"),
            words(
                "보고서와 같은 수요가 등록된 작업 폴더", "the workspace that the report came from"
            ),
        )
    all_same = True
    for check in _runs_again(office, record, demand):
        all_same = all_same and check.same
        yield check
    if all_same and not _same_comparison(office, record, demand):
        yield _differs("comparison", words("비교와 판정", "the comparison and the decision"))


def _runs_again(office: Office, record: Mapping[str, Any], demand: str) -> Iterator[Check]:
    runs = {run.id: run for run in office.proceedings.demand_runs(demand, "final")}
    for ending in record["endings"]:
        if (ending["part"], ending["state"]) != ("final", "scored"):
            continue
        run = runs.pop(ending["run"], None)
        if run is None:
            yield _missing(ending["solution"])
        else:
            yield _again(office.runner, run, record, ending)
    for run in runs.values():
        if run.state == "done":
            yield _unrecorded(run.parameters["name"])


def _same_comparison(office: Office, record: Mapping[str, Any], demand: str) -> bool:
    closed = office.proceedings.compare(demand)
    found = (closed.comparison, closed.decision.plain())
    return found == (record["comparison"], record["decision"])


def _missing(name: str) -> Check:
    return Check(
        solution=name,
        same=False,
        sentence=words(
            f"{name}: 이 작업 폴더에 없는 실행", f"{name}: its run is not in this workspace"
        ),
    )


def _unrecorded(name: str) -> Check:
    return Check(
        solution=name,
        same=False,
        sentence=words(f"{name}: 기록에 없는 실행", f"{name}: its run is not in the record"),
    )


def _differs(name: str, what: Words) -> Check:
    return Check(
        solution=name,
        same=False,
        sentence=words(
            f"{name}: 기록과 다름 ({what.ko})", f"{name}: {what.en} differ from the record"
        ),
    )


def _again(
    runner: Runner, run: JobRun, record: Mapping[str, Any], ending: Mapping[str, Any]
) -> Check:
    name = ending["solution"]
    answered = runner.answer(runner.assignment(run.id, run.parameters))
    if answered.answers is None:
        cause = str(answered.cause)
        return Check(
            solution=name,
            same=False,
            sentence=words(
                f"{name}: 다시 실행하지 못함 ({cause})", f"{name}: did not run again ({cause})"
            ),
        )
    scores = runner.scoring.ask(
        "scores", demand=run.parameters["demand"], part="final", answers=answered.answers
    )
    if scores != record["comparison"]["all"].get(name):
        return _differs(name, words("점수", "scores"))
    if runner.mark(answered.answers) != ending["answers"]:
        return _differs(name, words("답", "answers"))
    return Check(
        solution=name,
        same=True,
        sentence=words(
            f"{name}: 답과 모든 점수가 비트까지 같음",
            f"{name}: answers and every score are identical",
        ),
    )
