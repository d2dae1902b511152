"""How is a whole trial shown in a minute? On real data, with six solutions, one of them a cheat.

The demand, its data and its solutions come from the system that offers a demonstration; this
module only leads them through the same acts that any demand goes through.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.trials.engine import telling
from madang.trials.engine.errors import DemandError
from madang.trials.engine.office import Office
from madang.trials.engine.publication import ending, record
from madang.trials.engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from madang.kernel.jobs.record import JobRun
    from madang.kernel.trial import Demonstration, Entry
    from madang.trials.engine.paper import Paper
    from madang.trials.engine.publication import Published
    from madang.trials.engine.workspace import DemandFolder

_MARK = "madang-demonstration"


class Demonstrator:
    """Shows one trial in a folder of its own, made anew each time.

    Args:
        folder: Where report and workspace go.
        told: Takes each line of progress.
    """

    def __init__(self, folder: Path, told: Callable[[Words], None]) -> None:
        self._folder, self._told = folder, told
        self._office = Office(Workspace(_fresh(folder)))
        self._endings: list[dict[str, Any]] = []
        self._paper: Paper | None = None
        self._published: Published | None = None

    def __enter__(self) -> Demonstrator:
        self._office.warm_up()
        return self

    def __exit__(self, *_: object) -> None:
        self._office.__exit__()

    def run(self) -> dict[str, Any]:
        """Lead the trial to its signed report.

        Returns:
            `ranking`, `endings`, `decision` and `report` (paths).
        """
        system = next(each for each in systems.manifests() if each.demonstration)
        shown: Demonstration = systems.load(system.demonstration, extra=system.extra)
        self._told(
            words(
                "1/5 수요를 등록하고 자료를 봉인합니다.",
                "1/5 Registering the demand, sealing its data.",
            )
        )
        registered = self._office.register(shown.demand, demonstration=system.name)
        folder = self._office.workspace.demand_folder(registered.facts["demand"])
        self._told(telling.sizes(registered.facts))
        self._submit(shown, folder)
        self._told(
            words("3/5 해법을 격리해 실행합니다.", "3/5 Running the solutions in the jail.")
        )
        self._office.work(self._ended)
        for reason in telling.refusals(self._endings):
            self._told(reason)
        self._told(
            words(
                "4/5 최종 비교: 한 번도 쓰지 않은 봉인 자료에서 다시 실행합니다.",
                "4/5 Final comparison: running again on sealed data that nothing has touched.",
            )
        )
        self._paper = self._office.close(folder.name)
        self._told(words("5/5 보고서에 서명합니다.", "5/5 Signing the report."))
        self._published = self._office.publish(folder.name, self._folder)
        found = record(self._paper)
        return {
            "ranking": found["ranking"],
            "endings": found["endings"],
            "decision": found["decision"],
            "report": self._published.plain(),
        }

    def closing_text(self) -> str:
        """The ranking and the paths, for the terminal."""
        assert self._paper is not None
        assert self._published is not None
        return telling.closing(self._paper, self._published)

    def _submit(self, shown: Demonstration, folder: DemandFolder) -> None:
        entries = shown_entries(shown, folder)
        self._told(
            words(
                f"2/5 기업의 해법 {len(entries)}개를 받습니다.",
                f"2/5 Taking in {len(entries)} solutions.",
            )
        )
        for entry in entries:
            self._office.submit(
                folder.name,
                firm=entry.firm,
                name=entry.name,
                title=words(entry.title_ko, entry.title_en),
                tier=entry.tier,
                files=entry.files,
            )

    def _ended(self, run: JobRun) -> None:
        submission = self._office.proceedings.submission(run.parameters["submission"])
        self._endings.append(ending(run, submission.name))
        self._told(telling.one_ending(submission.title, self._endings[-1]))


def shown_entries(shown: Demonstration, folder: DemandFolder) -> Sequence[Entry]:
    """The solutions of a demonstration, made from what any firm may have of its demand."""
    import polars as pl

    inputs, outcomes = folder.open_sample()
    given_out = {
        part: pl.read_parquet(file)
        for part in ("board", "final")
        if (file := folder.public / f"{part}_inputs.parquet").exists()
    }
    return shown.entries(
        inputs, outcomes, given_out, folder.registration["frame"], folder.demand.options
    )


def _fresh(folder: Path) -> Path:
    """An empty workspace; an earlier demonstration's is removed, anybody else's is left alone.

    Raises:
        DemandError: The folder holds something that no demonstration wrote.
    """
    workspace = folder / "workspace"
    if workspace.exists() and not (workspace / _MARK).exists():
        raise DemandError(
            words(
                f"시연이 만들지 않은 폴더 {workspace}", f"{workspace}, which no demonstration made"
            ),
            words(
                "빈 폴더 또는 이전 시연의 폴더",
                "an empty folder or that of an earlier demonstration",
            ),
            words("--out으로 다른 폴더를 지정하십시오.", "Name another folder with --out."),
        )
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    (workspace / _MARK).touch()
    return workspace
