"""What came of judging? Values that say what was believed, what was not, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from madang.rpki.engine.faults import Fault
    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
    from madang.rpki.engine.resources.blocks import Resources

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
    serial: int
    not_before: int
    not_after: int
    vrps: tuple[Vrp, ...]
    aspas: tuple[Aspa, ...]
    router_keys: tuple[RouterKey, ...]
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
    files: tuple[str, ...] = ()
    """The manifest and every file that it lists."""
    crl: str = ""
    """The name of the revocation list; empty where none was usable."""
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

    def vrps(self) -> Iterator[Vrp]:
        """What its ROAs say; once for each that says it."""
        return chain.from_iterable(each.vrps for each in self.accepted.values())

    def aspas(self) -> Iterator[Aspa]:
        """What its ASPAs say."""
        return chain.from_iterable(each.aspas for each in self.accepted.values())

    def router_keys(self) -> Iterator[RouterKey]:
        """What its router certificates say."""
        return chain.from_iterable(each.router_keys for each in self.accepted.values())

    def children(self) -> Iterator[Authority]:
        """The CAs whose certificates it published."""
        return (each.child for each in self.accepted.values() if each.child)
