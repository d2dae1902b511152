"""Is this certificate the trust anchor that the locator names? (RFC 8630 section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.keys import load, verifies
from madang.rpki.engine.objects.numbers import INHERIT
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.validation.issued import VALIDITY
from madang.rpki.engine.validation.verdicts import Authority

if TYPE_CHECKING:
    from madang.rpki.engine.objects.numbers import Held
    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.resources.blocks import Blocks
    from madang.rpki.engine.validation.issued import Window
    from madang.rpki.engine.validation.policy import Policy


def judge_anchor(content: bytes, tal: Tal, window: Window, policy: Policy) -> Authority:
    """The authority from which everything below this locator is judged.

    Raises:
        Fault: The certificate has another key, is not self-signed, not valid now, or inherits.
    """
    if len(content) > policy.largest_file:
        raise Fault("object-size", 0, f"{len(content)} bytes")
    certificate = read_certificate(content)
    if certificate.key != tal.key:
        raise Fault("anchor-key")
    if certificate.role != "ca" or certificate.crl or certificate.issuer != certificate.subject:
        raise Fault("anchor-self")
    signed = certificate.signed
    if not verifies(load(certificate.key), signed.signature, signed.content):
        raise Fault("certificate-signature")
    window.check(certificate.not_before, certificate.not_after, VALIDITY)
    held = Resources(*(_own(each) for each in (certificate.v4, certificate.v6, certificate.asn)))
    return Authority(tal.uris[0], certificate, held, tal.name, 0)


def _own(held: Held) -> Blocks:
    if held == INHERIT:
        raise Fault("anchor-inherit")
    return () if held is None else held
