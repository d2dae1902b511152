"""Is this one object believed? Its bytes, its certificate, its issuer, the moment.

Each check refuses with the first fault that it finds; the cheap ones come before the signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.anchor_key import read_anchor_keys
from madang.rpki.engine.objects.aspa import read_aspa
from madang.rpki.engine.objects.certificate import Signed, read_certificate
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.ghostbusters import read_ghostbusters
from madang.rpki.engine.objects.keys import load, verifies
from madang.rpki.engine.objects.numbers import INHERIT
from madang.rpki.engine.objects.roa import read_roa
from madang.rpki.engine.payloads import RouterKey
from madang.rpki.engine.validation.issued import (
    VALIDITY,
    check_issued,
    check_within,
    held_by,
)
from madang.rpki.engine.validation.verdicts import Authority, Judged

if TYPE_CHECKING:
    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.objects.crl import Crl
    from madang.rpki.engine.validation.issued import Window
    from madang.rpki.engine.validation.policy import Policy

JUDGED_KINDS = ("roa", "asa", "cer", "gbr", "tak")
"""Endings of the names of objects that are judged; others carry nothing to believe."""
_MOST_ROUTER_ASNS = 1_000


class Revocations(NamedTuple):
    """An authority's revocation list, and where it lies."""

    crl: Crl
    uri: str


class Judge:
    """Judges what one authority signed, at one moment, under one policy."""

    def __init__(
        self, authority: Authority, revocations: Revocations, window: Window, policy: Policy
    ) -> None:
        self._authority, self._window, self._policy = authority, window, policy
        self._revoked, self._crl = revocations.crl.serials, revocations.uri
        self._key = load(authority.certificate.key)
        self._repository = authority.certificate.repository

    def judged(self, name: str, digest: bytes, content: bytes) -> Judged:
        """What is believed of an object by its name's ending, one of `JUDGED_KINDS`.

        Raises:
            Fault: Nothing is: the first check that it failed.
        """
        kind = name[-3:]
        if kind == "roa":
            return self._roa(digest, content)
        if kind == "asa":
            return self._aspa(digest, content)
        if kind == "cer":
            return self._certificate(name, digest, content)
        return self._card(digest, content) if kind == "gbr" else self._anchor_keys(digest, content)

    def still(self, known: Judged) -> None:
        """Make sure that what was believed before still is: time and revocation aside, it must.

        Raises:
            Fault: It has been revoked, or is not valid at this moment.
        """
        self._check_present(known.serial, known.not_before, known.not_after)

    def _check_present(self, serial: int, not_before: int, not_after: int) -> None:
        if serial in self._revoked:
            raise Fault("revoked")
        self._window.check(not_before, not_after, VALIDITY)

    def _check_certificate(self, certificate: Certificate) -> None:
        self._check_present(certificate.serial, certificate.not_before, certificate.not_after)
        if certificate.crl != self._crl:
            raise Fault("crl-other", -1, certificate.crl[:200])
        if certificate.role != "ca":
            check_within(certificate, self._authority)
        check_issued(certificate, self._authority, self._key)

    def _signed(self, content: bytes) -> SignedObject:
        signed = read_signed_object(content)
        certificate = signed.certificate
        self._check_certificate(certificate)
        if not verifies(load(certificate.key), signed.signature, signed.signed_attributes):
            raise Fault("cms-signature")
        if not certificate.signed_object:
            raise Fault("extension-missing", -1, "sia")
        return signed

    def _oddities(self, signed: SignedObject, odd: tuple[str, ...]) -> tuple[str, ...]:
        """All that is odd about an object, if the policy tolerates it."""
        certificate = signed.certificate
        if not certificate.signed_object.startswith(self._repository):
            odd = (*odd, "signed-object-place")
        return self._tolerated(signed.oddities + certificate.oddities + odd)

    def _tolerated(self, oddities: tuple[str, ...]) -> tuple[str, ...]:
        for code in oddities:
            if code not in self._policy.tolerated:
                raise Fault(code)
        return oddities

    def _roa(self, digest: bytes, content: bytes) -> Judged:
        signed = self._signed(content)
        vrps, odd = read_roa(signed)
        of = signed.certificate
        return Judged(
            digest, of.serial, of.not_before, of.not_after,
            vrps, (), (), None, self._oddities(signed, odd),
        )  # fmt: skip

    def _aspa(self, digest: bytes, content: bytes) -> Judged:
        signed = self._signed(content)
        aspa = read_aspa(signed, most_providers=self._policy.most_providers)
        of = signed.certificate
        return Judged(
            digest, of.serial, of.not_before, of.not_after,
            (), (aspa,), (), None, self._oddities(signed, ()),
        )  # fmt: skip

    def _card(self, digest: bytes, content: bytes) -> Judged:
        """A contact card: judged, then nobody relies on it."""
        signed = self._signed(content)
        read_ghostbusters(signed)
        return self._plain(signed, digest)

    def _anchor_keys(self, digest: bytes, content: bytes) -> Judged:
        """RFC 9691 section 4: only what a trust anchor itself signed counts."""
        if self._authority.depth:
            raise Fault("anchor-key-place")
        signed = self._signed(content)
        read_anchor_keys(signed)
        return self._plain(signed, digest)

    def _plain(self, signed: SignedObject, digest: bytes) -> Judged:
        of = signed.certificate
        return Judged(
            digest, of.serial, of.not_before, of.not_after,
            (), (), (), None, self._oddities(signed, ()),
        )  # fmt: skip

    def _certificate(self, name: str, digest: bytes, content: bytes) -> Judged:
        certificate = read_certificate(content)
        self._check_certificate(certificate)
        oddities = self._tolerated(certificate.oddities)
        child: Authority | None = None
        keys: tuple[RouterKey, ...] = ()
        if certificate.role == "ca":
            held = held_by(certificate, self._authority)
            issuer = self._authority
            # What was signed has been verified: only the signature names the certificate on.
            slim = certificate._replace(signed=Signed(b"", certificate.signed.signature))
            child = Authority(self._repository + name, slim, held, issuer.anchor, issuer.depth + 1)
        elif certificate.role == "router":
            keys = _router_keys(certificate)
        else:
            raise Fault("certificate-role")
        return Judged(
            digest, certificate.serial, certificate.not_before, certificate.not_after,
            (), (), keys, child, oddities,
        )  # fmt: skip


def _router_keys(certificate: Certificate) -> tuple[RouterKey, ...]:
    """A router certificate names ASes and no addresses, and inherits none (RFC 8209, 3.1.3)."""
    asns = certificate.asn
    if certificate.v4 is not None or certificate.v6 is not None:
        raise Fault("router-resources", -1, "addresses")
    if asns is None or asns == INHERIT:
        raise Fault("router-resources", -1, "no AS numbers of its own")
    found: list[RouterKey] = []
    for low, high in asns:
        if len(found) + high - low >= _MOST_ROUTER_ASNS:
            raise Fault("router-resources", -1, "too many AS numbers")
        found += [RouterKey(asn, certificate.ski, certificate.key) for asn in range(low, high + 1)]
    return tuple(found)
