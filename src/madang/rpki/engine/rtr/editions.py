"""What may a router be told at one moment? An edition: all records, and the ways that lead to it.

An edition never changes, so that it can be sent while the next one is made. It remembers the
differences between the editions before it, within bounds; a router that has an older one is told
to ask for everything (Cache Reset, RFC 8210, section 8.4).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.blocks import Blocks
from madang.rpki.engine.rtr.records import difference_pdus, other_pdu, other_records, prefix_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.rpki.engine.payloads import Change, Payloads
    from madang.rpki.engine.rtr.records import Record

Entries: TypeAlias = "dict[bytes, tuple[bytes | None, bytes | None]]"
"""Key → its value before and after; None where there was, or is, no record."""

_KEPT_ANSWERS: Final = 32
_PIECE_BYTES: Final = 1 << 16


class Delta(NamedTuple):
    """The way from one serial number to another."""

    old: int
    new: int
    entries: Entries


class Bounds(NamedTuple):
    """How much of the past is remembered."""

    deltas: int = 1000
    entries: int = 100_000
    """In all deltas together; one eighth of the real Internet's payloads. A router that needs
    more is better off with everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Everything that is believed, under one serial number."""

    serial: int
    four: Blocks = field(default_factory=lambda: Blocks(pdu.IPV4_PREFIX))
    six: Blocks = field(default_factory=lambda: Blocks(pdu.IPV6_PREFIX))
    others: Mapping[bytes, bytes] = field(default_factory=dict)
    """The records of router keys and ASPAs."""
    history: tuple[Delta, ...] = ()
    """Oldest first; each begins where the one before ends, the last ends here."""
    _answers: OrderedDict[tuple[int, int], bytes] = field(
        default_factory=OrderedDict, repr=False, compare=False
    )
    _others: dict[int, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.four) + len(self.six) + len(self.others)

    def __iter__(self) -> Iterator[Record]:
        """Every record."""
        for blocks in (self.four, self.six):
            for key in blocks:
                yield key, b""
        yield from self.others.items()

    def everything(self, version: int) -> Iterator[bytes]:
        """The announcements of all records that this version knows, in pieces to be sent."""
        for blocks in (self.four, self.six):
            for block in blocks.blocks:
                yield block.pdus(version)
        if version not in self._others:
            self._others[version] = b"".join(
                other_pdu(key, self.others[key], version=version, flags=pdu.ANNOUNCE)
                for key in sorted(self.others)
                if pdu.FIRST_VERSION_OF[key[0]] <= version
            )
        written = self._others[version]
        for at in range(0, len(written), _PIECE_BYTES):
            yield written[at : at + _PIECE_BYTES]

    def since(self, serial: int, version: int) -> bytes | None:
        """The way here from an older edition; None where it is not, or no longer, known."""
        if serial == self.serial:
            return b""
        written = self._answers.get((serial, version))
        if written is None:
            starts = [delta.old for delta in self.history]
            if serial not in starts:
                return None
            entries = joined(self.history[starts.index(serial) :])
            written = difference_pdus(entries, version=version)
            self._answers[serial, version] = written
            if len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return written

    def next(self, serial: int, entries: Entries, bounds: Bounds) -> Edition:
        """The edition that follows this one."""
        come: dict[int, list[bytes]] = {pdu.IPV4_PREFIX: [], pdu.IPV6_PREFIX: []}
        gone: dict[int, list[bytes]] = {pdu.IPV4_PREFIX: [], pdu.IPV6_PREFIX: []}
        others = dict(self.others)
        for key, (_, new) in entries.items():
            if key[0] in come:
                (gone if new is None else come)[key[0]].append(key)
            elif new is None:
                del others[key]
            else:
                others[key] = new
        return Edition(
            serial=serial,
            four=self.four.changed(come[pdu.IPV4_PREFIX], gone[pdu.IPV4_PREFIX]),
            six=self.six.changed(come[pdu.IPV6_PREFIX], gone[pdu.IPV6_PREFIX]),
            others=others,
            history=remembered((*self.history, Delta(self.serial, serial, entries)), bounds),
        )


def first(serial: int, payloads: Payloads) -> Edition:
    """The edition of all these payloads, without a past."""
    keys = prefix_keys(payloads.vrps)
    return Edition(
        serial=serial,
        four=Blocks(pdu.IPV4_PREFIX).changed([key for key in keys if key[0] == 4], ()),
        six=Blocks(pdu.IPV6_PREFIX).changed([key for key in keys if key[0] == 6], ()),
        others=dict(other_records(payloads)),
    )


def entries_of(change: Change) -> Entries:
    """A change as records; an ASPA that takes another's place is one entry, not two."""
    entries: Entries = dict.fromkeys(prefix_keys(change.withdrawn.vrps), (b"", None))
    entries |= dict.fromkeys(prefix_keys(change.announced.vrps), (None, b""))
    for key, value in other_records(change.withdrawn):
        entries[key] = (value, None)
    for key, value in other_records(change.announced):
        before, _ = entries.get(key, (None, None))
        entries[key] = (before, value)
    return entries


def joined(deltas: tuple[Delta, ...]) -> Entries:
    """Several ways behind one another as one: what came and went again is not told."""
    if len(deltas) == 1:
        return deltas[0].entries
    entries: Entries = {}
    for delta in deltas:
        for key, (before, after) in delta.entries.items():
            entries[key] = (entries[key][0] if key in entries else before, after)
    return {key: (before, after) for key, (before, after) in entries.items() if before != after}


def remembered(history: tuple[Delta, ...], bounds: Bounds) -> tuple[Delta, ...]:
    """As many of the latest deltas as the bounds allow."""
    left, start = bounds.entries, len(history)
    while start > 0 and len(history) - start < bounds.deltas:
        left -= len(history[start - 1].entries)
        if left < 0:
            break
        start -= 1
    return history[start:]
