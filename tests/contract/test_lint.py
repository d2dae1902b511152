"""Each rule of the house's lint fires on the fault that it is there for."""

from __future__ import annotations

import re

import pytest

from tests.house import run, tool

DOCSTRING = '"""Planted."""\n\n'


def rules_broken(code: str, path: str) -> set[str]:
    """The rules that ruff sees broken by `code` as if it stood at `path`."""
    ended = run(
        *(tool("ruff"), "check", "--no-cache", "--output-format", "concise"),
        *("--stdin-filename", path, "-"),
        stdin=DOCSTRING + code,
    )
    return set(re.findall(r": ([A-Z]+\d+) ", ended.stdout))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("T201", "print(1)\n"),
        ("TID251", "import subprocess\n"),
        ("TID251", "from datetime import datetime\n\nnow = datetime.now()\n"),
        ("TID251", "import time\n\nnow = time.time()\n"),
        ("TID251", "import os\n\nos.system('true')\n"),
        ("TID251", "import importlib\n\nimportlib.import_module('json')\n"),
        ("TID251", "import uuid\n\nname = uuid.uuid4()\n"),
        ("TID253", "import polars\n"),
        ("TID253", "import ray\n"),
        ("TID253", "from sklearn import metrics\n"),
        ("TID253", "import onnxruntime as ort\n"),
        ("BLE001", "try:\n    pass\nexcept Exception:\n    pass\n"),
        ("DTZ001", "import datetime\n\nday = datetime.datetime(2025, 7, 6)\n"),
        ("S301", "import pickle\n\npickle.loads(b'')\n"),
        ("S506", "import yaml\n\nyaml.load('')\n"),
        ("D103", "def grant():\n    return 1\n"),
        ("B006", "def _grant(to=[]):\n    return to\n"),
        ("F401", "import json\n"),
    ],
)
def test_a_planted_fault_breaks_its_rule(rule: str, code: str) -> None:
    assert rule in rules_broken(code, "src/madang/kernel/planted.py")


def test_firms_solutions_are_not_held_to_the_rules_of_the_house() -> None:
    assert (
        rules_broken("import sklearn\n\nprint(sklearn)\n", "src/madang/trials/solutions/a.py")
        == set()
    )


def test_the_rules_point_to_what_the_house_uses_instead() -> None:
    ended = run(
        *(tool("ruff"), "check", "--no-cache", "--stdin-filename", "src/madang/kernel/p.py", "-"),
        stdin=f"{DOCSTRING}import subprocess\n",
    )

    assert "madang.kernel.process" in ended.stdout
    assert "madang.kernel.sandbox" in ended.stdout
