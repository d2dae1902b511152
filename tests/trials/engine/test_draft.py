"""A draft is looked at as a registration would, nothing is kept, and no value comes out."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest

from madang.kernel.store.tables import write_table
from madang.trials.engine import draft
from madang.trials.engine.draft import MOST_FINDINGS, check
from madang.trials.engine.scorer import Scorer
from madang.trials.engine.workspace import Workspace
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND, register_line
from tests.trials.toys import CANARY, line_data, search_data

pytestmark = pytest.mark.usefixtures("toys")

DATA = line_data(200)


@pytest.fixture
def looked(tmp_path):
    def look(text: str = LINE_DEMAND, table: pl.DataFrame | bytes | None = DATA) -> dict:
        path = tmp_path / "agency.csv"
        if table is not None:
            path.write_bytes(table if isinstance(table, bytes) else table.write_csv().encode())
        found = check(text, table=str(path) if table is not None else "").plain()
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        return found

    return look


def errors(found: dict) -> list[tuple[str, str]]:
    return [(f["place"], f["en"]) for f in found["findings"] if f["weight"] == "error"]


def test_a_draft_that_would_register_foretells_the_registration(looked, office, tmp_path):
    found = looked()
    facts = office.workspace.demand_folder(register_line(office, tmp_path)).registration

    assert found["registrable"]
    assert found["findings"] == []
    for name in ("demand", "digest", "sizes", "overlap", "leaks", "detectable_difference"):
        assert found[name] == facts[name]
    (median,) = found["baselines"]
    assert (median["name"], median["ko"]) == ("median", "중앙값")
    assert set(median["scores"]) == {"absolute_loss", "hit_score", "root_mean_square_loss"}
    inputs, outcomes = office.workspace.demand_folder("line").open_sample()
    spread = (outcomes["y"] - outcomes["y"].median()).abs().mean()
    assert median["scores"]["absolute_loss"] == pytest.approx(spread)
    assert found["subgroups"] == [{"column": "colour", "cells": 2, "hidden": 0}]
    assert [each["name"] for each in found["metrics"]][0] == "absolute_loss"


def test_looking_leaves_no_trace(looked, office):
    looked()

    assert office.workspace.demand_names() == []
    assert sorted(path.name for path in office.workspace.folder.iterdir()) == sorted(
        path.name for path in Workspace(office.workspace.folder).create().folder.iterdir()
    )
    assert not list((office.workspace.folder / "demands").iterdir())


def test_everything_wrong_with_a_text_is_told_with_its_place(looked):
    text = LINE_DEMAND.replace("seed: 7", "seed: many").replace("quota: {submissions: 3}", "")
    text = text.replace(
        "kind: number, unit: m}\n    - {name: colour", "kind: float}\n    - {name: colour"
    )
    text += "surprise: 1\n"

    found = looked(text, None)

    assert {place for place, _ in errors(found)} == {"", "seed", "data.inputs.0.kind"}
    assert (found["demand"], found["preview"], found["registrable"]) == ("", [], False)
    assert all(f["ko"] and f["en"] and "\n" not in f["ko"] for f in found["findings"])


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("final: 0.4}", "final: 0.3}", ["parts"]),
        ("subgroups: [colour]", "subgroups: [x, y]", ["subgroups.0", "subgroups.1"]),
        ("baseline: median", "baseline: mode", ["decision.baseline"]),
        ("options: {}", "options: {near: 0, far: 1}", ["task.options", "task.options.near"]),
        ("name: colour", "name: case", ["data.inputs.1", "subgroups.0"]),
        ("levels: [파랑, 빨강]", "unit: m", ["data.inputs.1.levels"]),
        ("name: x,", "name: z,", ["task.options"]),
        ("task: {name: toys.line,", "task: {name: toys.circle,", ["task.name"]),
        ("demand: line", "demand: [", [""]),
    ],
)
def test_what_contradicts_itself_is_told_with_its_place(looked, old, new, places):
    found = looked(LINE_DEMAND.replace(old, new), None)

    assert sorted(place for place, _ in errors(found)) == sorted(places)


def test_a_text_alone_is_not_registrable_and_has_its_preview(looked):
    found = looked(LINE_DEMAND, None)

    assert not found["registrable"]
    assert found["findings"] == []
    assert len(found["preview"]) >= 6
    assert (found["rows"], found["sizes"]) == (0, {})


def test_a_table_is_surveyed_though_the_text_is_broken(looked):
    found = looked("demand: [")

    assert found["rows"] == 200
    assert [each["name"] for each in found["columns"]] == ["id", "site", "x", "colour", "y"]
    assert not found["registrable"]


def test_a_fault_of_the_table_stands_at_the_column_that_declares_it(looked):
    found = looked(table=DATA.with_columns(colour=pl.lit("초록")))

    (fault,) = found["findings"]
    assert (fault["place"], fault["column"], fault["weight"]) == (
        "data.inputs.1", "colour", "error",
    )  # fmt: skip
    assert "초록" not in fault["ko"]
    assert found["sizes"] == {}


def test_a_leak_is_told_with_its_measure_and_forbids_nothing_by_itself(looked):
    found = looked(table=DATA.with_columns(x=pl.col("y") * 2))

    assert [leak["column"] for leak in found["leaks"]] == ["x"]
    assert found["leaks"][0]["ko"]
    assert found["registrable"]  # the agency may accept it


@pytest.mark.parametrize(
    ("text", "table", "place", "said"),
    [
        (LINE_DEMAND, DATA.head(40), "parts", "cases in the part open"),
        (LINE_DEMAND, DATA.with_columns(y=pl.lit(None, pl.Float64)), "data.outcomes.0", "missing"),
        (LINE_DEMAND.replace("metric: absolute_loss", "metric: speed"), DATA, "decision", "speed"),
        (
            LINE_DEMAND.replace("secondary: [hit_score]", "guard: {speed: 1}"),
            DATA,
            "decision",
            "speed",
        ),
    ],
)
def test_what_would_stop_a_registration_later_is_told_now(looked, text, table, place, said):
    found = looked(text, table)

    (error,) = errors(found)
    assert error[0] == place
    assert said in error[1]
    assert not found["registrable"]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path, "a\0b"):
        found = check(LINE_DEMAND, table=str(path)).plain()

        ((place, said),) = errors(found)
        assert place == "data"
        assert "an unreadable file" in said
        assert str(tmp_path) not in said


def test_a_table_is_called_as_its_owner_calls_it(tmp_path):
    (tmp_path / "x81.csv").write_text("id,site\n1,2\n")

    ((_, said),) = errors(
        check(LINE_DEMAND, table=str(tmp_path / "x81.csv"), called="민원.csv").plain()
    )

    assert "민원.csv" in said
    assert "x81" not in said


def test_subgroups_too_small_to_show_are_foreseen(looked):
    found = looked(LINE_DEMAND.replace("minimum_cell: 5", "minimum_cell: 60"))

    assert found["subgroups"] == [{"column": "colour", "cells": 2, "hidden": 2}]


def test_a_replay_is_looked_at_too(tmp_path):
    (tmp_path / "search.parquet").write_bytes(write_table(search_data(100)))

    found = check(SEARCH_DEMAND, table=str(tmp_path / "search.parquet")).plain()

    assert found["registrable"]
    assert found["detectable_difference"] is None
    (upwards,) = found["baselines"]
    assert 1 <= upwards["scores"]["turns_used"] <= 11


def test_of_a_long_replay_the_baselines_play_a_part(tmp_path, monkeypatch):
    (tmp_path / "search.parquet").write_bytes(write_table(search_data(100)))

    def turns() -> float:
        found = check(SEARCH_DEMAND, table=str(tmp_path / "search.parquet")).plain()
        return found["baselines"][0]["scores"]["turns_used"]

    whole = turns()
    monkeypatch.setattr(draft, "PLAYED", 1)

    assert turns() == int(turns())
    assert whole != int(whole)


def test_many_faults_are_cut_and_counted(looked):
    columns = "\n".join(f"    - {{name: c{n}, kind: odd}}" for n in range(150))

    found = looked(LINE_DEMAND.replace("  inputs:\n", f"  inputs:\n{columns}\n"), None)

    assert len(found["findings"]) == MOST_FINDINGS
    assert found["left_off"] == 50


def test_half_a_character_is_a_fault_and_no_defect(looked):
    assert errors(looked("demand: \ud800", None))[0][0] == ""


def spoken(value) -> list:
    """Every number and text in an answer."""
    if isinstance(value, dict):
        return [each for pair in value.items() for part in pair for each in spoken(part)]
    if isinstance(value, list):
        return [each for part in value for each in spoken(part)]
    return [value]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table,
        lambda table: table.with_columns(x=pl.col("y")),
        lambda table: table.with_columns(colour=pl.col("y").cast(str)),
        lambda table: table.with_columns(id=pl.col("y").cast(str)),
        lambda table: table.with_columns(more=pl.col("y")),
        lambda table: table.with_columns(site=pl.col("y").cast(str)),
        lambda table: table.head(30),
        lambda table: table.with_columns(y=pl.col("y").cast(str) + "번"),
    ],
)
def test_no_value_of_the_table_leaves_the_scorer(tmp_path, office, capfd, spoil):
    table = spoil(line_data(200, canary=True))
    table.write_csv(tmp_path / "agency.csv")
    scorer = Scorer(office.workspace)

    answers = [
        scorer.answer(
            {"ask": "check", "text": LINE_DEMAND, "table": str(tmp_path / "agency.csv")}
        ),
        scorer.answer({"ask": "suggest", "table": str(tmp_path / "agency.csv")}),
    ]

    assert all("value" in answer for answer in answers)
    said = json.dumps(answers, ensure_ascii=False) + "".join(capfd.readouterr())
    assert str(CANARY)[:6] not in said
    numbers = {each for each in spoken(answers) if isinstance(each, float)}
    private = {
        value
        for name in ("x", "y")
        for value in table[name].to_list()
        if isinstance(value, float) and not math.isclose(value, round(value))
    }
    assert not numbers & private
    assert not [text for text in table["id"].cast(str).to_list() if f'"{text}"' in said]


def test_the_scorer_answers_across_processes(office, tmp_path):
    DATA.write_csv(tmp_path / "agency.csv")

    found = office.runner.scoring.ask(
        "check", text=LINE_DEMAND, table=str(tmp_path / "agency.csv"), called="t.csv"
    )
    drafted = office.runner.scoring.ask("suggest", table=str(tmp_path / "agency.csv"), called="t")

    assert found["registrable"]
    assert drafted["data"]["id"] == "id"
