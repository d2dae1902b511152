from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import RoutesRefused
from madang.rpki.engine.routes.drill.topology import Topology, drawn, read_relations


def reaches(topology: Topology, start: int) -> set[int]:
    """The ASes that one reaches going up to providers."""
    found, waiting = set(), [start]
    while waiting:
        asn = waiting.pop()
        if asn not in found:
            found.add(asn)
            waiting += topology.providers[asn]
    return found


def test_the_same_seed_draws_the_same_network() -> None:
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


@pytest.mark.parametrize("count", [20, 1000])
def test_everybody_has_a_way_up_and_nobody_is_above_itself(count: int) -> None:
    topology = drawn(1, count=count)
    top = {asn for asn in topology.ases if not topology.providers[asn]}

    assert len(topology) == count
    for asn in topology.ases:
        assert reaches(topology, asn) & top
        assert asn not in {
            above for provider in topology.providers[asn] for above in reaches(topology, provider)
        }
    for one in top:
        assert topology.peers[one] >= top - {one}


def test_reads_the_form_of_caida() -> None:
    lines = ["# source", "1|2|-1", "2|3|0|bgp", *(f"1|{asn}|-1" for asn in range(4, 25))]

    topology = read_relations(lines, name="rel")

    assert topology.providers[2] == {1}
    assert topology.peers[3] == {2}


@pytest.mark.parametrize("line", ["1|2", "1|2|1", "1|1|-1", "x|2|0", "4294967296|2|0", "1" * 300])
def test_names_the_line_that_is_no_relation(line: str) -> None:
    with pytest.raises(RoutesRefused) as refused:
        read_relations(["1|2|-1", line], name="rel")

    assert refused.value.sentence("en").startswith("Found rel:2: ")


@given(st.lists(st.text(alphabet="12|-0 #", max_size=9)))
def test_no_text_does_more_than_be_refused(lines: list[str]) -> None:
    with pytest.raises(RoutesRefused):
        read_relations(lines, name="rel")
