"""`madang prognosis read-fhir`: tables and every refusal, from a file as hospitals send it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from click.testing import CliRunner, Result

from bench.fhir_cohort import as_lines, cohort
from madang.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["prognosis", "read-fhir", *map(str, words)])


@pytest.fixture
def lines() -> list[bytes]:
    return as_lines(cohort(8))


def test_a_sound_file_becomes_tables(tmp_path: Path, lines: list[bytes]) -> None:
    file = tmp_path / "all.ndjson"
    file.write_bytes(b"".join(lines))

    done = run(file, "--out", tmp_path / "out", "--json")

    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["read"]["kept"] == len(lines)
    assert facts["used"]["visits"] == 48
    patients = pl.read_csv(tmp_path / "out/patients.csv")
    assert patients.height == 8
    assert pl.read_csv(tmp_path / "out/visits.csv").height == 48
    assert pl.read_csv(tmp_path / "out/conditions.csv")["kcd"].all()


def test_every_refusal_is_written_and_the_rest_is_kept(tmp_path: Path, lines: list[bytes]) -> None:
    patients, values = tmp_path / "patients.ndjson", tmp_path / "observations.ndjson"
    patients.write_bytes(b"".join(each for each in lines if b'"Patient"' in each))
    observed = [each for each in lines if b'"Observation"' in each]
    observed[0] = observed[0].replace(b'"final"', b'"foo"')
    observed[1] = observed[1].replace(b'"value":', b'"value":-')
    observed[-1] = observed[-1][:50]
    values.write_bytes(b"".join(observed))

    done = run(patients, values, "--out", tmp_path / "out")

    assert done.exit_code == 1
    told = json.loads((tmp_path / "out/outcome.json").read_text(encoding="utf-8"))
    assert [(each["file"], each["line"], each["rule"]) for each in told["issues"]] == [
        ("observations.ndjson", 1, "madang-required-binding"),
        ("observations.ndjson", len(observed), "madang-truncated"),
        ("observations.ndjson", 2, "madang-impossible"),
    ]
    assert told["read"]["refused"] == 2
    assert told["used"]["values"] == len(observed) - 3
    assert len(told["operation_outcome"]["issue"]) == 3


def test_nothing_to_read_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.ndjson"
    empty.write_bytes(b"\n")

    assert run(empty, "--out", tmp_path / "out").exit_code == 3
    assert run(tmp_path, "--out", tmp_path / "out").exit_code == 3
    assert run(tmp_path, empty, "--out", tmp_path / "out").exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_of_omop_tables_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "omop"
    folder.mkdir()
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth\n1,8532,1950\n", encoding="utf-8"
    )

    done = run(folder, "--out", tmp_path / "out", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["used"]["patients"] == 1
