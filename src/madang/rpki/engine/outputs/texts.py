"""How are hundreds of thousands of prefixes written as text without taking seconds? (RFC 5952)."""

from __future__ import annotations

from socket import AF_INET6, inet_ntoa, inet_ntop
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.resources.prefix import address_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from madang.rpki.engine.validation.outcome import Sourced

_PLAIN: Final = 1 << 96
"""Below it stand the addresses that the C library writes with a dotted end, against RFC 5952."""


def prefix_text(family: int, address: int, length: int) -> str:
    """A prefix as text, by the C library: six times quicker than `ipaddress`."""
    if family == 4:
        return f"{inet_ntoa(address.to_bytes(4, 'big'))}/{length}"
    if address < _PLAIN:
        return f"{address_text(6, address)}/{length}"
    return f"{inet_ntop(AF_INET6, address.to_bytes(16, 'big'))}/{length}"


def lines(vrps: Iterable[Sourced]) -> Iterator[tuple[str, Sourced]]:
    """VRPs with the texts of their prefixes."""
    for each in vrps:
        family, address, length, _, _ = each[0]
        if family == 4:
            # What `prefix_text` does, without the call that would cost a third of the time.
            yield f"{inet_ntoa(address.to_bytes(4, 'big'))}/{length}", each
        else:
            yield prefix_text(family, address, length), each
