from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.drill.propagation import (
    Announcement,
    Chosen,
    From,
    Guard,
    propagate,
)
from madang.rpki.engine.routes.drill.topology import Topology, drawn
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.paths import PathIndex

P = read_prefix("10.20.0.0/16")
FREE = Guard(OriginIndex(), PathIndex())
RANK = {"own": 0, "customer": 1, "peer": 2, "provider": 3}


def small() -> Topology:
    """1 and 2 are peers; 1 sells to 3 and 4, 2 to 5; 3 and 5 are peers; 4 sells to 6."""
    topology = Topology()
    topology.pair(1, 2)
    topology.pair(3, 5)
    for provider, customer in ((1, 3), (1, 4), (2, 5), (4, 6)):
        topology.sell(provider, customer)
    return topology


def test_routes_go_up_once_across_and_down() -> None:
    chosen = propagate(small(), P, (Announcement(3, (3,)),), guard=FREE)

    assert chosen == {
        3: Chosen((3,), "own"),
        1: Chosen((1, 3), "customer"),
        5: Chosen((5, 3), "peer"),
        2: Chosen((2, 1, 3), "peer"),
        4: Chosen((4, 1, 3), "provider"),
        6: Chosen((6, 4, 1, 3), "provider"),
    }


def test_a_route_of_a_peer_is_not_told_to_another_peer() -> None:
    topology = small()
    topology.pair(2, 7)

    assert 7 not in propagate(topology, P, (Announcement(3, (3,)),), guard=FREE)


def test_nobody_takes_back_a_leaked_route_that_went_through_it() -> None:
    """6 leaks to its new provider 2 what it has by 4 and 1; 1 stands on that path already."""
    topology = small()
    topology.sell(2, 6)
    begun = (Announcement(3, (3,)), Announcement(6, (6, 4, 1, 3)))

    chosen = propagate(topology, P, begun, guard=FREE)

    assert chosen[2] == Chosen((2, 6, 4, 1, 3), "customer")
    assert chosen[4] == Chosen((4, 1, 3), "provider")
    assert all(len(set(held.path)) == len(held.path) for held in chosen.values())


def offers(
    topology: Topology, chosen: dict[int, Chosen], asn: int
) -> list[tuple[tuple[int, ...], From]]:
    """All that an AS is told, by the rules of export alone."""
    found: list[tuple[tuple[int, ...], From]] = []
    for customer in topology.customers[asn]:
        held = chosen.get(customer)
        if held and held.source in ("own", "customer"):
            found.append((held.path, "customer"))
    for peer in topology.peers[asn]:
        held = chosen.get(peer)
        if held and held.source in ("own", "customer"):
            found.append((held.path, "peer"))
    for provider in topology.providers[asn]:
        if held := chosen.get(provider):
            found.append((held.path, "provider"))
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.data())
def test_nobody_would_choose_otherwise(seed: int, data: st.DataObject) -> None:
    """Gao and Rexford: the outcome is stable, each AS having the best of what it is told."""
    topology = drawn(seed, count=60)
    victim, attacker = data.draw(st.lists(st.sampled_from(topology.ases), min_size=2, max_size=2))
    some = st.frozensets(st.sampled_from(topology.ases))
    attesting = data.draw(some)
    guard = Guard(
        OriginIndex([Vrp(*P, 16, victim)]),
        PathIndex(Aspa(a, tuple(sorted(topology.providers[a])) or (0,)) for a in attesting),
        data.draw(some),
        data.draw(some),
    )
    begun = {
        victim: Announcement(victim, (victim,)),
        attacker: Announcement(attacker, (attacker,)),
    }

    chosen = propagate(topology, P, tuple(begun.values()), guard=guard)

    for asn in topology.ases:
        if asn in begun:
            continue
        accepted = [
            (RANK[source], len(path), path[0])
            for path, source in offers(topology, chosen, asn)
            if asn not in path and guard.accepts(asn, P, path, source)
        ]
        held = chosen.get(asn)
        mine = held and (RANK[held.source], len(held.path) - 1, held.next_hop)
        assert mine == min(accepted, default=None)
