"""What a jail sees is named entry by entry."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from madang.kernel.sandbox.runtime import EXTRA, Bind, Runtime, program
from madang.kernel.sandbox.zygote import SITE

SITE_PACKAGES = os.path.realpath(str(importlib.metadata.distribution("click").locate_file("")))


class Distribution(importlib.metadata.Distribution):
    """A distribution made up for a test."""

    def __init__(self, name: str, files: list[str], requires: list[str]) -> None:
        self._texts = {
            "METADATA": "\n".join(
                [f"Name: {name}", "Version: 1", *(f"Requires-Dist: {each}" for each in requires)]
            ),
            "RECORD": "\n".join(f"{file},," for file in files),
        }

    def read_text(self, filename):
        return self._texts.get(filename)

    def locate_file(self, path):
        return Path(SITE_PACKAGES) / path


@pytest.fixture
def shelf(monkeypatch):
    """shelf(name, files, requires): put a made-up distribution where metadata are looked up."""
    made = {}

    def find(name):
        if name not in made:
            raise importlib.metadata.PackageNotFoundError(name)
        return made[name]

    monkeypatch.setattr(importlib.metadata, "distribution", find)
    return lambda name, files=(), requires=(): made.update(
        {name: Distribution(name, list(files), list(requires))}
    )


def test_needs_come_along_but_not_those_of_extras_nor_the_missing(shelf):
    shelf("a", requires=["B_b>=1; python_version >= '3'", "c; extra == 'x'", "gone", "d[y]<2"])
    shelf("b-b")
    shelf("c")
    shelf("d", requires=["a"])

    assert Runtime(distributions=("a",)).packages() == ("a", "b-b", "d")


def test_what_is_denied_never_comes_whoever_needs_it(shelf):
    shelf("a", requires=["madang", "lifelines", "secret"])
    for name in ("madang", "lifelines", "secret", "needed-by-secret"):
        shelf(name, requires=["needed-by-secret"] if name == "secret" else [])

    assert Runtime(distributions=("a", "madang")).packages() == ("a", "needed-by-secret", "secret")
    assert Runtime(distributions=("a",), denied=frozenset({"secret"})).packages() == (
        "a",
        "lifelines",
        "madang",
    )


def test_a_folder_shared_with_others_is_not_bound_whole(shelf):
    shelf(
        "numpy",
        files=[
            "numpy/__init__.py",
            "numpy/linalg/x.py",
            "numpy.libs/lib.so",
            "numpy-1.dist-info/METADATA",
            "google/protobuf/x.py",
            "six.py",
            "__pycache__/six.pyc",
            "../../../bin/f2py",
            "x.pth",
        ],
    )
    binds = Runtime(distributions=("numpy",)).binds()

    targets = {
        bind.target.removeprefix(f"{SITE}/") for bind in binds if bind.target.startswith(SITE)
    }
    assert targets <= {"numpy", "numpy.libs", "numpy-1.dist-info", "google/protobuf", "six.py"}
    assert {"numpy", "numpy.libs", "google/protobuf"} <= targets


def test_nothing_of_the_product_is_bound():
    runtime = Runtime()
    sources = [bind.source for bind in runtime.binds()]

    assert not [each for each in sources if "madang" in Path(each).name or "lifelines" in each]
    assert SITE_PACKAGES not in sources
    assert not [each for each in sources if SITE_PACKAGES.startswith(each + "/")]
    assert {"numpy", "onnxruntime"} <= set(runtime.packages())


def test_the_interpreter_comes_without_its_own_packages():
    runtime = Runtime(distributions=())
    sources = {bind.source for bind in runtime.binds()}
    stdlib = os.path.realpath(os.__file__ + "/..")

    assert {program(), stdlib} <= sources
    assert not os.path.islink(program())
    for name in ("site-packages", "dist-packages"):
        assert not os.path.isdir(f"{stdlib}/{name}") or f"{stdlib}/{name}" in runtime.masks()


def test_only_the_test_of_the_mask_binds_a_whole_environment():
    assert Bind(SITE_PACKAGES, SITE) in Runtime(whole_environment=True).binds()
    assert Bind(SITE_PACKAGES, SITE) not in Runtime().binds()


def test_a_record_can_name_every_version():
    versions = Runtime(distributions=("numpy",)).versions()

    assert versions == {
        "python": sys.version.split()[0],
        "numpy": importlib.metadata.version("numpy"),
    }


def test_further_packages_stand_apart_from_the_runtimes_own(tmp_path):
    bind = Bind(os.path.realpath(tmp_path), EXTRA)

    assert bind in Runtime(distributions=(), extra=str(tmp_path)).binds()
    assert EXTRA not in {each.target for each in Runtime(distributions=()).binds()}
