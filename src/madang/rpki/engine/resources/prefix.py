"""What is a prefix? A family, an address and a length, as text and as numbers (RFC 4632, 4291)."""

from __future__ import annotations

import ipaddress
from typing import Final, Literal, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused

Family = Literal[4, 6]

BITS: Final[dict[int, int]] = {4: 32, 6: 128}
"""Family → the bits of its addresses."""


class Prefix(NamedTuple):
    """A block of addresses whose first `length` bits are fixed."""

    family: int
    """4 or 6."""
    address: int
    """Its first address as a number; the bits behind the length are zero."""
    length: int

    def __str__(self) -> str:
        return f"{address_text(self.family, self.address)}/{self.length}"

    @property
    def last(self) -> int:
        """Its last address as a number."""
        return self.address | (1 << (BITS[self.family] - self.length)) - 1

    def covers(self, other: Prefix) -> bool:
        """Whether every address of `other` lies in this prefix."""
        shift = BITS[self.family] - self.length
        return (
            self.family == other.family
            and self.length <= other.length
            and self.address >> shift == other.address >> shift
        )


def address_text(family: int, address: int) -> str:
    """An address as text; IPv6 as RFC 5952 writes it."""
    if family == 4:
        return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"
    return str(ipaddress.IPv6Address(address))


def read_prefix(text: str) -> Prefix:
    """The prefix that a text such as `192.0.2.0/24` or `2001:db8::/32` names.

    Raises:
        ResourcesRefused: It is no prefix, or bits behind its length are set.
    """
    stripped = text.strip()
    try:
        network = ipaddress.ip_network(stripped, strict=True)
    except ValueError as fault:
        raise _no_prefix(stripped) from fault
    # A mask in the place of the length is the writing of routers, not of registries.
    if "%" in stripped or not stripped.rpartition("/")[2].isdigit() or "/" not in stripped:
        raise _no_prefix(stripped)
    return Prefix(network.version, int(network.network_address), network.prefixlen)


def _no_prefix(text: str) -> ResourcesRefused:
    return ResourcesRefused(
        words(f"주소 대역 {text[:60]!r}", f"the prefix {text[:60]!r}"),
        words(
            "192.0.2.0/24 또는 2001:db8::/32 꼴이며 길이 뒤의 비트가 모두 0인 대역",
            "a prefix such as 192.0.2.0/24 or 2001:db8::/32 with zero bits behind its length",
        ),
    )


def read_asn(text: str) -> int:
    """The AS number that `AS64500` or `64500` names (RFC 5396, asplain).

    Raises:
        ResourcesRefused: It is no number from 0 to 4294967295.
    """
    digits = text.strip().upper().removeprefix("AS")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10) or int(digits) >> 32:
        raise ResourcesRefused(
            words(f"AS 번호 {text.strip()[:60]!r}", f"the AS number {text.strip()[:60]!r}"),
            words(
                "0부터 4294967295까지의 수, AS64500 꼴",
                "a number from 0 to 4294967295, as in AS64500",
            ),
        )
    return int(digits)
