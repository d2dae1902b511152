"""Whatever the order of acts, validators believe the intents that certificates cover."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.intents import Changes, Intents, intents
from madang.rpki.engine.authority.planning import held
from madang.rpki.engine.errors import RpkiRefused
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import Resources, read_resources
from madang.rpki.engine.resources.prefix import Prefix
from tests.rpki.engine.making import peers

if TYPE_CHECKING:
    from tests.rpki.engine.authority.land import Land

pytestmark = [pytest.mark.rpki_peers, pytest.mark.slow]
ONE, TWO = read_resources("10.1.0.0/16, AS64496"), read_resources("10.1.128.0/17, AS64500")


def some(chance: Random, whole: Resources) -> Resources:
    """A part of the addresses, and all AS numbers."""
    low, high = whole.v4[0]
    cut = chance.randrange(low, high, 256)
    return Resources(((low, cut - 1),) if cut > low else whole.v4, (), whole.asn)


def intent(chance: Random) -> Vrp:
    length = chance.randint(17, 24)
    address = (10 << 24) + (1 << 16) + (chance.getrandbits(length - 16) << (32 - length))
    return Vrp(*Prefix(4, address, length), chance.randint(length, 28), 64496)


def step(land: Land, chance: Random) -> str:
    """One act, by chance; what it was."""
    registry, handle = land.registry, chance.choice(("one", "two"))
    act = chance.choice(("add", "add", "add", "remove", "resize", "restore", "roll", "renew"))
    if act == "add":
        changes = Changes(Intents(frozenset(intent(chance) for _ in range(3))))
        registry.commit(registry.plan(handle, changes), by="chance")
    elif act == "remove":
        vrps = intents(land.book.rows, handle)[0]
        gone = frozenset(chance.sample(vrps, min(2, len(vrps))))
        registry.commit(registry.plan(handle, Changes(remove=Intents(gone))), by="chance")
    elif act in ("resize", "restore"):
        whole, parent = (ONE, "top") if handle == "one" else (TWO, "one")
        wanted = whole if act == "restore" else some(chance, whole)
        registry.set_resources(parent, handle, resources=wanted, by="chance")
    elif act == "roll":
        roll = chance.choice(("begin", "activate", "finish"))
        registry.roll(handle, step=roll, by="chance", hasten=True)
        act += roll
    else:
        registry.renew(by="chance")
    return f"{act} {handle}"


def believable(land: Land) -> set[Vrp]:
    """The intents that the certificates of their authority cover."""
    found = set()
    for each in entries.authorities(land.book.rows):
        resources = held(land.book.rows, each.handle)
        vrps, _ = intents(land.book.rows, each.handle)
        found |= {vrp for vrp in vrps if resources.covers_prefix(vrp.prefix)}
    return found


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_are_believed_at_every_step(land: Land, seed: int) -> None:
    chance, begin, done = Random(seed), clock.now() - timedelta(hours=20), []
    most = 0
    land.found()
    for number in range(40):
        # Time passes, but not beyond the present of the validators.
        with clock.stopped_at(begin + timedelta(minutes=28 * number)):
            try:
                done.append(step(land, chance))
            except RpkiRefused:
                continue  # the parent lacks it, or a roll is not at this step
        most = max(most, len(believable(land)))
        for judge in (peers.rpki_client, peers.fort):
            found = judge(land.tree, land.locator)
            assert found.vrps == believable(land), f"{done}: {found.log}"

    assert len(done) >= 15
    assert most >= 5
    assert peers.octorpki(land.tree, land.locator).vrps == believable(land)
