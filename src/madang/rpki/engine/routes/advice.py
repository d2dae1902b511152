"""Which authorisations does a holder need, and which not? RFC 9319, section 5, is followed.

Suggested are the fewest that make the seen routes valid: each for one prefix and one origin, its
maximum length that of the prefix, since a wider one invites forged-origin hijacks of sub-prefixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.routes.origin import OriginIndex, judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.resources.blocks import Resources
    from madang.rpki.engine.routes.origin import Origin
    from madang.rpki.engine.routes.route import Route
    from madang.rpki.engine.routes.whatif import Observed

Kind: TypeAlias = Literal["too-permissive", "redundant", "seen-invalid", "unseen"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An authorisation that would make seen routes valid."""

    vrp: Vrp
    route: Route
    """The route that asks for it."""
    before: Origin
    """How the route stands without it."""
    rivals: tuple[int, ...] = ()
    """Other origins that announce the same prefix."""

    @property
    def doubtful(self) -> bool:
        """Whether a person must look: the route may be another's by mistake or by force."""
        return self.before.state == "invalid" or bool(self.rivals)

    @property
    def sentence(self) -> Words:
        """The suggestion for people."""
        ko, en = f"{self.vrp} 인가 필요", f"authorise {self.vrp}"
        if self.before.state == "invalid":
            ko += " — 지금은 무효인 경로: 발원이 맞는지 확인하십시오"
            en += "; the route is invalid now: make sure that the origin is right"
        elif self.rivals:
            others = ", ".join(f"AS{asn}" for asn in self.rivals)
            ko += f" — 같은 대역을 {others}도 발원: 확인하십시오"
            en += f"; {others} announces the same prefix: make sure which is right"
        return words(ko, en)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an authorisation or a route that its holder should know."""

    kind: Kind
    vrp: Vrp | None
    route: Route | None
    sentence: Words


def suggestions(
    observed: Observed, held: Resources, vrps: Iterable[Vrp], *, least_peers: int = 1
) -> list[Suggestion]:
    """The authorisations that the seen routes of a holder lack, in the order of prefixes.

    Args:
        observed: What is seen.
        held: The addresses of the holder.
        vrps: The payloads that stand now.
        least_peers: Routes that fewer peers see are passed over.
    """
    index = OriginIndex(vrps)
    found: list[Suggestion] = []
    for route in _within(observed, held):
        if route.origin <= 0 or route.peers < least_peers:
            continue
        before = index.verdict(route.prefix, route.origin)
        if before.state == "valid":
            continue
        rivals = tuple(
            sorted(
                other.origin
                for other in observed.under(route.prefix)
                if other.prefix == route.prefix and other.origin not in (route.origin, -1)
            )
        )
        vrp = Vrp(*route.prefix, route.prefix.length, route.origin)
        found.append(Suggestion(vrp, route, before, rivals))
    return found


def findings(observed: Observed, held: Resources, vrps: Iterable[Vrp]) -> list[Finding]:
    """What is odd about a holder's authorisations, seen beside the routes."""
    believed = list(vrps)
    own = sorted(vrp for vrp in believed if held.covers_prefix(vrp.prefix))
    index = OriginIndex(believed)
    found = [each for vrp in own for each in _about(vrp, observed, index)]
    for route in _within(observed, held):
        verdict = judged(route.prefix.length, route.origin, index.covering(route.prefix))
        if verdict.state == "invalid":
            found.append(
                Finding(
                    "seen-invalid",
                    None,
                    route,
                    words(
                        f"{route}: 무효인 채 피어 {route.peers}곳에서 관측됨",
                        f"{route} is invalid and seen by {route.peers} peers",
                    ),
                )
            )
    return found


def _within(observed: Observed, held: Resources) -> list[Route]:
    from madang.rpki.engine.resources.blocks import prefixes

    return [
        route
        for family, blocks in ((4, held.v4), (6, held.v6))
        for prefix in prefixes(family, blocks)
        for route in observed.under(prefix)
    ]


def _about(vrp: Vrp, observed: Observed, index: OriginIndex) -> list[Finding]:
    """What is odd about one authorisation."""
    wider = next(
        (
            other
            for other in index.covering(vrp.prefix)
            if other != vrp and other.asn == vrp.asn and other.max_length >= vrp.max_length
        ),
        None,
    )
    if wider:
        text = words(f"{vrp}: {wider}에 포함되어 불필요", f"{vrp} adds nothing to {wider}")
        return [Finding("redundant", vrp, None, text)]
    if vrp.asn == 0:
        return []
    seen = {
        route.prefix
        for route in observed.under(vrp.prefix)
        if route.origin == vrp.asn and route.prefix.length <= vrp.max_length
    }
    if not seen:
        text = words(f"{vrp}: 해당하는 경로가 관측되지 않음", f"no route of {vrp} is seen")
        return [Finding("unseen", vrp, None, text)]
    # A prefix of a longest length n holds 2^(n - length + 1) - 1 prefixes (RFC 9319, section 4).
    allowed = (1 << (vrp.max_length - vrp.length + 1)) - 1
    if allowed > len(seen):
        longest = max(prefix.length for prefix in seen)
        text = words(
            f"{vrp}: 대역 {allowed}개를 허용하나 {len(seen)}개만 관측됨 (가장 긴 /{longest})",
            f"{vrp} allows {allowed} prefixes, of which {len(seen)} are seen"
            f" (the longest a /{longest})",
        )
        return [Finding("too-permissive", vrp, None, text)]
    return []
