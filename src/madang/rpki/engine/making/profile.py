"""What does each kind of certificate carry? Anchor, authority, end entity, router (RFC 6487)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.keys.signer import Signer, key_identifier
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import CertificateDraft
from madang.rpki.engine.making.names import key_name, router_name
from madang.rpki.engine.resources.blocks import Resources

if TYPE_CHECKING:
    from collections.abc import Collection

    from madang.rpki.engine.making.certificate import Validity
    from madang.rpki.engine.making.extensions import Place

NOTHING: Final = Resources()


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority's key, and where that which it issues points to."""

    signer: Signer
    certificate_uri: str
    """Where the authority's own certificate is published (AIA of what it issues)."""
    crl_uri: str
    """Where its CRL is published."""
    name: bytes = b""
    """Its Name in DER; by its key where empty."""
    key_identifier: bytes = field(init=False)

    def __post_init__(self) -> None:
        found = key_identifier(self.signer.public_key_der())
        object.__setattr__(self, "key_identifier", found)
        object.__setattr__(self, "name", self.name or key_name(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a certificate says of its subject."""

    serial: int
    validity: Validity
    resources: Resources = NOTHING
    inherit: Collection[str] = ()
    """The kinds of resources (`v4`, `v6`, `asn`) that are the issuer's, whatever it holds."""


def anchor(
    signer: Signer, grant: Grant, *, place: Place, subject: bytes = b""
) -> CertificateDraft:
    """A trust anchor's certificate, which it signs itself (RFC 8630, 2.3; RFC 6487, 4.8.3)."""
    public_key = signer.public_key_der()
    identifier = key_identifier(public_key)
    own_name = subject or key_name(identifier)
    return CertificateDraft(
        serial=grant.serial,
        issuer=own_name,
        subject=own_name,
        validity=grant.validity,
        public_key=public_key,
        extensions=(
            ext.CA_CONSTRAINTS,
            ext.subject_key(identifier),
            ext.CA_KEY_USAGE,
            ext.place_access(place),
            ext.POLICY,
            *ext.resources(grant.resources),
        ),
    )


def authority(
    issuer: Issuer, public_key: bytes, *, grant: Grant, place: Place, subject: bytes = b""
) -> CertificateDraft:
    """The certificate of an authority below another."""
    identifier = key_identifier(public_key)
    return CertificateDraft(
        serial=grant.serial,
        issuer=issuer.name,
        subject=subject or key_name(identifier),
        validity=grant.validity,
        public_key=public_key,
        extensions=(
            ext.CA_CONSTRAINTS,
            *_linked(issuer, identifier),
            ext.CA_KEY_USAGE,
            ext.place_access(place),
            ext.POLICY,
            *ext.resources(grant.resources, grant.inherit),
        ),
    )


def end_entity(
    issuer: Issuer, public_key: bytes, *, grant: Grant, object_uri: str
) -> CertificateDraft:
    """The certificate inside a signed object (RFC 6488, section 2.1.4).

    It names where the object is published, or nothing for one that never is (RFC 9323).
    """
    identifier = key_identifier(public_key)
    return CertificateDraft(
        serial=grant.serial,
        issuer=issuer.name,
        subject=key_name(identifier),
        validity=grant.validity,
        public_key=public_key,
        extensions=(
            *_linked(issuer, identifier),
            ext.EE_KEY_USAGE,
            *((ext.object_access(object_uri),) if object_uri else ()),
            ext.POLICY,
            *ext.resources(grant.resources, grant.inherit),
        ),
    )


def router(
    issuer: Issuer, public_key: bytes, *, grant: Grant, router_id: int = 0
) -> CertificateDraft:
    """The certificate of a router's BGPsec key (RFC 8209, section 3).

    The key is a P-256 key (RFC 8608). Of the grant only AS numbers are taken: they must be named,
    not inherited, and stand without addresses (section 3.1.3.4).
    """
    identifier = key_identifier(public_key)
    return CertificateDraft(
        serial=grant.serial,
        issuer=issuer.name,
        subject=router_name(grant.resources.asn[0][0], router_id),
        validity=grant.validity,
        public_key=public_key,
        extensions=(
            *_linked(issuer, identifier),
            ext.EE_KEY_USAGE,
            ext.ROUTER_USAGE,
            ext.POLICY,
            *ext.resources(Resources(asn=grant.resources.asn)),
        ),
    )


def _linked(issuer: Issuer, identifier: bytes) -> tuple[bytes, ...]:
    """The extensions that name a certificate's own key and lead to its issuer."""
    return (
        ext.subject_key(identifier),
        ext.authority_key(issuer.key_identifier),
        ext.crl_points(issuer.crl_uri),
        ext.authority_access(issuer.certificate_uri),
    )
