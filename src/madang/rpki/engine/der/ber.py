"""What would this be in DER? Indefinite lengths and cut strings made definite (X.690 8.1, 10).

Old signed objects were written in BER, against RFC 6488 section 2. Every peer reads them, so
history needs a way in; the verdict says that it was taken.
"""

from __future__ import annotations

from typing import Final

from madang.rpki.engine.faults import Fault

_DEEPEST: Final = 24
LARGEST: Final = 1 << 19
"""Bytes of an object in BER: historic ones are far smaller, and each part costs memory."""
_CONSTRUCTED: Final = 0x20
_JOINED: Final = {0x24: 0x04, 0x23: 0x03, 0x2C: 0x0C, 0x33: 0x13, 0x36: 0x16}
"""A string in pieces → the tag of the string in one."""


def to_der(data: bytes, *, largest: int = LARGEST) -> bytes:
    """The same value with definite, shortest lengths and strings in one piece.

    Elements keep their order: a SET OF is not sorted anew, since its signer signed it so.

    Raises:
        Fault: It is no BER, is cut, nests too deeply, or something follows it.
    """
    if len(data) > largest:
        raise Fault("object-size", 0, f"{len(data)} bytes")
    out, at = _element(data, 0, len(data), 0)
    if at != len(data):
        raise Fault("der-trailing", at, f"{len(data) - at} bytes too many")
    return out


def _element(data: bytes, at: int, end: int, depth: int) -> tuple[bytes, int]:
    if depth > _DEEPEST:
        raise Fault("der-depth", at, f"more than {_DEEPEST} levels")
    if at + 2 > end:
        raise Fault("der-truncated", at, "an element should stand here")
    tag = data[at]
    if tag & 0x1F == 0x1F:
        raise Fault("der-tag", at, "a tag of several bytes")
    start, stop = _extent(data, at, end)
    if not tag & _CONSTRUCTED:
        if stop is None:
            raise Fault("der-indefinite", at + 1, "on an element without parts")
        return _header(tag, stop - start) + data[start:stop], stop
    parts, after = _parts(data, start, (end, stop), depth)
    if tag in _JOINED:
        return _joined(_JOINED[tag], parts, at), after
    content = b"".join(parts)
    return _header(tag, len(content)) + content, after


def _extent(data: bytes, at: int, end: int) -> tuple[int, int | None]:
    """Where the contents begin and end; no end where the length is indefinite."""
    first = data[at + 1]
    if first == 0x80:
        return at + 2, None
    count = first & 0x7F if first & 0x80 else 0
    if count > 8 or at + 2 + count > end:
        raise Fault("der-length", at + 1, f"a length of {count} bytes")
    length = int.from_bytes(data[at + 2 : at + 2 + count], "big") if count else first
    start = at + 2 + count
    if start + length > end:
        raise Fault("der-truncated", at, f"{length} bytes announced, {end - start} there")
    return start, start + length


def _parts(
    data: bytes, at: int, bounds: tuple[int, int | None], depth: int
) -> tuple[list[bytes], int]:
    """The elements within, each in DER, and the byte after the last (or its end mark)."""
    end, stop = bounds
    parts: list[bytes] = []
    while stop is None or at < stop:
        if stop is None and at + 2 <= end and data[at : at + 2] == b"\0\0":
            return parts, at + 2
        part, at = _element(data, at, end if stop is None else stop, depth + 1)
        parts.append(part)
    return parts, at


def _joined(tag: int, parts: list[bytes], at: int) -> bytes:
    """A string in one piece; of bit strings, only the last may have unused bits."""
    contents = []
    for part in parts:
        if part[0] != tag:
            raise Fault("der-tag", at, "a string in pieces of another kind")
        head = 2 + (part[1] & 0x7F if part[1] & 0x80 else 0)
        contents.append(part[head:])
    if tag == 0x03:
        return _joined_bits(contents, at)
    whole = b"".join(contents)
    return _header(tag, len(whole)) + whole


def _joined_bits(contents: list[bytes], at: int) -> bytes:
    if not contents or any(not each for each in contents) or any(c[0] for c in contents[:-1]):
        raise Fault("der-bits", at, "pieces with unused bits in the middle")
    whole = contents[-1][:1] + b"".join(each[1:] for each in contents)
    return _header(0x03, len(whole)) + whole


def _header(tag: int, length: int) -> bytes:
    if length < 128:
        return bytes((tag, length))
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big")
