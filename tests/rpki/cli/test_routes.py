"""The commands on routes: state, check, whatif, suggest."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.kernel.words import speaking

if TYPE_CHECKING:
    from pathlib import Path

VRPS = """ASN,IP Prefix,Max Length,Trust Anchor
AS64500,10.0.0.0/16,24,apnic
"""
ROUTES = """prefix,origin
10.0.0.0/16,64500
10.0.1.0/24,64666
10.0.2.0/25,64500
10.9.0.0/16,64501
"""


def run(*words: object) -> Result:
    """`madang rpki routes …`."""
    with speaking("en"):
        return CliRunner().invoke(main, ["rpki", "routes", *map(str, words)])


def told(result: Result) -> Any:
    return json.loads(result.output)


@pytest.fixture
def vrps(tmp_path: Path) -> Path:
    file = tmp_path / "vrps.csv"
    file.write_text(VRPS)
    return file


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    file = tmp_path / "routes.csv"
    file.write_text(ROUTES)
    return file


def test_tells_the_state_of_one_route(vrps: Path) -> None:
    valid = run("state", "10.0.1.0/24", "AS64500", "--vrps", vrps)
    invalid = run("state", "10.0.1.0/25", "64500", "--vrps", vrps, "--json")

    assert (valid.exit_code, valid.output) == (
        0,
        "10.0.1.0/24 AS64500: valid, by AS64500 10.0.0.0/16-24\n",
    )
    assert invalid.exit_code == 1
    assert told(invalid)["reason"] == "too-long"


def test_judges_a_path_beside_the_origin(tmp_path: Path) -> None:
    file = tmp_path / "vrps.json"
    file.write_text(json.dumps({"roas": [], "aspas": [{"customer_asid": 3, "providers": [2]}]}))
    asked = ("state", "10.0.0.0/8", "3", "--vrps", file, "--json", "--path", "1 3")

    upstream, downstream = run(*asked), run(*asked, "--from-provider")

    assert (upstream.exit_code, told(upstream)["path"]["state"]) == (1, "invalid")
    assert told(upstream)["path"]["hops"] == [[3, 1]]
    assert (downstream.exit_code, told(downstream)["path"]["state"]) == (0, "valid")


def test_checks_all_routes_and_names_each_invalid_one(
    vrps: Path, seen: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"

    said = run("check", seen, "--vrps", vrps, "--csv", out)
    facts = told(run("check", seen, "--vrps", vrps, "--json"))

    assert said.exit_code == 1
    assert said.output.splitlines()[0] == "4 routes: 1 valid, 2 invalid, 1 not found"
    assert "10.0.1.0/24 AS64666: invalid; the origin AS is not authorised" in said.output
    assert [each["reason"] for each in facts["invalid_routes"]] == ["wrong-as", "too-long"]
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["state"] for row in rows] == ["valid", "invalid", "invalid", "not-found"]
    assert rows[1]["covering"] == "AS64500 10.0.0.0/16-24"


def test_a_check_without_invalid_routes_ends_well(vrps: Path, tmp_path: Path) -> None:
    file = tmp_path / "well"
    file.write_text("10.0.0.0/16,64500\n")

    assert run("check", file, "--vrps", vrps).exit_code == 0


def test_tells_what_a_change_would_turn(vrps: Path, seen: Path) -> None:
    harm = run("whatif", seen, "--vrps", vrps, "--add", "AS1 10.9.0.0/16", "--json")
    mend = run("whatif", seen, "--vrps", vrps, "--add", "AS64501 10.9.0.0/16")

    assert harm.exit_code == 1
    assert told(harm)["turned"] == [
        {
            "prefix": "10.9.0.0/16",
            "origin": 64501,
            "peers": 1,
            "before": "not-found",
            "after": "invalid",
            "reason": "wrong-as",
        }
    ]
    assert mend.exit_code == 0
    assert "10.9.0.0/16 AS64501: not found → valid" in mend.output


def test_a_change_may_be_another_file(vrps: Path, seen: Path, tmp_path: Path) -> None:
    after = tmp_path / "after.csv"
    after.write_text(VRPS.splitlines()[0] + "\n")

    removed = run("whatif", seen, "--vrps", vrps, "--remove", "AS64500 10.0.0.0/16-24", "--json")

    assert told(run("whatif", seen, "--vrps", vrps, "--after", after, "--json")) == told(removed)
    assert told(removed)["not_found"] == 3


def test_suggests_what_a_holder_lacks(vrps: Path, seen: Path, tmp_path: Path) -> None:
    out = tmp_path / "suggested.csv"

    said = run("suggest", seen, "--vrps", vrps, "--held", "10.9.0.0/16", "--csv", out)
    facts = told(run("suggest", seen, "--vrps", vrps, "--held", "10.0.0.0/8", "--json"))

    assert said.exit_code == 1
    assert "authorise AS64501 10.9.0.0/16-16" in said.output
    assert [each["doubtful"] for each in facts["suggestions"]] == [True, True, False]
    assert {each["kind"] for each in facts["findings"]} == {"too-permissive", "seen-invalid"}
    # What is suggested can be handed in as payloads.
    assert run("state", "10.9.0.0/16", "64501", "--vrps", out).output.startswith(
        "10.9.0.0/16 AS64501: valid"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("state", "10.0.0.1/8", "1"), 3),
        (("state", "10.0.0.0/8", "x"), 3),
        (("state", "10.0.0.0/8", "1", "--path", "1 {"), 3),
        (("check", "VRPS"), 3),
        (("whatif", "ROUTES"), 2),
        (("whatif", "ROUTES", "--add", "10.0.0.0/8"), 3),
        (("suggest", "ROUTES", "--held", "x"), 3),
        (("suggest", "ROUTES", "--held", "10.0.0.0/8", "--csv", "/none/out"), 3),
    ],
)
def test_what_cannot_be_read_is_told_by_the_exit_code(
    words: tuple[str, ...], code: int, vrps: Path, seen: Path
) -> None:
    names = {"VRPS": vrps, "ROUTES": seen}

    result = run(*(names.get(word, word) for word in words), "--vrps", vrps)

    assert result.exit_code == code, result.output
    assert result.output


def test_says_what_of_a_dump_was_left_out(vrps: Path, tmp_path: Path) -> None:
    from madang.rpki.engine.resources.prefix import read_prefix
    from tests.rpki.engine.routes import dumps

    file = tmp_path / "rib"
    good = dumps.rib(read_prefix("10.0.0.0/16"), (0, dumps.path_attributes([64500])))
    file.write_bytes(dumps.peer_index((1, "192.0.2.1")) + dumps.record(13, 2, b"") + good)

    said = run("check", file, "--vrps", vrps)

    assert said.exit_code == 0
    assert "1 records left out, the first at byte" in said.output
