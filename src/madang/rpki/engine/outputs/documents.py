"""How do other programs read payloads as JSON? In the shapes of rpki-client and Routinator.

Written by hand line by line, as both programs do, so that two files can be compared by lines;
whatever is text goes through `json`.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.outputs.texts import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from madang.rpki.engine.outputs.listing import Listing
    from madang.rpki.engine.payloads import Aspa, RouterKey


def rpki_client(listing: Listing) -> Iterator[str]:
    """As rpki-client writes it since 8.5; StayRTR and many scripts read it."""
    built = clock.stamp(datetime.fromtimestamp(listing.generated, UTC))
    yield '{\n\t"metadata": {\n'
    yield f'\t\t"buildtime": "{built}",\n'
    yield f'\t\t"vrps": {len(listing.vrps)},\n'
    yield f'\t\t"vaps": {len(listing.aspas)},\n'
    yield f'\t\t"bgpsec_pubkeys": {len(listing.router_keys)}\n\t}},\n\n\t"roas": ['
    yield from _between(_client_roas(listing), "\n\t\t")
    yield '\n\t],\n\n\t"bgpsec_keys": ['
    yield from _between(map(_client_key, listing.router_keys), "\n\t\t")
    yield '\n\t],\n\n\t"aspas": ['
    yield from _between(map(_client_aspa, listing.aspas), "\n\t\t")
    yield "\n\t]\n}\n"


def routinator(listing: Listing) -> Iterator[str]:
    """As Routinator's `json` has it."""
    made = clock.stamp(datetime.fromtimestamp(listing.generated, UTC))
    yield '{\n  "metadata": {\n'
    yield f'    "generated": {listing.generated},\n    "generatedTime": "{made}"\n  }},\n'
    yield '  "roas": ['
    yield from _between(_routinator_roas(listing), "\n    ")
    yield '\n  ],\n  "routerKeys": ['
    yield from _between(map(_routinator_key, listing.router_keys), "\n    ")
    yield '\n  ],\n  "aspas": ['
    yield from _between(map(_routinator_aspa, listing.aspas), "\n    ")
    yield "\n  ]\n}\n"


def _between(entries: Iterable[str], margin: str) -> Iterator[str]:
    mark = margin
    for entry in entries:
        yield mark + entry
        mark = "," + margin


def _client_roas(listing: Listing) -> Iterator[str]:
    quoted = {each.anchor: json.dumps(each.anchor) for each in listing.vrps}
    for prefix, ((_, _, _, most, asn), anchor, expires, _) in lines(listing.vrps):
        # A stated end would count as passed where none is known.
        end = f', "expires": {expires}' if expires else ""
        yield (
            f'{{ "asn": {asn}, "prefix": "{prefix}", "maxLength": {most},'
            f' "ta": {quoted[anchor]}{end} }}'
        )


def _client_key(key: RouterKey) -> str:
    public = b64encode(key.public_key).decode()
    ski = key.key_identifier.hex().upper()
    return f'{{ "asn": {key.asn}, "ski": "{ski}", "pubkey": "{public}" }}'


def _client_aspa(aspa: Aspa) -> str:
    providers = ", ".join(map(str, aspa.providers))
    return f'{{ "customer_asid": {aspa.customer}, "providers": [ {providers} ] }}'


def _routinator_roas(listing: Listing) -> Iterator[str]:
    quoted = {each.anchor: json.dumps(each.anchor or "N/A") for each in listing.vrps}
    for prefix, ((_, _, _, most, asn), anchor, _, _) in lines(listing.vrps):
        yield (
            f'{{ "asn": "AS{asn}", "prefix": "{prefix}", "maxLength": {most},'
            f' "ta": {quoted[anchor]} }}'
        )


def _routinator_key(key: RouterKey) -> str:
    public = urlsafe_b64encode(key.public_key).decode().rstrip("=")
    ski = key.key_identifier.hex().upper()
    return (
        f'{{ "asn": "AS{key.asn}", "SKI": "{ski}", "routerPublicKey": "{public}", "ta": "N/A" }}'
    )


def _routinator_aspa(aspa: Aspa) -> str:
    providers = ", ".join(f'"AS{asn}"' for asn in aspa.providers)
    return f'{{ "customer": "AS{aspa.customer}", "providers": [{providers}], "ta": "N/A" }}'
