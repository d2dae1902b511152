"""What does a BGP UPDATE announce? Prefixes and their path (RFC 4271, 4760, 6793, 7911).

Tolerant as RFC 7606 asks: an UPDATE whose attributes are malformed withdraws its prefixes; only
where the prefixes themselves cannot be found is the whole message refused.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from madang.rpki.engine.resources.prefix import BITS, Prefix
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import AsPath

if TYPE_CHECKING:
    from collections.abc import Iterator

Placed: TypeAlias = tuple[Prefix, int]
"""A prefix and its path identifier (RFC 7911), 0 where there is none."""
Segment: TypeAlias = tuple[int, tuple[int, ...]]

UPDATE: Final = 2
MARKER: Final = b"\xff" * 16
HEADER: Final = 19
MOST_MESSAGE: Final = 65535
"""An extended message (RFC 8654)."""

AS_PATH, AGGREGATOR, MP_REACH, MP_UNREACH, AS4_PATH = 2, 7, 14, 15, 17
AS_TRANS: Final = 23456
_SET, _SEQUENCE, _CONFED_SEQUENCE, _CONFED_SET = 1, 2, 3, 4
_FAMILIES: Final = {(1, 1): 4, (2, 1): 6}
_WELL_KNOWN: Final = frozenset({1, 2, 3, 5, 6})
"""ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF, ATOMIC_AGGREGATE: neither optional nor untransitive."""


class Session(NamedTuple):
    """What both ends agreed on, without which an UPDATE cannot be read."""

    wide: bool = True
    """Whether AS numbers in paths have four bytes (RFC 6793)."""
    many_paths: frozenset[int] = frozenset()
    """Families (4, 6) with path identifiers (RFC 7911)."""


class Update(NamedTuple):
    """What one UPDATE says."""

    announced: tuple[Placed, ...]
    withdrawn: tuple[Placed, ...]
    path: AsPath | None
    fault: str = ""
    """Why its announcements count as withdrawn (RFC 7606): a code of `malformed.WHAT`."""


def update(body: bytes, session: Session) -> Update:
    """What the body of an UPDATE message says; other families than unicast are left out.

    Raises:
        Malformed: Its prefixes cannot be found for sure.
    """
    gone, at = _block(body, 0)
    attributes, at = _block(body, at)
    withdrawn = list(prefixes(gone, 4, many=4 in session.many_paths))
    announced = list(prefixes(body[at:], 4, many=4 in session.many_paths))
    fault, path = "", None
    held: dict[int, bytes] = {}
    try:
        for code, value in each_attribute(attributes):
            if code in held and code in {MP_REACH, MP_UNREACH}:
                raise Malformed("reach")
            held.setdefault(code, value)
    except Malformed as cause:
        if cause.code == "reach":
            raise
        fault = cause.code
    announced += _reached(held.get(MP_REACH), session)
    withdrawn += _unreached(held.get(MP_UNREACH), session)
    if announced and not fault:
        try:
            path = path_of(held, wide=session.wide)
        except Malformed as cause:
            fault = cause.code
    if fault:
        return Update((), tuple(withdrawn + announced), None, fault)
    return Update(tuple(announced), tuple(withdrawn), path)


def _block(body: bytes, at: int) -> tuple[bytes, int]:
    """A block with two bytes of length before it, and where it ends."""
    if at + 2 > len(body):
        raise Malformed("cut")
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    if end > len(body):
        raise Malformed("cut")
    return body[at + 2 : end], end


def each_attribute(block: bytes, *, flagged: bool = True) -> Iterator[tuple[int, bytes]]:
    """The codes and values of path attributes.

    Args:
        block: All attributes.
        flagged: Whether flags must be right: they must in a message, while in dumped tables
            routers (BIRD 2 for one) leave out those of attributes that never travelled.

    Raises:
        Malformed: One reaches beyond the block, or a well-known one has the flags of another.
    """
    at, size = 0, len(block)
    while at < size:
        if at + 3 > size:
            raise Malformed("attribute")
        flags, code = block[at], block[at + 1]
        if flags & 0x10:
            if at + 4 > size:
                raise Malformed("attribute")
            start = at + 4
            end = start + (block[at + 2] << 8 | block[at + 3])
        else:
            start = at + 3
            end = start + block[at + 2]
        if end > size:
            raise Malformed("attribute")
        if flagged and code in _WELL_KNOWN and flags & 0xC0 != 0x40:
            raise Malformed("flags", f"{flags:#04x}")
        yield code, block[start:end]
        at = end


def prefixes(block: bytes, family: int, *, many: bool = False) -> Iterator[Placed]:
    """The prefixes of a block of NLRI (RFC 4271, section 4.3; RFC 7911, section 3).

    Raises:
        Malformed: One is longer than an address, or cut off.
    """
    at, size, bits = 0, len(block), BITS[family]
    number = 0
    while at < size:
        if many:
            if at + 5 > size:
                raise Malformed("cut")
            number = int.from_bytes(block[at : at + 4], "big")
            at += 4
        length = block[at]
        if length > bits:
            raise Malformed("prefix", f"/{length}")
        end = at + 1 + (length + 7) // 8
        if end > size:
            raise Malformed("cut")
        yield Prefix(family, address_of(block[at + 1 : end], length, bits), length), number
        at = end


def address_of(content: bytes, length: int, bits: int) -> int:
    """The address that these leading bytes begin; bits behind the length are cleared."""
    address = int.from_bytes(content, "big") << (bits - 8 * len(content))
    return address >> (bits - length) << (bits - length)


def _reached(value: bytes | None, session: Session) -> list[Placed]:
    """The prefixes of an MP_REACH_NLRI (RFC 4760, section 3)."""
    if value is None:
        return []
    if len(value) < 5:
        raise Malformed("reach")
    family = _FAMILIES.get((value[0] << 8 | value[1], value[2]))
    if family is None:
        return []
    start = 4 + value[3] + 1
    if start > len(value):
        raise Malformed("reach")
    return list(prefixes(value[start:], family, many=family in session.many_paths))


def _unreached(value: bytes | None, session: Session) -> list[Placed]:
    """The prefixes of an MP_UNREACH_NLRI (RFC 4760, section 4)."""
    if value is None:
        return []
    if len(value) < 3:
        raise Malformed("reach")
    family = _FAMILIES.get((value[0] << 8 | value[1], value[2]))
    if family is None:
        return []
    return list(prefixes(value[3:], family, many=family in session.many_paths))


def path_of(attributes: dict[int, bytes], *, wide: bool) -> AsPath:
    """The path that attributes tell, AS4_PATH merged in (RFC 6793, section 4.2.3).

    Raises:
        Malformed: There is no AS_PATH, or it is malformed.
    """
    if AS_PATH not in attributes:
        raise Malformed("no-path")
    narrow = segments(attributes[AS_PATH], 4 if wide else 2)
    if wide or AS4_PATH not in attributes:
        return path_from(narrow)
    whose = attributes.get(AGGREGATOR, b"")
    if len(whose) == 6 and int.from_bytes(whose[:2], "big") != AS_TRANS:
        return path_from(narrow)
    try:
        full = segments(attributes[AS4_PATH], 4)
    except Malformed:
        # RFC 6793, section 6: a malformed AS4_PATH is discarded, the route is kept.
        return path_from(narrow)
    return path_from(_merged(narrow, full))


def segments(value: bytes, width: int) -> list[Segment]:
    """The segments of an AS_PATH (RFC 4271, section 4.3; RFC 5065).

    Raises:
        Malformed: A segment is empty, of unknown type, or cut off (RFC 7606, section 7.2).
    """
    found: list[Segment] = []
    at, size = 0, len(value)
    while at < size:
        if at + 2 > size:
            raise Malformed("path")
        kind, count = value[at], value[at + 1]
        end = at + 2 + count * width
        if not (_SET <= kind <= _CONFED_SET and count) or end > size:
            raise Malformed("path")
        form = f">{count}{'I' if width == 4 else 'H'}"
        found.append((kind, struct.unpack_from(form, value, at + 2)))
        at = end
    return found


def _units(path: list[Segment]) -> list[Segment]:
    """A path as what counts as one hop each: an AS of a sequence, or a whole set."""
    found: list[Segment] = []
    for kind, ases in path:
        if kind == _SEQUENCE:
            found += [(_SEQUENCE, (asn,)) for asn in ases]
        elif kind == _SET:
            found.append((kind, ases))
    return found


def _merged(narrow: list[Segment], full: list[Segment]) -> list[Segment]:
    short, long = _units(narrow), _units(full)
    if len(short) < len(long):
        return narrow
    return short[: len(short) - len(long)] + long


def path_from(path: list[Segment]) -> AsPath:
    """The value of a path; segments of confederations stay within them and are left out."""
    hops: list[int] = []
    has_set = ends_in_set = False
    for kind, ases in path:
        if kind == _SEQUENCE:
            hops += ases
            ends_in_set = False
        elif kind == _SET:
            has_set = ends_in_set = True
    return AsPath(tuple(hops), has_set, ends_in_set)


def message(content: bytes) -> tuple[int, bytes]:
    """The type and body of one whole BGP message.

    Raises:
        Malformed: Its marker or length is wrong.
    """
    if len(content) < HEADER:
        raise Malformed("cut")
    if content[:16] != MARKER:
        raise Malformed("marker")
    length = int.from_bytes(content[16:18], "big")
    if length != len(content) or length < HEADER:
        raise Malformed("length", str(length))
    return content[18], content[HEADER:]
