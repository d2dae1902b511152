"""Who may import whom is held by lint: each rule notices the fault that it is there for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.house import ROOT, run, tool

if TYPE_CHECKING:
    from pathlib import Path


def judged(house: Path) -> str:
    """What import-linter says of this house; empty where every contract is kept."""
    ended = run(tool("lint-imports"), "--no-cache", "--no-logo", house=house)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code and of its contracts."""
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, module: str, line: str) -> None:
    """Write a line at the end of a module, which need not exist."""
    path = house / "src/madang" / module
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text('"""Planted."""\n', encoding="utf-8")
    with path.open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")


def test_the_house_keeps_every_contract() -> None:
    assert judged(ROOT) == ""


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("trials/engine/planted.py", "import django", "madang.trials.engine.planted -> django"),
        ("kernel/planted.py", "import django.db", "madang.kernel.planted -> django"),
        (
            "prognosis/engine/planted.py",
            "import madang.trials.system",
            "madang.prognosis.engine.planted -> madang.trials.system",
        ),
        (
            "kernel/planted.py",
            "import madang.trials.system",
            "madang.kernel.planted -> madang.trials.system",
        ),
        ("kernel/planted.py", "import madang.cli", "madang.kernel.planted -> madang.cli"),
        (
            "trials/engine/planted.py",
            "import madang.trials.cli",
            "madang.trials.engine.planted -> madang.trials.cli",
        ),
        (
            "trials/system.py",
            "import madang.trials.engine.errors",
            "madang.trials.system -> madang.trials.engine.errors",
        ),
        ("trials/helpers.py", "", "madang.trials.helpers"),
        ("stray/__init__.py", "", "madang.stray"),
    ],
)
def test_a_planted_fault_breaks_a_contract(
    house: Path, module: str, line: str, named: str
) -> None:
    plant(house, module, line)

    assert named in judged(house)


def test_a_cycle_between_siblings_breaks_a_contract(house: Path) -> None:
    plant(house, "trials/engine/planted_one.py", "import madang.trials.engine.planted_two")
    plant(house, "trials/engine/planted_two.py", "import madang.trials.engine.planted_one")

    assert "planted_two -> .planted_one" in judged(house)
