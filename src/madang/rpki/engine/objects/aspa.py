"""Which ASes does a customer buy transit from? (draft-ietf-sidrops-aspa-profile-22).

Version 1 of the profile is the one that all present programs write. The older form of draft -10
(a version 0 with address families) is refused, as its providers cannot be judged by today's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der.reader import SEQUENCE, enter, finished, integer, number_text
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.payloads import Aspa
from madang.rpki.engine.resources.blocks import LAST_ASN

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject

ASPA_TYPE: Final = bytes.fromhex("2a864886f70d0109100131")
_VERSION_1: Final = b"\xa0\x03\x02\x01\x01"


def read_aspa(signed: SignedObject, *, most_providers: int) -> Aspa:
    """The payload of an ASPA; its customer is the one AS that its certificate holds.

    Raises:
        Fault: It is no ASPA of version 1, its providers are not in order or name the customer,
            or its certificate holds something else.
    """
    data = signed.data
    if signed.content_type != ASPA_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    at, end = enter(data, *signed.content, SEQUENCE)
    finished(end, signed.content[1])
    if not data.startswith(_VERSION_1, at):
        raise Fault("aspa-version", at)
    place = at + len(_VERSION_1)
    customer, place = integer(data, place, end)
    first, after = enter(data, place, end, SEQUENCE)
    finished(after, end)
    providers = _providers(data, first, after, most_providers)
    if not 0 <= customer <= LAST_ASN or customer in providers:
        raise Fault("aspa-customer", at, f"AS{number_text(customer)}")
    certificate = signed.certificate
    if certificate.v4 is not None or certificate.v6 is not None:
        raise Fault("aspa-addresses")
    if certificate.asn != ((customer, customer),):
        raise Fault("aspa-outside", at, f"AS{number_text(customer)}")
    return Aspa(customer, tuple(providers))


def _providers(data: bytes, at: int, end: int, most: int) -> list[int]:
    found: list[int] = []
    while at < end:
        provider, after = integer(data, at, end)
        if not 0 <= provider <= LAST_ASN or (found and provider <= found[-1]):
            raise Fault("aspa-providers", at, "out of range or out of order")
        if len(found) >= most:
            raise Fault("aspa-length", at, f"more than {most} providers")
        found.append(provider)
        at = after
    if not found or (found[0] == 0 and len(found) > 1):
        raise Fault("aspa-providers", at, "none, or AS 0 beside others")
    return found
