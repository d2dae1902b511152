"""Who installs the wheel has everything that a checkout has: code, types, solutions, templates."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.house import copied, run

if TYPE_CHECKING:
    from pathlib import Path

BUILD = "from setuptools import build_meta; print(build_meta.build_wheel({folder!r}))"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, so that building leaves nothing in it."""
    return copied(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(house: Path) -> zipfile.ZipFile:
    """The wheel, built with nothing fetched."""
    folder = house.parent
    ended = run(sys.executable, "-c", BUILD.format(folder=str(folder)), house=house)
    assert ended.returncode == 0, ended.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_every_file_of_the_house_is_in_the_wheel(house: Path, wheel: zipfile.ZipFile) -> None:
    source = house / "src"
    paths = [path for path in (source / "madang").rglob("*") if path.is_file()]
    files = {path.relative_to(source).as_posix() for path in paths}

    assert "madang/py.typed" in files
    assert files - set(wheel.namelist()) == set()


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    other = [name for name in wheel.namelist() if not name.startswith(("madang/", "madang-"))]

    assert other == []
    assert not [name for name in wheel.namelist() if "__pycache__" in name or "/tests/" in name]


def test_the_wheel_asks_for_what_the_lists_name(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    metadata = wheel.read(name).decode()

    assert "Requires-Dist: click>=8.2\n" in metadata
    assert "Provides-Extra: trials\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "License-File: LICENSE\n" in metadata
    assert "judges" not in metadata


def test_the_command_is_installed(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))

    assert "madang = madang.cli:main" in wheel.read(name).decode()


def test_the_wheel_runs_without_its_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "src")

    ended = run(sys.executable, "-m", "madang", "--help", house=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "Commands:" in ended.stdout
