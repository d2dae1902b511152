"""What happens when a demand is registered? Its table is read, checked, split and sealed; once.

Runs inside the scorer's process: no other process reads the agency's table.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel import clock, ids, systems
from madang.kernel.store.tables import read_table, write_table
from madang.kernel.words import words
from madang.trials.engine import intake
from madang.trials.engine.demand import Demand
from madang.trials.engine.demand_text import check_metrics, read_demand
from madang.trials.engine.errors import DemandError
from madang.trials.engine.metric_proof import prove_on
from madang.trials.engine.scoring import Scale
from madang.trials.engine.trivial import (
    OpenBaselines,
    all_scores,
    trivial_answers,
    with_inputs,
)
from madang.trials.engine.wheels import Shelf
from madang.trials.engine.whole import write_whole
from madang.trials.engine.workspace import DemandFolder, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from madang.kernel.trial import Frame, Leak


class Registrar:
    """Registers demands into one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def register(
        self,
        *,
        text: str,
        table: str = "",
        called: str = "",
        demonstration: str = "",
        accept: Sequence[str] = (),
        like: str = "",
    ) -> dict[str, Any]:
        """Read, check, split and seal.

        Args:
            text: The demand's YAML.
            table: Path of the agency's CSV or Parquet file; or
            demonstration: name of the system whose demonstration provides the table.
            called: What the table's owner calls its file, where the path does not say.
            accept: Columns whose leak the agency has looked at and accepts.
            like: A registered demand whose frame (time grid, classes) is taken over, so that
                both ask the same question of their solutions.

        Returns:
            The registration's facts, or `{"leaks": […]}` alone where a leak is not accepted.

        Raises:
            DemandError: The text or the table cannot be used, or the name is taken.
        """
        demand = read_demand(text.encode("utf-8", "surrogatepass"))
        _check_new(DemandFolder(self._workspace, demand.name))
        self._prepare_wheels(demand)
        cases = _cases(demand, demonstration, Path(table), called)
        outcomes = cases.select([column.name for column in demand.outcomes])
        demand.task.check_outcomes(outcomes, options=demand.options)
        leaks = intake.find_leaks(demand, cases)
        # A case gets a new name and place when the parts are dealt, so an order that tells of the
        # outcome is noted in the record but stands in nobody's way.
        named = {column.name for column in demand.inputs}
        if {leak.column for leak in leaks} & named - set(accept):
            return {"leaks": [intake.leak_facts(leak) for leak in leaks]}
        frame = self._workspace.demand_folder(like).registration["frame"] if like else None
        return self._registered(demand, cases, leaks, text, frame)

    def _prepare_wheels(self, demand: Demand) -> None:
        if not demand.wheels:
            return
        shelf = Shelf(self._workspace.folder)
        for fault in shelf.faults(demand.wheels):
            raise fault.error
        shelf.unpacked(demand.wheels)

    def _registered(
        self,
        demand: Demand,
        cases: pl.DataFrame,
        leaks: Sequence[Leak],
        text: str,
        frame: Frame | None,
    ) -> dict[str, Any]:
        """Seal beside the registered demands, then move the whole folder there, or nothing."""
        folder = DemandFolder(self._workspace, demand.name)
        staged = DemandFolder(self._workspace, demand.name, under="registering")
        with self._workspace.locked("register"):
            _check_new(folder)
            shutil.rmtree(staged.folder, ignore_errors=True)  # what a killed process left
            try:
                facts = self._seal(demand, staged, cases, leaks, text, frame)
                staged.folder.rename(folder.folder)
            finally:
                shutil.rmtree(staged.folder, ignore_errors=True)
        return facts

    def _seal(
        self,
        demand: Demand,
        folder: DemandFolder,
        cases: pl.DataFrame,
        leaks: Sequence[Leak],
        text: str,
        frame: Frame | None,
    ) -> dict[str, Any]:
        dealt = intake.deal(demand, cases)
        inputs, shown = intake.open_sample(dealt)
        taken_over = frame is not None
        if frame is None:
            frame = demand.task.frame(inputs, shown, options=demand.options)
        scale = Scale.of(demand, frame)
        check_metrics(demand, scale.metrics)
        if taken_over:
            _check_frame(scale, dealt)
        # The scored parts too: what is no number there would be found in the last comparison.
        prove_on(demand, scale, dealt, [part for part in dealt.inputs if part != "develop"])
        folder.public.mkdir(parents=True, exist_ok=True)
        write_whole(folder.public / "open_inputs.parquet", write_table(inputs))
        write_whole(folder.public / "open_outcomes.parquet", write_table(shown))
        commitments = self._seal_parts(demand, folder, dealt)
        facts: dict[str, Any] = {
            "demand": demand.name,
            "digest": demand.digest,
            "task": {"name": demand.task_name, "version": demand.task.version},
            "registered": clock.stamp(),
            "sizes": {part: table.height for part, table in dealt.inputs.items()},
            "frame": frame,
            "leaks": [intake.leak_facts(leak) for leak in leaks],
            "overlap": intake.overlap(dealt),
            "commitments": commitments,
        }
        if demand.own_metric:
            facts["own_metric"] = {
                "digest": demand.own_metric.digest,
                "reviewed_by": demand.own_metric.reviewed_by,
            }
        write_whole(folder.demand_file, text.encode())
        baselines = OpenBaselines(scale, inputs, shown)
        facts["detectable_difference"] = intake.foreseen_difference(demand, baselines, dealt)
        write_whole(
            folder.registration_file, json.dumps(facts, ensure_ascii=False, indent=1).encode()
        )
        return facts

    def _seal_parts(
        self, demand: Demand, folder: DemandFolder, dealt: intake.Dealt
    ) -> dict[str, str]:
        """Encrypt the sealed parts; give the digests that the log commits to."""
        commitments = {
            f"public/{file}": ids.digest((folder.public / file).read_bytes())
            for file in ("open_inputs.parquet", "open_outcomes.parquet")
        }
        for part in dealt.inputs:
            if part == "open":
                continue
            inputs = write_table(dealt.inputs[part])
            folder.vault.seal(part, "inputs", inputs)
            folder.vault.seal(part, "outcomes", write_table(dealt.outcomes[part]))
            for kind in ("inputs", "outcomes"):
                path = folder.vault.path(part, kind)
                commitments[f"sealed/{path.name}"] = ids.digest(path.read_bytes())
            if "predictions" in demand.tiers and part != "develop":
                write_whole(folder.public / f"{part}_inputs.parquet", inputs)
        return commitments


def _check_frame(scale: Scale, dealt: intake.Dealt) -> None:
    """Do the outcomes of every part fit a frame that other data gave?

    Raises:
        InputError: They do not, such as a class that the first agency never saw.
    """
    if scale.task.kind != "table":
        return
    baseline = scale.task.baselines(options=scale.options)[0]
    for part, inputs in dealt.inputs.items():
        cases = with_inputs(inputs, dealt.outcomes[part])
        answers = trivial_answers(
            scale, baseline, open_sample=intake.open_sample(dealt), inputs=inputs, outcomes=cases
        )
        all_scores(scale, cases, answers)


def _check_new(folder: DemandFolder) -> None:
    if folder.folder.exists():
        raise DemandError(
            words(f"이미 등록된 수요 {folder.name!r}", f"a registered demand {folder.name!r}"),
            words("아직 쓰지 않은 이름", "a name that is not taken"),
            words(
                "등록한 수요는 바꿀 수 없습니다. 새 이름으로 등록하십시오.",
                "A registered demand never changes. Register under a new name.",
            ),
        )


def _cases(demand: Demand, demonstration: str, path: Path, called: str) -> pl.DataFrame:
    if demonstration:
        manifest = systems.manifest(demonstration)
        table: pl.DataFrame = systems.load(manifest.demonstration, extra=manifest.extra).data()
        return table
    return read_table(
        intake.table_bytes(path),
        columns=demand.columns,
        ignored=demand.ignored,
        name=called or path.name,
        id_column=demand.id_column,
        encoding=demand.encoding,
    )
