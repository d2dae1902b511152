"""Does this authority vouch for this certificate, now? (RFC 6487 section 7, RFC 8360)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.keys import verifies
from madang.rpki.engine.objects.numbers import INHERIT
from madang.rpki.engine.resources.blocks import Resources, covers, intersection

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.objects.numbers import Held
    from madang.rpki.engine.resources.blocks import Blocks
    from madang.rpki.engine.validation.verdicts import Authority

Kind: TypeAlias = Literal["v4", "v6", "asn"]


class Window:
    """The seconds around a moment in which every comparison of times comes out the same."""

    __slots__ = ("at", "since", "until")

    def __init__(self, at: int, since: int, until: int) -> None:
        self.at, self.since, self.until = at, since, until

    def check(self, first: int, last: int, codes: tuple[str, str], detail: str = "") -> None:
        """Make sure that the moment lies between these seconds, both included.

        Raises:
            Fault: It is before the first (the first code) or after the last (the second).
        """
        at = self.at
        if at < first:
            self.until = min(self.until, first)
            raise Fault(codes[0], -1, detail or str(first))
        if at > last:
            self.since = max(self.since, last + 1)
            raise Fault(codes[1], -1, detail or str(last))
        if first > self.since:
            self.since = first
        if last < self.until:
            self.until = last + 1


VALIDITY = ("certificate-future", "certificate-expired")


def check_issued(certificate: Certificate, issuer: Authority, key: RSAPublicKey) -> None:
    """Make sure that the issuer signed the certificate and is named in it.

    Raises:
        Fault: Another issuer is named, or the signature is not its key's.
    """
    theirs = issuer.certificate
    if certificate.issuer != theirs.subject:
        raise Fault("issuer-name")
    if certificate.aki != theirs.ski:
        raise Fault("issuer-key")
    if not verifies(key, certificate.signed.signature, certificate.signed.content):
        raise Fault("certificate-signature")


def held_by(certificate: Certificate, issuer: Authority) -> Resources:
    """What a certificate really gives: inheritance resolved, within what its issuer holds.

    Raises:
        Fault: It claims more than its issuer holds, unless its policy is that of RFC 8360, under
            which only what both hold counts.
    """
    theirs = issuer.resources
    return Resources(
        _held(certificate, theirs.v4, "v4"),
        _held(certificate, theirs.v6, "v6"),
        _held(certificate, theirs.asn, "asn"),
    )


def _held(certificate: Certificate, theirs: Blocks, kind: Kind) -> Blocks:
    own: Held = getattr(certificate, kind)
    if own is None:
        return ()
    if own == INHERIT:
        return theirs
    if covers(theirs, own):
        return own
    if certificate.reconsidered:
        return intersection(theirs, own)
    raise Fault("overclaim", -1, kind)


def check_within(certificate: Certificate, issuer: Authority) -> None:
    """Make sure that an EE certificate names nothing that its issuer does not hold.

    Raises:
        Fault: It does.
    """
    theirs = issuer.resources
    v4, v6, asn = certificate.v4, certificate.v6, certificate.asn
    if v4 is not None and v4 != INHERIT and not covers(theirs.v4, v4):
        raise Fault("overclaim", -1, "v4")
    if v6 is not None and v6 != INHERIT and not covers(theirs.v6, v6):
        raise Fault("overclaim", -1, "v6")
    if asn is not None and asn != INHERIT and not covers(theirs.asn, asn):
        raise Fault("overclaim", -1, "asn")
