"""Who follows the tutorial line by line gets to its end."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.house import ROOT, run, tool


def commands(language: str) -> list[str]:
    """The lines that a reader types."""
    page = (ROOT / f"docs/{language}/tutorial.md").read_text(encoding="utf-8")
    return [
        line
        for block in re.findall(r"```sh\n(.*?)```", page, re.S)
        for line in block.split("\n")
        if line
    ]


def test_both_languages_type_the_same() -> None:
    assert commands("ko") == commands("en")
    assert commands("ko")[0] == "make run"
    assert len(commands("ko")) == 10


@pytest.mark.bwrap
def test_every_line_of_the_tutorial_works(tmp_path: Path) -> None:
    """But for `make run` and the report that it makes, which have their own tests."""
    shutil.copytree(ROOT / "docs/example", tmp_path / "docs/example")
    said = []
    for line in commands("en"):
        if line.startswith("make ") or " demo/" in line:
            continue
        typed = line.replace(".venv/bin/", f"{tool('python').parent}/")
        ended = run("env", "-C", tmp_path, "sh", "-c", typed)
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        said.append(ended.stdout)

    assert "By the rule fixed in advance, 'boosting' is adopted." in "".join(said)
    assert (tmp_path / "report/report.pdf").read_bytes().startswith(b"%PDF")
