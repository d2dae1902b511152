"""What is one cache's whole state as bytes that another can compare? A CCR.

The canonical cache representation, draft-ietf-sidrops-rpki-ccr-11: each state ends with the
SHA-256 of its list, so that two validators that believe the same have the same digests. The
states of manifests and trust anchors are optional and left out: a listing does not know them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import writer as der
from madang.rpki.engine.resources.prefix import BITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.outputs.listing import Listing
    from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp

DRAFT: Final = "draft-ietf-sidrops-rpki-ccr-11"
CONTENT_TYPE: Final = "1.2.840.113549.1.9.16.1.54"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_AFI: Final = {4: b"\x00\x01", 6: b"\x00\x02"}


def ccr(listing: Listing) -> bytes:
    """The CCR of all payloads, in DER."""
    produced = datetime.fromtimestamp(listing.generated, UTC)
    content = der.sequence(
        der.sequence(der.oid(_SHA256)),
        der.generalized_time(produced),
        der.explicit(2, _state(_roa_sets(each.vrp for each in listing.vrps))),
        der.explicit(3, _state(_aspa_sets(listing.aspas))),
        der.explicit(5, _state(_key_sets(listing.router_keys))),
    )
    return der.sequence(der.oid(CONTENT_TYPE), der.explicit(0, content))


def digest_of_vrps(vrps: Iterable[Vrp]) -> str:
    """The digest of the ROA payload state, in hexadecimal: equal for equal sets of VRPs."""
    return sha256(_roa_sets(vrps)).hexdigest()


def _state(sets: bytes) -> bytes:
    return der.sequence(sets, der.octet_string(sha256(sets).digest()))


def _roa_sets(vrps: Iterable[Vrp]) -> bytes:
    """One set for each AS; addresses in the canonical order of RFC 9582, section 4.3.3."""
    ranked = sorted((vrp.asn, vrp.family, vrp.address, vrp.length, vrp.max_length) for vrp in vrps)
    return der.sequence_of(
        der.sequence(
            der.integer(asn),
            der.sequence_of(
                der.sequence(
                    der.octet_string(_AFI[family]),
                    der.sequence_of(
                        _address(family, address, length=length, most=most)
                        for _, _, address, length, most in members
                    ),
                )
                for family, members in groupby(of_asn, key=lambda row: row[1])
            ),
        )
        for asn, of_asn in groupby(ranked, key=lambda row: row[0])
    )


def _address(family: int, address: int, *, length: int, most: int) -> bytes:
    count = (length + 7) // 8
    octets = (address >> (BITS[family] - 8 * count)).to_bytes(count, "big")
    place = der.bit_string(octets, 8 * count - length)
    # DER leaves out a maximum that says no more than the length does.
    return der.sequence(place, der.integer(most)) if most != length else der.sequence(place)


def _aspa_sets(aspas: Iterable[Aspa]) -> bytes:
    return der.sequence_of(
        der.sequence(der.integer(customer), der.sequence_of(map(der.integer, providers)))
        for customer, providers in sorted(aspas)
    )


def _key_sets(keys: Iterable[RouterKey]) -> bytes:
    return der.sequence_of(
        der.sequence(
            der.integer(asn),
            der.sequence_of(
                der.sequence(der.octet_string(key.key_identifier), key.public_key)
                for key in of_asn
            ),
        )
        for asn, of_asn in groupby(sorted(keys), key=lambda key: key.asn)
    )
