"""No process but the scorer ever could read an outcome, and nothing a firm sees holds one."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from madang.trials.engine.publication import ending
from tests.trials.acts import LINE_DEMAND, hand_in, register_line, runs_by_name
from tests.trials.toys import line_data

pytestmark = pytest.mark.bwrap

WITH_DEVELOP = LINE_DEMAND.replace(
    "parts: {open: 0.3, board: 0.3, final: 0.4}",
    "parts: {open: 0.2, develop: 0.2, board: 0.2, final: 0.4}",
).replace("demand: line", "demand: developed")

# What a curious firm would try with the outcomes of the development part that its `fit` sees.
TATTLER = """
import json, sys, warnings
import numpy as np

def fit(inputs, outcomes, task):
    seen = outcomes["y"].tolist()
    print(seen)
    print(seen, file=sys.stderr)
    warnings.warn(repr(seen))
    for name in ("status.json", "notes.txt", "predictions.csv", f"{seen[0]}.npy"):
        with open("/job/out/" + name, "w") as file:
            json.dump(seen, file)
    return seen

def predict(model, inputs, task):
    raise type("E" + "_".join(str(v) for v in model[:3]), (ValueError,), {})(repr(model))
"""


def sealed_values(office, demand: str, parts: tuple[str, ...]) -> list[float]:
    """The sealed outcomes, read with the key as only the scorer would."""
    vault = office.workspace.demand_folder(demand).vault
    tables = [pl.read_parquet(vault.open(part, "outcomes")) for part in parts]
    return pl.concat(tables)["y"].to_list()


def traces(folder: Path, values: list[float]) -> list[str]:
    """Files under the folder in which a value stands, as text or as a binary number."""
    needles = [repr(v).encode() for v in values] + [struct.pack("<d", v) for v in values]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_no_sealed_outcome_stands_in_any_file_outside_the_vault(office, tmp_path, capfd):
    demand = register_line(office, tmp_path)
    (tmp_path / "line.csv").unlink()  # the agency's own table
    for name in ("good", "talker", "crasher", "crasher_in_fit"):
        hand_in(office, demand, name)
    office.work()
    office.close(demand)
    office.publish(demand, tmp_path / "report")
    values = sealed_values(office, demand, ("board", "final"))

    said = "".join(capfd.readouterr())

    assert len(set(values)) > 100
    assert traces(tmp_path, values) == []
    assert not any(repr(value) in said for value in values)


def test_the_search_for_traces_finds_a_planted_one(office, tmp_path):
    demand = register_line(office, tmp_path)
    (tmp_path / "line.csv").unlink()
    value = sealed_values(office, demand, ("final",))[3]
    (tmp_path / "note.txt").write_text(f"it is {value!r}")
    (tmp_path / "note.bin").write_bytes(b"xx" + struct.pack("<d", value))

    assert sorted(traces(tmp_path, [value])) == ["note.bin", "note.txt"]


def test_what_fit_sees_of_the_development_part_never_leaves_the_jail(office, tmp_path, capfd):
    demand = register_line(office, tmp_path, text=WITH_DEVELOP)
    (tmp_path / "line.csv").unlink()
    hand_in(office, demand, "tattler", source=TATTLER)
    hand_in(office, demand, "good")
    office.work()
    values = sealed_values(office, demand, ("develop",))

    run = runs_by_name(office, demand)["tattler"]
    seen = ending(run, "tattler")

    assert traces(tmp_path, values) == []
    said = "".join(capfd.readouterr())
    assert not any(repr(value) in said for value in values)
    assert seen["telltale"] == {
        "phase": "predict",
        "exception": "ValueError",
        "file": "solution.py",
        "line": 16,
    }
    good = runs_by_name(office, demand)["good"]
    assert (good.state, good.cause) == ("done", "")


def test_the_process_that_serves_firms_opens_no_outcome_and_no_key_to_them(tmp_path):
    line_data(200).write_csv(tmp_path / "line.csv")

    watched = subprocess.run(
        [sys.executable, "-m", "tests.trials.watched_office", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    opened = watched.stdout.splitlines()
    assert any(path.endswith("board.inputs.sealed") for path in opened)  # the watch works
    assert not [path for path in opened if path.endswith(".outcomes.sealed")]
    assert not [path for path in opened if path.endswith("outcomes.key")]
    assert not [path for path in opened if path.endswith("line.csv")]


def test_no_record_holds_the_digest_of_answers(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()
    office.close(demand)
    published = office.publish(demand, tmp_path / "report")

    digests = {
        run.result["answers"].encode()
        for run in office.proceedings.demand_runs(demand)
        if run.state == "done"
    }
    told = [published.json, *(office.workspace.folder / "evidence").iterdir()]

    assert len(digests) == 2
    assert not [p.name for p in told for digest in digests if digest in p.read_bytes()]
