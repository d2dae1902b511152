"""A room can be taken away, or come without its libraries, and the rest of the house stands."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from madang.kernel import systems
from tests.house import ROOT, python, run, tool

if TYPE_CHECKING:
    from pathlib import Path

each_system = pytest.mark.parametrize("name", systems.NAMES)

IMPORT_ALL = """
import importlib, os, pkgutil, django, madang
os.environ["DJANGO_SETTINGS_MODULE"] = "madang.portal.settings.test"
django.setup()
# Settings of one's own machine and of production read that machine's files and variables.
left_out = ("madang.__main__", "madang.portal.settings.dev", "madang.portal.settings.prod")
for found in pkgutil.walk_packages(madang.__path__, "madang."):
    if ".solutions" not in found.name and found.name not in left_out:
        importlib.import_module(found.name)
from madang.kernel import systems
from madang import cli
print(*systems.NAMES)
cli.main(["--help"], standalone_mode=False)
"""

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
for name in [name for name in sys.modules if name.partition(".")[0] in {missing!r}]:
    del sys.modules[name]
"""


def without(name: str, tmp_path: Path) -> Path:
    """A house in which the room does not stand."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(tmp_path / "src/madang" / name)
    systems_file = tmp_path / "src/madang/kernel/systems.py"
    text = systems_file.read_text(encoding="utf-8")
    systems_file.write_text(text.replace(f'    "{name}",\n', "", 1), encoding="utf-8")
    return tmp_path


@each_system
def test_the_rest_stands_without_a_room(name: str, tmp_path: Path) -> None:
    ended = python(IMPORT_ALL, house=without(name, tmp_path))

    assert ended.returncode == 0, ended.stderr
    names = ended.stdout.splitlines()[0].split()
    assert names == [each for each in systems.NAMES if each != name]
    assert not re.search(rf"^  {name}\b", ended.stdout, re.M)


@each_system
def test_the_contracts_hold_without_a_room(name: str, tmp_path: Path) -> None:
    house = without(name, tmp_path)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rest = [each for each in systems.NAMES if each != name]
    text = text.replace(f'"{" | ".join(systems.NAMES)}"', f'"{" | ".join(rest)}"')
    text = re.sub(rf'"madang\.{name}"(, )?', "", text).replace(", ]", "]")
    (house / "pyproject.toml").write_text(text, encoding="utf-8")

    ended = run(tool("lint-imports"), "--no-cache", "--no-logo", house=house)

    assert ended.returncode == 0, ended.stdout


def libraries(extra: str) -> set[str]:
    """The packages that an extra asks for, by the names under which they are imported."""
    imported = {"scikit-learn": "sklearn"}
    text = (ROOT / f"requirements/{extra}.in").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)", text, re.M)
    return {imported.get(name, name.replace("-", "_")) for name in found}


@pytest.mark.parametrize("name", [s.name for s in systems.manifests() if s.commands])
def test_help_needs_no_extra(name: str) -> None:
    extra = systems.manifest(name).extra
    missing = libraries(extra) if extra else set()
    for arguments in (["-h"], [name, "-h"]):
        code = WITHOUT.format(missing=missing) + f"from madang.cli import main\nmain({arguments})"

        ended = python(code)

        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        (name, reference)
        for name in systems.NAMES
        for reference in sorted(
            {
                *systems.manifest(name).tasks.values(),
                systems.manifest(name).demonstration,
                *systems.manifest(name).jobs.values(),
            }
            - {""}
        )
    ],
)
def test_what_needs_a_missing_library_says_which_command_installs_it(
    name: str, reference: str
) -> None:
    """Loading gives the object, or the sentence; a bare ModuleNotFoundError is a defect."""
    extra = systems.manifest(name).extra
    code = WITHOUT.format(missing=libraries(extra) if extra else set()) + (
        "from madang.kernel import systems\n"
        "from madang.kernel.errors import MissingExtra\n"
        "try:\n"
        f"    systems.load({reference!r}, extra={extra!r})\n"
        "except MissingExtra as fault:\n"
        "    print(fault)\n"
    )

    ended = python(code)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout in ("", f"{_sentence(name, extra)}\n")


def test_a_room_whose_library_is_missing_speaks_one_sentence(tmp_path: Path) -> None:
    """The same at the command line, with a room made for it."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    room = tmp_path / "src/madang/trials"
    (room / "cli/commands.py").write_text("import onnx_of_nobody\n", encoding="utf-8")

    ended = run(tool("python"), "-m", "madang", "trials", "demo", house=tmp_path)

    assert ended.returncode == 4
    assert ended.stderr == f"madang: {_sentence('trials', 'trials')}\n"
    assert ended.stdout == ""


def test_a_library_missing_inside_a_command_speaks_the_same_sentence(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src/madang/trials/cli/commands.py").write_text(
        "import click\n"
        "@click.group()\n"
        "def trials(): pass\n"
        "@trials.command()\n"
        "def demo():\n"
        "    import onnx_of_nobody\n",
        encoding="utf-8",
    )

    ended = run(tool("python"), "-m", "madang", "trials", "demo", house=tmp_path)

    assert ended.returncode == 4
    assert ended.stderr == f"madang: {_sentence('trials', 'trials')}\n"


def _sentence(name: str, extra: str) -> str:
    return (
        f"{name} needs libraries that are not installed. "
        f"Install them with: pip install 'madang[{extra}]'"
    )
