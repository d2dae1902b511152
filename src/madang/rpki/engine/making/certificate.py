"""How is a certificate put together and signed? Any one, right or wrong (RFC 5280, 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    bit_string,
    explicit,
    integer,
    sequence,
    sequence_of,
    time,
)

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer

SIGNATURE_ALGORITHM: Final = sequence(oids.SHA256_WITH_RSA, NULL)
"""RFC 7935, section 2."""


class Validity(NamedTuple):
    """From when until when."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDraft:
    """Every field of a certificate before it is signed."""

    serial: int
    issuer: bytes
    """A Name in DER."""
    subject: bytes
    """A Name in DER."""
    validity: Validity
    public_key: bytes
    """SubjectPublicKeyInfo in DER."""
    extensions: tuple[bytes, ...]
    """Each a whole Extension in DER (`madang.rpki.engine.making.extensions`)."""
    version: int = 2
    """2 stands for version 3."""
    algorithm: bytes = SIGNATURE_ALGORITHM
    """Inside what is signed, and beside the signature."""

    def to_be_signed(self) -> bytes:
        """The TBSCertificate in DER."""
        return sequence(
            explicit(0, integer(self.version)) if self.version else b"",
            integer(self.serial),
            self.algorithm,
            self.issuer,
            sequence(time(self.validity.not_before), time(self.validity.not_after)),
            self.subject,
            self.public_key,
            explicit(3, sequence_of(self.extensions)) if self.extensions else b"",
        )

    def signed(self, signer: Signer) -> bytes:
        """The certificate in DER."""
        return seal(self.to_be_signed(), signer, algorithm=self.algorithm)


def seal(to_be_signed: bytes, signer: Signer, *, algorithm: bytes = SIGNATURE_ALGORITHM) -> bytes:
    """What is signed, with its signature: a certificate, a CRL or a request, in DER."""
    return sequence(to_be_signed, algorithm, bit_string(signer.sign(to_be_signed)))
