"""How does a child ask for a certificate? With a signed PKCS #10 request (RFC 6487, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.der import oids
from madang.rpki.engine.der.reader import (
    BOOLEAN,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    bits,
    enter,
    finished,
    integer,
)
from madang.rpki.engine.der.writer import integer as write_integer
from madang.rpki.engine.der.writer import sequence, sequence_of, tlv
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange.envelope import verifies
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.keys.signer import key_identifier
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import seal
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.making.names import key_name
from madang.rpki.engine.objects.keys import check_rsa_key

if TYPE_CHECKING:
    from madang.rpki.engine.keys.signer import Signer


class CertificateRequest(NamedTuple):
    """What an authority asks for."""

    public_key: bytes
    place: Place


def write(signer: Signer, place: Place) -> bytes:
    """A request for a CA certificate whose holder publishes at `place`."""
    public_key = signer.public_key_der()
    wanted = sequence_of((ext.CA_CONSTRAINTS, ext.CA_KEY_USAGE, ext.place_access(place)))
    attribute = sequence(oids.EXTENSION_REQUEST, tlv(0x31, wanted))
    body = sequence(
        write_integer(0), key_name(key_identifier(public_key)), public_key, tlv(0xA0, attribute)
    )
    return seal(body, signer)


def read(data: bytes) -> CertificateRequest:
    """A request that is signed with the key it names.

    Raises:
        ExchangeRefused: It is malformed, its key is not of RFC 7935, or it does not say where its
            holder publishes.
    """
    try:
        return _read(data)
    except Fault as fault:
        raise ExchangeRefused(
            words(f"인증서 요청 ({fault})", f"a certificate request ({fault})"),
            words("RFC 6487 6절의 요청", "a request of RFC 6487, section 6"),
        ) from fault


def _read(data: bytes) -> CertificateRequest:
    start, stop = enter(data, 0, len(data), SEQUENCE)
    finished(stop, len(data))
    inner, inner_end = enter(data, start, stop, SEQUENCE)
    after = enter(data, inner_end, stop, SEQUENCE)[1]
    signature, _, _ = bits(data, after, stop)
    _, at = integer(data, inner, inner_end)
    key_at = enter(data, at, inner_end, SEQUENCE)[1]
    key_end = enter(data, key_at, inner_end, SEQUENCE)[1]
    public_key = check_rsa_key(data, key_at, key_end)
    if not verifies(public_key, signature, data[start:inner_end]):
        raise Fault("signature", inner_end, "the request is not signed with its own key")
    return CertificateRequest(public_key, _place(data, key_end, inner_end))


def _place(data: bytes, at: int, end: int) -> Place:
    """Where the requester publishes, by the extensions that it asks for."""
    place, stop = enter(data, at, end, 0xA0)
    while place < stop:
        inner, place = enter(data, place, stop, SEQUENCE)
        after = enter(data, inner, place, OID)[1]
        if data[inner:after] != oids.EXTENSION_REQUEST:
            continue
        values, values_end = enter(data, after, place, SET)
        first, last = enter(data, values, values_end, SEQUENCE)
        while first < last:
            extension, first = enter(data, first, last, SEQUENCE)
            after = enter(data, extension, first, OID)[1]
            if data[extension:after] == oids.SUBJECT_INFORMATION_ACCESS:
                return _access(data, after, first)
    raise Fault("sia", at, "no subject information access")


def _access(data: bytes, at: int, end: int) -> Place:
    if data[at : at + 1] == b"\x01":
        at = enter(data, at, end, BOOLEAN)[1]
    inner, inner_end = enter(data, at, end, OCTET_STRING)
    place, stop = enter(data, inner, inner_end, SEQUENCE)
    found: dict[bytes, str] = {}
    while place < stop:
        first, place = enter(data, place, stop, SEQUENCE)
        after = enter(data, first, place, OID)[1]
        start, last = enter(data, after, place, 0x86)
        found.setdefault(data[first:after], data[start:last].decode("ascii", "replace"))
    repository = found.get(oids.CA_REPOSITORY, "")
    manifest = found.get(oids.RPKI_MANIFEST, "")
    notify = found.get(oids.RPKI_NOTIFY, "")
    plain = all(text.isascii() and text.isprintable() for text in (repository, manifest, notify))
    if not (
        plain
        and repository.startswith("rsync://")
        and manifest.startswith("rsync://")
        and (not notify or notify.startswith("https://"))
    ):
        raise Fault("sia", at, "its addresses")
    return Place(repository.rstrip("/") + "/", manifest, notify)
