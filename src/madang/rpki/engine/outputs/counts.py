"""How many payloads are there? Counts for Prometheus (text format 0.0.4), by trust anchor."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.outputs.listing import Listing


def prometheus(listing: Listing) -> Iterator[str]:
    """Gauges with one sample for each trust anchor and family."""
    yield "# HELP rpki_vrps Validated ROA payloads.\n# TYPE rpki_vrps gauge\n"
    found = Counter((each.anchor, each.vrp.family) for each in listing.vrps)
    for (anchor, family), count in sorted(found.items()):
        yield f'rpki_vrps{{ta="{_escaped(anchor)}",family="{family}"}} {count}\n'
    for name, told, count in (
        ("rpki_aspas", "Validated ASPA payloads.", len(listing.aspas)),
        ("rpki_router_keys", "Validated router keys.", len(listing.router_keys)),
        ("rpki_generated_seconds", "When this was validated, since 1970.", listing.generated),
    ):
        yield f"# HELP {name} {told}\n# TYPE {name} gauge\n{name} {count}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
