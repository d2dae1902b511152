"""What firms hand in: it stands on its own, answers by the protocol, and the cheat can find."""

from __future__ import annotations

import ast
import json
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import yaml

from madang.kernel.trial import PARTS
from madang.prognosis.tasks import Survival, demonstration
from tests.house import run

if TYPE_CHECKING:
    from madang.kernel.trial import Entry

TASK = Survival()
DEMAND = yaml.safe_load(demonstration.demand)
OPTIONS = DEMAND["task"]["options"]
INPUTS = DEMAND["data"]["inputs"]
ALLOWED = {"numpy", "scipy", "sklearn", "pandas", "threadpoolctl"}
NOT_NEEDED = {"cryptography", "polars"}
"""What the cheat would use where it lies about; it does without."""

RUNNER = """
import json, sys
import numpy as np
import pandas as pd
job = json.load(open("job.json"))
read = lambda name: pd.DataFrame(job[name])
sys.path.insert(0, "code")
import solution
model = None
if hasattr(solution, "fit"):
    model = solution.fit(read("fit_inputs"), read("fit_outcomes"), job["task"])
np.save("answers.npy", np.asarray(solution.predict(model, read("inputs"), job["task"])))
"""


@pytest.fixture(scope="module")
def parts() -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """The cohort as a trial would deal it, cases renamed."""
    table = demonstration.data()
    inputs = table.select([column["name"] for column in INPUTS])
    outcomes = table.select("time", "cens")
    rng = np.random.default_rng(DEMAND["seed"])
    place = TASK.split(
        inputs, outcomes, groups=None, shares=DEMAND["parts"], rng=rng, options=OPTIONS
    )
    dealt = {}
    for number, part in enumerate(PARTS):
        rows = np.flatnonzero(place == number)
        names = pl.Series("case", [f"{part}-{i}" for i in range(len(rows))])
        dealt[part] = (inputs[rows].insert_column(0, names), outcomes[rows])
    return dealt


@pytest.fixture(scope="module")
def frame(parts) -> dict[str, Any]:
    return TASK.frame(*parts["open"], options=OPTIONS)


@pytest.fixture(scope="module")
def entries(parts, frame) -> dict[str, Entry]:
    sealed = {part: parts[part][0] for part in ("board", "final")}
    found = demonstration.entries(*parts["open"], sealed, frame, OPTIONS)
    return {entry.name: entry for entry in found}


def ran(entry: Entry, parts, frame, folder: Path, *, path: str = "") -> np.ndarray:
    """The answers for the final part, by the protocol of a Python solution, outside any jail."""
    (folder / "code").mkdir()
    for name, content in entry.files.items():
        (folder / "code" / name).write_bytes(content)
    named = [column["name"] for column in INPUTS]
    fit_inputs, fit_outcomes = parts["open"]
    job = {
        "task": {"frame": frame, "options": OPTIONS, "columns": INPUTS},
        "fit_inputs": fit_inputs.select(named).to_dict(as_series=False),
        "fit_outcomes": fit_outcomes.to_dict(as_series=False),
        "inputs": parts["final"][0].select(named).to_dict(as_series=False),
    }
    (folder / "job.json").write_text(json.dumps(job))
    code = f"import os, sys; os.chdir({str(folder)!r})\n{path}\n{RUNNER}"
    ended = run(sys.executable, "-I", "-c", code)
    assert ended.returncode == 0, ended.stderr
    return np.load(folder / "answers.npy")


def ibs(answers, parts, frame) -> float:
    return TASK.score("ibs", parts["final"][1], answers, frame=frame, options=OPTIONS)


@pytest.fixture(scope="module")
def baseline_ibs(parts, frame) -> float:
    (baseline,) = TASK.baselines(options=OPTIONS)
    answers = baseline.predict(*parts["open"], parts["final"][0], frame=frame, options=OPTIONS)
    return ibs(answers, parts, frame)


def test_six_firms_take_part_in_three_tiers(entries) -> None:
    assert {name: entry.tier for name, entry in entries.items()} == {
        "kaplan_meier_file": "predictions",
        "stack_file": "predictions",
        "weibull_onnx": "onnx",
        "cox_elastic_net": "python",
        "discrete_boosting": "python",
        "outcome_hunter": "python",
    }


def test_the_demand_fits_the_table_and_the_task(entries) -> None:
    table = demonstration.data()

    assert {column["name"] for column in INPUTS} == set(table.columns) - {"id", "time", "cens"}
    for column in INPUTS:
        if column["kind"] == "category":
            assert set(column["levels"]) == set(table[column["name"]])
    assert sum(DEMAND["parts"].values()) == pytest.approx(1)


@pytest.mark.parametrize("name", ["cox_elastic_net", "discrete_boosting"])
def test_a_honest_solution_beats_kaplan_meier_on_patients_it_never_saw(
    name, entries, parts, frame, baseline_ibs, tmp_path
) -> None:
    answers = ran(entries[name], parts, frame, tmp_path)

    assert answers.shape == (parts["final"][0].height, len(frame["grid"]))
    assert answers.min() >= 0
    assert answers.max() <= 1
    assert (np.diff(answers, axis=1) <= 0).all()
    assert ibs(answers, parts, frame) < baseline_ibs - 0.01


@pytest.mark.parametrize("name", ["cox_elastic_net", "discrete_boosting", "outcome_hunter"])
def test_source_stands_on_the_jails_libraries_alone(name, entries) -> None:
    files = entries[name].files
    own = {file.removesuffix(".py") for file in files}
    wanted = set()
    for content in files.values():
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Import):
                wanted |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                wanted.add((node.module or "").split(".")[0])

    excused = NOT_NEEDED if name == "outcome_hunter" else set()
    assert wanted - own - set(sys.stdlib_module_names) <= ALLOWED | excused


def test_the_onnx_file_beats_kaplan_meier(entries, parts, frame, baseline_ibs) -> None:
    import onnxruntime

    columns = []
    inputs = parts["final"][0]
    for column in INPUTS:
        values = inputs[column["name"]].to_list()
        if column["kind"] == "category":
            values = [column["levels"].index(value) for value in values]
        columns.append(values)
    session = onnxruntime.InferenceSession(entries["weibull_onnx"].files["model.onnx"])

    answers = session.run(None, {"patients": np.array(columns, dtype=np.float32).T})[0]

    assert ibs(answers.astype(float), parts, frame) < baseline_ibs - 0.01


def test_the_predictions_file_is_the_baseline_for_every_sealed_case(entries, parts, frame) -> None:
    file = pl.read_csv(entries["kaplan_meier_file"].files["predictions.csv"])
    (baseline,) = TASK.baselines(options=OPTIONS)
    expected = baseline.predict(*parts["open"], parts["final"][0], frame=frame, options=OPTIONS)

    assert file.columns == ["case", *TASK.outputs(frame=frame, options=OPTIONS).columns]
    assert file["case"].to_list() == [
        *parts["board"][0]["case"].to_list(),
        *parts["final"][0]["case"].to_list(),
    ]
    assert file.drop("case").to_numpy()[-1].tolist() == expected[0].tolist()


def test_the_same_open_sample_gives_the_same_entries(entries, parts, frame) -> None:
    sealed = {part: parts[part][0] for part in ("board", "final")}

    again = demonstration.entries(*parts["open"], sealed, frame, OPTIONS)

    assert {entry.name: entry.files for entry in again} == {
        name: entry.files for name, entry in entries.items()
    }


def test_the_cheat_finds_the_outcomes_where_nothing_hides_them(
    entries, parts, frame, tmp_path
) -> None:
    """The control: the same source, where the package that carries the cohort is in sight."""
    answers = ran(entries["outcome_hunter"], parts, frame, tmp_path)

    assert metadata.distribution("lifelines")
    assert ibs(answers, parts, frame) == 0


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
def test_the_cheat_reads_the_usual_kinds_of_files(kind, entries, parts, tmp_path) -> None:
    inputs, outcomes = parts["final"]
    table = inputs.drop("case").hstack(outcomes)
    place = tmp_path / "somewhere" / "deep"
    place.mkdir(parents=True)
    planted(table, place, kind)

    known = hunted(entries, f"files.hunt([{str(tmp_path)!r}], wanted, 1e18)", inputs, tmp_path)

    assert known is not None
    assert [when for when, _ in known] == outcomes["time"].to_list()
    assert [happened for _, happened in known] == outcomes["cens"].to_list()


def test_the_cheat_opens_a_sealed_file_whose_key_lies_about(entries, parts, tmp_path) -> None:
    import io

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    inputs, outcomes = parts["final"]
    text = io.BytesIO()
    inputs.drop("case").hstack(outcomes).write_csv(text)
    folder = tmp_path / "demand-name" / "sealed"
    folder.mkdir(parents=True)
    sealed = AESGCM(b"k" * 32).encrypt(b"n" * 12, text.getvalue(), b"demand-name|final|outcomes")
    (folder / "final.outcomes.sealed").write_bytes(b"magic\n" + b"n" * 12 + sealed)
    (tmp_path / "outcomes.key").write_text((b"k" * 32).hex())

    known = hunted(entries, f"files.hunt([{str(tmp_path)!r}], wanted, 1e18)", inputs, tmp_path)

    assert known is not None
    assert known[0][0] == outcomes["time"][0]


def test_the_cheat_reads_tables_left_in_its_own_process(entries, parts, tmp_path) -> None:
    inputs, outcomes = parts["final"]
    left = json.dumps(inputs.drop("case").hstack(outcomes).to_dict(as_series=False))
    found = "(k for table in memory.objects() if (k := memory.knows(table, wanted)))"

    known = hunted(entries, f"(pd.DataFrame({left}), next({found}, None))[1]", inputs, tmp_path)

    assert known is not None
    assert known[0][0] == outcomes["time"][0]


def test_the_cheat_takes_nothing_that_is_not_about_these_patients(
    entries, parts, tmp_path
) -> None:
    inputs, _ = parts["final"]
    other = parts["open"][0].drop("case").hstack(parts["open"][1])
    planted(other, tmp_path, "csv")

    call = f"files.hunt([{str(tmp_path)!r}], wanted, 1e18)"

    assert hunted(entries, call, inputs, tmp_path) is None


def planted(table: pl.DataFrame, place: Path, kind: str) -> None:
    if kind == "csv":
        table.write_csv(place / "anything.csv")
    elif kind == "parquet":
        table.write_parquet(place / "anything.parquet")
    else:
        import sqlite3

        with sqlite3.connect(place / "anything.db") as connection:
            names = ", ".join(f'"{name}"' for name in table.columns)
            connection.execute(f"create table t ({names})")
            marks = ", ".join("?" * table.width)
            connection.executemany(f"insert into t values ({marks})", table.rows())
        connection.close()


def hunted(entries, call: str, inputs: pl.DataFrame, folder: Path) -> list | None:
    """What the cheat's own function gives back, in a process of its own."""
    code = folder / "cheat"
    code.mkdir()
    for name, content in entries["outcome_hunter"].files.items():
        (code / name).write_bytes(content)
    wanted = json.dumps(inputs.drop("case").to_dict(as_series=False))
    program = (
        f"import sys, json; sys.path.insert(0, {str(code)!r})\n"
        "import pandas as pd, files, memory\n"
        f"wanted = pd.DataFrame(json.loads({wanted!r}))\n"
        f"print(json.dumps({call}))"
    )
    ended = run(sys.executable, "-I", "-c", program)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
