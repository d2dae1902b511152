"""Dumps that real routers write, read here; mrtparse judges where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import time
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.errors import RoutesRefused
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.mrt import Import, read_dump
from madang.rpki.engine.routes.route import AsPath, Route
from tests.rpki.engine.routes import routers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BIRD = """
router id 192.0.2.7;
protocol device {{}}
protocol static s4 {{ ipv4;
  route 10.1.0.0/16 blackhole {{ bgp_path.prepend(64777); bgp_path.prepend(64500); }};
  route 10.2.0.0/16 blackhole {{ bgp_path.prepend(400000); }};
  route 10.3.0.0/16 blackhole;
}}
protocol mrt m4 {{ table "master4"; filename "{folder}/rib"; period 1; }}
"""


def dumped(file: Path, holds: Callable[[Import], object]) -> Import:
    """What a router has dumped, once it holds what it should."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            found = read_dump(file)
        except RoutesRefused:
            found = Import()
        if holds(found):
            return found
        time.sleep(0.05)
    pytest.fail(f"the router dumped nothing that is right to {file}")


def judged(file: Path) -> set[tuple[str, tuple[int, ...]]]:
    """The prefixes and paths that mrtparse reads in a dumped table."""
    parser = importlib.import_module("mrtparse")
    return {
        (
            f"{record.data['prefix']}/{record.data['length']}",
            tuple(int(asn) for part in attribute["value"] for asn in part["value"]),
        )
        for record in parser.Reader(str(file))
        for entry in record.data.get("rib_entries", [])
        for attribute in entry["path_attributes"]
        if 2 in attribute["type"]
    }


@pytest.mark.rpki_peers
def test_reads_the_table_that_bird_dumps(tmp_path: Path) -> None:
    with routers.bird(tmp_path, BIRD.format(folder=tmp_path)):
        found = dumped(tmp_path / "rib", lambda found: len(found.table) == 2 and found.rib.local)

    assert found.corrupt_count == 0
    assert set(found.table.routes()) == {
        Route(read_prefix("10.1.0.0/16"), 64777, 1),
        Route(read_prefix("10.2.0.0/16"), 400000, 1),
    }
    if importlib.util.find_spec("mrtparse"):
        theirs = judged(tmp_path / "rib")
        assert {path.hops for path in found.table.paths} == {hops for _, hops in theirs}


@pytest.mark.rpki_peers
def test_reads_the_table_and_the_updates_that_frr_dumps(tmp_path: Path) -> None:
    asked = f"dump bgp all {tmp_path}/updates\ndump bgp routes-mrt {tmp_path}/rib 1"
    with routers.frr(tmp_path, before=asked):
        rib = dumped(tmp_path / "rib", lambda found: len(found.rib.table) >= 2)
        updates = dumped(tmp_path / "updates", lambda found: len(found.live) >= 2)

    routes = {Route(routers.V4, 64777, 1), Route(routers.V6, 64888, 1)}
    assert set(rib.rib.table.routes()) == routes
    assert set(updates.table.routes()) == routes
    assert set(updates.table.paths) == {AsPath((64501, 64777)), AsPath((64501, 64888))}
    assert rib.corrupt_count == updates.corrupt_count == 0
