"""A command starts at once: help loads Click and plain strings, nothing heavy."""

from __future__ import annotations

import json

import pytest

from madang.kernel import systems
from tests.house import python

HEAVY = {
    "django", "polars", "duckdb", "ray", "torch", "altair", "pydantic", "pandas", "sklearn",
    "onnxruntime", "onnx", "numpy", "scipy", "rich", "typst", "vl_convert", "cryptography",
    "jinja2", "jsonschema", "pyarrow", "fsspec", "yaml", "asyncio",
}  # fmt: skip

LOADED = """
import json, sys
from madang.cli import main
try:
    main({arguments!r}, standalone_mode=False)
finally:
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
"""
EVERY = [
    ["--help"],
    ["--version"],
    *([s.name, "--help"] for s in systems.manifests() if s.commands),
]


def loaded(arguments: list[str]) -> set[str]:
    """The packages in memory after this command, in a fresh interpreter."""
    ended = python(LOADED.format(arguments=arguments))
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(arguments) & HEAVY == set()


def test_the_measurement_itself_would_notice() -> None:
    ended = python("import numpy\n" + LOADED.format(arguments=["--help"]))

    assert "numpy" in json.loads(ended.stderr.splitlines()[-1])


def test_the_list_of_commands_loads_no_room() -> None:
    ended = python(
        "import sys\nfrom madang.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "print([n for n in sys.modules if n.endswith(('.cli', '.engine')) and n != 'madang.cli'])"
    )

    assert ended.stdout.splitlines()[-1] == "[]"
