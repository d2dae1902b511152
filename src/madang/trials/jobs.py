"""What the trials ask a worker to do: seal, rehearse, run, compare. JSON in, JSON out.

The workspace is the folder `trials` of the place that the worker works on. A worker keeps one
runner, with its warm jails and its scorer, from job to job.
"""

from __future__ import annotations

import atexit
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


def register(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Seal a demand's data.

    Args:
        parameters: `text` (the demand's YAML), `accept` (columns), and `table` (digest of the
            agency's table) with `name` (of its file), or `demonstration` (name of a system).
        progress: Told how far it is.

    Returns:
        `facts` of the registration, or `leaks` that the agency has not accepted; and `baselines`.

    Raises:
        InputError: The text or the table cannot be used.
    """
    progress(0.1, words("자료를 점검하고 봉인합니다.", "Checking and sealing the data."))
    with _table(parameters) as table:
        facts = _here().scoring.ask(
            "register",
            text=parameters["text"],
            table=table,
            demonstration=parameters.get("demonstration", ""),
            accept=parameters.get("accept", []),
        )
    if "digest" not in facts:
        return {"leaks": facts["leaks"]}
    progress(0.8, words("기준 점수를 계산합니다.", "Scoring the trivial baselines."))
    return {"facts": facts, "baselines": _baselines(facts["demand"])}


def _table(parameters: dict[str, Any]) -> Any:
    """The agency's table as a file that lives as long as the block."""
    from contextlib import contextmanager
    from pathlib import Path
    from tempfile import TemporaryDirectory

    @contextmanager
    def opened() -> Any:
        if not parameters.get("table"):
            yield ""
            return
        with TemporaryDirectory(prefix="madang-table-") as folder:
            ending = ".parquet" if parameters.get("name", "").endswith(".parquet") else ".csv"
            file = Path(folder) / f"table{ending}"
            file.write_bytes(_here().workspace.objects.get(parameters["table"]))
            yield str(file)

    return opened()


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
    outcome = _here().outcome(parameters["run"], parameters)
    if isinstance(outcome, Failed):
        raise JobFailed(outcome.cause, outcome.detail, retry=outcome.retry)
    return outcome.result
