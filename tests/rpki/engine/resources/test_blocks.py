"""Sets of numbers obey the algebra of sets; judged against sets of every single number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.blocks import (
    EVERYTHING,
    LAST_ASN,
    Blocks,
    Resources,
    canonical,
    covers,
    difference,
    intersection,
    prefixes,
    read_resources,
    union,
    written_range,
)
from madang.rpki.engine.resources.prefix import Prefix

SMALL = st.integers(0, 60)
PAIRS = st.lists(st.tuples(SMALL, SMALL).map(lambda pair: (min(pair), max(pair))), max_size=8)


def numbers(pairs: object) -> set[int]:
    return {number for low, high in pairs for number in range(low, high + 1)}  # type: ignore[attr-defined]


def is_canonical(blocks: Blocks) -> bool:
    whole = all(low <= high for low, high in blocks)
    return whole and all(a[1] + 1 < b[0] for a, b in zip(blocks, blocks[1:], strict=False))


@given(PAIRS)
def test_a_canonical_set_holds_the_same_numbers_rising_and_apart(pairs: Blocks) -> None:
    found = canonical(pairs)

    assert numbers(found) == numbers(pairs)
    assert is_canonical(found)


@given(PAIRS, PAIRS)
def test_set_operations_are_those_of_the_numbers_in_the_sets(left: Blocks, right: Blocks) -> None:
    first, second = canonical(left), canonical(right)
    one, two = numbers(first), numbers(second)

    for made, expected in (
        (union(first, second), one | two),
        (intersection(first, second), one & two),
        (difference(first, second), one - two),
    ):
        assert numbers(made) == expected
        assert is_canonical(made)
    assert covers(first, second) == (two <= one)


@given(PAIRS)
def test_prefixes_are_the_fewest_aligned_ones_that_make_up_a_set(pairs: Blocks) -> None:
    blocks = canonical(pairs)
    found = list(prefixes(4, blocks))

    assert canonical((each.address, each.last) for each in found) == blocks
    assert all(each.address & (1 << 32 - each.length) - 1 == 0 for each in found)
    for one, two in zip(found, found[1:], strict=False):
        mergeable = one.length == two.length and one.address == two.address ^ (
            1 << 32 - one.length
        )
        assert not (mergeable and one.address >> 33 - one.length == two.address >> 33 - two.length)


def test_the_whole_of_a_family_is_one_prefix_of_no_bits() -> None:
    assert list(prefixes(4, EVERYTHING.v4)) == [Prefix(4, 0, 0)]
    assert list(prefixes(6, EVERYTHING.v6)) == [Prefix(6, 0, 0)]


def test_resources_are_compared_kind_by_kind() -> None:
    held = read_resources("10.0.0.0/8, 2001:db8::/32, AS64500-AS64510")
    part = read_resources("10.1.0.0/16, AS64505")
    other = read_resources("10.1.0.0/16, AS1")

    assert held.covers(part)
    assert not held.covers(other)
    assert held & other == read_resources("10.1.0.0/16")
    assert (held | other).covers(other)
    assert str(held - part | part) == str(held)
    assert held.covers_prefix(Prefix(6, 0x20010DB8 << 96, 48))
    assert not held.covers_prefix(Prefix(6, 0, 48))
    assert not Resources()
    assert EVERYTHING.covers(held)


@given(PAIRS, PAIRS, PAIRS)
def test_resources_written_out_are_read_back(v4: Blocks, v6: Blocks, asn: Blocks) -> None:
    held = Resources(canonical(v4), canonical(v6), canonical(asn))

    assert read_resources(str(held)) == held


def test_people_write_lists_with_commas_semicolons_and_lines() -> None:
    text = " AS64499 ;10.0.0.0-10.0.0.9\n2001:db8::1,,AS64496 - AS64498"

    assert read_resources(text) == Resources(
        ((0x0A000000, 0x0A000009),),
        ((0x20010DB8 << 96 | 1, 0x20010DB8 << 96 | 1),),
        ((64496, 64499),),
    )


def test_a_range_is_written_as_a_prefix_where_it_is_one() -> None:
    assert written_range(4, 0x0A000000, 0x0A0000FF) == "10.0.0.0/24"
    assert written_range(4, 0x0A000000, 0x0A000100) == "10.0.0.0-10.0.1.0"


@pytest.mark.parametrize("text", ["10.0.0.0/8, nonsense", "AS1, 10.0.0.0/33", "AS4294967296"])
def test_one_bad_part_refuses_the_whole_list(text: str) -> None:
    with pytest.raises(ResourcesRefused):
        read_resources(text)


def test_the_last_as_number_is_one() -> None:
    assert read_resources("AS4294967295").asn == ((LAST_ASN, LAST_ASN),)
