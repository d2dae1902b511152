"""How do people write numbers? One prefix, one range of addresses, one AS number or range."""

from __future__ import annotations

import ipaddress

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.prefix import read_asn, read_prefix


def part_of(text: str) -> tuple[str, tuple[int, int]]:
    """One part of a list of resources: its kind (v4, v6, asn) and its first and last number.

    Raises:
        ResourcesRefused: It is no prefix, range or AS number, or a range that ends before it
            begins.
    """
    if text[:2].upper() == "AS":
        first, dash, last = text.partition("-")
        return _in_order(text, "asn", read_asn(first), read_asn(last if dash else first))
    if "/" in text:
        prefix = read_prefix(text)
        return f"v{prefix.family}", (prefix.address, prefix.last)
    first, dash, last = text.partition("-")
    try:
        low = ipaddress.ip_address(first.strip())
        high = ipaddress.ip_address((last if dash else first).strip())
    except ValueError as fault:
        raise _unreadable(text) from fault
    if low.version != high.version or "%" in text:
        raise _unreadable(text)
    return _in_order(text, f"v{low.version}", int(low), int(high))


def _in_order(text: str, kind: str, low: int, high: int) -> tuple[str, tuple[int, int]]:
    if low > high:
        raise _unreadable(text)
    return kind, (low, high)


def _unreadable(text: str) -> ResourcesRefused:
    return ResourcesRefused(
        words(f"자원 {text[:60]!r}", f"the resource {text[:60]!r}"),
        words(
            "192.0.2.0/24, 192.0.2.0-192.0.2.127, 2001:db8::/32, AS64500, AS64496-AS64499 꼴",
            "one such as 192.0.2.0/24, 192.0.2.0-192.0.2.127, 2001:db8::/32, AS64500 or"
            " AS64496-AS64499",
        ),
    )
