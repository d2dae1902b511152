"""Which faults can the numbers of a certificate have? (RFC 3779)."""

from __future__ import annotations

from typing import Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    bit_string,
    explicit,
    integer,
    octet_string,
    sequence,
)
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.simulator.faulty_certificates import add, swap
from madang.rpki.engine.simulator.plants import Plant


def _numbers(name: str, code: str, addresses: bytes) -> Plant:
    """A plant in the IPv4 addresses of a certificate, as IPAddressOrRange elements."""
    family = sequence(octet_string(b"\0\1"), sequence(addresses))
    new = ext.extension(oids.IP_RESOURCES, sequence(family), critical=True)
    return swap(name, code, oids.IP_RESOURCES, new)


def _asns(name: str, code: str, content: bytes) -> Plant:
    return add(name, code, ext.extension(oids.AS_RESOURCES, content, critical=True))


def _bits(address: bytes, unused: int = 0) -> bytes:
    return bit_string(address, unused)


def _range(low: bytes, high: bytes) -> bytes:
    return sequence(low, high)


NUMBERS: Final = (
    swap("no-resources", "resources-missing", oids.IP_RESOURCES, b""),
    _numbers("no-addresses", "resources-empty", b""),
    _numbers("prefix-of-40-bits", "ip-length", _bits(b"\0\0\x81\0\0")),
    _numbers("prefixes-falling", "ip-order", _bits(b"\0\0\x82") + _bits(b"\0\0\x81")),
    _numbers("prefixes-touching", "ip-order", _bits(b"\0\0\x80") + _bits(b"\0\0\x81")),
    _numbers("prefix-as-range", "ip-range", _range(_bits(b"\0\0\x81"), _bits(b"\0\0\x81"))),
    _numbers("range-backwards", "ip-order", _range(_bits(b"\0\0\x85"), _bits(b"\0\0\x81"))),
    _numbers(
        "range-with-long-bound", "ip-range", _range(_bits(b"\0\0\x81\0"), _bits(b"\0\0\x82"))
    ),
    swap(
        "family-of-appletalk",
        "ip-family",
        oids.IP_RESOURCES,
        ext.extension(
            oids.IP_RESOURCES, sequence(sequence(octet_string(b"\0\5"), NULL)), critical=True
        ),
    ),
    swap(
        "family-with-safi",
        "ip-family",
        oids.IP_RESOURCES,
        ext.extension(
            oids.IP_RESOURCES, sequence(sequence(octet_string(b"\0\1\1"), NULL)), critical=True
        ),
    ),
    _asns("as-number-33-bits", "as-number", sequence(explicit(0, sequence(integer(1 << 32))))),
    _asns(
        "as-number-of-8000-digits",
        "as-number",
        sequence(explicit(0, sequence(integer(1 << 26_000)))),
    ),
    _asns(
        "as-numbers-touching",
        "as-order",
        sequence(explicit(0, sequence(integer(5), integer(6)))),
    ),
    _asns("routing-domains", "as-rdi", sequence(explicit(1, NULL))),
    _asns("no-as-numbers", "resources-empty", sequence(explicit(0, sequence()))),
)
"""Faults in the numbers of a certificate (RFC 3779)."""
