"""Which extensions do certificates and CRLs carry, and in which form? RFC 6487, section 4.8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    TRUE,
    explicit,
    ia5_string,
    implicit,
    integer,
    named_bits,
    octet_string,
    sequence,
    tlv,
)
from madang.rpki.engine.making.numbers import as_resources, ip_resources

if TYPE_CHECKING:
    from collections.abc import Collection

    from madang.rpki.engine.resources.blocks import Resources

_URI: Final = 6
"""The number of uniformResourceIdentifier among general names (RFC 5280, 4.2.1.6)."""


class Place(NamedTuple):
    """Where an authority publishes: what its certificate's SIA says (RFC 6487, 4.8.8.1)."""

    repository: str
    """caRepository: `rsync://…/`, ending in a slash."""
    manifest: str
    """rpkiManifest: `rsync://….mft`."""
    notify: str = ""
    """rpkiNotify: `https://…/notification.xml` (RFC 8182); empty for none."""


def extension(identifier: bytes, content: bytes, *, critical: bool = False) -> bytes:
    """One Extension."""
    return sequence(identifier, *((TRUE,) if critical else ()), octet_string(content))


CA_CONSTRAINTS: Final = extension(
    oids.BASIC_CONSTRAINTS, sequence(TRUE), critical=True
)  # 4.8.1: no path length
CA_KEY_USAGE: Final = extension(oids.KEY_USAGE, named_bits(5, 6), critical=True)  # 4.8.4
EE_KEY_USAGE: Final = extension(oids.KEY_USAGE, named_bits(0), critical=True)  # 4.8.4
POLICY: Final = extension(
    oids.CERTIFICATE_POLICIES, sequence(sequence(oids.RPKI_POLICY)), critical=True
)  # 4.8.9
ROUTER_USAGE: Final = extension(
    oids.EXTENDED_KEY_USAGE, sequence(oids.BGPSEC_ROUTER)
)  # RFC 8209, 3.1.3.2


def policy_with_statement(uri: str) -> bytes:
    """The policy with the address of a certification practice statement (RFC 7318)."""
    qualifier = sequence(oids.CPS_QUALIFIER, ia5_string(uri))
    content = sequence(sequence(oids.RPKI_POLICY, sequence(qualifier)))
    return extension(oids.CERTIFICATE_POLICIES, content, critical=True)


def subject_key(key_identifier: bytes) -> bytes:
    """Subject Key Identifier (4.8.2)."""
    return extension(oids.SUBJECT_KEY_IDENTIFIER, octet_string(key_identifier))


def authority_key(key_identifier: bytes) -> bytes:
    """Authority Key Identifier: the identifier alone (4.8.3)."""
    return extension(oids.AUTHORITY_KEY_IDENTIFIER, sequence(implicit(0, key_identifier)))


def crl_number(number: int) -> bytes:
    """CRL Number (section 5; RFC 9829)."""
    return extension(oids.CRL_NUMBER, integer(number))


def crl_points(*uris: str) -> bytes:
    """CRL Distribution Points: one point, one address at least (4.8.6)."""
    names = b"".join(implicit(_URI, uri.encode()) for uri in uris)
    return extension(
        oids.CRL_DISTRIBUTION_POINTS, sequence(sequence(explicit(0, tlv(0xA0, names))))
    )


def access(method: bytes, uri: str) -> bytes:
    """One AccessDescription."""
    return sequence(method, implicit(_URI, uri.encode()))


def authority_access(*uris: str) -> bytes:
    """Authority Information Access: where the issuer's certificate stands (4.8.7)."""
    return extension(
        oids.AUTHORITY_INFORMATION_ACCESS,
        sequence(*(access(oids.CA_ISSUERS, uri) for uri in uris)),
    )


def subject_access(*descriptions: bytes) -> bytes:
    """Subject Information Access with these descriptions (4.8.8)."""
    return extension(oids.SUBJECT_INFORMATION_ACCESS, sequence(*descriptions))


def place_access(place: Place) -> bytes:
    """Subject Information Access of an authority (4.8.8.1)."""
    parts = [
        access(oids.CA_REPOSITORY, place.repository),
        access(oids.RPKI_MANIFEST, place.manifest),
    ]
    if place.notify:
        parts.append(access(oids.RPKI_NOTIFY, place.notify))
    return subject_access(*parts)


def object_access(uri: str) -> bytes:
    """Subject Information Access of the certificate in a signed object (4.8.8.2)."""
    return subject_access(access(oids.SIGNED_OBJECT, uri))


def resources(held: Resources, inherit: Collection[str] = ()) -> tuple[bytes, ...]:
    """The extensions for addresses and AS numbers, those that say something (4.8.10, 4.8.11)."""
    addresses, numbers = ip_resources(held, inherit), as_resources(held, inherit)
    found = []
    if addresses:
        found.append(extension(oids.IP_RESOURCES, addresses, critical=True))
    if numbers:
        found.append(extension(oids.AS_RESOURCES, numbers, critical=True))
    return tuple(found)
