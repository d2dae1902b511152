"""Is this a signed object of the RPKI, and what does it carry? (RFC 6488, RFC 9589)."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from madang.rpki.engine.der.ber import to_der
from madang.rpki.engine.der.reader import (
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    enter,
    finished,
    sorted_set,
    time,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.certificate import Certificate, certificate_at

_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_SHA256: Final = bytes.fromhex("300b0609608648016503040201")
_SHA256_NULL: Final = bytes.fromhex("300d06096086480165030402010500")
_RSA: Final = tuple(
    bytes.fromhex(each)
    for each in (
        "300d06092a864886f70d0101010500",
        "300d06092a864886f70d01010b0500",
        "300b06092a864886f70d010101",
        "300b06092a864886f70d01010b",
    )
)
"""rsaEncryption and sha256WithRSAEncryption; parameters may be absent (RFC 4055 section 5)."""
_VERSION_3: Final = b"\x02\x01\x03"

_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
_SIGNING_TIME: Final = bytes.fromhex("2a864886f70d010905")
_BINARY_SIGNING_TIME: Final = bytes.fromhex("2a864886f70d010910022e")


class SignedObject(NamedTuple):
    """A signed object whose message digest is right; its signatures are still to be checked."""

    data: bytes
    """The object in DER; another than the file where that was BER."""
    content_type: bytes
    """The contents of the type's OBJECT IDENTIFIER."""
    content: tuple[int, int]
    """Where the content begins in `data`, and the byte after it."""
    certificate: Certificate
    signed_attributes: bytes
    """What the signature is over: the attributes as a SET."""
    signature: bytes
    signing_time: int
    """Seconds since 1970; -1 where the object carries none."""
    oddities: tuple[str, ...]
    """Codes of faults that only some profiles refuse."""


def read_signed_object(file: bytes) -> SignedObject:
    """A file with one signed object.

    Raises:
        Fault: It is none, or breaks the profile of RFC 6488.
    """
    if len(file) > 1 and file[1] == 0x80:
        return _read(to_der(file), ("der-indefinite",))
    try:
        return _read(file, ())
    except Fault as fault:
        if fault.code != "der-indefinite":
            raise
    return _read(to_der(file), ("der-indefinite",))


def _read(data: bytes, oddities: tuple[str, ...]) -> SignedObject:
    start, stop = enter(data, 0, len(data), SEQUENCE)
    finished(stop, len(data))
    if not data.startswith(_SIGNED_DATA, start):
        raise Fault("cms-type", start)
    outer, outer_end = enter(data, start + len(_SIGNED_DATA), stop, 0xA0)
    finished(outer_end, stop)
    at, end = enter(data, outer, outer_end, SEQUENCE)
    finished(end, outer_end)
    if not data.startswith(_VERSION_3, at):
        raise Fault("cms-version", at)
    at = _digest_algorithms(data, at + 3, end)
    content_type, content, at = _encapsulated(data, at, end)
    first, after = enter(data, at, end, 0xA0)
    certificate, place = certificate_at(data, first, after)
    if place != after:
        raise Fault("cms-certificates", place, "more than one certificate")
    if after < end and data[after] == 0xA1:
        raise Fault("cms-crls", after)
    infos, infos_end = enter(data, after, end, SET)
    finished(infos_end, end)
    attributes, signature = _signer(data, infos, infos_end, certificate.ski)
    if certificate.role != "ee":
        raise Fault("cms-certificates", first, f"a certificate of the role {certificate.role}")
    signing_time = _attributes(data, attributes, content_type, content)
    if signing_time < 0:
        oddities = (*oddities, "signing-time")
    return SignedObject(
        data, content_type, content, certificate,
        b"\x31" + data[attributes[0] + 1 : attributes[1]], signature, signing_time, oddities,
    )  # fmt: skip


def _digest_algorithms(data: bytes, at: int, end: int) -> int:
    start, stop = enter(data, at, end, SET)
    if data[start:stop] not in (_SHA256, _SHA256_NULL):
        raise Fault("cms-digest-algorithm", start)
    return stop


def _encapsulated(data: bytes, at: int, end: int) -> tuple[bytes, tuple[int, int], int]:
    start, stop = enter(data, at, end, SEQUENCE)
    kind, kind_end = enter(data, start, stop, OID)
    wrapped, wrapped_end = enter(data, kind_end, stop, 0xA0)
    finished(wrapped_end, stop)
    content, content_end = enter(data, wrapped, wrapped_end, OCTET_STRING)
    finished(content_end, wrapped_end)
    return data[kind:kind_end], (content, content_end), stop


def _signer(data: bytes, at: int, end: int, ski: bytes) -> tuple[tuple[int, int], bytes]:
    """Where the signed attributes stand, with their tag, and the signature over them."""
    start, stop = enter(data, at, end, SEQUENCE)
    if stop != end:
        raise Fault("cms-signers", stop, "more than one signer")
    if not data.startswith(_VERSION_3, start):
        raise Fault("cms-version", start)
    key, key_end = enter(data, start + 3, stop, 0x80)
    if data[key:key_end] != ski:
        raise Fault("cms-signer-key", key)
    place = key_end
    place = _after(data, place, (_SHA256, _SHA256_NULL), "cms-digest-algorithm")
    if place >= stop or data[place] != 0xA0:
        raise Fault("cms-attributes", place, "none are signed")
    _, attributes_end = enter(data, place, stop, 0xA0)
    value = _after(data, attributes_end, _RSA, "cms-signature-algorithm")
    value, value_end = enter(data, value, stop, OCTET_STRING)
    if value_end != stop:
        raise Fault("cms-attributes", value_end, "unsigned attributes")
    if value_end - value != 256:
        raise Fault("signature-form", value, f"{value_end - value} bytes")
    return (place, attributes_end), data[value:value_end]


def _after(data: bytes, at: int, known: tuple[bytes, ...], code: str) -> int:
    """The byte after the algorithm at `at`, if it is one of those known."""
    for each in known:
        if data.startswith(each, at):
            return at + len(each)
    raise Fault(code, at)


def _attributes(
    data: bytes, place: tuple[int, int], content_type: bytes, content: tuple[int, int]
) -> int:
    """The signing time after a look at every signed attribute (RFC 6488 section 2.1.6.4)."""
    at, end = enter(data, *place, 0xA0)
    seen: dict[bytes, tuple[int, int]] = {}
    for attribute, tag, start, stop in sorted_set(data, at, end):
        if tag != SEQUENCE:
            raise Fault("cms-attributes", attribute)
        kind, kind_end = enter(data, start, stop, OID)
        values, values_end = enter(data, kind_end, stop, SET)
        finished(values_end, stop)
        name = data[kind:kind_end]
        if name in seen:
            raise Fault("cms-attributes", attribute, "one doubled")
        seen[name] = (values, values_end)
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= seen.keys():
        raise Fault("cms-attributes", at, "content type or digest is missing")
    if not seen.keys() <= {
        _CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME, _BINARY_SIGNING_TIME
    }:  # fmt: skip
        raise Fault("cms-attributes", at, "one that RFC 6488 does not know")
    _check_content(data, seen, content_type, content)
    if _SIGNING_TIME not in seen:
        return -1
    values, values_end = seen[_SIGNING_TIME]
    moment, after = time(data, values, values_end)
    finished(after, values_end)
    return moment


def _check_content(
    data: bytes,
    seen: dict[bytes, tuple[int, int]],
    content_type: bytes,
    content: tuple[int, int],
) -> None:
    values, values_end = seen[_CONTENT_TYPE]
    kind, kind_end = enter(data, values, values_end, OID)
    if data[kind:kind_end] != content_type or kind_end != values_end:
        raise Fault("cms-content-type", values)
    values, values_end = seen[_MESSAGE_DIGEST]
    digest, digest_end = enter(data, values, values_end, OCTET_STRING)
    finished(digest_end, values_end)
    if data[digest:digest_end] != hashlib.sha256(data[content[0] : content[1]]).digest():
        raise Fault("cms-digest", values)
