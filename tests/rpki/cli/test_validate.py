"""validate, explain and show judge a cache on disk and say why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from madang.cli import main
from madang.rpki.engine.simulator.tree import Shape, Tree, grow

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

AT = "2026-11-10T00:00:00Z"


class Cache:
    """A small tree on disk, one of whose ROAs is spoilt."""

    def __init__(self, folder: Path) -> None:
        self.tree: Tree = grow(Shape(cas=2, roas=6, aspas=2))
        self.locator = self.tree.written(folder / "cache")
        self.folder = folder / "cache"

    def run(self, *words: str) -> Result:
        """Run a command on it, without workers."""
        options = ("--tal", str(self.locator), "--cache", str(self.folder), "--at", AT)
        return CliRunner().invoke(main, ["rpki", *words, *options, "--workers", "1"])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


def facts(run: Result) -> Any:
    return json.loads(run.stdout)


def test_the_payloads_are_those_of_the_tree(cache: Cache, tmp_path: Path) -> None:
    out = tmp_path / "vrps.csv"

    run = cache.run("validate", "--offline", "--format", "csv", "--out", str(out), "--json")

    assert run.exit_code == 0, run.output
    head, *rows = out.read_text(encoding="utf-8").splitlines()
    assert head == "ASN,IP Prefix,Max Length,Trust Anchor"
    assert {tuple(row.split(",")) for row in rows} == {
        (f"AS{vrp.asn}", str(vrp.prefix), str(vrp.max_length), "synth")
        for vrp in cache.tree.expected.vrps
    }
    said = facts(run)
    assert (said["vrps"], said["aspas"], said["refused"]) == (
        len(cache.tree.expected.vrps),
        len(cache.tree.expected.aspas),
        [],
    )


def test_payloads_on_standard_output_stand_alone(cache: Cache) -> None:
    run = cache.run("validate", "--offline", "--format", "json")

    assert len(json.loads(run.stdout)["roas"]) == len(cache.tree.expected.vrps)
    assert "VRPs" in run.stderr or "VRP" in run.stderr


def test_verbose_tells_each_object(cache: Cache) -> None:
    said = facts(cache.run("validate", "--offline", "--verbose", "--json"))

    accepted = {each["uri"] for each in said["objects"] if each["verdict"] == "accepted"}
    signed = {uri for uri in cache.tree.files if not uri.endswith(".crl")}
    assert accepted == signed


def test_another_moment_gives_another_verdict(cache: Cache) -> None:
    options = ("--tal", str(cache.locator), "--cache", str(cache.folder))
    words = ["rpki", "validate", "--offline", "--json", "--workers", "1", *options]

    late = CliRunner().invoke(main, [*words, "--at", "2030-01-01T00:00:00Z"])

    assert late.exit_code == 1
    assert facts(late)["anchors"]["synth"]["code"] == "certificate-expired"


def test_a_spoilt_file_is_named_with_its_norm(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    roa = next(uri for uri in cache.tree.files if uri.endswith(".roa"))
    (cache.folder / roa.removeprefix("rsync://")).write_bytes(b"nothing of the kind")

    run = cache.run("validate", "--offline", "--json")
    told = cache.run("explain", roa, "--json")

    assert run.exit_code == 0
    (refused,) = facts(run)["refused"]
    assert (refused["uri"], refused["code"], refused["norm"]) == (
        roa,
        "file-hash",
        "RFC 9286 6.5",
    )
    assert told.exit_code == 1
    assert facts(told)["reason"]["code"] == "file-hash"


def test_a_route_is_explained_by_its_object_and_its_chain(cache: Cache) -> None:
    vrp = min(cache.tree.expected.vrps)

    good = cache.run("explain", str(vrp.prefix), f"AS{vrp.asn}", "--json")
    bad = cache.run("explain", str(vrp.prefix), "AS64500", "--json")

    assert (good.exit_code, bad.exit_code) == (0, 1)
    found = facts(good)
    assert (found["state"], found["matching"]) == ("valid", [str(vrp)])
    assert len(found["objects"][0]["chain"]) == 2
    assert (facts(bad)["state"], facts(bad)["reason"]) == ("invalid", "wrong-as")


def test_local_exceptions_are_applied_and_named(cache: Cache, tmp_path: Path) -> None:
    vrp = min(cache.tree.expected.vrps)
    slurm = tmp_path / "local.json"
    filters = {"prefixFilters": [{"prefix": str(vrp.prefix)}], "bgpsecFilters": []}
    added = {"asn": 5, "prefix": str(vrp.prefix)}
    assertions = {"prefixAssertions": [added], "bgpsecAssertions": []}
    slurm.write_text(
        json.dumps(
            {
                "slurmVersion": 1,
                "validationOutputFilters": filters,
                "locallyAddedAssertions": assertions,
            }
        ),
        encoding="utf-8",
    )

    run = cache.run("explain", str(vrp.prefix), "AS5", "--json", "--slurm", str(slurm))

    found = facts(run)
    assert found["state"] == "valid"
    assert any("local.json" in each for each in found["exceptions"])


def test_a_file_is_shown_by_itself(cache: Cache) -> None:
    uri = next(uri for uri in cache.tree.files if uri.endswith(".asa"))
    file = cache.folder / uri.removeprefix("rsync://")

    shown = CliRunner().invoke(main, ["rpki", "show", str(file), "--json"])

    customers = {str(each) for each in cache.tree.expected.aspas}
    assert facts(shown)["aspa"] in customers
    assert facts(shown)["signed_object"] == uri


def test_no_object_is_refused_with_its_byte(tmp_path: Path) -> None:
    file = tmp_path / "x.roa"
    file.write_bytes(b"\x30\x80\x00")

    shown = CliRunner().invoke(main, ["rpki", "show", str(file), "--json"])

    assert shown.exit_code == 1
    assert facts(shown)["refused"]["code"].startswith("der-")


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "10.0.0.0/8"],
        ["explain", "10.0.0.1/8", "AS1"],
        ["explain", "10.0.0.0/8", "ASX"],
        ["validate", "--offline", "--at", "yesterday"],
        ["validate"],
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(cache: Cache, words: list[str]) -> None:
    options = ["--tal", str(cache.locator), "--cache", str(cache.folder), "--workers", "1"]

    run = CliRunner().invoke(main, ["rpki", *words, *options])

    assert run.exit_code in (2, 3)
    assert "Traceback" not in run.output
    assert run.output.strip()
