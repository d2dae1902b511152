"""Which faults can be planted, and what must a validator say of each? All of them in one table."""

from __future__ import annotations

from typing import Final

from madang.rpki.engine.simulator.faulty_cards import ANCHOR_KEYS, CARDS
from madang.rpki.engine.simulator.faulty_certificates import (
    AUTHORITIES,
    EXTENSIONS,
    FIELDS,
)
from madang.rpki.engine.simulator.faulty_numbers import NUMBERS
from madang.rpki.engine.simulator.faulty_objects import (
    ASPAS,
    ENVELOPES,
    ROAS,
    ROUTERS,
)
from madang.rpki.engine.simulator.faulty_points import ANCHORS, LIMITS, LISTS, MANIFESTS, POINTS

PLANTS: Final = {
    plant.name: plant
    for plants in (
        FIELDS, EXTENSIONS, NUMBERS, AUTHORITIES, ENVELOPES, ROAS, ASPAS, ROUTERS, CARDS,
        ANCHOR_KEYS, MANIFESTS, LISTS, POINTS, ANCHORS, LIMITS,
    )
    for plant in plants
}  # fmt: skip
"""Name → plant."""

NOT_PLANTED: Final = {
    "checklist-name": "a signed checklist is handed over, never published (RFC 9323)",
    "checklist-outside": "a signed checklist is handed over, never published (RFC 9323)",
    "checklist-sia": "a signed checklist is handed over, never published (RFC 9323)",
    "cms-signer": "a message between authorities is sent, never published (RFC 6492)",
    "sia": "a request is sent to a parent, never published (RFC 6492)",
    "signature": "a request is sent to a parent, never published (RFC 6492)",
}
"""Code of `reasons.csv` → why no repository can be made to meet it."""
