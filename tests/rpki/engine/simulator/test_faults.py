"""Every fault that can be planted is found, named, placed, and harms nothing else."""

from __future__ import annotations

import pytest

from madang.rpki.engine.der.reader import element
from madang.rpki.engine.faults import reasons
from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.payloads import Payloads
from madang.rpki.engine.simulator.faults import NOT_PLANTED, PLANTS
from madang.rpki.engine.simulator.scene import Scene
from madang.rpki.engine.simulator.store import MemoryStore
from madang.rpki.engine.validation.policy import PROFILE_2026
from madang.rpki.engine.validation.validator import Validator

AT = int(Scene().root.validity.not_before.timestamp()) + 3_600


def joined(*parts: Payloads) -> Payloads:
    return Payloads(
        frozenset().union(*(each.vrps for each in parts)),
        frozenset().union(*(each.aspas for each in parts)),
    )


def lies_in(at: int, content: bytes, where: bytes) -> bool:
    """Whether the byte is among the spoiled ones, or begins the element that holds them."""
    start = content.find(where)
    while start >= 0:
        if start <= at <= start + len(where):
            return True
        if at < start and start < element(content, at, len(content))[2]:
            return True
        start = content.find(where, start + 1)
    return False


def test_a_scene_without_a_fault_is_believed_whole() -> None:
    tree = Scene().tree()
    outcome = Validator(MemoryStore.of(tree), [read_tal(tree.tal, "t")], PROFILE_2026).run(AT)

    assert list(outcome.refused()) == []
    assert outcome.payloads == joined(Scene.says("bystander"), Scene.says("erring"))
    assert len(outcome.visits) == 3


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_is_found_where_it_lies_and_harms_nothing_else(name: str) -> None:
    plant = PLANTS[name]
    scene = Scene()
    sown = plant.sow(scene)
    tree = scene.tree()
    store = MemoryStore.of(tree)
    if scene.earlier:
        store.keep(scene.erring.manifest_uri, scene.earlier)
    tal = read_tal(tree.tal, "t")
    if plant.code == "anchor-missing":
        store = MemoryStore(tree.files, {})
    outcome = Validator(store, [tal], plant.policy).run(AT)

    found = dict(outcome.refused())
    if fault := outcome.anchors["t"]:
        found[tree.anchor_uri] = fault
    kept = {"object": ("bystander", "erring"), "point": ("bystander",), "tree": ()}[plant.loses]
    refused = {uri: fault for uri, fault in found.items() if fault.code != "point-missing"}
    refused = refused or found
    assert {uri: fault.code for uri, fault in refused.items()} == {sown.uri: plant.code}
    assert outcome.payloads == joined(Payloads(), *(Scene.says(each) for each in kept))
    if sown.where:
        assert lies_in(refused[sown.uri].at, tree.files[sown.uri], sown.where)


def test_every_reason_has_a_plant_or_says_why_it_cannot() -> None:
    planted = {plant.code for plant in PLANTS.values()}

    assert set(reasons()) - planted == set(NOT_PLANTED)
    assert len(PLANTS) > 130
