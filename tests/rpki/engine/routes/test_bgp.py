from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.bgp import Session, message, path_of, update
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import NO_ORIGIN, AsPath
from tests.rpki.engine.routes import dumps

V4 = read_prefix("10.1.0.0/16")
V6 = read_prefix("2001:db8::/32")
WIDE, NARROW = Session(), Session(wide=False)


def test_reads_both_families_of_one_update() -> None:
    body = dumps.update_body(
        dumps.nlri(read_prefix("10.2.0.0/15")),
        dumps.path_attributes([64500, 64501])
        + dumps.mp_reach(dumps.nlri(V6))
        + dumps.mp_unreach(dumps.nlri(read_prefix("2001:db8:1::/48"))),
        dumps.nlri(V4) + dumps.nlri(read_prefix("0.0.0.0/0")),
    )

    said = update(body, WIDE)

    assert said.path == AsPath((64500, 64501))
    assert [str(prefix) for prefix, _ in said.announced] == [
        "10.1.0.0/16",
        "0.0.0.0/0",
        "2001:db8::/32",
    ]
    assert [str(prefix) for prefix, _ in said.withdrawn] == ["10.2.0.0/15", "2001:db8:1::/48"]


def test_reads_path_identifiers_where_both_ends_agreed() -> None:
    body = dumps.update_body(b"", dumps.path_attributes([1]), dumps.nlri(V4, 5))

    assert update(body, Session(many_paths=frozenset({4}))).announced == ((V4, 5),)


def test_bits_behind_the_length_are_cleared() -> None:
    """RFC 4271, section 4.3: the value of trailing bits is irrelevant."""
    body = dumps.update_body(b"", dumps.path_attributes([1]), bytes([12, 10, 0x1F]))

    assert str(update(body, WIDE).announced[0][0]) == "10.16.0.0/12"


def test_merges_the_path_of_four_byte_numbers() -> None:
    """RFC 6793, section 4.2.3: AS_PATH leads by what AS4_PATH lacks."""
    held = {
        2: dumps.segment([64500, 23456, 23456], width=2),
        17: dumps.segment([400000, 400001]),
    }

    assert path_of(held, wide=False).hops == (64500, 400000, 400001)


MERGED = [
    # AS4_PATH longer than AS_PATH is ignored; so is it where the aggregator had two bytes.
    ({2: [(2, [1])], 17: [(2, [7, 8])]}, {}, (1,)),
    ({2: [(2, [1, 23456])], 17: [(2, [7])]}, {7: bytes([0, 9, 0, 0, 0, 0])}, (1, 23456)),
    ({2: [(2, [1, 23456])], 17: [(2, [7])]}, {7: bytes([0x5B, 0xA0, 0, 0, 0, 0])}, (1, 7)),
    # As long as AS_PATH, it replaces it.
    ({2: [(2, [23456, 23456])], 17: [(2, [7, 8])]}, {}, (7, 8)),
    # A set counts as one hop, a confederation as none.
    ({2: [(3, [5]), (2, [1]), (1, [4, 5])], 17: [(2, [7])]}, {}, (1, 7)),
]


@pytest.mark.parametrize(("parts", "more", "hops"), MERGED)
def test_merges_as_the_norm_counts(
    parts: dict[int, list[tuple[int, list[int]]]], more: dict[int, bytes], hops: tuple[int, ...]
) -> None:
    held = {
        code: b"".join(dumps.segment(ases, kind, 4 if code == 17 else 2) for kind, ases in path)
        for code, path in parts.items()
    }

    assert path_of(held | more, wide=False).hops == hops


def test_a_malformed_path_of_four_byte_numbers_is_discarded() -> None:
    held = {2: dumps.segment([1, 23456], width=2), 17: b"\x02\x05\x00"}

    assert path_of(held, wide=False).hops == (1, 23456)


def test_a_path_that_ends_in_a_set_has_no_origin() -> None:
    """RFC 6811, section 2."""
    ends = path_of({2: dumps.segment([1]) + dumps.segment([2], 1)}, wide=True)
    within = path_of({2: dumps.segment([2], 1) + dumps.segment([1])}, wide=True)
    confederated = path_of({2: dumps.segment([9], 3) + dumps.segment([9], 4)}, wide=True)

    assert (ends.origin, ends.has_set) == (NO_ORIGIN, True)
    assert (within.origin, within.has_set) == (1, True)
    assert confederated == AsPath(())


WITHDRAWN = [  # RFC 7606: treated as withdrawn
    (dumps.ORIGIN_IGP, "no-path"),
    (dumps.attribute(2, b"\x02\x00"), "path"),
    (dumps.attribute(2, b"\x05\x01\x00\x00\x00\x01"), "path"),
    (dumps.attribute(2, b"\x02\x02\x00\x00\x00\x01"), "path"),
    (dumps.attribute(2, dumps.segment([1]), 0xC0), "flags"),
    (dumps.path_attributes([1]) + b"\x40\x05\x04\x00", "attribute"),
    (dumps.path_attributes([1]) + b"\x50\x05\x00", "attribute"),
    (dumps.path_attributes([1]) + b"\x40", "attribute"),
]


@pytest.mark.parametrize(("attributes", "fault"), WITHDRAWN)
def test_malformed_attributes_withdraw_the_prefixes(attributes: bytes, fault: str) -> None:
    said = update(dumps.update_body(b"", attributes, dumps.nlri(V4)), WIDE)

    assert (said.announced, said.withdrawn, said.fault) == ((), ((V4, 0),), fault)


REFUSED = [
    (b"", "cut"),
    (b"\x00\x05\x00", "cut"),
    (b"\x00\x00\x00\x05", "cut"),
    (dumps.update_body(b"\x21\x00"), "prefix"),
    (dumps.update_body(b"\x10\x0a"), "cut"),
    (dumps.update_body(b"", dumps.attribute(14, b"\x00\x02\x01\x10", 0x80)), "reach"),
    (dumps.update_body(b"", dumps.attribute(14, b"\x00\x02\x01\xff\x00", 0x80)), "reach"),
    (dumps.update_body(b"", dumps.attribute(15, b"\x00\x02", 0x80)), "reach"),
    (dumps.update_body(b"", dumps.mp_reach() + dumps.mp_reach()), "reach"),
    (dumps.update_body(b"", dumps.mp_reach(b"\x81" + bytes(17))), "prefix"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_an_update_whose_prefixes_cannot_be_found_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        update(body, WIDE)

    assert refused.value.code == code


def test_other_families_are_left_out() -> None:
    body = dumps.update_body(b"", dumps.attribute(14, b"\x00\x19\x41\x00\x00abc", 0x80))

    assert update(body, WIDE).announced == ()


@pytest.mark.parametrize(
    "content", [b"", b"\xfe" * 19, dumps.bgp(b"x") + b"x", dumps.bgp(b"")[:18]]
)
def test_a_message_is_whole_or_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        message(content)


@given(
    st.binary(max_size=200)
    | st.builds(dumps.update_body, st.binary(max_size=20), st.binary(max_size=99), st.binary()),
    st.booleans(),
    st.sets(st.sampled_from([4, 6])),
)
def test_no_bytes_do_more_than_be_refused(body: bytes, wide: bool, many: set[int]) -> None:
    try:
        said = update(body, Session(wide=wide, many_paths=frozenset(many)))
    except Malformed:
        return
    assert (said.path is None) or not said.fault
