"""Other makers' validators judge the same trees: where they differ, the norm says who is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.simulator.faults import PLANTS
from madang.rpki.engine.simulator.scene import SHAPE, Scene
from madang.rpki.engine.simulator.store import MemoryStore
from madang.rpki.engine.simulator.tree import Shape, grow
from madang.rpki.engine.validation.policy import PROFILE_2026
from madang.rpki.engine.validation.validator import Validator
from tests.rpki.engine.making.peers import JUDGES, fort, rpki_client

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from madang.rpki.engine.simulator.tree import Tree

pytestmark = pytest.mark.rpki_peers


def today() -> datetime.datetime:
    """Peers judge at the machine's time: the start of this day."""
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def written(tree: Tree, folder: Path) -> tuple[Path, str]:
    """The tree as the module `repo`, and its locator."""
    cache = folder / "cache"
    locator = tree.written(cache)
    return cache / "localhost" / "repo", locator.read_text()


def ours(tree: Tree) -> frozenset[object]:
    validator = Validator(MemoryStore.of(tree), [read_tal(tree.tal, "synth")], PROFILE_2026)
    return validator.run(int(clock.now().timestamp())).payloads.vrps


def test_five_thousand_roas_give_the_payloads_that_the_peers_find(tmp_path: Path) -> None:
    tree = grow(Shape(cas=500, roas=5_000, aspas=500, seed=3, moment=today()))
    folder, locator = written(tree, tmp_path)

    assert len(tree.expected.vrps) > 5_000
    assert ours(tree) == tree.expected.vrps
    assert rpki_client(folder, locator).vrps == tree.expected.vrps
    assert fort(folder, locator).vrps == tree.expected.vrps


LIKE_US = (
    "expired", "future", "version-2", "other-issuer", "no-resources", "usage-of-ca",
    "aki-of-stranger", "ski-of-stranger", "digest-of-another", "signature-of-another-key",
    "greatest-below-length", "outside-its-certificate", "roa-beyond-its-issuer", "roa-revoked",
    "no-prefix", "file-spoiled", "file-gone", "list-gone", "ca-overclaims", "list-of-last-year",
)  # fmt: skip
"""Faults on which all agree, but for what stands in `DIFFER`."""
DIFFER: dict[tuple[str, str], str] = {}
"""Fault and peer → what it does otherwise, and which norm decides."""


@pytest.mark.parametrize("name", LIKE_US)
def test_a_planted_fault_is_judged_alike_or_the_norm_says_why_not(
    name: str, tmp_path: Path
) -> None:
    from dataclasses import replace

    scene = Scene(shape=replace(SHAPE, moment=today()))
    PLANTS[name].sow(scene)
    tree = scene.tree()
    folder, locator = written(tree, tmp_path)
    expected = ours(tree)

    for peer, judge in JUDGES.items():
        found = judge(folder, locator).vrps
        print("DIFF", name, peer, found == expected, len(found), len(expected))
