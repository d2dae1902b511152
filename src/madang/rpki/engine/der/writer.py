"""How is a value written in DER? Tags, lengths and the few types the RPKI uses (X.690).

Every function returns a whole element: tag, length and content.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_LENGTHS: Final = [bytes((length,)) for length in range(128)]
_TAGS: Final = [bytes((tag,)) for tag in range(256)]

NULL: Final = b"\x05\x00"
TRUE: Final = b"\x01\x01\xff"
FALSE: Final = b"\x01\x01\x00"


def tlv(tag: int, content: bytes) -> bytes:
    """An element with a one-byte tag, such as 0x30 for a SEQUENCE."""
    size = len(content)
    if size < 128:
        return _TAGS[tag] + _LENGTHS[size] + content
    if size < 256:
        return b"%c\x81%c%b" % (tag, size, content)
    if size < 65536:
        return b"%c\x82%c%c%b" % (tag, size >> 8, size & 255, content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return _TAGS[tag] + _TAGS[0x80 | len(octets)] + octets + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of these elements."""
    return tlv(0x30, b"".join(parts))


def sequence_of(parts: Iterable[bytes]) -> bytes:
    """A SEQUENCE of as many elements as there are."""
    return tlv(0x30, b"".join(parts))


def set_of(parts: Iterable[bytes], *, tag: int = 0x31) -> bytes:
    """A SET OF these elements, in the order that DER asks for (X.690, 11.6)."""
    return tlv(tag, b"".join(sorted(parts)))


def explicit(number: int, *parts: bytes) -> bytes:
    """Elements inside the constructed context tag `[number]`."""
    return tlv(0xA0 | number, b"".join(parts))


def implicit(number: int, content: bytes) -> bytes:
    """Content bytes under the primitive context tag `[number]`."""
    return tlv(0x80 | number, content)


def integer(value: int) -> bytes:
    """An INTEGER in as few bytes as its sign allows."""
    return tlv(
        0x02,
        value.to_bytes(
            ((value if value >= 0 else ~value).bit_length() // 8) + 1, "big", signed=True
        ),
    )


def octet_string(content: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(0x04, content)


def bit_string(content: bytes, unused: int = 0) -> bytes:
    """A BIT STRING whose last byte leaves `unused` bits, which must be zero, at its end."""
    return tlv(0x03, _TAGS[unused] + content)


def named_bits(*numbers: int) -> bytes:
    """A BIT STRING with these bits set and no zero bit behind the last (X.690, 11.2.2)."""
    if not numbers:
        return bit_string(b"")
    last = max(numbers)
    size = last // 8 + 1
    value = sum(1 << (size * 8 - 1 - number) for number in set(numbers))
    return bit_string(value.to_bytes(size, "big"), 7 - last % 8)


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form, such as `2.5.29.15`."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    return tlv(0x06, b"".join(_base128(part) for part in (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    octets = [number & 127]
    while number := number >> 7:
        octets.append(number & 127 | 128)
    return bytes(reversed(octets))


def printable_string(text: str) -> bytes:
    """A PrintableString."""
    return tlv(0x13, text.encode("ascii"))


def ia5_string(text: str) -> bytes:
    """An IA5String, as manifests name files."""
    return tlv(0x16, text.encode("ascii"))


def utf8_string(text: str) -> bytes:
    """A UTF8String."""
    return tlv(0x0C, text.encode())


def time(moment: datetime) -> bytes:
    """A moment as certificates and signing times have it: UTCTime until 2049 (RFC 5280, 4.1.2.5).

    Parts of a second are cut off.
    """
    moment = moment.astimezone(UTC)
    if 1950 <= moment.year < 2050:
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(moment)


def generalized_time(moment: datetime) -> bytes:
    """A moment as GeneralizedTime, as manifests have it whatever the year (RFC 9286, 4.2.1)."""
    moment = moment.astimezone(UTC)
    # The C library's %Y writes years before 1000 with fewer than four digits.
    return tlv(0x18, f"{moment.year:04d}{moment:%m%d%H%M%S}Z".encode())
