"""Is a trust anchor about to change its key? Signed trust-anchor keys (RFC 9691)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der.reader import IA5_STRING, SEQUENCE, UTF8_STRING, enter, finished
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.extensions import uri_text
from madang.rpki.engine.objects.keys import check_rsa_key

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject

ANCHOR_KEY_TYPE: Final = bytes.fromhex("2a864886f70d0109100132")
_MOST: Final = 64


class AnchorKey(NamedTuple):
    """A key of a trust anchor and the addresses of its certificate: a locator in an object."""

    comments: tuple[str, ...]
    uris: tuple[str, ...]
    key: bytes
    """SubjectPublicKeyInfo in DER."""


class AnchorKeys(NamedTuple):
    """The present key, the one before and the one to come."""

    current: AnchorKey
    predecessor: AnchorKey | None
    successor: AnchorKey | None


def read_anchor_keys(signed: SignedObject) -> AnchorKeys:
    """The keys that a TAK object names.

    Raises:
        Fault: It is none, or its certificate does not inherit its resources.
    """
    data = signed.data
    if signed.content_type != ANCHOR_KEY_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    if not signed.certificate.inherits:
        raise Fault("anchor-key-resources")
    at, end = enter(data, *signed.content, SEQUENCE)
    finished(end, signed.content[1])
    if at < end and data[at] != SEQUENCE:
        raise Fault("content-version", at)
    current, at = _key(data, at, end)
    predecessor, at = _optional(data, at, end, 0xA0)
    successor, at = _optional(data, at, end, 0xA1)
    finished(at, end)
    return AnchorKeys(current, predecessor, successor)


def _optional(data: bytes, at: int, end: int, tag: int) -> tuple[AnchorKey | None, int]:
    if at == end or data[at] != tag:
        return None, at
    start, stop = enter(data, at, end, tag)
    key, after = _key(data, start, stop)
    finished(after, stop)
    return key, stop


def _key(data: bytes, at: int, end: int) -> tuple[AnchorKey, int]:
    start, stop = enter(data, at, end, SEQUENCE)
    comments, place = _texts(data, start, stop, UTF8_STRING)
    uris, place = _texts(data, place, stop, IA5_STRING)
    if not uris:
        raise Fault("anchor-key-uris", place)
    _, key_end = enter(data, place, stop, SEQUENCE)
    finished(key_end, stop)
    return AnchorKey(comments, uris, check_rsa_key(data, place, key_end)), stop


def _texts(data: bytes, at: int, end: int, tag: int) -> tuple[tuple[str, ...], int]:
    start, stop = enter(data, at, end, SEQUENCE)
    found: list[str] = []
    while start < stop:
        first, after = enter(data, start, stop, tag)
        if len(found) >= _MOST:
            raise Fault("anchor-key-uris", start, f"more than {_MOST} texts")
        if tag == IA5_STRING:
            found.append(uri_text(data, first, after))
        else:
            found.append(data[first:after].decode("utf-8", errors="replace"))
        start = after
    return tuple(found), stop
