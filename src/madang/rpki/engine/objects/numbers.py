"""Which numbers does a certificate carry? Its RFC 3779 extensions, canonical or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from madang.rpki.engine.der.reader import (
    BIT_STRING,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    bits,
    enter,
    finished,
    integer,
    number_text,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.resources.blocks import LAST_ASN

if TYPE_CHECKING:
    from madang.rpki.engine.resources.blocks import Blocks

INHERIT: Final = "inherit"
Held: TypeAlias = "Blocks | Literal['inherit'] | None"
"""Blocks, the word that they are the issuer's, or None where the kind is not named."""

_FAMILY: Final = {b"\0\1": 32, b"\0\2": 128}


def read_addresses(data: bytes, at: int, end: int) -> tuple[Held, Held]:
    """The IPv4 and IPv6 addresses of an IPAddrBlocks value (RFC 3779 section 2.2.3).

    Raises:
        Fault: It is empty, not canonical, or names a family with a SAFI or an unknown one.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    held: dict[int, Held] = {}
    at = start
    while at < stop:
        first, after = enter(data, at, stop, SEQUENCE)
        name, name_end = enter(data, first, after, OCTET_STRING)
        size = _FAMILY.get(data[name:name_end])
        if size is None:
            raise Fault("ip-family", first, f"address family {data[name:name_end].hex()}")
        if size in held or (size == 32 and held):
            raise Fault("ip-order", first, "address families doubled or out of order")
        held[size] = _choice(data, name_end, after, size)
        at = after
    if not held:
        raise Fault("resources-empty", start, "no address family")
    return held.get(32), held.get(128)


def _choice(data: bytes, at: int, end: int, size: int) -> Held:
    if at + 2 == end and data[at] == NULL and data[at + 1] == 0:
        return INHERIT
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    if start == stop:
        raise Fault("resources-empty", at, "no addresses in a family")
    found: list[tuple[int, int]] = []
    at, last = start, -2
    while at < stop:
        if data[at] == BIT_STRING:
            low, high, after = prefix_bounds(data, at, stop, size)
        else:
            low, high, after = _range(data, at, stop, size)
        if low <= last + 1:
            raise Fault("ip-order", at, "addresses that overlap, touch or are out of order")
        found.append((low, high))
        at, last = after, high
    return tuple(found)


def prefix_bounds(data: bytes, at: int, end: int, size: int) -> tuple[int, int, int]:
    """The first and last address of the prefix at `at`, and the byte after it.

    Args:
        data: The whole file.
        at: Where the BIT STRING begins.
        end: Where what encloses it ends.
        size: Bits of an address of this family.

    Raises:
        Fault: It is no BIT STRING in DER, or longer than an address.
    """
    content, unused, after = bits(data, at, end)
    length = len(content) * 8 - unused
    if length > size:
        raise Fault("ip-length", at, f"a prefix of {length} bits of {size}")
    low = int.from_bytes(content, "big") << size - len(content) * 8
    return low, low | (1 << size - length) - 1, after


def _range(data: bytes, at: int, end: int, size: int) -> tuple[int, int, int]:
    start, stop = enter(data, at, end, SEQUENCE)
    low, _, middle = prefix_bounds(data, start, stop, size)
    _, high, after = prefix_bounds(data, middle, stop, size)
    finished(after, stop)
    if low > high:
        raise Fault("ip-order", at, "a range that ends before it begins")
    _shortest(data, at, low, (start, middle), bit=0)
    _shortest(data, at, high, (middle, after), bit=1)
    span = high - low + 1
    if span & (span - 1) == 0 and low % span == 0:
        raise Fault("ip-range", at, "a prefix written as a range")
    return low, high, stop


def _shortest(data: bytes, at: int, _value: int, place: tuple[int, int], *, bit: int) -> None:
    """A bound of a range ends where its last bits are all zero (low) or one (high)."""
    start, stop = enter(data, place[0], place[1], BIT_STRING)
    unused = data[start]
    if stop > start + 1 and data[stop - 1] >> unused & 1 == bit:
        raise Fault("ip-range", at, "a bound with more bits than it needs")


def read_asns(data: bytes, at: int, end: int) -> Held:
    """The AS numbers of an ASIdentifiers value (RFC 3779 section 3.2.3).

    Raises:
        Fault: It is empty, not canonical, or carries routing domain identifiers.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    if start == stop:
        raise Fault("resources-empty", at, "no AS numbers")
    if data[start] != 0xA0:
        raise Fault("as-rdi", start, "routing domain identifiers, or something unknown")
    first, after = enter(data, start, stop, 0xA0)
    if after != stop:
        raise Fault("as-rdi", after, "something behind the AS numbers")
    if first + 2 == after and data[first] == NULL and data[first + 1] == 0:
        return INHERIT
    inner, inner_stop = enter(data, first, after, SEQUENCE)
    finished(inner_stop, after)
    return _as_blocks(data, inner, inner_stop)


def _as_blocks(data: bytes, at: int, end: int) -> Blocks:
    if at == end:
        raise Fault("resources-empty", at, "no AS numbers")
    found: list[tuple[int, int]] = []
    last = -2
    while at < end:
        here = at
        if data[at] == SEQUENCE:
            start, after = enter(data, at, end, SEQUENCE)
            low, middle = integer(data, start, after)
            high, at = integer(data, middle, after)
            finished(at, after)
            if low >= high:
                raise Fault("as-order", here, "a range of one number or of none")
        else:
            low, at = integer(data, at, end)
            high = low
        if low < 0 or high > LAST_ASN:
            raise Fault("as-number", here, f"{number_text(low)}-{number_text(high)}")
        if low <= last + 1:
            raise Fault("as-order", here, "AS numbers that overlap, touch or are out of order")
        found.append((low, high))
        last = high
    return tuple(found)
