"""How is one element of a finished object replaced? Surgery on DER, all lengths mended.

For faults that no draft can be told to make, since its fields are values and not bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.der.reader import element
from madang.rpki.engine.der.writer import tlv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def parts(whole: bytes) -> list[bytes]:
    """The elements directly within an element."""
    _, at, end = element(whole, 0, len(whole))
    found = []
    while at < end:
        _, _, after = element(whole, at, end)
        found.append(whole[at:after])
        at = after
    return found


def part(whole: bytes, path: Sequence[int]) -> bytes:
    """The element at the end of a path of places, from 0, -1 for the last."""
    for place in path:
        whole = parts(whole)[place]
    return whole


def graft(whole: bytes, path: Sequence[int], change: Callable[[bytes], bytes]) -> bytes:
    """The object with the element at the end of the path changed; none where it turns empty."""
    if not path:
        return change(whole)
    inner = parts(whole)
    inner[path[0]] = graft(inner[path[0]], path[1:], change)
    return tlv(whole[0], b"".join(inner))


def indefinite(whole: bytes) -> bytes:
    """An element in BER: its outermost length left open (X.690, 8.1.3.6)."""
    _, start, stop = element(whole, 0, len(whole))
    return whole[:1] + b"\x80" + whole[start:stop] + b"\0\0"
