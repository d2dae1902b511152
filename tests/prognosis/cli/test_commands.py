"""The commands: from a file of patients to a model, its answers, and its proof."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from tests.prognosis.patients import invented


def run(*words: str | Path) -> Result:
    """`madang prognosis …`."""
    return CliRunner().invoke(main, ["prognosis", *map(str, words)])


def put(path: Path, size: int, *, seed: int = 0, causes: int = 1, **more: list) -> Path:
    """Invented patients as a file."""
    table, watched = invented(size, seed=seed, causes=causes)
    columns = {
        **{name: values.tolist() for name, values in table.items()},
        **more,
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
    """A training file, others, and a model of two causes."""
    place = tmp_path_factory.mktemp("prognosis")
    train = put(place / "train.csv", 300, causes=2)
    put(place / "new.csv", 120, seed=1, causes=2)
    fit = ("--data", train, "--time", "days", "--event", "died", "--competing", 2)
    done = run("fit", *fit, "--out", place / "a.mdl", "--json")
    assert done.exit_code == 0, done.output
    (place / "fit.json").write_text(done.output, encoding="utf-8")
    return place


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_fitting_tells_what_was_made(folder) -> None:
    facts = json.loads((folder / "fit.json").read_text(encoding="utf-8"))

    assert facts["patients"] == 300
    assert len(facts["events"]) == 2
    assert facts["columns"] == ["age", "marker", "noise", "stage"]
    assert len(facts["digest"]) == 64
    assert facts["outcome"]["competing"] == 2
    assert facts["leaks"] == []


def test_every_patient_gets_a_row_in_order_and_causes_add_up(folder, tmp_path) -> None:
    out = tmp_path / "p.csv"

    done = run("predict", folder / "a.mdl", "--data", folder / "new.csv", "--times", "5,20",
               "--out", out)  # fmt: skip

    assert done.exit_code == 0, done.output
    rows = read(out)
    assert [row["row"] for row in rows] == [str(number) for number in range(2, 122)]
    answered = [row for row in rows if not row["refused"]]
    assert len(answered) > 110
    for row in answered:
        for time in ("5", "20"):
            free = float(row[f"survival_{time}"])
            reached = sum(float(row[f"incidence_{cause}_{time}"]) for cause in (1, 2))
            assert abs(free + reached - 1) < 1e-9
            assert float(row[f"survival_{time}_low"]) <= free
            assert free <= float(row[f"survival_{time}_high"])
        assert float(row["free_until_90"]) >= 0


def test_a_patient_outside_is_refused_and_the_others_answered(folder, tmp_path) -> None:
    rows = read(folder / "new.csv")
    rows[3]["age"] = "400"
    with (tmp_path / "odd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    done = run("predict", folder / "a.mdl", "--data", tmp_path / "odd.csv", "--times", "5",
               "--out", tmp_path / "p.csv", "--no-intervals", "--json")  # fmt: skip

    answers = read(tmp_path / "p.csv")
    assert json.loads(done.output)["refused"] >= 1
    assert "400" in answers[3]["refused"]
    assert answers[3]["survival_5"] == answers[3]["free_until_90"] == ""
    assert answers[4]["survival_5"]
    assert "survival_5_low" not in answers[3]


def test_validation_shows_every_figure(folder) -> None:
    shown = run("validate", folder / "a.mdl", "--data", folder / "new.csv", "--json")

    facts = json.loads(shown.output)
    assert shown.exit_code == 0
    assert {"ibs", "ibs_conditional", "uno_c", "in_the_large", "d_calibration"} <= set(facts)
    assert set(facts["calibration"]) == {"slope", "ici", "e50", "e90"}
    assert [each["cause"] for each in facts["causes"]] == [1, 2]
    assert sum(each["events"] for each in facts["causes"]) == facts["events"]
    text = run("validate", folder / "a.mdl", "--data", folder / "new.csv")
    assert "ICI" in text.output
    assert "Cause 2: " in text.output
    assert not facts["is_training_data"]
    own = run("validate", folder / "a.mdl", "--data", folder / "train.csv")
    assert "learnt from this very file" in own.output
    assert "learnt from this very file" not in text.output


def test_entry_weight_group_and_columns_left_out_are_taken(tmp_path) -> None:
    size = 150
    data = put(
        tmp_path / "t.csv",
        size,
        start=[0.0] * (size - 1) + [0.05],
        often=[1, 2] * (size // 2),
        site=[f"s{number % 10}" for number in range(size)],
    )

    done = run("fit", "--data", data, "--time", "days", "--event", "died", "--entry", "start",
               "--weight", "often", "--group", "site", "--leave-out", "noise", "--category",
               "age", "--out", tmp_path / "m", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["delayed_entry"]
    assert facts["weighted"]
    assert facts["columns"] == ["age", "marker", "stage"]


def test_a_column_that_knows_the_outcome_is_named(tmp_path) -> None:
    _, watched = invented(150)
    data = put(tmp_path / "t.csv", 150, cause_of_death=watched.event.astype(int).tolist())

    done = run("fit", "--data", data, "--time", "days", "--event", "died", "--out",
               tmp_path / "m", "--json")  # fmt: skip

    assert "cause_of_death" in [leak["column"] for leak in json.loads(done.output)["leaks"]]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("days", "-1"), "row 6, column 'days'"),
        (("died", "3"), "row 6, column 'died'"),
        (("age", "old"), "row 6, column 'age'"),
        (("marker", "inf"), "row 6, column 'marker'"),
    ],
)
def test_a_bad_cell_is_refused_with_its_row_and_column(folder, tmp_path, change, named) -> None:
    rows = read(folder / "train.csv")
    rows[4][change[0]] = change[1]
    with (tmp_path / "bad.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    done = run("fit", "--data", tmp_path / "bad.csv", "--time", "days", "--event", "died",
               "--competing", 2, "--out", tmp_path / "m")  # fmt: skip

    assert done.exit_code == 3
    assert named in done.output
    assert not (tmp_path / "m").exists()


def test_a_file_without_a_wanted_column_is_refused(folder, tmp_path) -> None:
    (tmp_path / "less.csv").write_text("age,marker\n50,1\n", encoding="utf-8")

    done = run("predict", folder / "a.mdl", "--data", tmp_path / "less.csv", "--times", "5",
               "--out", tmp_path / "p.csv")  # fmt: skip

    assert done.exit_code == 3
    assert "no column 'noise'" in done.output
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize("times", ["5,x", "", "0", "1e9"])
def test_times_that_mean_nothing_are_refused(folder, tmp_path, times) -> None:
    done = run("predict", folder / "a.mdl", "--data", folder / "new.csv", "--times", times,
               "--out", tmp_path / "p.csv")  # fmt: skip

    assert done.exit_code == 3
    assert not (tmp_path / "p.csv").exists()


def test_another_digest_is_refused(folder) -> None:
    done = run("validate", folder / "a.mdl", "--data", folder / "new.csv", "--digest", "0" * 64)

    assert done.exit_code == 3
    assert "expected the digest 000" in done.output
