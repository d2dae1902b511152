"""Whom a validator trusts is managed by name; the demonstration holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from madang.cli import main
from madang.rpki.engine.simulator.tree import Shape, grow

if TYPE_CHECKING:
    from pathlib import Path


def rpki(*words: str) -> tuple[int, str]:
    """Run a command; its exit code and all that it wrote."""
    run = CliRunner().invoke(main, ["rpki", *words])
    return run.exit_code, run.output


def test_anchors_come_and_go_by_name(tmp_path: Path) -> None:
    locator = grow(Shape(cas=0, roas=0)).written(tmp_path / "cache")
    folder = ("--folder", str(tmp_path / "validator"))

    assert rpki("tal", "add", str(locator), "--name", "mine", *folder)[0] == 0
    _, listed = rpki("tal", "list", "--json", *folder)
    code, refused = rpki("tal", "remove", "other", *folder)
    assert rpki("tal", "remove", "mine", *folder)[0] == 0
    _, left = rpki("tal", "list", "--json", *folder)

    assert [each["name"] for each in json.loads(listed)["anchors"]] == ["mine"]
    assert (code, "mine" in refused) == (3, True)
    assert json.loads(left) == {"anchors": []}


@pytest.mark.parametrize("name", ["../out", "a/b", "", "ㄱ", "x" * 80])
def test_a_name_that_is_no_files_is_refused(tmp_path: Path, name: str) -> None:
    locator = grow(Shape(cas=0, roas=0)).written(tmp_path / "cache")
    folder = tmp_path / "validator"

    code, _ = rpki("tal", "add", str(locator), f"--name={name}", "--folder", str(folder))

    assert code == 3 or (name == "" and code == 0)
    assert sorted(path.name for path in tmp_path.rglob("*.tal")) in (
        ["synth.tal"],
        ["synth.tal", "synth.tal"],
    )


def test_what_is_no_locator_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x.tal"
    file.write_text("rsync://a/b.cer\n\nAAAA\n", encoding="utf-8")

    code, said = rpki("tal", "add", str(file), "--folder", str(tmp_path / "validator"))

    assert code == 3
    assert "RFC 8630" in said
    assert not (tmp_path / "validator").exists()


@pytest.mark.rpki_peers
def test_the_demonstration_gives_what_it_should(tmp_path: Path) -> None:
    code, said = rpki("demo", "--json", "--folder", str(tmp_path / "demo"))

    found = json.loads(said)
    assert (code, found["holds"], found["rsync_equal"]) == (0, True, True)
    assert found["rrdp"] == ["snapshot"]
    assert (found["healthy"]["state"], found["hijacked"]["state"]) == ("valid", "invalid")
    assert found["rtr"]["payloads"] == len(found["vrps"]) + len(found["aspas"])
