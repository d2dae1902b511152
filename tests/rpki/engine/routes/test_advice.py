from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import speaking
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import EVERYTHING, read_resources
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.advice import findings, suggestions
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.route import AsPath, table_of
from madang.rpki.engine.routes.whatif import Observed
from tests.rpki.engine.routes.chance import ORIGINS, prefixes, vrps


def seen(*routes: tuple[str, int]) -> Observed:
    return Observed(table_of((read_prefix(prefix), AsPath((asn,))) for prefix, asn in routes))


def vrp(text: str, most: int, asn: int) -> Vrp:
    return Vrp(*read_prefix(text), most, asn)


HELD = read_resources("10.0.0.0/8, 2001:db8::/32")


@given(st.sets(vrps(), max_size=10), st.lists(st.tuples(prefixes(), ORIGINS), max_size=20))
def test_what_is_suggested_makes_every_route_valid_and_is_needed(
    held: set[Vrp], routes: list[tuple[Prefix, int]]
) -> None:
    observed = Observed(table_of((prefix, AsPath((max(asn, 1),))) for prefix, asn in routes))

    found = [each.vrp for each in suggestions(observed, EVERYTHING, held)]

    whole = OriginIndex(held | set(found))
    assert all(whole.verdict(r.prefix, r.origin).state == "valid" for r in observed.routes())
    for each in found:
        without = OriginIndex((held | set(found)) - {each})
        assert without.verdict(each.prefix, each.asn).state != "valid"
        assert each.max_length == each.length


def test_suggests_only_for_what_is_held_and_seen_by_enough() -> None:
    observed = seen(("10.1.0.0/16", 1), ("11.0.0.0/8", 1), ("0.0.0.0/0", 1))

    assert [each.vrp for each in suggestions(observed, HELD, ())] == [vrp("10.1.0.0/16", 16, 1)]
    assert suggestions(observed, HELD, (), least_peers=2) == []


def test_what_may_be_anothers_is_marked_for_a_person() -> None:
    observed = seen(("10.1.0.0/16", 1), ("10.2.0.0/16", 1), ("10.2.0.0/16", 2), ("10.3.0.0/16", 3))
    standing = [vrp("10.3.0.0/16", 16, 9)]

    found = {str(each.vrp): each for each in suggestions(observed, HELD, standing)}

    assert [name for name, each in found.items() if each.doubtful] == [
        "AS1 10.2.0.0/16-16",
        "AS2 10.2.0.0/16-16",
        "AS3 10.3.0.0/16-16",
    ]
    with speaking("en"):
        assert "AS2 announces the same prefix" in str(found["AS1 10.2.0.0/16-16"].sentence)
        assert "invalid now" in str(found["AS3 10.3.0.0/16-16"].sentence)


def test_finds_what_is_odd_and_nothing_else() -> None:
    observed = seen(("10.0.0.0/16", 1), ("10.1.0.0/24", 1), ("10.1.0.0/25", 1), ("10.2.0.0/16", 2))
    standing = [
        vrp("10.0.0.0/16", 16, 1),  # as it should be
        vrp("10.1.0.0/24", 26, 1),  # 7 prefixes, 2 of them seen
        vrp("10.1.0.0/25", 26, 1),  # within the one above
        vrp("10.2.0.0/16", 16, 3),  # never seen; makes AS2's route invalid
        vrp("10.9.0.0/16", 16, 0),  # forbids: to be unseen is its purpose
        vrp("11.0.0.0/8", 8, 1),  # another's
    ]

    found = findings(observed, HELD, standing)

    assert [(each.kind, str(each.vrp or each.route)) for each in found] == [
        ("too-permissive", "AS1 10.1.0.0/24-26"),
        ("redundant", "AS1 10.1.0.0/25-26"),
        ("unseen", "AS3 10.2.0.0/16-16"),
        ("seen-invalid", "10.2.0.0/16 AS2"),
    ]
    with speaking("en"):
        assert str(found[0].sentence) == (
            "AS1 10.1.0.0/24-26 allows 7 prefixes, of which 2 are seen (the longest a /25)"
        )
