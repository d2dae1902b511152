"""`validate` and `recalibrate`: fitted and published models on a hospital's own patients."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.prognosis.engine.model_file import write_model
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.outside.reading import read_outside
from madang.prognosis.engine.quality.decision import decision_curve
from tests.prognosis.patients import fitted, invented

WRITTEN = """
format: madang-outside-model
version: 1
name: invented
outcome: event
time_unit: months
horizon: 60
source: Nobody, Journal of Examples 2000;1:1
population: nobody
columns:
  - {name: age, kind: number, unit: years, centre: 55, range: [18, 100]}
  - {name: stage, kind: category, levels: [I, II], reference: I}
coefficients: {age: 0.0347, stage=II: 0.693}
baseline: {centre: 0, times: [60], cumulative_hazard: [3.6]}
"""
OUTCOME = ("--time", "days", "--event", "died")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["prognosis", *map(str, words)])


def put(path: Path, size: int, *, seed: int) -> Path:
    table, watched = invented(size, seed=seed)
    columns = {
        **{name: ["" if each != each else each for each in table[name]] for name in table},
        "days": watched.time.tolist(),
        "died": watched.cause.tolist(),
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A published model that is twice too pessimistic, and patients."""
    place = tmp_path_factory.mktemp("outside")
    (place / "a.yaml").write_text(WRITTEN, encoding="utf-8")
    put(place / "local.csv", 400, seed=50)
    put(place / "few.csv", 12, seed=51)
    put(place / "other.csv", 600, seed=52)
    return place


def test_a_published_model_is_validated_with_the_decision_curve(folder) -> None:
    told = run("validate", folder / "a.yaml", "--data", folder / "other.csv", *OUTCOME,
               "--thresholds", "0.2,0.5", "--json")  # fmt: skip

    facts = json.loads(told.output)
    model = read_outside(folder / "a.yaml")
    table, watched = invented(600, seed=52)
    outcomes = Outcomes(watched.time, watched.event)
    risk = 1 - model.survival(table, [facts["horizon"]])[:, 0]
    expected = decision_curve(outcomes, risk, [0.2, 0.5], facts["horizon"])
    assert facts["model"] == model.facts["digest"]
    assert facts["in_the_large"] > 0.1
    assert facts["decision"]["thresholds"] == [0.2, 0.5]
    assert facts["decision"]["model"] == pytest.approx(expected.model)
    assert facts["decision"]["everybody"] == pytest.approx(expected.everybody)
    assert facts["decision"]["nobody"] == [0, 0]
    assert facts["causes"] == []
    said = run("validate", folder / "a.yaml", "--data", folder / "other.csv", *OUTCOME,
               "--thresholds", "0.2")  # fmt: skip
    assert "Acting at 0.2: net benefit" in said.output


def test_without_thresholds_there_is_no_decision_curve(folder) -> None:
    told = run("validate", folder / "a.yaml", "--data", folder / "other.csv", *OUTCOME, "--json")

    assert json.loads(told.output)["decision"] is None


def test_a_published_model_is_recalibrated_into_yaml_that_knows_its_parent(folder) -> None:
    out = folder / "site.yaml"

    done = run("recalibrate", folder / "a.yaml", "--data", folder / "local.csv", *OUTCOME,
               "--out", out, "--json")  # fmt: skip

    facts = json.loads(done.output)
    shown = run("validate", out, "--data", folder / "other.csv", *OUTCOME, "--json")
    assert done.exit_code == 0, done.output
    assert facts["parent"] == read_outside(folder / "a.yaml").facts["digest"]
    assert (
        facts["digest"] == read_outside(out).facts["digest"] == json.loads(shown.output)["model"]
    )
    assert facts["before"]["ici"] > 0.1 > 2 * facts["after_cross_validated"]["ici"]
    assert abs(json.loads(shown.output)["in_the_large"]) < 0.04


def test_a_fitted_model_is_recalibrated_and_says_what_became_of_its_bound(folder) -> None:
    model, _ = fitted()
    named = {"time": "days", "event": "died", "competing": None, "entry": None, "weight": None}
    known = replace(model, facts=model.facts | {"outcome": named})
    parent = write_model(known, folder / "a.mdl")

    done = run("recalibrate", folder / "a.mdl", "--data", folder / "local.csv", "--digest",
               parent, "--out", folder / "b.mdl")  # fmt: skip
    again = run("recalibrate", folder / "b.mdl", "--data", folder / "local.csv", "--out",
                folder / "c.mdl")  # fmt: skip
    predicted = run("predict", folder / "b.mdl", "--data", folder / "few.csv", "--times", "5",
                    "--out", folder / "p.csv")  # fmt: skip

    assert done.exit_code == predicted.exit_code == 0, done.output
    assert "was refitted to these patients" in done.output
    assert again.exit_code == 3
    assert "recalibrated already" in again.output
    assert not (folder / "c.mdl").exists()


def test_a_published_model_predicts_without_intervals_and_refuses_in_a_sentence(folder) -> None:
    rows = list(csv.DictReader((folder / "few.csv").read_text("utf-8").splitlines()))
    rows[1]["age"] = "17"
    with (folder / "odd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    done = run("predict", folder / "a.yaml", "--data", folder / "odd.csv", "--times", "20,60",
               "--out", folder / "odd_p.csv", "--json")  # fmt: skip

    answers = list(csv.DictReader((folder / "odd_p.csv").read_text("utf-8").splitlines()))
    hazard = np.exp(0.0347 * (float(rows[0]["age"]) - 55) + 0.693 * (rows[0]["stage"] == "II"))
    assert json.loads(done.output)["refused"] == 1
    assert list(answers[0]) == ["row", "survival_20", "survival_60", "refused"]
    assert float(answers[0]["survival_20"]) == pytest.approx(np.exp(-1.2 * hazard))
    assert answers[1]["survival_20"] == ""
    assert "18 to 100" in answers[1]["refused"]


REFUSED = [
    (("predict", "a.yaml", "--data", "few.csv", "--times", "61", "--out", "x.csv"), "up to 60"),
    (("validate", "a.yaml", "--data", "other.csv"), "without --time and --event"),
    (("validate", "a.yaml", "--data", "other.csv", "--time", "days"), "without --time and"),
    (("validate", "a.yaml", "--data", "other.csv", *OUTCOME, "--digest", "0"), "the digest 0"),
    (("validate", "a.yaml", "--data", "other.csv", *OUTCOME, "--thresholds", "x"), "commas"),
    (("validate", "a.yaml", "--data", "other.csv", *OUTCOME, "--thresholds", "2"), "0 and 1"),
    (("recalibrate", "a.yaml", "--data", "few.csv", *OUTCOME, "--out", "x.yaml"), "at least 20"),
    (("recalibrate", "a.yaml", "--data", "local.csv", *OUTCOME, "--out", "x.mdl"), ".yaml"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    folder, monkeypatch, words, said
) -> None:
    monkeypatch.chdir(folder)

    done = run(*words)

    assert done.exit_code == 3
    assert said in done.output
    assert not list(folder.glob("x.*"))


def test_a_fitted_model_knows_its_columns_of_follow_up(folder) -> None:
    write_model(fitted()[0], folder / "d.mdl")

    done = run("validate", folder / "d.mdl", "--data", folder / "other.csv", *OUTCOME)

    assert done.exit_code == 3
    assert "neither for a fitted one" in done.output


def test_a_published_model_needs_every_value(folder, tmp_path) -> None:
    table, _ = invented(3, seed=1)
    table["age"][1] = np.nan

    found = read_outside(folder / "a.yaml").refusals(table)

    assert [each is None for each in found] == [True, False, True]
