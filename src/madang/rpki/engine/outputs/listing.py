"""What does an output show, and in which order? Payloads with where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.rpki.engine.payloads import Payloads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
    from madang.rpki.engine.validation.outcome import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything that one output shows.

    Args:
        generated: The moment of validation, in seconds since 1970.
        vrps: In the order of `ordered`, each once.
    """

    generated: int
    vrps: tuple[Sourced, ...]
    aspas: tuple[Aspa, ...] = ()
    router_keys: tuple[RouterKey, ...] = ()

    @property
    def payloads(self) -> Payloads:
        """The payloads alone."""
        return Payloads(
            frozenset(each.vrp for each in self.vrps),
            frozenset(self.aspas),
            frozenset(self.router_keys),
        )


def listed(
    vrps: Iterable[Sourced], payloads: Payloads | None = None, *, generated: int
) -> Listing:
    """A listing of VRPs that may come twice and in any order.

    Args:
        vrps: Of several sources of one VRP the one that holds longest is shown, as rpki-client
            does.
        payloads: Whose ASPAs and router keys are shown.
        generated: The moment of validation, in seconds since 1970.
    """
    best: dict[Vrp, Sourced] = {}
    for each in vrps:
        held = best.setdefault(each.vrp, each)
        if held is not each and (held.expires, held.anchor, held.uri) < each[2:3] + each[1:4:2]:
            best[each.vrp] = each
    rest = payloads or Payloads()
    return Listing(
        generated=generated,
        vrps=ordered(best.values()),
        aspas=tuple(sorted(rest.aspas)),
        router_keys=tuple(sorted(rest.router_keys)),
    )


def ordered(vrps: Iterable[Sourced]) -> tuple[Sourced, ...]:
    """VRPs in rpki-client's order: by family and address, longer prefixes first, then by AS.

    Of one prefix, the greater maximum length comes first.
    """
    return tuple(sorted(vrps, key=_rank))


def _rank(each: Sourced) -> int:
    # One number sorts twice as fast as a tuple of five.
    family, address, length, most, asn = each[0]
    return (((family << 128 | address) << 8 | 128 - length) << 8 | 128 - most) << 32 | asn
