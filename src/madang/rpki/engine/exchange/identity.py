"""Who speaks? Identity certificates of authorities, apart from the RPKI itself (RFC 8183, 5.1).

Each party has a self-signed certificate that the other learns at set-up. It certifies keys for
messages, and a CRL goes with each message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.der import oids
from madang.rpki.engine.der.reader import (
    BOOLEAN,
    OCTET_STRING,
    OID,
    SEQUENCE,
    bits,
    enter,
    integer,
    time,
)
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.keys.signer import key_identifier, new_key
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import CertificateDraft, Validity
from madang.rpki.engine.making.names import key_name

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer

LARGEST: Final = 1 << 16


class IdentityCertificate(NamedTuple):
    """What a certificate says that matters for messages."""

    signed: bytes
    """TBSCertificate."""
    signature: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    public_key: bytes
    key_identifier: bytes
    """As its extension has it, else of the key."""
    is_authority: bool


@dataclass(frozen=True, slots=True)
class Speaker:
    """A party's identity key and certificate, and a key for this process's messages."""

    signer: Signer
    certificate: bytes
    message_key: Signer = field(default_factory=new_key)

    @property
    def name(self) -> bytes:
        """The subject of its certificate."""
        return key_name(key_identifier(self.signer.public_key_der()))


def identity(signer: Signer, validity: Validity) -> bytes:
    """A self-signed identity certificate."""
    public_key = signer.public_key_der()
    identifier = key_identifier(public_key)
    name = key_name(identifier)
    return CertificateDraft(
        serial=1,
        issuer=name,
        subject=name,
        validity=validity,
        public_key=public_key,
        extensions=(
            ext.CA_CONSTRAINTS,
            ext.subject_key(identifier),
            ext.authority_key(identifier),
            ext.CA_KEY_USAGE,
        ),
    ).signed(signer)


def message_certificate(speaker: Speaker, serial: int, *, start: datetime, end: datetime) -> bytes:
    """The certificate of the key that signs messages."""
    public_key = speaker.message_key.public_key_der()
    issuer = key_identifier(speaker.signer.public_key_der())
    identifier = key_identifier(public_key)
    return CertificateDraft(
        serial=serial,
        issuer=speaker.name,
        subject=key_name(identifier),
        validity=Validity(start, end),
        public_key=public_key,
        extensions=(ext.subject_key(identifier), ext.authority_key(issuer), ext.EE_KEY_USAGE),
    ).signed(speaker.signer)


def read_identity(data: bytes) -> IdentityCertificate:
    """A certificate of another party.

    Raises:
        ExchangeRefused: It is no certificate in DER.
    """
    try:
        return certificate_at(data, 0, len(data))[0]
    except Fault as fault:
        raise ExchangeRefused(
            words(f"읽을 수 없는 신원 인증서 ({fault})", f"an unreadable certificate ({fault})"),
            words("DER 형식의 X.509 인증서", "an X.509 certificate in DER"),
        ) from fault


def certificate_at(data: bytes, at: int, end: int) -> tuple[IdentityCertificate, int]:
    """The certificate at `at`, and the byte after it.

    Raises:
        Fault: None stands here.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    inner, inner_end = enter(data, start, stop, SEQUENCE)
    _, after = enter(data, inner_end, stop, SEQUENCE)
    signature, _, _ = bits(data, after, stop)
    _, place = enter(data, inner, inner_end, 0xA0)
    serial, place = integer(data, place, inner_end)
    _, place = enter(data, place, inner_end, SEQUENCE)
    issuer_end = enter(data, place, inner_end, SEQUENCE)[1]
    dates, dates_end = enter(data, issuer_end, inner_end, SEQUENCE)
    not_before, next_date = time(data, dates, dates_end)
    not_after, _ = time(data, next_date, dates_end)
    subject_end = enter(data, dates_end, inner_end, SEQUENCE)[1]
    key_end = enter(data, subject_end, inner_end, SEQUENCE)[1]
    public_key = data[subject_end:key_end]
    identifier, is_authority = _extensions(data, key_end, inner_end)
    return IdentityCertificate(
        data[start:inner_end], signature, serial, data[place:issuer_end],
        data[dates_end:subject_end], not_before, not_after, public_key,
        identifier or _identifier(data, subject_end, key_end), is_authority,
    ), stop  # fmt: skip


def _identifier(data: bytes, at: int, end: int) -> bytes:
    start, stop = enter(data, at, end, SEQUENCE)
    _, after = enter(data, start, stop, SEQUENCE)
    key, _, _ = bits(data, after, stop)
    return hashlib.sha1(key, usedforsecurity=False).digest()


def _extensions(data: bytes, at: int, end: int) -> tuple[bytes, bool]:
    """The subject key identifier, empty for none, and whether it may certify."""
    if at == end:
        return b"", False
    outer, outer_end = enter(data, at, end, 0xA3)
    place, stop = enter(data, outer, outer_end, SEQUENCE)
    identifier, is_authority = b"", False
    while place < stop:
        start, place = enter(data, place, stop, SEQUENCE)
        after = enter(data, start, place, OID)[1]
        name = data[start:after]
        if data[after : after + 1] == b"\x01":
            after = enter(data, after, place, BOOLEAN)[1]
        inner, inner_end = enter(data, after, place, OCTET_STRING)
        if name == oids.SUBJECT_KEY_IDENTIFIER:
            first, last = enter(data, inner, inner_end, OCTET_STRING)
            identifier = data[first:last]
        elif name == oids.BASIC_CONSTRAINTS:
            is_authority = data[inner:inner_end].startswith(b"\x01\x01\xff", 2)
    return identifier, is_authority
