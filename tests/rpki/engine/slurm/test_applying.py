from __future__ import annotations

from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.slurm.applying import Added, Removed, apply
from madang.rpki.engine.slurm.exceptions import AspaFilter, KeyFilter, Place, PrefixFilter, Slurm


def _at(number):
    return Place("f", f"[{number}]")


def _vrp(prefix, asn, most=None):
    found = read_prefix(prefix)
    return Vrp(*found, most or found.length, asn)


def _filter(number, prefix=None, asn=None):
    return PrefixFilter(read_prefix(prefix) if prefix else None, asn, _at(number))


SAME, INSIDE, ABOVE, OTHER, SIX = (
    _vrp("192.0.2.0/24", 1),
    _vrp("192.0.2.128/25", 2),
    _vrp("192.0.0.0/16", 1),
    _vrp("198.51.100.0/24", 2),
    _vrp("2001:db8::/32", 1),
)
ALL = Payloads(vrps=frozenset({SAME, INSIDE, ABOVE, OTHER, SIX}))


def _left(*filters):
    return apply(ALL, Slurm(prefix_filters=filters)).payloads.vrps


def test_a_prefix_leaves_out_itself_and_all_inside_it_but_nothing_above():
    """RFC 8416, section 3.3.1: equal, or a more specific prefix."""
    assert _left(_filter(0, "192.0.2.0/24")) == {ABOVE, OTHER, SIX}


def test_an_as_leaves_out_all_its_vrps():
    assert _left(_filter(0, asn=1)) == {INSIDE, OTHER}


def test_a_prefix_with_an_as_needs_both():
    assert _left(_filter(0, "192.0.0.0/8", 2)) == {SAME, ABOVE, OTHER, SIX}
    assert _left(_filter(0, "0.0.0.0/0", 1)) == {INSIDE, OTHER, SIX}
    assert _left(_filter(0, "::/0")) == ALL.vrps - {SIX}


def test_each_removal_names_its_filter():
    filters = (_filter(0, "192.0.2.0/24", 9), _filter(1, "192.0.2.0/24", 2), _filter(2, asn=1))
    found = apply(ALL, Slurm(prefix_filters=filters))

    assert set(found.removed) == {
        Removed(INSIDE, _at(1)),
        Removed(SAME, _at(2)),
        Removed(ABOVE, _at(2)),
        Removed(SIX, _at(2)),
    }


def test_assertions_are_added_after_the_filters():
    """RFC 8416, section 4: what is asserted stands, whatever is filtered."""
    found = apply(ALL, Slurm(prefix_filters=(_filter(0, "0.0.0.0/0"),), vrps=((SAME, _at(1)),)))

    assert found.payloads.vrps == {SAME, SIX}
    assert found.added == (Added(SAME, _at(1)),)
    assert Removed(SAME, _at(0)) in found.removed


def test_router_keys_go_by_as_and_by_identifier():
    one, two, three = (
        RouterKey(asn, bytes([number]) * 20, b"k") for asn, number in ((1, 1), (1, 2), (2, 2))
    )
    keys = Payloads(router_keys=frozenset({one, two, three}))

    def left(asn, identifier):
        found = apply(keys, Slurm(key_filters=(KeyFilter(asn, identifier, _at(0)),)))
        return found.payloads.router_keys

    assert left(1, None) == {three}
    assert left(None, b"\x02" * 20) == {one}
    assert left(1, b"\x02" * 20) == {one, three}
    added = RouterKey(7, bytes(20), b"k")
    assert apply(keys, Slurm(router_keys=((added, _at(0)),))).payloads.router_keys == {
        *keys.router_keys,
        added,
    }


def test_an_asserted_aspa_adds_providers_unless_the_customer_is_filtered():
    held = Payloads(aspas=frozenset({Aspa(1, (5, 7)), Aspa(2, (0,)), Aspa(3, (9,))}))
    more = ((Aspa(1, (6,)), _at(0)), (Aspa(2, (8,)), _at(1)), (Aspa(4, (1,)), _at(2)))

    assert apply(held, Slurm(aspas=more)).payloads.aspas == {
        Aspa(1, (5, 6, 7)),
        Aspa(2, (8,)),
        Aspa(3, (9,)),
        Aspa(4, (1,)),
    }
    found = apply(held, Slurm(aspas=more, aspa_filters=(AspaFilter(1, _at(9)),)))
    assert Aspa(1, (6,)) in found.payloads.aspas
    assert found.removed == (Removed(Aspa(1, (5, 7)), _at(9)),)


def test_no_exception_changes_nothing():
    assert apply(ALL, Slurm()).payloads == ALL
    assert apply(ALL, Slurm()).removed == ()
