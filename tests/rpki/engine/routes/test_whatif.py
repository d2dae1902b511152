from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import speaking
from madang.rpki.engine.payloads import Aspa, Change, Payloads, Vrp, change
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.paths import PathIndex
from madang.rpki.engine.routes.route import AsPath, Table, table_of
from madang.rpki.engine.routes.whatif import Observed, impact, told
from tests.rpki.engine.routes.chance import ORIGINS, aspas, prefixes, vrps


def table(*routes: tuple[str, int]) -> Table:
    return table_of((read_prefix(prefix), AsPath((asn,))) for prefix, asn in routes)


def vrp(text: str, most: int, asn: int) -> Vrp:
    return Vrp(*read_prefix(text), most, asn)


def announce(*come: Vrp) -> Change:
    return Change(Payloads(frozenset(come)), Payloads())


@given(
    st.sets(vrps(), max_size=15),
    st.sets(vrps(), max_size=15),
    st.lists(st.tuples(prefixes(), ORIGINS), max_size=30),
)
def test_finds_exactly_the_routes_whose_state_changes(
    old: set[Vrp], new: set[Vrp], routes: list[tuple[Prefix, int]]
) -> None:
    seen = Table()
    for prefix, origin in routes:
        seen.see(prefix, AsPath(()), peer=0, origin=origin)
    before, after = OriginIndex(old), OriginIndex(new)
    expected = {
        (route, before.verdict(*route[:2]), after.verdict(*route[:2]))
        for route in seen.routes()
        if before.verdict(*route[:2]).state != after.verdict(*route[:2]).state
    }

    found = impact(
        Observed(seen),
        before,
        change(Payloads(frozenset(old)), Payloads(frozenset(new))),
    )

    assert {(each.route, each.before.state, each.after.state) for each in found.turned} == {
        (route, was.state, will.state) for route, was, will in expected
    }
    assert {(each.route, each.after.reason) for each in found.turned} == {
        (route, will.reason) for route, _, will in expected
    }
    assert len(found.turned) == len({each.route for each in found.turned})
    assert len(before) == len(old)


@given(
    st.sets(aspas(), max_size=6),
    st.sets(aspas(), max_size=6),
    st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=5), max_size=10),
)
def test_finds_exactly_the_paths_whose_state_changes(
    old: set[Aspa], new: set[Aspa], hops: list[list[int]]
) -> None:
    seen = table_of((Prefix(4, 0, 0), AsPath(tuple(each))) for each in hops)
    before, after = PathIndex(old), PathIndex(new)

    found = impact(
        Observed(seen),
        OriginIndex(),
        change(Payloads(aspas=frozenset(old)), Payloads(aspas=frozenset(new))),
        paths=before,
    )

    expected = {
        path
        for path in seen.paths
        if before.verdict(path, "downstream").state != after.verdict(path, "downstream").state
    }
    assert {each.path for each in found.paths} == expected
    assert all(before.attested(asn) == PathIndex(old).attested(asn) for asn in range(7))


def test_only_routes_below_the_change_are_judged() -> None:
    observed = Observed(table(("10.0.0.0/8", 1), ("10.1.0.0/16", 2), ("11.0.0.0/8", 3)))

    found = impact(observed, OriginIndex(), announce(vrp("10.0.0.0/8", 8, 1)))

    assert found.judged == 2
    assert [str(each.route) for each in found.to("valid")] == ["10.0.0.0/8 AS1"]
    assert [str(each.route) for each in found.to("invalid")] == ["10.1.0.0/16 AS2"]
    assert found.reasons == {"both": 1}
    assert found.harms


def test_finds_routes_up_to_the_last_address() -> None:
    observed = Observed(table(("10.0.255.255/32", 1), ("10.0.0.0/32", 1), ("10.1.0.0/32", 1)))

    assert [str(r.prefix) for r in observed.under(read_prefix("10.0.0.0/16"))] == [
        "10.0.0.0/32",
        "10.0.255.255/32",
    ]


def test_what_mends_only_harms_nothing() -> None:
    observed = Observed(table(("10.0.0.0/8", 1)))

    assert not impact(observed, OriginIndex(), announce(vrp("10.0.0.0/8", 8, 1))).harms


def test_tells_people_in_both_languages() -> None:
    observed = Observed(table(("10.1.0.0/16", 2)))

    found = impact(observed, OriginIndex(), announce(vrp("10.0.0.0/8", 24, 1)))

    with speaking("en"):
        assert str(found.sentence) == "By this change routes turn: 0 valid, 1 invalid, 0 not found"
        assert str(told(found.turned[0])) == (
            "10.1.0.0/16 AS2: not found → invalid (the origin AS is not authorised)"
        )
    with speaking("ko"):
        assert str(told(found.turned[0])) == (
            "10.1.0.0/16 AS2: 미확인 → 무효 (인가되지 않은 발원 AS)"
        )
