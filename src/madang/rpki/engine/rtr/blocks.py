"""How are a million prefixes held so that a change of one touches few bytes?

Sorted keys of one width stand in blocks of some thousand. A block never changes: a new edition
shares all blocks that a change did not touch. The PDUs of a block are written when a router first
asks for them, once for each protocol version, and shared by all routers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.records import KEY_BYTES, prefix_pdus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_KEYS: Final = 4096
_REBUILT_SHARE: Final = 8
"""Where more than one key in so many changes, sorting all anew is quicker than patching."""


class Block:
    """Some keys and, once asked for, their PDUs."""

    __slots__ = ("_pdus", "_width", "keys")

    def __init__(self, keys: bytes, width: int) -> None:
        self.keys, self._width = keys, width
        self._pdus: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self.keys) // self._width

    @property
    def first(self) -> bytes:
        """Its smallest key."""
        return self.keys[: self._width]

    def split(self) -> list[bytes]:
        """Its keys, one by one."""
        width = self._width
        return [self.keys[at : at + width] for at in range(0, len(self.keys), width)]

    def pdus(self, version: int) -> bytes:
        """The announcements of its prefixes."""
        written = self._pdus.get(version)
        if written is None:
            written = prefix_pdus(self.keys[0], self.keys, version=version, flags=pdu.ANNOUNCE)
            self._pdus[version] = written
        return written


@dataclass(frozen=True, slots=True)
class Blocks:
    """All prefixes of one family."""

    kind: int
    """The type of their PDUs."""
    blocks: tuple[Block, ...] = ()
    _firsts: list[bytes] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def __iter__(self) -> Iterator[bytes]:
        for block in self.blocks:
            yield from block.split()

    def changed(self, come: Iterable[bytes], gone: Iterable[bytes]) -> Blocks:
        """These with some keys more and some fewer; what is not there cannot go."""
        more, fewer = sorted(set(come)), set(gone)
        if not self.blocks:
            return self._over(more)
        if (len(more) + len(fewer)) * _REBUILT_SHARE > len(self):
            return self._over(sorted((set(self) - fewer).union(more)))
        touched: dict[int, tuple[list[bytes], set[bytes]]] = {}
        for key in more:
            touched.setdefault(self._place(key), ([], set()))[0].append(key)
        for key in fewer:
            touched.setdefault(self._place(key), ([], set()))[1].add(key)
        blocks = list(self.blocks)
        for at in sorted(touched, reverse=True):
            blocks[at : at + 1] = self._patched(blocks[at], *touched[at])
        return self._of(blocks)

    def __contains__(self, key: bytes) -> bool:
        if not self.blocks:
            return False
        keys = self.blocks[self._place(key)].split()
        at = bisect_left(keys, key)
        return at < len(keys) and keys[at] == key

    def _place(self, key: bytes) -> int:
        return max(bisect_right(self._firsts, key) - 1, 0)

    def _patched(self, block: Block, come: list[bytes], gone: set[bytes]) -> list[Block]:
        keys = sorted({*block.split(), *come} - gone)
        return self._cut(keys)

    def _over(self, keys: list[bytes]) -> Blocks:
        return self._of(self._cut(keys))

    def _of(self, blocks: list[Block]) -> Blocks:
        return Blocks(self.kind, tuple(blocks), [block.first for block in blocks])

    def _cut(self, keys: list[bytes]) -> list[Block]:
        width = KEY_BYTES[self.kind]
        # A block may grow to twice its size before it is cut: else every new key would cut one.
        size = BLOCK_KEYS if len(keys) > 2 * BLOCK_KEYS else max(len(keys), 1)
        return [Block(b"".join(keys[at : at + size]), width) for at in range(0, len(keys), size)]
