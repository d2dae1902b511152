"""How does an authority revoke? Its list of revoked serial numbers (RFC 6487, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.rpki.engine.der.writer import explicit, integer, sequence, sequence_of, time
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import SIGNATURE_ALGORITHM, seal

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.making.profile import Issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlDraft:
    """Every field of a CRL before it is signed."""

    issuer: bytes
    this_update: datetime
    next_update: datetime
    revoked: tuple[tuple[int, datetime], ...]
    """Serial numbers, each with the moment of its revocation."""
    extensions: tuple[bytes, ...]
    version: int = 1
    """1 stands for version 2."""
    algorithm: bytes = SIGNATURE_ALGORITHM

    def to_be_signed(self) -> bytes:
        """The TBSCertList in DER."""
        revoked = sequence_of(
            sequence(integer(serial), time(moment)) for serial, moment in self.revoked
        )
        return sequence(
            integer(self.version),
            self.algorithm,
            self.issuer,
            time(self.this_update),
            time(self.next_update),
            # An empty list must be absent (RFC 5280, 5.1.2.6).
            revoked if self.revoked else b"",
            explicit(0, sequence_of(self.extensions)) if self.extensions else b"",
        )

    def signed(self, signer: Signer) -> bytes:
        """The CRL in DER."""
        return seal(self.to_be_signed(), signer, algorithm=self.algorithm)


def crl(
    issuer: Issuer,
    number: int,
    *,
    this_update: datetime,
    next_update: datetime,
    revoked: tuple[tuple[int, datetime], ...] = (),
) -> CrlDraft:
    """An authority's CRL with its number, which must rise from one to the next."""
    return CrlDraft(
        issuer=issuer.name,
        this_update=this_update,
        next_update=next_update,
        revoked=tuple(sorted(revoked)),
        extensions=(ext.authority_key(issuer.key_identifier), ext.crl_number(number)),
    )
