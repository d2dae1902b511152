"""How is a whole signed object made? Content, one-time certificate and envelope in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.rpki.engine.der import oids
from madang.rpki.engine.keys.signer import key_identifier
from madang.rpki.engine.making import contents
from madang.rpki.engine.making.numbers import KINDS
from madang.rpki.engine.making.profile import Grant, end_entity
from madang.rpki.engine.making.signed_object import EnvelopeDraft, attributes
from madang.rpki.engine.resources.blocks import Resources, canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.making.certificate import Validity
    from madang.rpki.engine.making.contents import AnchorKey, Listed
    from madang.rpki.engine.making.profile import Issuer
    from madang.rpki.engine.resources.prefix import Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every signed object needs beside its content."""

    issuer: Issuer
    key: Signer
    """The key of the EE certificate, for this one object (RFC 6487, section 3)."""
    serial: int
    """Of the EE certificate."""
    validity: Validity
    uri: str
    """Where the object will stand; empty for one that is never published."""
    signing_time: datetime | None
    """None leaves the attribute out, against RFC 9589."""

    def signed(
        self,
        content_type: bytes,
        content: bytes,
        *,
        resources: Resources | None = None,
        inherit: Collection[str] = (),
    ) -> bytes:
        """An object of any type under a certificate with these resources."""
        return self.draft(
            content_type, content, resources=resources or Resources(), inherit=inherit
        ).signed(self.key)

    def draft(
        self,
        content_type: bytes,
        content: bytes,
        *,
        resources: Resources,
        inherit: Collection[str],
    ) -> EnvelopeDraft:
        """The envelope around a signed certificate, before it is signed itself."""
        public_key = self.key.public_key_der()
        grant = Grant(
            serial=self.serial, validity=self.validity, resources=resources, inherit=inherit
        )
        certificate = end_entity(self.issuer, public_key, grant=grant, object_uri=self.uri)
        return EnvelopeDraft(
            content_type=content_type,
            content=content,
            certificate=certificate.signed(self.issuer.signer),
            signer_identifier=key_identifier(public_key),
            attributes=attributes(content_type, content, self.signing_time),
        )


def addresses(prefixes: Iterable[Prefix]) -> Resources:
    """The resources that these prefixes are."""
    blocks: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    for prefix in prefixes:
        blocks[prefix.family].append((prefix.address, prefix.last))
    return Resources(canonical(blocks[4]), canonical(blocks[6]))


def roa(sheet: Sheet, asn: int, *, entries: Collection[tuple[Prefix, int | None]]) -> bytes:
    """A ROA whose certificate holds its prefixes and no AS number (RFC 9582, section 5)."""
    held = addresses(prefix for prefix, _ in entries)
    return sheet.signed(oids.ROA, contents.roa(asn, entries), resources=held)


def aspa(sheet: Sheet, customer: int, *, providers: Collection[int]) -> bytes:
    """An ASPA whose certificate holds the customer's AS number and no address."""
    held = Resources(asn=((customer, customer),))
    return sheet.signed(oids.ASPA, contents.aspa(customer, providers), resources=held)


def manifest(
    sheet: Sheet,
    number: int,
    *,
    files: Iterable[Listed],
    this_update: datetime,
    next_update: datetime,
    inherit: Collection[str] = KINDS,
) -> bytes:
    """A manifest whose certificate inherits what the issuer holds (RFC 9286, section 5.1).

    It inherits all kinds, even those that the issuer has none of: rpki-client 8.2 refuses another
    manifest, and then crashes.
    """
    content = contents.manifest(number, files, this_update=this_update, next_update=next_update)
    return sheet.signed(oids.MANIFEST, content, inherit=inherit)


def trust_anchor_key(
    sheet: Sheet,
    current: AnchorKey,
    *,
    predecessor: AnchorKey | None = None,
    successor: AnchorKey | None = None,
    inherit: Collection[str] = KINDS,
) -> bytes:
    """A TAK object (RFC 9691, section 2)."""
    content = contents.trust_anchor_key(current, predecessor=predecessor, successor=successor)
    return sheet.signed(oids.TRUST_ANCHOR_KEY, content, inherit=inherit)


def checklist(sheet: Sheet, resources: Resources, *, files: Collection[Listed]) -> bytes:
    """A signed checklist under these resources (RFC 9323)."""
    content = contents.checklist(resources, files)
    return sheet.signed(oids.CHECKLIST, content, resources=resources)
