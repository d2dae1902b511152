"""How is content signed? The envelope of every signed object (RFC 6488, RFC 9589, RFC 5652)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    explicit,
    implicit,
    integer,
    octet_string,
    sequence,
    set_of,
    time,
    tlv,
)

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer

DIGEST_ALGORITHM: Final = sequence(oids.SHA256)
RSA: Final = sequence(oids.RSA_ENCRYPTION, NULL)
"""What an envelope says of its signature, unlike a certificate (RFC 7935, section 2)."""


def attribute(identifier: bytes, value: bytes) -> bytes:
    """A signed attribute with its one value."""
    return sequence(identifier, tlv(0x31, value))


def attributes(
    content_type: bytes, content: bytes, signing_time: datetime | None
) -> tuple[bytes, ...]:
    """The attributes that must be signed: type, digest and time (RFC 6488, 2.1.6.4; RFC 9589).

    Without a time that attribute is left out, as objects before 2024 did.
    """
    digest = octet_string(hashlib.sha256(content).digest())
    found = [
        attribute(oids.CONTENT_TYPE, content_type),
        attribute(oids.MESSAGE_DIGEST, digest),
    ]
    if signing_time is not None:
        found.append(attribute(oids.SIGNING_TIME, time(signing_time)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeDraft:
    """Every field of a signed object before it is signed."""

    content_type: bytes
    """An object identifier in DER (`madang.rpki.engine.der.oids`)."""
    content: bytes
    """eContent."""
    certificate: bytes
    """The EE certificate in DER; empty leaves certificates out."""
    signer_identifier: bytes
    """The EE certificate's subject key identifier."""
    attributes: tuple[bytes, ...]
    """In any order; empty leaves signed attributes out, and the content itself is signed."""
    crls: tuple[bytes, ...] = ()
    """None in a signed object of the RPKI (2.1.5); one in a message between authorities."""
    version: int = 3
    signer_version: int = 3
    digest_algorithm: bytes = DIGEST_ALGORITHM
    signature_algorithm: bytes = RSA
    unsigned_attributes: tuple[bytes, ...] = ()
    """None in the RPKI (2.1.6.7)."""

    def to_be_signed(self) -> bytes:
        """What the signature covers: the attributes under their universal tag (RFC 5652, 5.4)."""
        return set_of(self.attributes) if self.attributes else self.content

    def signed(self, signer: Signer) -> bytes:
        """The whole object in DER, signed with the EE certificate's key."""
        covered = self.to_be_signed()
        signer_info = sequence(
            integer(self.signer_version),
            implicit(0, self.signer_identifier),
            self.digest_algorithm,
            b"\xa0" + covered[1:] if self.attributes else b"",
            self.signature_algorithm,
            octet_string(signer.sign(covered)),
            set_of(self.unsigned_attributes, tag=0xA1) if self.unsigned_attributes else b"",
        )
        signed_data = sequence(
            integer(self.version),
            tlv(0x31, self.digest_algorithm),
            sequence(self.content_type, explicit(0, octet_string(self.content))),
            tlv(0xA0, self.certificate) if self.certificate else b"",
            set_of(self.crls, tag=0xA1) if self.crls else b"",
            tlv(0x31, signer_info),
        )
        return sequence(oids.SIGNED_DATA, explicit(0, signed_data))
