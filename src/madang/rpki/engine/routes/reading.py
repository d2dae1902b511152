"""How are a million prefixes read from text? As strictly as one, and ten times as quickly."""

from __future__ import annotations

import socket

from madang.rpki.engine.resources.prefix import BITS, Prefix, read_asn, read_prefix


def quick_prefix(text: str) -> Prefix:
    """The prefix that a text names, by the C library's reader of addresses.

    Raises:
        ResourcesRefused: It is no prefix, or bits behind its length are set.
    """
    address_part, slash, length_part = text.partition("/")
    family = 6 if ":" in address_part else 4
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    try:
        address = int.from_bytes(socket.inet_pton(kind, address_part), "big")
    except (OSError, ValueError):
        return read_prefix(text)
    if not (slash and length_part.isdigit() and length_part.isascii() and len(length_part) < 4):
        return read_prefix(text)
    length = int(length_part)
    if length > BITS[family] or address & ((1 << BITS[family] - length) - 1):
        return read_prefix(text)
    return Prefix(family, address, length)


def quick_asn(text: str) -> int:
    """The AS number that `AS64500` or `64500` names.

    Raises:
        ResourcesRefused: It is no number from 0 to 4294967295.
    """
    digits = text[2:] if text[:2] == "AS" else text
    if digits.isdigit() and digits.isascii() and len(digits) < 10:
        return int(digits)
    return read_asn(text)
