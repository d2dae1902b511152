from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import speaking
from madang.rpki.engine.payloads import Payloads, Vrp, change
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.origin import OriginIndex, told
from madang.rpki.engine.routes.route import NO_ORIGIN
from tests.rpki.engine.routes.chance import ORIGINS, prefixes, vrps

if TYPE_CHECKING:
    from collections.abc import Callable


def vrp(text: str, most: int, asn: int) -> Vrp:
    return Vrp(*read_prefix(text), most, asn)


def by_definition(held: set[Vrp], prefix: Prefix, asn: int) -> str:
    """RFC 6811, section 2, word by word over every payload."""
    covering = [each for each in held if each.prefix.covers(prefix)]
    if not covering:
        return "not-found"
    matched = any(
        asn == each.asn and asn not in (0, NO_ORIGIN) and prefix.length <= each.max_length
        for each in covering
    )
    return "valid" if matched else "invalid"


@given(st.sets(vrps(), max_size=30), st.lists(st.tuples(prefixes(), ORIGINS), max_size=20))
def test_agrees_with_the_definition_on_any_payloads(
    held: set[Vrp], routes: list[tuple[Prefix, int]]
) -> None:
    index = OriginIndex(held)

    expected = [by_definition(held, *route) for route in routes]
    assert index.states(routes) == expected
    assert [index.verdict(*route).state for route in routes] == expected


@given(st.sets(vrps(), max_size=20), st.sets(vrps(), max_size=20), st.lists(prefixes()))
def test_following_a_change_equals_beginning_anew(
    old: set[Vrp], new: set[Vrp], asked: list[Prefix]
) -> None:
    index = OriginIndex(old)
    for prefix in asked:
        index.covering(prefix)  # what was asked before must not be answered from memory

    index.apply(change(Payloads(frozenset(old)), Payloads(frozenset(new))))

    assert len(index) == len(new)
    for prefix in asked:
        assert set(index.covering(prefix)) == {v for v in new if v.prefix.covers(prefix)}


@given(st.sets(vrps(), max_size=30), prefixes())
def test_covering_payloads_come_shortest_first(held: set[Vrp], prefix: Prefix) -> None:
    lengths = [each.length for each in OriginIndex(held).covering(prefix)]

    assert lengths == sorted(lengths)


TABLE = [
    # RFC 6811, section 2: match needs the origin and a length within the maximum.
    ("10.0.0.0/16", 64500, "valid", ""),
    ("10.0.1.0/24", 64500, "valid", ""),
    ("10.0.1.0/25", 64500, "invalid", "too-long"),
    ("10.0.1.0/24", 64501, "invalid", "wrong-as"),
    ("10.0.1.0/25", 64501, "invalid", "both"),
    ("10.0.0.0/15", 64500, "not-found", ""),
    ("2001:db8::/32", 64500, "not-found", ""),
    ("10.0.0.0/16", NO_ORIGIN, "invalid", "wrong-as"),
]


@pytest.mark.parametrize(("prefix", "asn", "state", "reason"), TABLE)
def test_says_why_a_route_is_invalid(prefix: str, asn: int, state: str, reason: str) -> None:
    index = OriginIndex([vrp("10.0.0.0/16", 24, 64500)])

    verdict = index.verdict(read_prefix(prefix), asn)

    assert (verdict.state, verdict.reason) == (state, reason)
    assert index.states([(read_prefix(prefix), asn)]) == [state]


def test_as_0_makes_every_route_invalid_and_none_valid() -> None:
    """RFC 6483, section 4; RFC 7607 forbids AS 0 as an origin."""
    index = OriginIndex([vrp("10.0.0.0/8", 32, 0)])
    prefix = read_prefix("10.1.0.0/16")

    assert [index.verdict(prefix, asn).state for asn in (64500, 0)] == ["invalid", "invalid"]
    assert index.states([(prefix, 64500), (prefix, 0)]) == ["invalid", "invalid"]


@pytest.mark.parametrize("text", ["10.0.0.0/15", "10.0.0.0/16", "10.0.0.0/17", "2001:db8::/32"])
def test_what_is_withdrawn_is_forgotten_at_any_length(text: str) -> None:
    index = OriginIndex([vrp(text, 32, 1)])
    assert index.verdict(read_prefix(text), 1).state == "valid"

    index.remove(vrp(text, 32, 1))

    assert index.verdict(read_prefix(text), 1).state == "not-found"


def test_an_authorisation_of_another_as_beside_it_does_not_harm() -> None:
    index = OriginIndex([vrp("10.0.0.0/8", 8, 0), vrp("10.1.0.0/16", 16, 64500)])

    verdict = index.verdict(read_prefix("10.1.0.0/16"), 64500)

    assert verdict.state == "valid"
    assert verdict.matching == (vrp("10.1.0.0/16", 16, 64500),)


def test_believing_twice_counts_once_and_forgetting_the_unknown_does_nothing() -> None:
    index = OriginIndex([vrp("10.0.0.0/8", 8, 1), vrp("10.0.0.0/8", 8, 1)])
    index.remove(vrp("10.0.0.0/24", 24, 1))

    assert len(index) == 1


def test_tells_people_in_both_languages_what_decides() -> None:
    index = OriginIndex([vrp("10.0.0.0/16", 24, asn) for asn in range(1, 6)])
    prefix = read_prefix("10.0.0.0/24")

    with speaking("en"):
        invalid = str(told(prefix, 9, index.verdict(prefix, 9)))
        in_set = str(told(prefix, NO_ORIGIN, index.verdict(prefix, NO_ORIGIN)))
    with speaking("ko"):
        valid = str(told(prefix, 2, index.verdict(prefix, 2)))

    assert invalid == (
        "10.0.0.0/24 AS9: invalid; the origin AS is not authorised (authorised:"
        " AS1 10.0.0.0/16-24, AS2 10.0.0.0/16-24, AS3 10.0.0.0/16-24 and 2 more)"
    )
    assert "the path ends in an AS_SET" in in_set
    assert valid == "10.0.0.0/24 AS2: 유효 — AS2 10.0.0.0/16-24 인가"


class Meddling(Vrp):
    """A payload that, when it is put in order, does what another thread might do just then."""

    meddle: Callable[[], None]

    def __lt__(self, other: object) -> bool:
        self.meddle()
        return tuple(self) < tuple(other)  # type: ignore[arg-type]


def test_a_change_that_comes_while_somebody_asks_is_seen_afterwards() -> None:
    """Asking keeps what it found; that must never outlive a change that came meanwhile."""
    index, late = OriginIndex(), vrp("10.0.2.0/24", 24, 2)
    Meddling.meddle = staticmethod(lambda: index.add(late))  # type: ignore[assignment]
    for number in (0, 1):
        index.add(Meddling(*vrp(f"10.0.{number}.0/24", 24, 1)))

    index.verdict(read_prefix("10.0.0.0/24"), 1)  # the late payload comes within this question

    assert index.verdict(late.prefix, 2).state == "valid"
