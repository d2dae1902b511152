"""What shall one key sign now? A list that a key at hand, or one kept offline, works through.

It is complete: certificates, authorisations, the CRL and the manifest of one publication point. So
an offline key signs the same list in a ceremony as an online key does at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from madang.rpki.engine.making import crl, issuing, profile
from madang.rpki.engine.making.contents import Listed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.making.certificate import Validity
    from madang.rpki.engine.making.extensions import Place
    from madang.rpki.engine.payloads import Aspa, Vrp
    from madang.rpki.engine.resources.blocks import Resources

    OneTime: TypeAlias = Callable[[], Signer]
    """Makes the key of one signed object."""


class CertificateItem(NamedTuple):
    """A certificate for an authority below."""

    name: str
    serial: int
    validity: Validity
    public_key: bytes
    resources: Resources
    place: Place


class RoaItem(NamedTuple):
    """A ROA of one prefix (RFC 9455)."""

    name: str
    serial: int
    validity: Validity
    vrp: Vrp


class AspaItem(NamedTuple):
    """An ASPA."""

    name: str
    serial: int
    validity: Validity
    aspa: Aspa


Item: TypeAlias = CertificateItem | RoaItem | AspaItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksheet:
    """All that a key signs in one go."""

    public_key: bytes
    """Of the key that shall sign."""
    certificate_uri: str
    repository: str
    """Its folder, ending in a slash."""
    crl_name: str
    manifest_name: str
    number: int
    """Of the CRL and of the manifest, which always appear together."""
    manifest_serial: int
    window: Validity
    """thisUpdate and nextUpdate of both."""
    revoked: tuple[tuple[int, datetime], ...]
    items: tuple[Item, ...]
    kept: tuple[Listed, ...]
    """Files signed earlier that stay."""


def perform(sheet: Worksheet, signer: Signer, *, one_time: OneTime) -> dict[str, bytes]:
    """Sign all of it.

    Args:
        sheet: What to sign.
        signer: The key whose public half the sheet names.
        one_time: Makes keys for the signed objects, one for each.

    Returns:
        File name → file: the items, the CRL and the manifest.
    """
    assert signer.public_key_der() == sheet.public_key
    issuer = profile.Issuer(signer, sheet.certificate_uri, sheet.repository + sheet.crl_name)
    made = {
        item.name: _made(sheet, item, issuer=issuer, one_time=one_time) for item in sheet.items
    }
    start, end = sheet.window
    made[sheet.crl_name] = crl.crl(
        issuer, sheet.number, this_update=start, next_update=end, revoked=sheet.revoked
    ).signed(signer)
    digests = tuple(Listed(name, hashlib.sha256(file).digest()) for name, file in made.items())
    own = _sheet_of(
        sheet, issuer, name=sheet.manifest_name, serial=sheet.manifest_serial, one_time=one_time
    )
    made[sheet.manifest_name] = issuing.manifest(
        own,
        sheet.number,
        files=(*sheet.kept, *digests),
        this_update=start,
        next_update=end,
    )
    return made


def _made(sheet: Worksheet, item: Item, *, issuer: profile.Issuer, one_time: OneTime) -> bytes:
    if isinstance(item, CertificateItem):
        grant = profile.Grant(serial=item.serial, validity=item.validity, resources=item.resources)
        draft = profile.authority(issuer, item.public_key, grant=grant, place=item.place)
        return draft.signed(issuer.signer)
    own = _sheet_of(
        sheet,
        issuer,
        name=item.name,
        serial=item.serial,
        validity=item.validity,
        one_time=one_time,
    )
    if isinstance(item, RoaItem):
        return issuing.roa(own, item.vrp.asn, entries=[(item.vrp.prefix, item.vrp.max_length)])
    return issuing.aspa(own, item.aspa.customer, providers=item.aspa.providers)


def _sheet_of(
    sheet: Worksheet,
    issuer: profile.Issuer,
    *,
    name: str,
    serial: int,
    one_time: OneTime,
    validity: Validity | None = None,
) -> issuing.Sheet:
    return issuing.Sheet(
        issuer=issuer,
        key=one_time(),
        serial=serial,
        validity=validity or sheet.window,
        uri=sheet.repository + name,
        signing_time=sheet.window.not_before,
    )
