"""An agency writes YAML and hands in a CSV file: every kind of problem runs through the engine."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from madang.kernel.trial import Column
from madang.trials.engine.registration import Registrar
from madang.trials.engine.sealed import SealedPart
from madang.trials.engine.workspace import Workspace
from tests.contract.task_examples import EXAMPLES

OWN = [name for name in EXAMPLES if name.startswith("trials.")]
each_task = pytest.mark.parametrize("name", OWN)
BASELINE = {
    "trials.classification": ("brier", "class_shares"),
    "trials.regression": ("mae", "median"),
    "trials.forecasting": ("mase", "season_earlier"),
    "trials.text_classification": ("accuracy", "commonest_class"),
    "trials.extraction": ("exact_match", "commonest_values"),
    "trials.question_answering": ("character_f1", "commonest_answer"),
}


def written(column: Column) -> dict[str, Any]:
    plain = {"name": column.name, "kind": column.kind, "nullable": column.nullable}
    return {**plain, "levels": list(column.levels)} if column.levels else plain


def demand(name: str) -> str:
    example = EXAMPLES[name]
    metric, baseline = BASELINE[name]
    pair = {"ko": "시험", "en": "A test"}
    return json.dumps(  # which is YAML too
        {
            "demand": "a-test",
            "title": pair,
            "ministry": pair,
            "problem": pair,
            "task": {"name": name, "options": example.options},
            "data": {
                "id": "row",
                "inputs": [written(column) for column in example.inputs],
                "outcomes": [written(column) for column in example.outcomes],
            },
            "parts": {"open": 0.5, "board": 0.25, "final": 0.25},
            "seed": 5,
            "decision": {"metric": metric, "baseline": baseline, "rule": "superiority"},
        },
        ensure_ascii=False,
    )


def table(name: str) -> pl.DataFrame:
    example = EXAMPLES[name]
    declared = [column.name for column in (*example.inputs, *example.outcomes)]
    numbered = example.table().with_row_index("row")
    return numbered.select(pl.format("case {}", "row").alias("row"), *declared)


def opened(folder: Path) -> Workspace:
    """A workspace in which this process is the scorer too."""
    workspace = Workspace(folder / "workspace").create()
    workspace.keys.create("outcomes")
    return workspace


def registered(workspace: Workspace, text: str, cases: pl.DataFrame) -> dict[str, Any]:
    file = workspace.folder / "table.csv"
    cases.write_csv(file)
    return Registrar(workspace).register(text=text, table=str(file))


@each_task
def test_a_demand_is_registered_and_its_baselines_are_scored(name, tmp_path):
    workspace = opened(tmp_path)
    facts = registered(workspace, demand(name), table(name))
    part = SealedPart.open(workspace, "a-test", "final")
    baselines = part.baselines()

    assert facts["sizes"].keys() == {"open", "board", "final"}
    assert facts["detectable_difference"] > 0
    metric, _ = BASELINE[name]
    for each in baselines.values():
        assert math.isfinite(each["scores"][metric])


@each_task
def test_a_copied_outcome_stops_the_registration(name, tmp_path):
    example = EXAMPLES[name]
    cases = table(name).with_columns(pl.col(example.planted).cast(pl.String).alias("copy"))
    copy = {"name": "copy", "kind": "text", "nullable": True}
    plain = json.loads(demand(name))
    plain["data"]["inputs"].append(copy)
    workspace = opened(tmp_path)

    facts = registered(workspace, json.dumps(plain, ensure_ascii=False), cases)

    assert {leak["column"] for leak in facts["leaks"]} == {"copy"}
    assert workspace.demand_names() == []
