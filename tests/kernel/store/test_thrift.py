"""The reader gives back what was written, and ends on any bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.store.thrift import Malformed, Reader
from tests.kernel.store.forge import signed, struct, unsigned

numbers = st.integers(-(2**63), 2**63 - 1)


def structs(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.integers(1, 300), inner, max_size=5)


scalars = st.booleans() | numbers | st.binary(max_size=20)
lists = st.lists(numbers, max_size=20) | st.lists(st.binary(max_size=5), max_size=20)
values = structs(scalars | lists | structs(scalars | lists) | st.lists(structs(scalars)))


@given(values)
def test_what_is_written_is_read(value: dict[int, Any]) -> None:
    content = struct(value)
    reader = Reader(content)

    assert reader.structure() == value
    assert reader.position == len(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_structure_or_malformed(content: bytes) -> None:
    try:
        Reader(content).structure()
    except Malformed:
        return


@pytest.mark.parametrize(
    ("number", "content"),
    [(0, b"\x00"), (-1, b"\x01"), (1, b"\x02"), (-2, b"\x03"), (2**31, b"\x80\x80\x80\x80\x10")],
)
def test_numbers_are_zigzag(number: int, content: bytes) -> None:
    """The table of the protocol's specification."""
    assert signed(number) == content
    assert Reader(b"\x16" + content + b"\x00").structure() == {1: number}


def test_doubles_are_little_endian() -> None:
    assert Reader(b"\x17\x00\x00\x00\x00\x00\x00\xf8\x3f\x00").structure() == {1: 1.5}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "end early"),
        (b"\x16", "end early"),
        (b"\x18\xff\x01ab\x00", "end early"),
        (b"\x1d\x00", "type 13"),
        (b"\x16" + b"\x80" * 10 + b"\x01\x00", "longer than 64 bits"),
        (b"\x19\xfc" + unsigned(1 << 40) + b"\x00", "list longer"),
        (b"\x1c" * 40, "nested too deep"),
        (b"\x19" + b"\x19" * 40, "nested too deep"),
    ],
)
def test_what_is_no_structure_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Reader(content).structure()


def test_lists_in_lists_do_not_exhaust_the_stack() -> None:
    with pytest.raises(Malformed):
        Reader(b"\x19" + b"\x19" * 100_000).structure()
