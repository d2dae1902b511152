"""Which objects of a whole point are believed, and which are not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.aspa import read_aspa
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.cms import read_signed_object
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
from madang.rpki.engine.validation.verdicts import Authority, Judged, PointVerdict, Refusal

if TYPE_CHECKING:
    from collections.abc import Hashable

    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.validation.issued import Window
    from madang.rpki.engine.validation.point import Whole
    from madang.rpki.engine.validation.policy import Policy

_MOST_ROUTER_ASNS = 1_000


class Published:
    """The objects of one whole point, judged one by one."""

    def __init__(
        self,
        whole: Whole,
        authority: Authority,
        window: Window,
        policy: Policy,
        before: PointVerdict | None,
    ) -> None:
        self._whole, self._authority, self._window = whole, authority, window
        self._policy = policy
        self._known = before.accepted if before else {}
        self._key = load(authority.certificate.key)
        repository = authority.certificate.repository
        self._crl = repository + whole.crl_name
        self._repository = repository
        self._name = authority.certificate.manifest[len(repository) :]

    def verdict(
        self,
        *,
        failure: Refusal | None,
        is_kept: bool,
        tokens: tuple[Hashable, Hashable],
    ) -> PointVerdict:
        """What all of them gave."""
        whole = self._whole
        accepted: dict[str, Judged] = {}
        refused: list[Refusal] = []
        ignored = 0
        for name, digest in whole.manifest.files.items():
            kind = name[-3:]
            if kind not in ("roa", "asa", "cer"):
                ignored += 1
                continue
            try:
                accepted[name] = self._again(name, digest) or self._judged(kind, name, digest)
            except Fault as fault:
                refused.append(Refusal(name, fault))
        return PointVerdict(
            source=whole.point.source,
            accepted=accepted,
            refused=tuple(refused),
            ignored=ignored,
            failure=failure,
            from_last_good=is_kept,
            files=(self._name, *whole.manifest.files),
            number=whole.manifest.number,
            this_update=whole.manifest.this_update,
            next_update=whole.manifest.next_update,
            expires=min(whole.manifest.next_update, whole.crl.next_update),
            since=self._window.since,
            until=self._window.until,
            tokens=tokens,
        )

    def _read(self, name: str) -> bytes:
        content = self._whole.files.get(name)
        if content is None:
            # Its size and its hash were found right a moment ago.
            content = self._whole.point.read(name)
        if content is None:
            raise Fault("file-missing", -1, name)
        return content

    def _judged(self, kind: str, name: str, digest: bytes) -> Judged:
        content = self._read(name)
        if kind == "roa":
            return self._roa(digest, content)
        if kind == "asa":
            return self._aspa(digest, content)
        return self._certificate(name, digest, content)

    def _again(self, name: str, digest: bytes) -> Judged | None:
        """The earlier verdict on the same bytes, if time and revocation still allow it."""
        known = self._known.get(name)
        if known is None or known.digest != digest:
            return None
        self._check_present(known.serial, known.not_before, known.not_after)
        return known

    def _check_present(self, serial: int, not_before: int, not_after: int) -> None:
        if serial in self._whole.crl.serials:
            raise Fault("revoked")
        self._window.check(not_before, not_after, VALIDITY)

    def _check_certificate(self, certificate: Certificate) -> None:
        if certificate.crl != self._crl:
            raise Fault("crl-other", -1, certificate.crl[:200])
        check_issued(certificate, self._authority, self._key)

    def _signed(self, content: bytes) -> SignedObject:
        signed = read_signed_object(content)
        certificate = signed.certificate
        self._check_present(certificate.serial, certificate.not_before, certificate.not_after)
        check_within(certificate, self._authority)
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
        oddities = signed.oddities + certificate.oddities + odd
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

    def _certificate(self, name: str, digest: bytes, content: bytes) -> Judged:
        certificate = read_certificate(content)
        self._check_present(certificate.serial, certificate.not_before, certificate.not_after)
        self._check_certificate(certificate)
        for code in certificate.oddities:
            if code not in self._policy.tolerated:
                raise Fault(code)
        child: Authority | None = None
        keys: tuple[RouterKey, ...] = ()
        if certificate.role == "ca":
            held = held_by(certificate, self._authority)
            issuer = self._authority
            child = Authority(
                self._repository + name, certificate, held, issuer.anchor, issuer.depth + 1
            )
        elif certificate.role == "router":
            check_within(certificate, self._authority)
            keys = _router_keys(certificate)
        else:
            raise Fault("certificate-role")
        return Judged(
            digest, certificate.serial, certificate.not_before, certificate.not_after,
            (), (), keys, child, certificate.oddities,
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
