"""How do tables of VRPs look? CSV as Routinator and rpki-client write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.outputs.texts import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.outputs.listing import Listing


def csv(listing: Listing) -> Iterator[str]:
    """The four columns that every reader knows: `AS64500,192.0.2.0/24,24,ta`."""
    yield "ASN,IP Prefix,Max Length,Trust Anchor\n"
    cells = _cells(listing)
    for prefix, ((_, _, _, most, asn), anchor, _, _) in lines(listing.vrps):
        yield f"AS{asn},{prefix},{most},{cells[anchor]}\n"


def csv_with_ends(listing: Listing) -> Iterator[str]:
    """The same with rpki-client's fifth column: the end in seconds since 1970."""
    yield "ASN,IP Prefix,Max Length,Trust Anchor,Expires\n"
    cells = _cells(listing)
    for prefix, ((_, _, _, most, asn), anchor, expires, _) in lines(listing.vrps):
        yield f"AS{asn},{prefix},{most},{cells[anchor]},{expires}\n"


def _cells(listing: Listing) -> dict[str, str]:
    """Name of a trust anchor → its cell: there are few names on many lines."""
    return {anchor: _cell(anchor) for anchor in {each.anchor for each in listing.vrps}}


def _cell(text: str) -> str:
    """A cell as RFC 4180 has it; names of trust anchors come from files, so anything may come."""
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
