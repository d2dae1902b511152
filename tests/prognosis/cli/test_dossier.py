"""`madang prognosis dossier`: a folder of paper, page and JSON from a model file."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdf
import pytest

from tests.prognosis.cli.test_commands import put, run

ABOUT = "title:\n  ko: 심장 모형\n  en: A heart model\nethics:\n  ko: 심의함\n  en: Approved\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A model, other patients, and what the team tells."""
    place = tmp_path_factory.mktemp("dossier")
    train = put(place / "train.csv", 300)
    put(place / "new.csv", 150, seed=1)
    (place / "about.yaml").write_text(ABOUT, encoding="utf-8")
    done = run(
        "fit", "--data", train, "--time", "days", "--event", "died", "--out", place / "a.mdl"
    )
    assert done.exit_code == 0, done.output
    return place


def text(path: Path) -> str:
    pages = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_with_patients_and_about_the_folder_holds_all_three(folder, tmp_path) -> None:
    out = tmp_path / "made" / "here"

    done = run("dossier", folder / "a.mdl", "--data", folder / "new.csv", "--about",
               folder / "about.yaml", "--out", out, "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["files"] == ["dossier.html", "dossier.json", "dossier.pdf"]
    assert sorted(each.name for each in out.iterdir()) == said["files"]
    found = json.loads((out / "dossier.json").read_bytes())
    assert found["record"]["evaluation"]["scored"]["patients"] > 100
    assert found["counts"]["tripod"] == said["tripod"]
    assert found["record"]["digest"] == said["model"]
    assert "심장 모형" in text(out / "dossier.pdf")


def test_without_patients_development_alone_is_told(folder, tmp_path) -> None:
    done = run("dossier", folder / "a.mdl", "--out", tmp_path, "--language", "en")

    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "dossier.json").read_bytes())
    asked = [each["signal"] for each in found["probast"] if each["part"] == "evaluation"]
    assert asked == ["NI"] * 18
    assert found["record"]["evaluation"] is None
    assert "Not evaluated on other patients" in text(tmp_path / "dossier.pdf")


def test_the_same_files_give_the_same_json(folder, tmp_path) -> None:
    for name in ("one", "two"):
        run("dossier", folder / "a.mdl", "--data", folder / "new.csv", "--out", tmp_path / name)

    first, second = ((tmp_path / name / "dossier.json").read_bytes() for name in ("one", "two"))
    assert first == second


def test_the_training_file_itself_is_found_out(folder, tmp_path) -> None:
    run("dossier", folder / "a.mdl", "--data", folder / "train.csv", "--out", tmp_path)

    found = json.loads((tmp_path / "dossier.json").read_bytes())
    given = {(each["part"], each["number"]): each["signal"] for each in found["probast"]}
    assert given["evaluation", "4.1"] == "N"


@pytest.mark.parametrize(
    ("content", "place"),
    [("etics:\n  ko: a\n  en: b\n", "etics"), ("ethics:\n  ko: a\n", "ethics")],
)
def test_a_wrong_about_is_refused_and_nothing_is_written(folder, tmp_path, content, place) -> None:
    (tmp_path / "about.yaml").write_text(content, encoding="utf-8")

    done = run("dossier", folder / "a.mdl", "--about", tmp_path / "about.yaml", "--out",
               tmp_path / "out")  # fmt: skip

    assert done.exit_code == 3
    assert place in done.output
    assert not (tmp_path / "out").exists()


def test_another_digest_is_refused(folder, tmp_path) -> None:
    done = run("dossier", folder / "a.mdl", "--digest", "0" * 64, "--out", tmp_path / "out")

    assert done.exit_code == 3
    assert not (tmp_path / "out").exists()
