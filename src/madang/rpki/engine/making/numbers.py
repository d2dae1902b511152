"""How are addresses and AS numbers written in an object? RFC 3779, sections 2 and 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import writer
from madang.rpki.engine.resources.prefix import BITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from madang.rpki.engine.resources.blocks import Blocks, Resources

KINDS: Final = frozenset(("v4", "v6", "asn"))
"""The kinds of resources, each of which may be inherited by itself."""
FAMILIES: Final = ((4, "v4", b"\x04\x02\x00\x01"), (6, "v6", b"\x04\x02\x00\x02"))
"""Family, its kind, and the addressFamily element of its number at IANA (AFI)."""


def address_bits(family: int, address: int, length: int) -> bytes:
    """The first `length` bits of an address, as a BIT STRING (RFC 3779, 2.1.1)."""
    size = (length + 7) // 8
    unused = size * 8 - length
    bits = address >> (BITS[family] - length) << unused
    return writer.bit_string(bits.to_bytes(size, "big"), unused)


def address_block(family: int, low: int, high: int) -> bytes:
    """An interval as IPAddressOrRange: as a prefix wherever it is one (RFC 3779, 2.2.3.7)."""
    bits = BITS[family]
    free = (high - low + 1).bit_length() - 1
    if high - low + 1 == 1 << free and not low & ((1 << free) - 1):
        return address_bits(family, low, bits - free)
    # The end is cut after its last zero bit, the beginning after its last one bit (2.2.3.8).
    zeros = (low & -low).bit_length() - 1 if low else bits
    ones = (~high & (high + 1)).bit_length() - 1
    return writer.sequence(
        address_bits(family, low, bits - zeros), address_bits(family, high, bits - ones)
    )


def address_blocks(family: int, blocks: Blocks) -> bytes:
    """A canonical set of addresses as addressesOrRanges."""
    return writer.sequence_of(address_block(family, low, high) for low, high in blocks)


def asn_block(low: int, high: int) -> bytes:
    """An interval of AS numbers as ASIdOrRange."""
    if low == high:
        return writer.integer(low)
    return writer.sequence(writer.integer(low), writer.integer(high))


def ip_resources(resources: Resources, inherit: Collection[str] = ()) -> bytes:
    """IPAddrBlocks, the content of the extension; empty bytes where there is nothing to say.

    Args:
        resources: What is held.
        inherit: The kinds (`v4`, `v6`) that are the issuer's, whatever it holds.
    """
    parts = []
    for family, kind, afi in FAMILIES:
        blocks: Blocks = getattr(resources, kind)
        if kind in inherit:
            parts.append(writer.sequence(afi, writer.NULL))
        elif blocks:
            parts.append(writer.sequence(afi, address_blocks(family, blocks)))
    return writer.sequence_of(parts) if parts else b""


def as_resources(resources: Resources, inherit: Collection[str] = ()) -> bytes:
    """ASIdentifiers, the content of the extension; empty bytes where there is nothing to say."""
    if "asn" in inherit:
        return writer.sequence(writer.explicit(0, writer.NULL))
    if not resources.asn:
        return b""
    blocks = writer.sequence_of(asn_block(low, high) for low, high in resources.asn)
    return writer.sequence(writer.explicit(0, blocks))
