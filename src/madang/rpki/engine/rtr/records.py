"""How is a payload kept so that it sorts and compares as bytes? One record for each.

A record is a key and a value. Its key begins with the type of its PDU. What follows makes the
order of records the order of sending (draft 8210bis, on races): longer prefixes before shorter,
all records of a prefix together. Only an ASPA has a value, its providers, since an announcement
for a customer replaces the one before; for all else the key says everything.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, TypeAlias

from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.rtr import pdu

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Record: TypeAlias = tuple[bytes, bytes]
"""Key and value."""

_v4 = struct.Struct(">BBIBI")
_v6 = struct.Struct(">BBQQBI")
_asn = struct.Struct(">BI")
KEY_BYTES: Final = {pdu.IPV4_PREFIX: _v4.size, pdu.IPV6_PREFIX: _v6.size}
_LOW: Final = (1 << 64) - 1

_FLIPPED: Final = {
    kind: bytes((bits - rank) % 256 for rank in range(256))
    for kind, bits in ((pdu.IPV4_PREFIX, 32), (pdu.IPV6_PREFIX, 128))
}
"""Type → table that turns the rank of a prefix length in a key into the length, and back."""
_LAYOUT: Final = {
    # Type: bytes of a PDU; for each of its bytes that varies, the byte of the key.
    pdu.IPV4_PREFIX: (20, {10: 6, **{12 + at: 2 + at for at in range(4)}}, 7),
    pdu.IPV6_PREFIX: (32, {10: 18, **{12 + at: 2 + at for at in range(16)}}, 19),
}


def prefix_keys(vrps: Iterable[Vrp]) -> list[bytes]:
    """The keys of VRPs, in the order given."""
    four, six = _v4.pack, _v6.pack
    return [
        four(4, 32 - length, address, most, asn)
        if family == 4
        else six(6, 128 - length, address >> 64, address & _LOW, most, asn)
        for family, address, length, most, asn in vrps
    ]


def other_records(payloads: Payloads) -> Iterator[Record]:
    """The records of all that is no VRP."""
    for asn, identifier, public_key in payloads.router_keys:
        yield _asn.pack(pdu.ROUTER_KEY, asn) + identifier + public_key, b""
    for customer, providers in payloads.aspas:
        yield _asn.pack(pdu.ASPA, customer), struct.pack(f">{len(providers)}I", *providers)


def payloads_of(records: Iterable[Record]) -> Payloads:
    """The payloads that these records keep."""
    vrps, aspas, keys = [], [], []
    for key, value in records:
        kind = key[0]
        if kind == pdu.IPV4_PREFIX:
            _, rank, address, most, asn = _v4.unpack(key)
            vrps.append(Vrp(4, address, 32 - rank, most, asn))
        elif kind == pdu.IPV6_PREFIX:
            _, rank, high, low, most, asn = _v6.unpack(key)
            vrps.append(Vrp(6, high << 64 | low, 128 - rank, most, asn))
        elif kind == pdu.ASPA:
            providers = struct.unpack(f">{len(value) // 4}I", value)
            aspas.append(Aspa(int.from_bytes(key[1:5], "big"), providers))
        else:
            keys.append(RouterKey(int.from_bytes(key[1:5], "big"), key[5:25], key[25:]))
    return Payloads(frozenset(vrps), frozenset(aspas), frozenset(keys))


def prefix_pdus(kind: int, keys: bytes, *, version: int, flags: int) -> bytes:
    """The PDUs of many prefix keys that stand one behind the other (5.6, 5.7).

    Whole columns of bytes are moved at once: 788,000 PDUs take some 30 ms, a call for each
    would take half a second.
    """
    size, columns, asn = _LAYOUT[kind]
    width = KEY_BYTES[kind]
    count = len(keys) // width
    blank = pdu.head.pack(version, kind, 0, size) + bytes((flags,)) + bytes(size - 9)
    written = bytearray(blank * count)
    written[9::size] = keys[1::width].translate(_FLIPPED[kind])
    for to, source in columns.items():
        written[to::size] = keys[source::width]
    for at in range(4):
        written[size - 4 + at :: size] = keys[asn + at :: width]
    return bytes(written)


def other_pdu(key: bytes, value: bytes, *, version: int, flags: int) -> bytes:
    """The PDU of a router key (5.10) or an ASPA (draft 8210bis, 5.12).

    The withdrawal of an ASPA names no providers.
    """
    kind = key[0]
    content = key[5:25] + key[1:5] + key[25:]
    if kind == pdu.ASPA:
        content = key[1:5] + (value if flags == pdu.ANNOUNCE else b"")
    return pdu.head.pack(version, kind, flags << 8, pdu.HEAD_BYTES + len(content)) + content


def difference_pdus(
    entries: Mapping[bytes, tuple[bytes | None, bytes | None]], *, version: int
) -> bytes:
    """The PDUs that lead from older values to newer ones; None says that there was no record.

    What is announced comes first, longest prefix first; then what is withdrawn, shortest prefix
    first: at no moment is a route without the VRP that made it valid (draft 8210bis, on races).
    """
    come = sorted(key for key, (_, new) in entries.items() if new is not None)
    gone = sorted((key for key, (_, new) in entries.items() if new is None), reverse=True)
    parts = []
    for flags, keys in ((pdu.ANNOUNCE, come), (pdu.WITHDRAW, gone)):
        for kind in (pdu.IPV4_PREFIX, pdu.IPV6_PREFIX):
            joined = b"".join(key for key in keys if key[0] == kind)
            parts.append(prefix_pdus(kind, joined, version=version, flags=flags))
        parts += [
            other_pdu(key, entries[key][1] or b"", version=version, flags=flags)
            for key in keys
            if pdu.FIRST_VERSION_OF.get(key[0], version + 1) <= version
        ]
    return b"".join(parts)
