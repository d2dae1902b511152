"""`make` does once what must be done once, and says in one sentence what it lacks."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.house import ROOT, copied, run

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

STAMPS = (".created", ".run", ".assets", ".dev")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the repository in a folder with a space, its environment built in name only."""
    house = copied(tmp_path / "a b")
    (house / ".venv").mkdir()
    for age, name in enumerate(reversed(STAMPS)):
        stamp = house / ".venv" / name
        stamp.touch()
        os.utime(stamp, (stamp.stat().st_mtime - age,) * 2)
    built_from = ("pyproject.toml", "package-lock.json", "tools/vendor_assets.py")
    for path in (*(house / name for name in built_from), *(house / "requirements").iterdir()):
        os.utime(path, (0, 0))
    return house


def make(house: Path, *words: str, **variables: str) -> CompletedProcess[str]:
    """Run make with nothing of an outer make's."""
    return run(
        "env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", *words, house=house, **variables
    )


def interpreter(folder: Path, name: str, script: str) -> str:
    """A Python that only answers what make asks it."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_every_target_that_people_call_has_its_line_of_help() -> None:
    said = make(ROOT).stdout
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    inner = {"lint", "imports", "types"}

    assert {line.split()[0] for line in said.splitlines()} == set(targets) - inner
    assert {"run", "test", "check", "docs", "lock", "bench", "new-system", "env", "demo"} <= set(
        targets
    )


def test_a_second_run_starts_its_work_at_once(house: Path) -> None:
    """No pip, no compiler: the demonstration and the site are all that is left to do."""
    planned = make(house, "-n", "run").stdout

    assert planned.splitlines() == [
        ".venv/bin/madang trials demo --out demo",
        ".venv/bin/madang site --port 8000 --ahead 0",
    ]


def test_an_environment_that_stands_is_left_alone(house: Path) -> None:
    assert make(house, "-q", "env").returncode == 0
    assert make(house, "-q", "dev").returncode == 0


@pytest.mark.parametrize("changed", ["base.txt", "build.txt", "trials.txt", "prognosis.txt"])
def test_a_changed_lock_renews_the_environment(house: Path, changed: str) -> None:
    (house / "requirements" / changed).touch()

    assert make(house, "-q", "env").returncode == 1
    assert f"-r requirements/{changed}" in make(house, "-n", "env").stdout


def test_a_changed_project_file_renews_the_environment(house: Path) -> None:
    (house / "pyproject.toml").touch()

    assert make(house, "-q", "env").returncode == 1


def test_developers_tools_do_not_come_with_a_run(house: Path) -> None:
    (house / "requirements/dev.txt").touch()

    assert make(house, "-q", "env").returncode == 0
    assert make(house, "-q", "dev").returncode == 1


def test_a_run_installs_no_judge_and_no_cluster(house: Path) -> None:
    (house / "pyproject.toml").touch()
    planned = make(house, "-n", "run").stdout

    assert "--require-hashes" in planned
    for other in ("judges", "ray", "s3", "dev"):
        assert f"requirements/{other}.txt" not in planned


def test_a_python_that_is_too_old_is_named(house: Path, tmp_path: Path) -> None:
    old = interpreter(
        tmp_path, "python3.9", 'test "$1" = --version && echo Python 3.9.2 && exit; exit 1'
    )

    ended = make(house, "env", "VENV=new", f"PYTHON={old}")

    assert ended.returncode == 2
    assert "Found Python 3.9.2, expected Python 3.11 or later." in ended.stdout
    assert not (house / "new").exists()


def test_a_python_without_venv_gets_the_one_line_that_mends_it(
    house: Path, tmp_path: Path
) -> None:
    bare = interpreter(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1;; esac')

    ended = make(house, "env", "VENV=new", f"PYTHON={bare}")

    assert ended.returncode == 2
    assert ended.stdout.splitlines()[0].endswith("sudo apt install python3-venv")


def test_no_python_at_all_is_said(house: Path) -> None:
    ended = make(house, "env", "VENV=new", "PYTHON=python-of-nobody")

    assert ended.returncode == 2
    assert "Found no python-of-nobody" in ended.stdout


def test_a_new_room_wants_a_name(house: Path) -> None:
    ended = make(house, "-n", "new-system")

    assert ended.returncode == 2
    assert "make new-system NAME=factory" in ended.stderr


def test_a_profile_wants_the_environment_first(house: Path) -> None:
    ended = make(house, "sandbox-profile")

    assert ended.returncode == 2
    assert "make env" in ended.stdout
