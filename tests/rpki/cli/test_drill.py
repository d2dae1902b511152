"""The drill, by seed or on a topology of one's own."""

from __future__ import annotations

import bz2
import json
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from madang.cli import main
from madang.kernel.words import speaking
from madang.rpki.engine.routes.drill.topology import drawn

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("--ases", "60", "--trials", "2", "--seed", "5")


def run(*words: object) -> Result:
    with speaking("en"):
        return CliRunner().invoke(main, ["rpki", "drill", *map(str, words)])


def test_plays_every_scene_and_says_who_survives() -> None:
    said = run(*SMALL)

    assert said.exit_code == 0
    assert said.output.splitlines()[0] == "60 ASes, 2 trials a scene, seed 5"
    assert "- route leak: now " in said.output


def test_the_same_seed_gives_the_same_answer() -> None:
    assert run(*SMALL, "--json").output == run(*SMALL, "--json").output
    assert run(*SMALL, "--json").output != run(*SMALL[:-1], "6", "--json").output


def test_plays_on_a_topology_in_the_form_of_caida(tmp_path: Path) -> None:
    topology = drawn(5, count=60)
    lines = [f"{one}|{two}|-1" for one in topology.ases for two in topology.customers[one]]
    lines += [
        f"{one}|{two}|0" for one in topology.ases for two in topology.peers[one] if one < two
    ]
    file = tmp_path / "as-rel.txt.bz2"
    file.write_bytes(bz2.compress("\n".join(lines).encode()))

    found = run("--topology", file, "--trials", "2", "--seed", "5", "--json")

    assert json.loads(found.output) == json.loads(run(*SMALL, "--json").output)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rel"
    file.write_text("hello\n")

    assert run("--topology", file).exit_code == 3
