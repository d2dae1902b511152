"""Other makers' validators believe what is intended after every step, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.resources.blocks import read_resources
from tests.rpki.engine.authority.kin import Kin
from tests.rpki.engine.authority.land import aspa, vrp
from tests.rpki.engine.making import peers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rpki.engine.authority.land import Land

pytestmark = pytest.mark.rpki_peers

ONE = ("10.1.0.0/16-24 64496", "10.1.0.0/17 64497", "2001:db8:1::/48 64496")
TWO = ("10.1.128.0/17-20 64500",)


def judged(land: Land, *expected: str) -> None:
    """Each judge believes exactly this."""
    for name, judge in peers.JUDGES.items():
        found = judge(land.tree, land.locator)
        assert found.vrps == {vrp(text) for text in expected}, f"{name}: {found.log}"
        for word in ("ERR", "evoked", "expired", "mismatch"):
            assert word not in found.log, f"{name}: {found.log}"


def test_issue_shrink_roll_and_revoke_are_seen_by_every_validator(land: Land) -> None:
    land.found()
    judged(land)

    land.want("one", *ONE)
    judged(land, *ONE)

    land.want("two", *TWO)
    add = Intents(aspas=frozenset({aspa(64496, 64510)}))
    land.registry.commit(land.registry.plan("one", Changes(add)), by="member")
    judged(land, *ONE, *TWO)

    # A change of keys in the middle, at each of its stages (RFC 6489).
    land.registry.roll("one", step="begin", by="op")
    judged(land, *ONE, *TWO)
    land.registry.roll("one", step="activate", by="op", hasten=True)
    judged(land, *ONE, *TWO)
    land.registry.roll("one", step="finish", by="op")
    judged(land, *ONE, *TWO)

    # The member loses half: its own authorisations there go, and its child shrinks with it.
    smaller = read_resources("10.1.0.0/17, 10.1.128.0/18, AS64496-AS64500")
    land.registry.set_resources("top", "one", resources=smaller, by="op")
    judged(land, "10.1.0.0/17 64497")

    land.want("one", "10.1.0.0/17-24 64499", "-10.1.0.0/17 64497")
    land.want("two", "10.1.128.0/18 64500")
    judged(land, "10.1.0.0/17-24 64499", "10.1.128.0/18 64500")

    land.registry.remove_child("one", "two", by="op")
    judged(land, "10.1.0.0/17-24 64499")
    land.registry.remove_child("top", "one", by="op")
    judged(land)


def test_a_delegated_child_is_seen_by_every_validator_at_each_step(
    land: Land, tmp_path: Path
) -> None:
    land.found()
    kin = Kin(land, tmp_path, resources=read_resources("10.1.0.0/20, AS64496"))
    kin.parentage.refresh("kid", by="kid")
    judged(land)

    want(kin, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")
    judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")

    # The child changes its key, then its parent does.
    kin.registry.roll("kid", step="begin", by="kid")
    kin.parentage.refresh("kid", by="kid")
    judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")
    kin.registry.roll("kid", step="activate", by="kid", hasten=True)
    judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")
    kin.registry.roll("kid", step="finish", by="kid")
    kin.parentage.refresh("kid", by="kid")
    judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")
    for step in ("begin", "activate", "finish"):
        land.registry.roll("one", step=step, by="op", hasten=True)
        judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")

    # The parent takes half of it: the child follows when it asks next.
    less = read_resources("10.1.0.0/21, AS64496")
    land.registry.set_resources("one", "kid", resources=less, by="op")
    judged(land, "10.1.0.0/20-24 64496", "10.1.8.0/22 0")
    kin.parentage.refresh("kid", by="kid")
    judged(land)
    want(kin, "10.1.0.0/21 64496")
    judged(land, "10.1.0.0/21 64496")

    land.registry.remove_child("one", "kid", by="op")
    judged(land)


def want(kin: Kin, *texts: str) -> None:
    add = Intents(frozenset(vrp(text) for text in texts))
    kin.registry.commit(kin.registry.plan("kid", Changes(add)), by="kid")
