from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import canonical, intersection, read_resources
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.coverage import WHOLE, common_size, coverage, size
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.route import AsPath, table_of
from madang.rpki.engine.routes.whatif import Observed

BLOCKS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=12).map(
    lambda pairs: canonical((low, low + more) for low, more in pairs)
)
DAY = date(2026, 11, 24)


@given(BLOCKS, BLOCKS)
def test_common_numbers_are_counted_right(many: object, few: object) -> None:
    assert isinstance(many, tuple)
    assert isinstance(few, tuple)
    assert common_size(many, few) == size(intersection(many, few))


def test_tells_how_members_and_the_whole_stand() -> None:
    members = {
        "kt": read_resources("10.0.0.0/16, 2001:db8::/32"),
        "skb": read_resources("10.0.128.0/17, 10.1.0.0/16"),  # half of it is kt's
    }
    routes = [
        ("10.0.0.0/16", 1),  # valid
        ("10.0.128.0/17", 2),  # invalid: covered by kt's authorisation alone
        ("10.1.0.0/16", 3),  # unknown
        ("11.0.0.0/8", 4),  # nobody's
    ]
    vrps = [Vrp(*read_prefix("10.0.0.0/16"), 16, 1), Vrp(*read_prefix("2001:db8::/33"), 33, 1)]
    observed = Observed(table_of((read_prefix(text), AsPath((asn,))) for text, asn in routes))

    rows = coverage(members, observed, vrps, index=OriginIndex(vrps), day=DAY)

    assert [row.name for row in rows] == [WHOLE, "kt", "skb"]
    assert [(r.announced, r.valid, r.invalid, r.not_found) for r in rows] == [
        (3, 1, 1, 1),
        (2, 1, 1, 0),
        (2, 0, 1, 1),
    ]
    assert [(row.v4_held, row.v4_covered) for row in rows] == [
        (2 << 16, 1 << 16),
        (1 << 16, 1 << 16),
        ((1 << 16) + (1 << 15), 1 << 15),
    ]
    assert [row.v6_share for row in rows] == [0.5, 0.5, None]
    assert rows[1].plain()["routes_share"] == 0.5
    assert rows[0].plain()["day"] == "2026-11-24"


def test_who_announces_and_holds_nothing_has_no_share() -> None:
    row = coverage(
        {"new": read_resources("AS1")},
        Observed(table_of(())),
        (),
        index=OriginIndex(),
        day=DAY,
    )[0]

    assert (row.routes_share, row.v4_share, row.v6_share) == (None, None, None)
