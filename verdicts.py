"""What came of judging? Values that say what was believed, what was not, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from madang.rpki.engine.faults import Fault
    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
    from madang.rpki.engine.resources.blocks import Resources

    Payload: TypeAlias = tuple[Vrp, ...] | tuple[Aspa, ...] | tuple[RouterKey, ...]

FOREVER = 1 << 62
"""A second after all others."""


class Authority(NamedTuple):
    """A CA whose certificate was accepted, ready to judge what it published."""

    uri: str
    """Where its certificate lies."""
    certificate: Certificate
    resources: Resources
    """What it really holds: inheritance and, where it applies, RFC 8360 resolved."""
    anchor: str
    """The name of its trust anchor."""
    depth: int
    """0 for a trust anchor."""


class Judged(NamedTuple):
    """An object that was accepted, with what its acceptance rested on."""

    digest: bytes
    """SHA-256 of its file."""
    kind: str
    """The three letters that end its name."""
    serial: int
    not_before: int
    not_after: int
    payload: Payload
    child: Authority | None
    """The CA that a CA certificate made."""
    oddities: tuple[str, ...]
    """Codes of tolerated oddities."""


class Refusal(NamedTuple):
    """An object that was not accepted, and the first check that it failed."""

    name: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class PointVerdict:
    """What one publication point gave at one time."""

    source: str
    """Where its objects came from; empty where nothing was there."""
    accepted: Mapping[str, Judged]
    """File name → what was accepted, in the order of the manifest."""
    refused: tuple[Refusal, ...]
    ignored: int = 0
    """Files of types that carry nothing to believe."""
    failure: Refusal | None = None
    """Why what was fetched last could not be used; then the last good state speaks, or nothing."""
    from_last_good: bool = False
    number: int = -1
    """The manifest's number; -1 where none was usable."""
    this_update: int = 0
    next_update: int = 0
    expires: int = 0
    """When the manifest or the revocation list ends, whichever is sooner."""
    since: int = 0
    until: int = FOREVER
    """The verdict is the same at each second from `since` to the one before `until`."""
    tokens: tuple[Hashable, Hashable] = (None, None)
    """What the point and its last good state were when it was judged."""
    vrps: tuple[Vrp, ...] = field(default=())
    aspas: tuple[Aspa, ...] = field(default=())
    router_keys: tuple[RouterKey, ...] = field(default=())
    children: tuple[tuple[str, Authority], ...] = field(default=())
    """File name → the CA, for every CA certificate that was accepted."""
