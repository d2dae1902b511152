"""A hostile member costs little, breaks nothing, and is told why; its neighbour never suffers."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.simulator.hostile import ATTACKS, Attack
from madang.rpki.engine.simulator.scene import Scene
from madang.rpki.engine.simulator.store import MemoryStore
from madang.rpki.engine.validation.outcome import Outcome
from madang.rpki.engine.validation.policy import PROFILE_2026, Policy
from madang.rpki.engine.validation.validator import Validator

AT = int(Scene().root.validity.not_before.timestamp()) + 3_600
SIZES = {
    "loop": 4, "ancestor": 3, "siege": 20, "doubling": 9, "deep": 9, "wide": 150, "hosts": 12,
    "long-list": 2_000, "revoked-bomb": 5_000, "nest": 100_000,
    "many-numbers": 200_000, "many-pieces": 300_000,
}  # fmt: skip
"""What shows the same at a fraction of the cost; 120,000 where nothing is said.

Too many prefixes are among the planted faults (`test_faults`), and here at full size alone.
"""
SMALL = replace(PROFILE_2026, deepest=8, most_parents=3, most_repositories=8)
MEMORY = 64 << 20
"""The programme's bound on what one hostile child may cost."""


def attacked(attack: Attack, size: int, policy: Policy) -> tuple[Outcome, int]:
    """What a run finds in a world with this attack, and its greatest memory in bytes."""
    scene = Scene(seed_keys=150)
    attack.sow(scene, size)
    tree = scene.tree()
    store = MemoryStore.of(tree)
    validator = Validator(store, [read_tal(tree.tal, "t")], policy)
    tracemalloc.start()
    try:
        outcome = validator.run(AT)
        return outcome, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check(attack: Attack, outcome: Outcome) -> None:
    found = {fault.code for _, fault in outcome.refused()}
    said = Scene.says("bystander")

    assert said.vrps <= outcome.payloads.vrps
    assert said.aspas <= outcome.payloads.aspas
    assert found & attack.codes if attack.codes else not found
    points = [each for each in outcome.visits if each.authority.uri.endswith("ta/bystander.cer")]
    assert any(len(each.verdict.accepted) == 2 and not each.verdict.refused for each in points)


@pytest.mark.parametrize("name", [name for name in ATTACKS if name != "many-prefixes"])
def test_an_attack_is_explained_and_harms_nobody_else(name: str) -> None:
    attack = ATTACKS[name]
    policy = SMALL if name in ("loop", "ancestor", "siege", "deep", "hosts") else PROFILE_2026
    outcome, peak = attacked(attack, SIZES.get(name, 120_000), policy)

    check(attack, outcome)
    assert peak < MEMORY
    assert len(outcome.visits) < 600


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_of_full_size_stays_within_the_bounds(name: str) -> None:
    outcome, peak = attacked(ATTACKS[name], ATTACKS[name].full, PROFILE_2026)

    check(ATTACKS[name], outcome)
    assert peak < MEMORY
