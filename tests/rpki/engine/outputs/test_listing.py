from __future__ import annotations

import random

from madang.rpki.engine.outputs.listing import listed, ordered
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.validation.outcome import Sourced
from tests.rpki.engine.outputs.listings import AT, V4, V4_ALL, V4_LONG, V6, V6_LAST, small

MINE = Vrp(4, 0x0A000000, 8, 8, 1)


def test_order_is_by_family_address_longer_prefix_greater_maximum_and_as():
    """rpki-client, `vrpcmp`: a shorter prefix and a smaller maximum count as greater."""
    expected = [
        Vrp(4, 0x0A000000, 24, 24, 1),
        Vrp(4, 0x0A000000, 8, 16, 9),
        Vrp(4, 0x0A000000, 8, 8, 1),
        Vrp(4, 0x0A000000, 8, 8, 2),
        Vrp(4, 0x0B000000, 8, 8, 1),
        Vrp(6, 0, 0, 128, 1),
        Vrp(6, 1 << 120, 8, 8, 0),
    ]
    mixed = [Sourced(vrp, "", 0, "") for vrp in expected]
    random.Random(3).shuffle(mixed)

    assert [each.vrp for each in ordered(mixed)] == expected


def test_each_vrp_is_listed_once_with_the_source_that_holds_longest():
    found = listed(
        [
            Sourced(MINE, "a", AT + 1, "rsync://h/1"),
            Sourced(MINE, "b", AT + 3, "rsync://h/2"),
            Sourced(MINE, "c", AT + 2, "rsync://h/3"),
        ],
        generated=AT,
    )

    assert found.vrps == (Sourced(MINE, "b", AT + 3, "rsync://h/2"),)


def test_equal_ends_are_decided_the_same_in_any_order():
    sources = [Sourced(MINE, name, AT, f"rsync://h/{name}") for name in "abc"]

    assert {
        listed(chosen, generated=AT).vrps
        for chosen in (sources, sources[::-1], sources[1:] + sources[:1])
    } == {(sources[2],)}


def test_a_listing_gives_back_its_payloads():
    payloads = small().payloads

    assert payloads.vrps == {V4, V4_ALL, V4_LONG, V6, V6_LAST}
    assert len(payloads) == 8
