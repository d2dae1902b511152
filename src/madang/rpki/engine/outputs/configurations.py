"""How does a router take payloads without a cache, and how is it told of one?

Tables for BIRD 2 and OpenBGPD; FRR knows no table of its own, so it is only told of a cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.outputs.texts import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.outputs.listing import Listing


def bird(listing: Listing) -> Iterator[str]:
    """Static tables `ROAS4` and `ROAS6` for BIRD 2, under the names that rpki-client gives them.

    ASPAs are left out: BIRD 2.0 refuses a whole file that names them.
    """
    for family in (4, 6):
        yield f"roa{family} table ROAS{family};\n"
    for family in (4, 6):
        yield f"\nprotocol static {{\n\troa{family} {{ table ROAS{family}; }};\n"
        for prefix, each in lines(each for each in listing.vrps if each.vrp.family == family):
            yield f"\troute {prefix} max {each.vrp.max_length} as {each.vrp.asn};\n"
        yield "}\n"


def openbgpd(listing: Listing) -> Iterator[str]:
    """A `roa-set` and an `aspa-set` for OpenBGPD, as rpki-client writes them."""
    yield "roa-set {\n"
    for prefix, ((_, _, length, most, asn), _, expires, _) in lines(listing.vrps):
        longest = f" maxlen {most}" if most > length else ""
        end = f" expires {expires}" if expires else ""
        yield f"\t{prefix}{longest} source-as {asn}{end}\n"
    yield "}\n"
    if listing.aspas:
        yield "\naspa-set {\n"
        for aspa in listing.aspas:
            providers = ", ".join(map(str, aspa.providers))
            yield f"\tcustomer-as {aspa.customer} provider-as {{ {providers} }}\n"
        yield "}\n"


def bird_cache(host: str, port: int) -> str:
    """Have BIRD 2 follow a cache into `ROAS4` and `ROAS6`."""
    return (
        "roa4 table ROAS4;\nroa6 table ROAS6;\n\n"
        "protocol rpki madang {\n\troa4 { table ROAS4; };\n\troa6 { table ROAS6; };\n"
        f'\tremote "{host}" port {port};\n'
        # What was learnt stays until it expires, also while the cache restarts.
        "\tretry keep 600;\n\trefresh keep 3600;\n\texpire keep 7200;\n}\n"
    )


def frr_cache(host: str, port: int, *, preference: int = 1) -> str:
    """Have FRR's bgpd (module `rpki`) follow a cache; FRR 8 and 9, which know no word `tcp`."""
    return f"rpki\n rpki cache {host} {port} preference {preference}\nexit\n"
