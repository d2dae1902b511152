"""Can a route have come this way? AS path verification by ASPA payloads.

Source: draft-ietf-sidrops-aspa-verification-28 (an Internet-Draft, not yet an RFC): sections 5.3
(provider authorisation), 5.4 (ramps), 5.5 (upstream) and 5.6 (downstream). A path climbs from its
origin over providers, may cross once between two ASes at its top, and descends to customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.payloads import Aspa, Change
    from madang.rpki.engine.routes.route import AsPath

PathState: TypeAlias = Literal["valid", "invalid", "unknown"]
Direction: TypeAlias = Literal["upstream", "downstream"]
"""Upstream: received from a customer or peer. Downstream: received from a provider."""
Hop: TypeAlias = Literal["provider", "not-provider", "no-attestation"]
Why: TypeAlias = Literal["", "empty", "neighbour", "set", "leak", "unattested"]

PATH_STATES: Final[tuple[PathState, ...]] = ("valid", "invalid", "unknown")
PATH_WORDS: Final[dict[PathState, Words]] = {
    "valid": words("유효", "valid"),
    "invalid": words("무효", "invalid"),
    "unknown": words("판단 불가", "unknown"),
}


class Ramps(NamedTuple):
    """How far a path may and must be believed from both ends (section 5.4)."""

    max_up: int
    min_up: int
    max_down: int
    min_down: int


class PathVerdict(NamedTuple):
    """The verdict on one path."""

    state: PathState
    why: Why = ""
    hops: tuple[tuple[int, int], ...] = ()
    """The hops that decide it, as (customer, supposed provider)."""
    attested: tuple[Aspa, ...] = ()
    """The payloads that speak against the hops."""


class PathIndex:
    """Tells the state of paths from ASPA payloads."""

    def __init__(self, aspas: Iterable[Aspa] = ()) -> None:
        self._held: dict[int, set[Aspa]] = {}
        self._providers: dict[int, frozenset[int]] = {}
        for aspa in aspas:
            self.add(aspa)

    def __len__(self) -> int:
        return len(self._providers)

    def add(self, aspa: Aspa) -> None:
        """Believe a payload from now on; the providers of several are united (section 3)."""
        self._held.setdefault(aspa.customer, set()).add(aspa)
        self._unite(aspa.customer)

    def remove(self, aspa: Aspa) -> None:
        """Believe a payload no longer."""
        self._held.get(aspa.customer, set()).discard(aspa)
        self._unite(aspa.customer)

    def apply(self, change: Change) -> None:
        """Follow a change of the payloads."""
        for aspa in change.withdrawn.aspas:
            self.remove(aspa)
        for aspa in change.announced.aspas:
            self.add(aspa)

    def with_change(self, change: Change) -> PathIndex:
        """An index after a change; this one stays as it is."""
        later = PathIndex()
        later._held = dict(self._held)
        later._providers = dict(self._providers)
        for aspa in change.withdrawn.aspas | change.announced.aspas:
            if aspa.customer in later._held:
                later._held[aspa.customer] = set(later._held[aspa.customer])
        later.apply(change)
        return later

    def _unite(self, customer: int) -> None:
        held = self._held.get(customer)
        if held:
            self._providers[customer] = frozenset(
                asn for aspa in held for asn in aspa.providers if asn
            )
        else:
            self._held.pop(customer, None)
            self._providers.pop(customer, None)

    def hop(self, customer: int, provider: int) -> Hop:
        """Whether an AS attests that another is its provider (section 5.3)."""
        providers = self._providers.get(customer)
        if providers is None:
            return "no-attestation"
        return "provider" if provider in providers else "not-provider"

    def attested(self, customer: int) -> tuple[Aspa, ...]:
        """What an AS says about its providers."""
        return tuple(sorted(self._held.get(customer, ())))

    def ramps(self, rising: tuple[int, ...]) -> Ramps:
        """The lengths of the ramps of a path without prepends, its origin first."""
        count = len(rising)
        max_up, min_up = self._climb(rising, count)
        max_down, min_down = self._climb(rising[::-1], count)
        return Ramps(max_up, min_up, max_down, min_down)

    def _climb(self, ases: tuple[int, ...], count: int) -> tuple[int, int]:
        """How many ASes from the first on can, and surely do, go up."""
        surely = count
        for place in range(count - 1):
            hop = self.hop(ases[place], ases[place + 1])
            if hop == "not-provider":
                return place + 1, min(surely, place + 1)
            if hop == "no-attestation":
                surely = min(surely, place + 1)
        return count, surely

    def verdict(
        self, path: AsPath, direction: Direction, *, neighbour: int | None = None
    ) -> PathVerdict:
        """The state of a path that was received from a neighbour.

        Args:
            path: As received, prepends and all.
            direction: By what the neighbour is to the receiver.
            neighbour: The AS of the session where it must head the path; None from a route
                server, and where the receiver is unknown.
        """
        if not path.hops and not path.has_set:
            return PathVerdict("invalid", "empty")
        if neighbour is not None and path.hops[:1] != (neighbour,):
            return PathVerdict("invalid", "neighbour")
        if path.has_set:
            return PathVerdict("invalid", "set")
        rising = collapsed(path.hops)[::-1]
        ramps = self.ramps(rising)
        up_only = direction == "upstream"
        if ramps.max_up + (0 if up_only else ramps.max_down) < len(rising):
            return self._leak(rising, ramps, up_only=up_only)
        if ramps.min_up + (0 if up_only else ramps.min_down) < len(rising):
            return PathVerdict("unknown", "unattested", self._gaps(rising, up_only=up_only))
        return PathVerdict("valid")

    def _leak(self, rising: tuple[int, ...], ramps: Ramps, *, up_only: bool) -> PathVerdict:
        hops = [(rising[ramps.max_up - 1], rising[ramps.max_up])]
        if not up_only:
            turn = len(rising) - ramps.max_down
            hops.append((rising[turn], rising[turn - 1]))
        against = tuple(aspa for customer, _ in hops for aspa in self.attested(customer))
        return PathVerdict("invalid", "leak", tuple(hops), against)

    def _gaps(self, rising: tuple[int, ...], *, up_only: bool) -> tuple[tuple[int, int], ...]:
        """The first hop from each end that nobody attests."""
        ends = (rising,) if up_only else (rising, rising[::-1])
        found = []
        for ases in ends:
            pairs = zip(ases, ases[1:], strict=False)
            gap = next((pair for pair in pairs if self.hop(*pair) == "no-attestation"), None)
            if gap:
                found.append(gap)
        return tuple(found)


def collapsed(hops: tuple[int, ...]) -> tuple[int, ...]:
    """The path with each run of one AS as one hop (section 5.2)."""
    return tuple(asn for place, asn in enumerate(hops) if not place or hops[place - 1] != asn)


def told(verdict: PathVerdict) -> Words:
    """The verdict as a sentence for people."""
    state = PATH_WORDS[verdict.state]
    if verdict.state == "valid":
        return words(
            f"{state.ko} — 모든 구간이 제공자 관계로 확인됨",
            f"{state.en}; the ramps of attested providers span the path",
        )
    pairs = ", ".join(f"AS{customer}→AS{provider}" for customer, provider in verdict.hops)
    reasons = {
        "empty": words("경로가 비어 있음", "the path is empty"),
        "neighbour": words(
            "경로의 첫 AS가 이웃이 아님", "the path does not begin with the neighbour"
        ),
        "set": words("경로에 AS_SET이 있음", "there is an AS_SET in the path"),
        "leak": words(
            f"제공자가 아니라고 공표된 구간 {pairs} — 경로 누출 또는 위조",
            f"not a provider by the customer's own word: {pairs}; a leak or a forged path",
        ),
        "unattested": words(f"공표가 없는 구간 {pairs}", f"nobody attests {pairs}"),
    }
    reason = reasons[verdict.why]
    return words(f"{state.ko} — {reason.ko}", f"{state.en}; {reason.en}")
