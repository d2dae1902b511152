"""Which files does this authority publish now? (RFC 9286)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der.reader import (
    BIT_STRING,
    IA5_STRING,
    SEQUENCE,
    enter,
    finished,
    generalized_time,
    integer,
)
from madang.rpki.engine.faults import Fault

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject

MANIFEST_TYPE: Final = bytes.fromhex("2a864886f70d010910011a")
_SHA256: Final = bytes.fromhex("0609608648016503040201")
FILE_NAME: Final = re.compile(rb"[A-Za-z0-9_-]{1,250}\.[a-z]{3}")
"""RFC 9286 section 4.2.2; bounded, so that it is a name on every file system."""


class Manifest(NamedTuple):
    """A list of files as its bytes say it."""

    number: int
    this_update: int
    """Seconds since 1970."""
    next_update: int
    files: dict[str, bytes]
    """File name → SHA-256."""


def read_manifest(signed: SignedObject, *, most_files: int) -> Manifest:
    """The list that a signed object carries.

    Raises:
        Fault: It is no list, is too long, names a file twice or by a forbidden name.
    """
    data = signed.data
    if signed.content_type != MANIFEST_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    at, end = enter(data, *signed.content, SEQUENCE)
    finished(end, signed.content[1])
    if at < end and data[at] == 0xA0:
        raise Fault("content-version", at)
    number, place = integer(data, at, end)
    if number < 0 or place - at - 2 > 20:
        raise Fault("manifest-number", at)
    this_update, place = generalized_time(data, place, end)
    next_update, place = generalized_time(data, place, end)
    if next_update <= this_update:
        raise Fault("validity-crossed", place)
    if not data.startswith(_SHA256, place):
        raise Fault("manifest-algorithm", place)
    first, after = enter(data, place + len(_SHA256), end, SEQUENCE)
    finished(after, end)
    files = _files(data, first, after, most_files)
    if not signed.certificate.inherits:  # RFC 9286 section 5.1
        raise Fault("manifest-resources")
    return Manifest(number, this_update, next_update, files)


def _files(data: bytes, at: int, end: int, most: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    while at < end:
        start, stop = enter(data, at, end, SEQUENCE)
        name, name_end = enter(data, start, stop, IA5_STRING)
        digest, digest_end = enter(data, name_end, stop, BIT_STRING)
        finished(digest_end, stop)
        if digest_end - digest != 33 or data[digest]:
            raise Fault("manifest-hash", digest, f"{digest_end - digest - 1} bytes")
        if not FILE_NAME.fullmatch(data, name, name_end):
            raise Fault("manifest-name", name, repr(data[name:name_end][:60])[1:])
        text = data[name:name_end].decode("ascii")
        if text in files:
            raise Fault("manifest-double", name, text)
        if len(files) >= most:
            raise Fault("manifest-length", at, f"more than {most} files")
        files[text] = data[digest + 1 : digest_end]
        at = stop
    return files
