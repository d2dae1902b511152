"""What the trials ask a worker to do: seal, rehearse, run, compare. JSON in, JSON out.

The workspace is the folder `trials` of the place that the worker works on. A worker keeps one
runner, with its warm jails and its scorer, from job to job.
"""

from __future__ import annotations

import atexit
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from madang.kernel.jobs.errors import JobFailed
from madang.kernel.jobs.place import place
from madang.kernel.words import words

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.jobs.job import Progress
    from madang.trials.engine.runner import Runner
    from madang.trials.engine.workspace import Workspace


TABLE = re.compile(r"table-[0-9a-z]{24}\.(csv|parquet)")
"""What an agency's table is called in the folder `intake` of the workspace."""


@cache
def _runner(data: Path, objects: str) -> Runner:
    from madang.trials.engine.runner import Runner
    from madang.trials.engine.workspace import Workspace

    runner = Runner(Workspace(data / "trials", objects=objects).create())
    atexit.register(runner.close)
    return runner


def _here() -> Runner:
    found = place()
    return _runner(found.data, found.objects)


def workspace() -> Workspace:
    """The workspace of this place, without a site's log and queue."""
    return _here().workspace


def suggest(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Draft the data section of a demand from a table.

    Args:
        parameters: `table` (its file in the intake) and `name` (what its owner calls it).
        progress: Told how far it is.

    Returns:
        `data`, `rows` and `notes` (`trials.engine.suggestion`).

    Raises:
        InputError: The file is no table.
    """
    progress(0.1, words("표의 열을 살펴봅니다.", "Looking at the table's columns."))
    found: dict[str, Any] = _here().scoring.ask(
        "suggest", table=_intake(parameters["table"]), called=parameters["name"]
    )
    return found


def check(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Look at a draft and its table as a registration would, and keep nothing.

    Args:
        parameters: `text` (the demand's YAML), `table` (its file in the intake; may be empty) and
            `name` (what the table's owner calls it).
        progress: Told how far it is.

    Returns:
        What was found (`trials.engine.draft`).
    """
    progress(0.1, words("수요와 자료를 점검합니다.", "Checking the demand and its data."))
    found: dict[str, Any] = _here().scoring.ask(
        "check",
        text=parameters["text"],
        table=_intake(parameters["table"]),
        called=parameters["name"],
    )
    return found


def register(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Seal a demand's data.

    Args:
        parameters: `text` (the demand's YAML), `accept` (columns), and `table` (its file in the
            intake) or `demonstration` (name of a system).
        progress: Told how far it is.

    Returns:
        `facts` of the registration, or `leaks` that the agency has not accepted; and `baselines`.

    Raises:
        InputError: The text or the table cannot be used.
    """
    progress(0.1, words("자료를 점검하고 봉인합니다.", "Checking and sealing the data."))
    facts = _registered_before(parameters["text"]) or _here().scoring.ask(
        "register",
        text=parameters["text"],
        table=_intake(parameters.get("table", "")),
        demonstration=parameters.get("demonstration", ""),
        accept=parameters.get("accept", []),
        like=parameters.get("like", ""),
    )
    if "digest" not in facts:
        return {"leaks": facts["leaks"]}
    progress(0.8, words("기준 점수를 계산합니다.", "Scoring the trivial baselines."))
    return {"facts": facts, "baselines": _baselines(facts["demand"])}


def _registered_before(text: str) -> dict[str, Any] | None:
    """What an earlier attempt of this job fixed before its worker died."""
    from madang.trials.engine.demand_text import read_demand
    from madang.trials.engine.workspace import DemandFolder

    demand = read_demand(text.encode())
    folder = DemandFolder(_here().workspace, demand.name)
    if not folder.registration_file.exists() or folder.registration["digest"] != demand.digest:
        return None
    return folder.registration


def _intake(name: str) -> str:
    """The path of an agency's table; the scorer alone reads it."""
    if not name:
        return ""
    if not TABLE.fullmatch(name):
        raise ValueError("no name of a table in the intake")
    return str(_here().workspace.folder / "intake" / name)


def _baselines(demand: str) -> dict[str, Any]:
    from madang.trials.engine.board import shown_baselines

    runner = _here()
    return shown_baselines(runner.workspace.demand_folder(demand), runner.scoring.ask)


def rehearse(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Run a solution on the open sample and give back everything that it says.

    Args:
        parameters: `demand`, `tier`, `files` (name → digest).
        progress: Told how far it is.

    Returns:
        The rehearsal, or `{"nothing_to_run": true}` for a predictions file.
    """
    from madang.trials.engine.rehearsal import rehearse as rehearsed

    progress(0.1, words("공개 표본에서 실행합니다.", "Running on the open sample."))
    runner = _here()
    folder = runner.workspace.demand_folder(parameters["demand"])
    files = {name: runner.workspace.objects.get(d) for name, d in parameters["files"].items()}
    found = rehearsed(runner, folder, parameters["tier"], files)
    return found.plain() if found else {"nothing_to_run": True}


def run(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """One run of a submission on a sealed part.

    Args:
        parameters: `demand`, `submission`, `part`, and `run`, its identifier in the queue.
        progress: Told how far it is.

    Returns:
        What the record keeps of a scored run.

    Raises:
        JobFailed: With the typed cause of `trials.engine.cause`.
    """
    from madang.kernel.jobs.worker import Failed

    progress(0.1, words("격리해 실행합니다.", "Running in the jail."))
    outcome = _here().outcome(
        parameters["run"],
        parameters,
        before_scoring=lambda: progress(0.8, words("채점합니다.", "Scoring the answers.")),
    )
    if isinstance(outcome, Failed):
        raise JobFailed(outcome.cause, outcome.detail, retry=outcome.retry)
    return outcome.result


def compare(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """The final comparison, and what follows from it by the registered rule.

    Args:
        parameters: `demand` and `answers` (solution → digest of its answers for the final part).
        progress: Told how far it is.

    Returns:
        `comparison` and `decision`.
    """
    import json

    from madang.trials.engine.proceedings import conclude

    progress(0.1, words("봉인 자료에서 비교합니다.", "Comparing on the sealed data."))
    runner = _here()
    folder = runner.workspace.demand_folder(parameters["demand"])
    comparison, decision = conclude(folder, runner.scoring, parameters["answers"])
    told: dict[str, Any] = json.loads(json.dumps({"comparison": comparison}))
    return {**told, "decision": decision.plain()}


def report(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Render the report of a decision; the caller signs it.

    Args:
        parameters: `demand` and `paper` (digest of its facts, `trials.engine.paper`).
        progress: Told how far it is.

    Returns:
        `html`, `pdf`, `json`: digest of each rendering before it is sealed.
    """
    import json

    from madang.trials.engine.paper import Paper
    from madang.trials.engine.publication import render

    progress(0.1, words("보고서를 작성합니다.", "Writing the report."))
    workspace = _here().workspace
    facts = json.loads(workspace.objects.get(parameters["paper"]))
    bodies = render(Paper.from_plain(workspace, facts))
    return {kind: workspace.objects.put(body) for kind, body in bodies.items()}
