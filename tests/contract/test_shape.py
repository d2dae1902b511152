"""Who has read one room can read them all: the names of files are a closed vocabulary."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from madang.kernel import systems
from tests.house import ROOT
from tools.programme import rooms

if TYPE_CHECKING:
    from pathlib import Path

HOUSE = ROOT / "src/madang"
TOP = {"__init__.py", "__main__.py", "py.typed", "cli.py", "kernel", "portal"}
ROOM = {
    *("__init__.py", "system.py", "engine", "tasks.py", "solutions", "jobs.py", "cli.py", "web"),
    "cli",  # where one file would be too long
}
WEB = {
    *("__init__.py", "apps.py", "models.py", "urls.py", "api.py", "menu.py", "migrations"),
    *("services", "forms", "tables", "views", "services.py", "forms.py", "tables.py", "views.py"),
    "api",  # where one file would be too long, as of the four above
    *("templates", "static", "locale"),
}
NEEDED = {"__init__.py", "system.py", "engine"}

JAILED = {
    "kernel/sandbox/zygote.py",
    "trials/engine/harness.py",
    "trials/engine/metric_harness.py",
    "trials/engine/onnx_check.py",
}
"""What runs inside the jail beside untrusted code: it loads it, and outlives what it raises."""
WORKER = "kernel/jobs/worker.py"

each_system = pytest.mark.parametrize("name", systems.NAMES)


def listing(folder: Path) -> set[str]:
    """The names in a folder that a reader sees."""
    return {path.name for path in folder.iterdir() if path.name != "__pycache__"}


def test_the_house_holds_its_core_and_rooms_of_the_programme() -> None:
    assert listing(HOUSE) - TOP <= {room.name for room in rooms()}


def test_every_room_in_the_tuple_has_a_folder_and_no_other_has() -> None:
    assert listing(HOUSE) - TOP == set(systems.NAMES)


@each_system
def test_a_room_holds_only_the_names_of_the_shape(name: str) -> None:
    found = listing(HOUSE / name)

    assert found >= NEEDED
    assert found <= ROOM


@each_system
def test_a_face_on_the_site_holds_only_the_names_of_the_shape(name: str) -> None:
    face = HOUSE / name / "web"
    if not face.exists():
        return

    assert listing(face) <= WEB
    for folder in ("templates", "static"):
        if (face / folder).exists():
            assert listing(face / folder) <= {name}


@each_system
def test_the_engine_has_more_than_its_docstring(name: str) -> None:
    assert listing(HOUSE / name / "engine") > {"__init__.py"}


@each_system
def test_solutions_are_data_that_nobody_imports(name: str) -> None:
    folder = HOUSE / name / "solutions"

    assert not list(folder.rglob("__init__.py"))


def place(path: Path) -> str:
    """Where a module stands, from `src/madang`."""
    return path.relative_to(HOUSE).as_posix()


def sources() -> list[Path]:
    """Every module of the house, example solutions aside."""
    return [path for path in sorted(HOUSE.rglob("*.py")) if "solutions" not in path.parts]


def test_packages_hold_one_docstring_and_no_re_exports() -> None:
    for path in sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, path
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_file_is_named_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}

    # `settings/base.py` is Django's own word for it.
    named = [path for path in sources() if path.parent.name != "settings"]
    assert not [path for path in named if path.stem in empty]


def test_files_and_functions_keep_the_size_at_which_to_stop_and_think() -> None:
    long = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        # Models are tables of data: a file of them is read by its headings.
        if text.count("\n") > 400 and path.name != "models.py":
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and _code_lines(node) > 40:
                long.append(f"{path.relative_to(ROOT)}: {node.name} {_code_lines(node)} lines")

    assert long == []


def _code_lines(function: ast.FunctionDef) -> int:
    """The lines of a function below its signature and its docstring."""
    body = function.body
    first = body[1] if ast.get_docstring(function) and len(body) > 1 else body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_dynamic_import_stands_in_one_place() -> None:
    users = [
        place(path)
        for path in sources()
        if "import_module" in (text := path.read_text(encoding="utf-8")) or "__import__" in text
    ]

    assert set(users) - JAILED == {"kernel/systems.py"}


def test_nobody_swallows_every_exception() -> None:
    """Only the worker, the command's outermost frame and the jail catch what they do not know."""
    swallowing = {
        place(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _swallows(node)
    }

    assert swallowing - JAILED <= {"cli.py", WORKER}


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and does not raise it again."""
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    wide = bool({"Exception", "BaseException"} & set(re.findall(r"\w+", caught)))
    return wide and not isinstance(handler.body[-1], ast.Raise)


def test_every_exception_from_a_rule_still_has_its_reason() -> None:
    assert all((HOUSE / path).exists() for path in (*JAILED, WORKER))


@each_system
def test_tests_mirror_the_room(name: str) -> None:
    """Each module of a room is named by a test file, or lies in a package that is."""
    tested = {path.stem for path in (ROOT / "tests" / name).rglob("test_*.py")}

    assert tested, f"tests/{name} holds no tests"
