"""What may a network decide for itself? To leave payloads out, and to add its own (RFC 8416).

Version 2 adds ASPAs (draft-ietf-sidrops-aspa-slurm-04).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
    from madang.rpki.engine.resources.prefix import Prefix

DRAFT: Final = "draft-ietf-sidrops-aspa-slurm-04"
"""What version 2 follows while it is no RFC."""


class Place(NamedTuple):
    """Where a file says it, and why."""

    file: str
    entry: str
    """Such as `prefixFilters[3]`."""
    comment: str = ""

    def __str__(self) -> str:
        return f"{self.file} {self.entry}" + (f" ({self.comment})" if self.comment else "")


class PrefixFilter(NamedTuple):
    """Leaves out VRPs inside a prefix, of an AS, or both (3.3.1)."""

    prefix: Prefix | None
    asn: int | None
    place: Place


class KeyFilter(NamedTuple):
    """Leaves out router keys of an AS, with a key identifier, or both (3.3.2)."""

    asn: int | None
    key_identifier: bytes | None
    place: Place


class AspaFilter(NamedTuple):
    """Leaves out the ASPA of a customer AS (version 2)."""

    customer: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Slurm:
    """The exceptions of one file, or of several that do not contradict each other."""

    prefix_filters: tuple[PrefixFilter, ...] = ()
    key_filters: tuple[KeyFilter, ...] = ()
    aspa_filters: tuple[AspaFilter, ...] = ()
    vrps: tuple[tuple[Vrp, Place], ...] = ()
    """Added (3.4.1)."""
    router_keys: tuple[tuple[RouterKey, Place], ...] = ()
    """Added (3.4.2)."""
    aspas: tuple[tuple[Aspa, Place], ...] = ()
    """Added (version 2)."""

    def __bool__(self) -> bool:
        return bool(
            self.prefix_filters
            or self.key_filters
            or self.aspa_filters
            or self.vrps
            or self.router_keys
            or self.aspas
        )
