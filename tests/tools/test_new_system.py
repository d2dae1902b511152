"""A new room comes with all that the contract suite asks, or does not come at all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from madang.kernel import systems
from tests.house import copied, run, tool
from tools import new_system
from tools.programme import rooms

if TYPE_CHECKING:
    from pathlib import Path

FREE = [room.name for room in rooms() if room.name not in systems.NAMES]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the repository, into which a room may come."""
    return copied(tmp_path)


def files(house: Path) -> dict[str, bytes]:
    """Every file of a house and its bytes."""
    paths = [path for path in house.rglob("*") if path.is_file()]
    return {path.relative_to(house).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.slow
@pytest.mark.parametrize("extra", [False, True], ids=["plain", "with-extra"])
def test_a_new_room_passes_the_contract_suite(house: Path, extra: bool) -> None:
    added = run(
        *(sys.executable, "-m", "tools.new_system", "factory"),
        *(["--extra"] if extra else []),
        house=house,
    )
    assert added.returncode == 0, added.stderr
    judged = [
        run(tool("ruff"), "check", "--no-cache", ".", house=house),
        run(tool("ruff"), "format", "--no-cache", "--check", ".", house=house),
        run(tool("lint-imports"), "--no-cache", "--no-logo", house=house),
        run(
            *(sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "tests/factory"),
            *("tests/contract", "--ignore=tests/contract/test_imports.py"),
            *("--ignore=tests/contract/test_lint.py", "--ignore=tests/contract/test_make.py"),
            *("--ignore=tests/contract/test_tasks.py",),
            *("-k", "not every_file_of and (factory or page or table or tree or order or lock)"),
            house=house,
        ),
    ]

    assert [ended.returncode for ended in judged] == [0, 0, 0, 0], "\n".join(
        ended.stdout[-4000:] + ended.stderr[-2000:] for ended in judged if ended.returncode
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", FREE)
def test_every_room_of_the_programme_can_come(house: Path, name: str) -> None:
    new_system.add(house, name)

    for command in (
        (tool("ruff"), "check", "--no-cache", "."),
        (tool("ruff"), "format", "--no-cache", "--check", "."),
        (tool("lint-imports"), "--no-cache", "--no-logo"),
        (tool("mypy"), "--no-incremental", f"src/madang/{name}"),
        (sys.executable, "-m", "pytest", "-n0", f"tests/{name}", "tests/contract"),
    ):
        ended = run(*command, house=house, patience_s=1200)
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]


def test_rooms_that_come_in_any_order_stand_in_the_programmes_order(house: Path) -> None:
    for name in ("learning", "factory"):
        new_system.add(house, name)

    order = [room.name for room in rooms()]
    standing = new_system.built(house)
    assert set(standing) == {*systems.NAMES, "learning", "factory"}
    assert list(standing) == sorted(standing, key=order.index)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("trials", "stands already"),
        ("Factory", "expected a room of the programme"),
        ("../factory", "expected a room of the programme"),
        ("kernel", "expected a room of the programme"),
        ("", "expected a room of the programme"),
    ],
)
def test_a_bad_or_taken_name_is_refused_with_one_sentence(
    house: Path, name: str, says: str
) -> None:
    before = files(house)

    ended = run(sys.executable, "-m", "tools.new_system", name, house=house)

    assert ended.returncode == 1
    assert ended.stderr.startswith("new-system: ")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert files(house) == before


def test_a_file_in_the_way_is_not_overwritten(house: Path) -> None:
    mine = house / "docs/en/rooms/factory.md"
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine\n", encoding="utf-8")
    before = files(house)

    with pytest.raises(new_system.Refused, match=r"docs/en/rooms/factory\.md stands already"):
        new_system.add(house, "factory")

    assert files(house) == before


def test_a_project_file_of_another_form_is_refused_before_anything_is_written(
    house: Path,
) -> None:
    project = house / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("containers = [", "containers=["), encoding="utf-8")
    before = files(house)

    with pytest.raises(new_system.Refused, match=r"pyproject\.toml should hold"):
        new_system.add(house, "factory")

    assert files(house) == before
