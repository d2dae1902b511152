"""How would the network fare now, and how under full validation? All scenes, by one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.words import Words, words
from madang.rpki.engine.routes.drill.scenes import SCENES, Adoption, Outcome, Roles, play

if TYPE_CHECKING:
    from madang.rpki.engine.routes.drill.topology import Topology


class Shares(NamedTuple):
    """Who adopted what now, as shares of all ASes."""

    validating: float = 0.25
    """Drop routes of invalid origin; carriers twice as often as those at the edge."""
    verifying: float = 0.02
    attesting: float = 0.05


class Line(NamedTuple):
    """One scene, over all its trials: shares of the ASes."""

    scene: str
    now: tuple[float, float, float]
    """Safe, taken, cut."""
    full: tuple[float, float, float]
    saved: tuple[int, ...]
    """ASes that full validation saves in every trial in which they are lost now."""
    first: tuple[Roles, Outcome, Outcome]
    """The first trial: who plays, and how each AS fares now and fully validated."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What a drill found."""

    seed: int
    ases: int
    trials: int
    shares: Shares
    lines: tuple[Line, ...]

    def plain(self) -> dict[str, Any]:
        """The result as JSON-able values."""
        return {
            "seed": self.seed,
            "ases": self.ases,
            "trials": self.trials,
            "adoption": self.shares._asdict(),
            "scenes": [
                {
                    "scene": line.scene,
                    "now": _named(line.now),
                    "full": _named(line.full),
                    "saved": list(line.saved),
                    "first_trial": _listed(*line.first),
                }
                for line in self.lines
            ],
        }


def _named(share: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("safe", "taken", "cut"), (round(each, 4) for each in share), strict=True))


def _listed(roles: Roles, now: Outcome, full: Outcome) -> dict[str, Any]:
    """The ASes that arrive, and those that do not, in one trial."""
    return {
        **roles._asdict(),
        "survive_now": sorted(now.safe),
        "survive_fully_validated": sorted(full.safe),
    }


def drill(
    topology: Topology, *, seed: int, trials: int = 5, shares: Shares | None = None
) -> Drill:
    """Play every scene some times, with other ASes each time.

    Args:
        topology: The network.
        seed: Draws who adopted what and who plays; the same seed gives the same result.
        trials: How often each scene is played.
        shares: Who adopted what now.
    """
    shares = shares or Shares()
    chance = random.Random(seed)  # noqa: S311 - a drill needs repeatable chance, no secrets
    now, full = _adopted(topology, shares, chance), _everybody(topology)
    casts = [_cast(topology, chance) for _ in range(trials)]
    lines = []
    for scene in SCENES:
        pairs = [
            (play(scene, topology, roles, now), play(scene, topology, roles, full))
            for roles in casts
        ]
        lines.append(
            Line(
                scene,
                _mean([each for each, _ in pairs]),
                _mean([each for _, each in pairs]),
                _saved(pairs),
                (casts[0], *pairs[0]),
            )
        )
    return Drill(seed, len(topology), trials, shares, tuple(lines))


def _adopted(topology: Topology, shares: Shares, chance: random.Random) -> Adoption:
    """Adoption as it is: carriers check more often than the edge, anybody may attest."""
    ases, edge = topology.ases, topology.edges
    carriers = sorted(set(ases) - set(edge))

    def some(share: float) -> frozenset[int]:
        count = round(len(ases) * share)
        first = min(count, round(len(carriers) * min(1.0, 2 * share)))
        rest = min(count - first, len(edge))
        return frozenset(chance.sample(carriers, first) + chance.sample(edge, rest))

    return Adoption(
        some(shares.validating),
        some(shares.verifying),
        frozenset(chance.sample(ases, round(len(ases) * shares.attesting))),
        authorised=True,
    )


def _everybody(topology: Topology) -> Adoption:
    everyone = frozenset(topology.ases)
    return Adoption(everyone, everyone, everyone, authorised=True)


def _cast(topology: Topology, chance: random.Random) -> Roles:
    """A victim and an attacker at the edge, and a leaker with two providers or peers."""
    victim, attacker = chance.sample(topology.edges, 2)
    several = [
        asn
        for asn in topology.ases
        if len(topology.providers[asn]) + len(topology.peers[asn]) > 1
        and topology.providers[asn]
        and asn not in (victim, attacker)
    ]
    return Roles(victim, attacker, chance.choice(several or [attacker]))


def _mean(outcomes: list[Outcome]) -> tuple[float, float, float]:
    total = sum(len(each.safe) + len(each.taken) + len(each.cut) for each in outcomes) or 1
    return (
        sum(len(each.safe) for each in outcomes) / total,
        sum(len(each.taken) for each in outcomes) / total,
        sum(len(each.cut) for each in outcomes) / total,
    )


def _saved(pairs: list[tuple[Outcome, Outcome]]) -> tuple[int, ...]:
    lost = frozenset().union(*(now.taken | now.cut for now, _ in pairs))
    again = frozenset().union(
        *((now.taken | now.cut) & (full.taken | full.cut) for now, full in pairs)
    )
    return tuple(sorted(lost - again))


def told(found: Drill) -> Words:
    """The result as a table for people."""
    head = words(
        f"AS {found.ases}개, 시나리오별 {found.trials}회, 시드 {found.seed}",
        f"{found.ases} ASes, {found.trials} trials a scene, seed {found.seed}",
    )
    ko, en = [head.ko], [head.en]
    for line in found.lines:
        title = SCENES[line.scene]
        ko.append(
            f"- {title.ko}: 지금 정상 {line.now[0]:.1%}, 탈취 {line.now[1]:.1%},"
            f" 단절 {line.now[2]:.1%} → 전면 검증 시 정상 {line.full[0]:.1%},"
            f" 탈취 {line.full[1]:.1%}, 단절 {line.full[2]:.1%}"
        )
        en.append(
            f"- {title.en}: now {line.now[0]:.1%} safe, {line.now[1]:.1%} taken,"
            f" {line.now[2]:.1%} cut → fully validated {line.full[0]:.1%} safe,"
            f" {line.full[1]:.1%} taken, {line.full[2]:.1%} cut"
        )
    return words("\n".join(ko), "\n".join(en))
