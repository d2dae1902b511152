from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import speaking
from madang.rpki.engine.payloads import Aspa, Payloads, change
from madang.rpki.engine.routes.paths import Direction, PathIndex, collapsed, told
from madang.rpki.engine.routes.route import AsPath
from tests.rpki.engine.routes.chance import aspas

# "ASPA-based AS Path Verification Examples" (Sriram, Borchert, Matejka, August 2025), to which
# section 6.1 of the draft points. Letters stand for ASes; 0 for an AS 0 ASPA.
FIRST = {"A": "CD", "B": "E", "C": "F", "D": "FG", "G": "0"}
SECOND = {"H": "0", "K": "0", "L": "K", "P": "0", "Q": "0", "R": "Q", "S": "R"}


def number(letter: str) -> int:
    return 0 if letter == "0" else ord(letter)


def index_of(attested: dict[str, str]) -> PathIndex:
    return PathIndex(
        Aspa(number(customer), tuple(sorted(map(number, providers))))
        for customer, providers in attested.items()
    )


def path_of(letters: str) -> AsPath:
    return AsPath(tuple(map(number, letters)))


UPSTREAM = [  # path as received, max_up, min_up, state (table 1)
    ("FCA", 3, 3, "valid"),
    ("DCA", 2, 2, "invalid"),
    ("DFCA", 4, 3, "unknown"),
    ("DEB", 3, 2, "unknown"),
    ("ADEB", 3, 2, "invalid"),
    ("ADGEB", 3, 2, "invalid"),
    ("ACF", 2, 1, "invalid"),
    ("ACFG", 1, 1, "invalid"),
    ("EB", 2, 2, "valid"),
]
DOWNSTREAM = [  # path, max_up, max_down, min_up, min_down, state (table 2)
    ("EGFCA", 4, 2, 3, 1, "unknown"),
    ("EGDA", 3, 2, 3, 1, "valid"),
    ("EDCA", 2, 2, 2, 1, "unknown"),
    ("EGDCA", 2, 2, 2, 1, "invalid"),
    ("CFDG", 1, 4, 1, 2, "unknown"),
    ("DGEB", 3, 2, 2, 2, "valid"),
    ("CDGEB", 3, 1, 2, 1, "invalid"),
    ("FCA", 3, 2, 3, 1, "valid"),
    ("EA", 1, 2, 1, 1, "valid"),
    ("ECA", 2, 2, 2, 1, "valid"),
]
COMPLEX: list[tuple[str, Direction]] = [  # all invalid (table 3)
    ("JH", "upstream"),
    ("KJH", "downstream"),
    ("QP", "upstream"),
]


@pytest.mark.parametrize(("letters", "max_up", "min_up", "state"), UPSTREAM)
def test_upstream_examples_of_the_draft(
    letters: str, max_up: int, min_up: int, state: str
) -> None:
    index, path = index_of(FIRST), path_of(letters)

    ramps = index.ramps(path.hops[::-1])
    assert (ramps.max_up, ramps.min_up) == (max_up, min_up)
    assert index.verdict(path, "upstream").state == state


@pytest.mark.parametrize(
    ("letters", "max_up", "max_down", "min_up", "min_down", "state"), DOWNSTREAM
)
def test_downstream_examples_of_the_draft(
    letters: str, max_up: int, max_down: int, min_up: int, min_down: int, state: str
) -> None:
    index, path = index_of(FIRST), path_of(letters)

    ramps = index.ramps(path.hops[::-1])
    assert (ramps.max_up, ramps.max_down) == (max_up, max_down)
    assert (ramps.min_up, ramps.min_down) == (min_up, min_down)
    assert index.verdict(path, "downstream").state == state


@pytest.mark.parametrize(("letters", "direction"), COMPLEX)
def test_complex_relations_of_the_draft(letters: str, direction: Direction) -> None:
    assert index_of(SECOND).verdict(path_of(letters), direction).state == "invalid"


def by_definition(held: set[Aspa], rising: tuple[int, ...], direction: Direction) -> str:
    """Sections 5.3 to 5.6, word by word, by counting from 1 as the draft does."""

    def authorised(customer: int, provider: int) -> str:
        said = [each for each in held if each.customer == customer]
        if not said:
            return "none"
        return "yes" if any(provider in each.providers for each in said) else "no"

    count = len(rising)
    up = {i: authorised(rising[i - 1], rising[i]) for i in range(1, count)}
    down = {j: authorised(rising[j - 1], rising[j - 2]) for j in range(2, count + 1)}
    max_up = min((i for i in up if up[i] == "no"), default=count)
    min_up = min((i for i in up if up[i] != "yes"), default=count)
    max_down = count - max((j for j in down if down[j] == "no"), default=1) + 1
    min_down = count - max((j for j in down if down[j] != "yes"), default=1) + 1
    if direction == "upstream":
        max_down = min_down = 0
    if max_up + max_down < count:
        return "invalid"
    return "unknown" if min_up + min_down < count else "valid"


@given(
    st.sets(aspas(), max_size=8),
    st.lists(st.integers(1, 7), min_size=1, max_size=8),
    st.sampled_from(["upstream", "downstream"]),
)
def test_agrees_with_the_definition_on_any_path(
    held: set[Aspa], hops: list[int], direction: Direction
) -> None:
    verdict = PathIndex(held).verdict(AsPath(tuple(hops)), direction)

    assert verdict.state == by_definition(held, collapsed(tuple(hops))[::-1], direction)
    assert bool(verdict.hops) == (verdict.state != "valid")


@given(st.sets(aspas(), max_size=8), st.sets(aspas(), max_size=8))
def test_following_a_change_equals_beginning_anew(old: set[Aspa], new: set[Aspa]) -> None:
    index = PathIndex(old)
    index.apply(change(Payloads(aspas=frozenset(old)), Payloads(aspas=frozenset(new))))

    anew = PathIndex(new)
    assert len(index) == len(anew)
    for customer in range(1, 7):
        for provider in range(8):
            assert index.hop(customer, provider) == anew.hop(customer, provider)


def test_as_0_beside_providers_changes_nothing() -> None:
    """Section 4: an unexpected AS 0 has no influence."""
    index = PathIndex([Aspa(1, (0, 2))])

    assert (index.hop(1, 2), index.hop(1, 0)) == ("provider", "not-provider")


def test_prepends_are_one_hop_and_a_loop_is_not() -> None:
    assert collapsed((1, 1, 2, 2, 2, 3)) == (1, 2, 3)
    assert collapsed((1, 2, 1)) == (1, 2, 1)


def test_a_set_an_empty_path_and_a_strange_first_as_are_invalid() -> None:
    """Steps 1 to 3 of sections 5.5 and 5.6."""
    index = PathIndex()

    assert index.verdict(AsPath(()), "upstream").why == "empty"
    assert index.verdict(AsPath((1, 2), has_set=True), "downstream").why == "set"
    assert index.verdict(AsPath((1, 2)), "downstream", neighbour=2).why == "neighbour"
    assert index.verdict(AsPath((1,)), "upstream", neighbour=1).state == "valid"


def test_names_the_hop_and_the_payload_that_speak_against_a_path() -> None:
    index = index_of(FIRST)

    verdict = index.verdict(path_of("DCA"), "upstream")

    assert verdict.hops == ((number("C"), number("D")),)
    assert verdict.attested == (Aspa(number("C"), (number("F"),)),)
    with speaking("en"):
        assert str(told(verdict)) == (
            "invalid; not a provider by the customer's own word: AS67→AS68; a leak or a"
            " forged path"
        )
