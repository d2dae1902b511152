"""What happens in each drill? A hijack, a leak, a lost validator, a silent publication point.

Each scene is played on the same victim and attacker twice: as the network protects itself now, and
with every AS validating and every holder publishing ROAs and ASPAs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.words import Words, words
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.routes.drill.propagation import Announcement, Chosen, Guard, propagate
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.paths import PathIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.routes.drill.topology import Topology

HELD: Final = Prefix(4, 10 << 24 | 20 << 16, 16)
"""What the victim announces; its registry holds the /8 around it."""
PART: Final = Prefix(4, 10 << 24 | 20 << 16 | 7 << 8, 24)
"""What the attacker announces of it in a hijack of a part."""
AROUND: Final = Prefix(4, 10 << 24, 8)

SCENES: Final[dict[str, Words]] = {
    "hijack": words("대역 탈취", "hijack of the prefix"),
    "sub-prefix": words("세부 대역 탈취", "hijack of a part of it"),
    "forged-origin": words("발원 위조 탈취", "hijack with a forged origin"),
    "leak": words("경로 누출", "route leak"),
    "validator-lost": words("모든 검증기 상실 중 탈취", "hijack while all validators are lost"),
    "validators-halved": words(
        "검증기 절반 상실 중 탈취", "hijack while half the validators are lost"
    ),
    "point-silent": words("발행 지점 중단 중 탈취", "hijack while payloads have expired"),
    "point-silent-own": words(
        "발행 지점 중단 중 정상 경로", "own route while payloads have expired"
    ),
}


class Adoption(NamedTuple):
    """Who protects itself, and how."""

    validating: frozenset[int]
    """ASes that drop routes of invalid origin."""
    verifying: frozenset[int]
    """ASes that drop invalid paths."""
    attesting: frozenset[int]
    """ASes that publish an ASPA."""
    authorised: bool
    """Whether the victim has a ROA."""


class Roles(NamedTuple):
    """Who plays."""

    victim: int
    attacker: int
    leaker: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the traffic to the victim's addresses ends, by the AS that sends it."""

    safe: frozenset[int]
    """It arrives at the victim, over no AS that should not carry it."""
    taken: frozenset[int]
    """It ends at the attacker, or goes through the leaker."""
    cut: frozenset[int]
    """It has no route."""


def play(scene: str, topology: Topology, roles: Roles, adoption: Adoption) -> Outcome:
    """Play one scene."""
    guard = _guard(scene, topology, roles, adoption)
    if scene == "leak":
        return _leaked(topology, roles, guard)
    announced = {HELD: [Announcement(roles.victim, (roles.victim,))]}
    if scene == "forged-origin":
        announced[HELD].append(Announcement(roles.attacker, (roles.attacker, roles.victim)))
    elif scene in ("sub-prefix", "validator-lost", "validators-halved"):
        announced[PART] = [Announcement(roles.attacker, (roles.attacker,))]
    elif scene != "point-silent-own":
        announced[HELD].append(Announcement(roles.attacker, (roles.attacker,)))
    tables = [
        propagate(topology, prefix, tuple(each), guard=guard)
        for prefix, each in sorted(announced.items(), key=lambda pair: -pair[0].length)
    ]
    ends = {asn: _end(asn, tables, roles) for asn in topology.ases}
    return _outcome(ends, roles)


def _guard(scene: str, topology: Topology, roles: Roles, adoption: Adoption) -> Guard:
    """What the ASes of a scene believe and check."""
    vrps = []
    if adoption.authorised:
        vrps.append(Vrp(*HELD, HELD.length, roles.victim))
    if scene.startswith("point-silent"):
        # The victim's own point fell silent and its payloads expired. In the second scene an
        # authorisation around them, of another point, still stands: the own route turns invalid.
        around = Vrp(*AROUND, AROUND.length, topology.ases[0])
        vrps = [around] if scene == "point-silent-own" and adoption.authorised else []
    aspas = (
        Aspa(asn, tuple(sorted(topology.providers[asn])) or (0,))
        for asn in sorted(adoption.attesting)
    )
    if scene == "validator-lost":
        # Routers that lost every cache hold no payloads: all is unknown, and accepted.
        return Guard(OriginIndex(), PathIndex())
    validating = adoption.validating
    if scene == "validators-halved":
        validating = frozenset(sorted(validating)[::2])
    return Guard(OriginIndex(vrps), PathIndex(aspas), validating, adoption.verifying)


def _end(asn: int, tables: list[dict[int, Chosen]], roles: Roles) -> int | None:
    """Where a packet ends: at each AS the longest prefix that it has a route for decides."""
    here = asn
    for _ in range(len(tables) * 64):
        held = next((table[here] for table in tables if here in table), None)
        if held is None:
            return None
        if held.source == "own":
            return here
        here = held.next_hop
    return None


def _leaked(topology: Topology, roles: Roles, guard: Guard) -> Outcome:
    """The leaker tells everybody a route that it has from a provider or peer."""
    own = Announcement(roles.victim, (roles.victim,))
    before = propagate(topology, HELD, (own,), guard=guard)
    held = before.get(roles.leaker)
    if held is None or held.source not in ("provider", "peer"):
        after = before
    else:
        leak = Announcement(roles.leaker, held.path)
        after = propagate(topology, HELD, (own, leak), guard=guard)
    ends: dict[int, int | None] = {}
    for asn in topology.ases:
        path = after[asn].path if asn in after else ()
        usual = asn in before and roles.leaker in before[asn].path
        led_astray = roles.leaker in path and not usual
        ends[asn] = roles.leaker if led_astray else (path[-1] if path else None)
    return _outcome(ends, roles)


def _outcome(ends: dict[int, int | None], roles: Roles) -> Outcome:
    """Outcomes of all ASes but those who play."""
    others = {asn: end for asn, end in ends.items() if asn not in roles}
    return Outcome(
        frozenset(_those(others, {roles.victim})),
        frozenset(_those(others, {roles.attacker, roles.leaker})),
        frozenset(_those(others, {None})),
    )


def _those(ends: dict[int, int | None], wanted: set[int | None]) -> Iterable[int]:
    return (asn for asn, end in ends.items() if end in wanted)
