"""May this network announce this prefix? Route origin validation (RFC 6811, RFC 9319).

A route is valid where a payload covers its prefix, names its origin and allows its length; it is
invalid where payloads cover it and none of them matches; else it is not found. AS 0 matches no
route (RFC 6483, section 4), nor does any payload match a path that ends in an AS_SET.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from madang.kernel.words import Words, words
from madang.rpki.engine.resources.prefix import BITS, Prefix
from madang.rpki.engine.routes.route import NO_ORIGIN, origin_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.payloads import Change, Vrp

State: TypeAlias = Literal["valid", "invalid", "not-found"]
Reason: TypeAlias = Literal["", "wrong-as", "too-long", "both"]

STATES: Final[tuple[State, ...]] = ("valid", "invalid", "not-found")
STATE_WORDS: Final[dict[State, Words]] = {
    "valid": words("유효", "valid"),
    "invalid": words("무효", "invalid"),
    "not-found": words("미확인", "not found"),
}
REASON_WORDS: Final[dict[Reason, Words]] = {
    "": words("", ""),
    "wrong-as": words("인가되지 않은 발원 AS", "the origin AS is not authorised"),
    "too-long": words("최대 길이보다 긴 대역", "the prefix is longer than the maximum length"),
    "both": words(
        "인가되지 않은 발원 AS이며 최대 길이도 초과",
        "the origin AS is not authorised, and the prefix is longer than any maximum length",
    ),
}

Steps: TypeAlias = "tuple[tuple[int, ...], ...]"
"""For each length of a route, the bits behind the prefixes to try, the longest first."""
Plan: TypeAlias = "tuple[Steps, dict[int, tuple[Vrp, ...]]]"
"""What to try below a block, and for each prefix of a payload there all payloads that cover it.

The key of a prefix is its leading bits with a 1 in front: all lengths go into one table.
"""

_CUT: Final = {4: 16, 6: 32}
"""Family → the length of the blocks in which payloads are kept together.

Measured on 500,000 payloads: a small table per block is found in the processor's cache, which a
large one for all is not; that is twice as quick.
"""
_MOST_PLANS: Final = 1 << 20


class Origin(NamedTuple):
    """The verdict on one route."""

    state: State
    reason: Reason
    """Why it is invalid; empty in other states."""
    covering: tuple[Vrp, ...]
    """The payloads that cover its prefix, the shortest first."""
    matching: tuple[Vrp, ...] = ()
    """Those of them that make it valid."""


def judged(length: int, asn: int, covering: Iterable[Vrp]) -> Origin:
    """The verdict on a route of this length and origin, from the payloads that cover it.

    Where payloads name the origin but allow no such length, the reason is the length: widening
    or adding one of them is what would mend it.
    """
    found = tuple(covering)
    if not found:
        return Origin("not-found", "", ())
    same = [vrp for vrp in found if vrp.asn == asn and asn > 0]
    matching = tuple(vrp for vrp in same if length <= vrp.max_length)
    if matching:
        return Origin("valid", "", found, matching)
    if same:
        return Origin("invalid", "too-long", found)
    fits = any(length <= vrp.max_length for vrp in found)
    return Origin("invalid", "wrong-as" if fits else "both", found)


class _Half:
    """The payloads of one address family."""

    def __init__(self, family: int) -> None:
        self.bits = BITS[family]
        self.cut = _CUT[family]
        self.beyond = self.bits - self.cut
        self.top = 1 << self.bits
        self.wide: dict[tuple[int, int], set[Vrp]] = {}
        """(Length, bits before it) → payloads for whole blocks or more."""
        self.wide_lengths: tuple[int, ...] = ()
        self.held: dict[int, set[Vrp]] = {}
        """Block → payloads for less than it."""
        self.plans: dict[int, Plan] = {}
        """Block → what a search below it tries; built when first asked for."""
        self.changes = 0
        """Counts changes, so that no plan outlives one that came while it was made."""
        self.steps: dict[tuple[int, ...], Steps] = {}
        """Lengths of payloads in a block → the steps of a search; blocks often share them."""

    def add(self, vrp: Vrp) -> bool:
        if vrp.length <= self.cut:
            key = (vrp.length, vrp.address >> (self.bits - vrp.length))
            there = self.wide.setdefault(key, set())
            if vrp.length not in self.wide_lengths:
                self.wide_lengths = tuple(sorted((*self.wide_lengths, vrp.length)))
        else:
            there = self.held.setdefault(vrp.address >> self.beyond, set())
        before = len(there)
        there.add(vrp)
        self._outdate(vrp)
        return len(there) > before

    def remove(self, vrp: Vrp) -> bool:
        if vrp.length <= self.cut:
            key = (vrp.length, vrp.address >> (self.bits - vrp.length))
            taken = _taken(self.wide, key, vrp)
        else:
            taken = _taken(self.held, vrp.address >> self.beyond, vrp)
        self._outdate(vrp)
        return taken

    def _outdate(self, vrp: Vrp) -> None:
        """Forget the plans that a changed payload makes wrong: counted first, see `plan`."""
        self.changes += 1
        if vrp.length <= self.cut:
            self.plans.clear()
        else:
            self.plans.pop(vrp.address >> self.beyond, None)

    def plan(self, address: int) -> Plan:
        """What to try for an address."""
        block, changes = address >> self.beyond, self.changes
        table: dict[int, tuple[Vrp, ...]] = {}
        lengths: list[int] = []
        for length in self.wide_lengths:
            there = self.wide.get((length, address >> (self.bits - length)))
            if there:
                lengths.append(length)
                self._put(table, lengths, sorted(there))
        held = self.held.get(block)
        if held:
            ordered = sorted(held)
            ordered.sort(key=_length)
            for vrp in ordered:
                if not lengths or lengths[-1] != vrp.length:
                    lengths.append(vrp.length)
                self._put(table, lengths, [vrp])
        key = tuple(lengths)
        plan = (self.steps.get(key) or self._steps(key), table)
        if len(self.plans) >= _MOST_PLANS:
            self.plans.clear()
            self.steps.clear()
        self.plans[block] = plan
        if self.changes != changes:
            # Another thread changed payloads meanwhile: the next to ask makes the plan anew.
            self.plans.pop(block, None)
        return plan

    def _steps(self, lengths: tuple[int, ...]) -> Steps:
        reached: tuple[int, ...] = ()
        steps = []
        for asked in range(self.bits + 1):
            if asked in lengths:
                # One object for all lengths up to the next: blocks can be many.
                reached = (self.bits - asked, *reached)
            steps.append(reached)
        found = tuple(steps)
        self.steps[lengths] = found
        return found

    def _put(self, table: dict[int, tuple[Vrp, ...]], lengths: list[int], vrps: list[Vrp]) -> None:
        """Add payloads of one prefix behind those that cover it, of the lengths so far."""
        marked = vrps[0].address | self.top
        for length in reversed(lengths):
            chain = table.get(marked >> (self.bits - length))
            if chain is not None:
                table[marked >> (self.bits - lengths[-1])] = (*chain, *vrps)
                return
        table[marked >> (self.bits - lengths[-1])] = tuple(vrps)

    def covering(self, address: int, length: int) -> tuple[Vrp, ...]:
        plan = self.plans.get(address >> self.beyond)
        steps, table = self.plan(address) if plan is None else plan
        marked = address | self.top
        for behind in steps[length]:
            chain = table.get(marked >> behind)
            if chain is not None:
                return chain
        return ()


def _length(vrp: Vrp) -> int:
    return vrp.length


def _taken(sets: dict[Any, set[Vrp]], key: object, vrp: Vrp) -> bool:
    """Take a payload out of one of the sets; whether it was there."""
    there = sets.get(key)
    if there is None or vrp not in there:
        return False
    there.discard(vrp)
    if not there:
        del sets[key]
    return True


class OriginIndex:
    """Finds the payloads that cover a prefix, and tells the state of routes."""

    def __init__(self, vrps: Iterable[Vrp] = ()) -> None:
        self._halves = {4: _Half(4), 6: _Half(6)}
        self._count = 0
        for vrp in vrps:
            self.add(vrp)

    def __len__(self) -> int:
        return self._count

    def add(self, vrp: Vrp) -> None:
        """Believe a payload from now on."""
        self._count += self._halves[vrp.family].add(vrp)

    def remove(self, vrp: Vrp) -> None:
        """Believe a payload no longer."""
        self._count -= self._halves[vrp.family].remove(vrp)

    def apply(self, change: Change) -> None:
        """Follow a change of the payloads; costs only what changed."""
        for vrp in change.withdrawn.vrps:
            self.remove(vrp)
        for vrp in change.announced.vrps:
            self.add(vrp)

    def covering(self, prefix: Prefix) -> tuple[Vrp, ...]:
        """The payloads whose prefix covers this one, the shortest first."""
        return self._halves[prefix.family].covering(prefix.address, prefix.length)

    def verdict(self, prefix: Prefix, asn: int) -> Origin:
        """The state of one route, with the reason and the payloads that decide it."""
        return judged(prefix.length, asn, self.covering(prefix))

    def states(self, routes: Iterable[tuple[Prefix, int]]) -> list[State]:
        """The states of many pairs of prefix and origin, in their order; quicker than verdicts."""
        four, six = self._halves[4], self._halves[6]
        plans4, plans6 = four.plans, six.plans
        beyond4, beyond6, top4, top6 = four.beyond, six.beyond, four.top, six.top
        found: list[State] = []
        tell = found.append
        for prefix, asn in routes:
            # Measured: unpacking a named tuple takes twice as long as asking for its places.
            address, length = prefix[1], prefix[2]
            if prefix[0] == 4:
                steps, table = plans4.get(address >> beyond4) or four.plan(address)
                marked = address | top4
            else:
                steps, table = plans6.get(address >> beyond6) or six.plan(address)
                marked = address | top6
            for behind in steps[length]:
                chain = table.get(marked >> behind)
                if chain is not None:
                    break
            else:
                tell("not-found")
                continue
            for vrp in chain:
                if vrp[4] == asn and length <= vrp[3] and asn > 0:
                    tell("valid")
                    break
            else:
                tell("invalid")
        return found


def state_of(length: int, asn: int, covering: Iterable[Vrp]) -> State:
    """The state alone of a route of this length and origin; see `judged`."""
    state: State = "not-found"
    for vrp in covering:
        if vrp[4] == asn and length <= vrp[3] and asn > 0:
            return "valid"
        state = "invalid"
    return state


def told(prefix: Prefix, asn: int, origin: Origin) -> Words:
    """The verdict as a sentence for people."""
    route = f"{prefix} {origin_text(asn)}"
    state = STATE_WORDS[origin.state]
    if origin.state == "valid":
        vrp = origin.matching[0]
        return words(f"{route}: {state.ko} — {vrp} 인가", f"{route}: {state.en}, by {vrp}")
    if origin.state == "not-found":
        return words(
            f"{route}: {state.ko} — 이 대역을 포함하는 인가 없음",
            f"{route}: {state.en}; no authorisation covers this prefix",
        )
    reason = REASON_WORDS[origin.reason]
    shown = ", ".join(str(vrp) for vrp in origin.covering[:3])
    more = len(origin.covering) - 3
    ko_more, en_more = (f" 외 {more}건", f" and {more} more") if more > 0 else ("", "")
    if asn == NO_ORIGIN:
        reason = words("경로가 AS_SET으로 끝남", "the path ends in an AS_SET")
    return words(
        f"{route}: {state.ko} — {reason.ko} (인가: {shown}{ko_more})",
        f"{route}: {state.en}; {reason.en} (authorised: {shown}{en_more})",
    )
