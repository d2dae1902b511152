"""What does a signed object say? The content of a ROA, ASPA, manifest, anchor key or checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    bit_string,
    explicit,
    generalized_time,
    ia5_string,
    integer,
    octet_string,
    sequence,
    sequence_of,
    utf8_string,
)
from madang.rpki.engine.making.numbers import (
    FAMILIES,
    address_bits,
    address_blocks,
    asn_block,
)
from madang.rpki.engine.resources.prefix import Prefix

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from madang.rpki.engine.resources.blocks import Resources

ASPA_VERSION = 1
"""As of draft-ietf-sidrops-aspa-profile-12 and later."""


class Listed(NamedTuple):
    """A file on a manifest."""

    name: str
    digest: bytes
    """SHA-256 of the file."""


class AnchorKey(NamedTuple):
    """A trust anchor's key, as a TAK object names it (RFC 9691, section 2.1)."""

    comments: tuple[str, ...]
    uris: tuple[str, ...]
    public_key: bytes
    """SubjectPublicKeyInfo in DER."""


def roa(asn: int, entries: Iterable[tuple[Prefix, int | None]], *, version: int = 0) -> bytes:
    """RouteOriginAttestation in its canonical form (RFC 9582, section 4).

    Args:
        asn: The AS that may announce.
        entries: Prefixes, each with its greatest length; None, or the prefix's own length, is
            not written (section 4.3.2.2).
        version: Written where it is not 0.
    """
    chosen = sorted(
        {(prefix, length or prefix.length) for prefix, length in entries},
        key=lambda entry: (entry[0].family, entry[0].address, entry[0].length, entry[1]),
    )
    families = []
    for family, _, afi in FAMILIES:
        parts = [_roa_address(*entry) for entry in chosen if entry[0].family == family]
        if parts:
            families.append(sequence(afi, sequence_of(parts)))
    return sequence(_version(version), integer(asn), sequence_of(families))


def _roa_address(prefix: Prefix, max_length: int) -> bytes:
    bits = address_bits(*prefix)
    return sequence(bits) if max_length == prefix.length else sequence(bits, integer(max_length))


def _version(version: int) -> bytes:
    return explicit(0, integer(version)) if version else b""


def aspa(customer: int, providers: Iterable[int], *, version: int = ASPA_VERSION) -> bytes:
    """ASProviderAttestation, providers rising, each once (draft-ietf-sidrops-aspa-profile)."""
    parts = [integer(asn) for asn in sorted(set(providers))]
    return sequence(_version(version), integer(customer), sequence_of(parts))


def manifest(
    number: int,
    files: Iterable[Listed],
    *,
    this_update: datetime,
    next_update: datetime,
    version: int = 0,
) -> bytes:
    """Manifest with its files in the order of their names (RFC 9286, section 4.2)."""
    return sequence(
        _version(version),
        integer(number),
        generalized_time(this_update),
        generalized_time(next_update),
        oids.SHA256,
        sequence_of(
            sequence(ia5_string(each.name), bit_string(each.digest)) for each in sorted(files)
        ),
    )


def trust_anchor_key(
    current: AnchorKey,
    *,
    predecessor: AnchorKey | None = None,
    successor: AnchorKey | None = None,
    version: int = 0,
) -> bytes:
    """TAK: the anchor's present key and those beside it (RFC 9691, section 2)."""
    return sequence(
        integer(version) if version else b"",
        _anchor_key(current),
        explicit(0, _anchor_key(predecessor)) if predecessor else b"",
        explicit(1, _anchor_key(successor)) if successor else b"",
    )


def _anchor_key(key: AnchorKey) -> bytes:
    return sequence(
        sequence_of(utf8_string(comment) for comment in key.comments),
        sequence_of(ia5_string(uri) for uri in key.uris),
        key.public_key,
    )


def checklist(resources: Resources, files: Iterable[Listed], *, version: int = 0) -> bytes:
    """RpkiSignedChecklist: digests under the resources of who signs (RFC 9323, section 4).

    Args:
        resources: Those that the EE certificate holds.
        files: A file without a name is known by its digest alone.
        version: Written where it is not 0.
    """
    numbers = sequence_of(asn_block(low, high) for low, high in resources.asn)
    addresses = [
        sequence(afi, address_blocks(family, getattr(resources, kind)))
        for family, kind, afi in FAMILIES
        if getattr(resources, kind)
    ]
    return sequence(
        _version(version),
        sequence(
            explicit(0, sequence(explicit(0, numbers))) if resources.asn else b"",
            explicit(1, sequence_of(addresses)) if addresses else b"",
        ),
        sequence(oids.SHA256),
        sequence_of(
            sequence(ia5_string(each.name) if each.name else b"", octet_string(each.digest))
            for each in files
        ),
    )
