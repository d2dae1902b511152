"""Why is this announcement valid, invalid or not found? (RFC 6811).

Beside the payloads that decide, the objects that would have decided otherwise, had they been
believed: a refused ROA is often the whole story.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.rpki.engine.explain.subject import (
    Explanation,
    explain_object,
    fault_facts,
    fault_sentence,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.roa import read_roa
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.routes.origin import REASON_WORDS, STATE_WORDS, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.routes.origin import Origin
    from madang.rpki.engine.slurm.applying import Applied
    from madang.rpki.engine.store.point import Store
    from madang.rpki.engine.validation.outcome import Outcome

_MOST_REFUSED = 20_000


@dataclass(frozen=True, slots=True)
class Missed:
    """A ROA that speaks of the prefix, yet is not believed."""

    uri: str
    vrps: tuple[Vrp, ...]
    """What it would say of the prefix."""
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteExplanation:
    """The state of one announcement, with all that decided it."""

    prefix: Prefix
    asn: int
    origin: Origin
    objects: tuple[Explanation, ...]
    """Every object behind a covering payload."""
    missed: tuple[Missed, ...]
    exceptions: tuple[Words, ...] = ()
    """What local exceptions (RFC 8416) did to payloads that cover the prefix."""

    def facts(self) -> dict[str, Any]:
        """The explanation for programs."""
        return {
            "prefix": str(self.prefix),
            "asn": self.asn,
            "state": self.origin.state,
            "reason": self.origin.reason,
            "covering": [str(vrp) for vrp in self.origin.covering],
            "matching": [str(vrp) for vrp in self.origin.matching],
            "objects": [each.facts() for each in self.objects],
            "not_believed": [
                {
                    "uri": each.uri,
                    "payloads": [str(vrp) for vrp in each.vrps],
                    "reason": fault_facts(each.fault),
                }
                for each in self.missed
            ],
            "exceptions": [each.en for each in self.exceptions],
        }

    def lines(self) -> list[Words | str]:
        """The explanation for people, a line each."""
        state, reason = STATE_WORDS[self.origin.state], REASON_WORDS[self.origin.reason]
        told_ko = f" — {reason.ko}" if reason.ko else ""
        told_en = f" — {reason.en}" if reason.en else ""
        found: list[Words | str] = [
            words(
                f"AS{self.asn}의 {self.prefix} 공고: {state.ko}{told_ko} (RFC 6811)",
                f"{self.prefix} announced by AS{self.asn}: {state.en}{told_en} (RFC 6811)",
            )
        ]
        for each in self.objects:
            found += each.lines()
        for missed in self.missed:
            said = ", ".join(str(vrp) for vrp in missed.vrps)
            found.append(
                words(
                    f"믿지 않은 객체 {missed.uri} ({said})",
                    f"Not believed: {missed.uri} ({said})",
                )
            )
            found.append(fault_sentence(missed.fault))
        return [*found, *self.exceptions]


def explain_route(
    outcome: Outcome, store: Store, prefix: Prefix, *, asn: int, applied: Applied | None = None
) -> RouteExplanation:
    """Why an announcement of this prefix by this AS has its state.

    Args:
        outcome: What was judged.
        store: Where the objects lie.
        prefix: What is announced.
        asn: By whom.
        applied: What local exceptions made of the payloads; nothing where None.
    """
    believed = applied.payloads if applied else outcome.payloads
    covering = sorted(
        {vrp for vrp in believed.vrps if vrp.prefix.covers(prefix)},
        key=lambda vrp: (vrp.length, vrp.asn, vrp.max_length),
    )
    chosen = set(covering)
    uris = sorted({each.uri for each in outcome.sourced() if each.vrp in chosen})
    return RouteExplanation(
        prefix=prefix,
        asn=asn,
        origin=judged(prefix.length, asn, covering),
        objects=tuple(explain_object(outcome, uri) for uri in uris),
        missed=tuple(_missed(outcome, store, prefix)),
        exceptions=tuple(_exceptions(applied, prefix)) if applied else (),
    )


def _exceptions(applied: Applied, prefix: Prefix) -> Iterator[Words]:
    for each in applied.removed:
        if isinstance(each.payload, Vrp) and each.payload.prefix.covers(prefix):
            yield words(
                f"{each.payload}: 로컬 예외 {each.by}에 따라 뺌",
                f"{each.payload}: left out by the local exception {each.by}",
            )
    for added in applied.added:
        if isinstance(added.payload, Vrp) and added.payload.prefix.covers(prefix):
            yield words(
                f"{added.payload}: 로컬 예외 {added.by}에 따라 더함",
                f"{added.payload}: asserted by the local exception {added.by}",
            )


def _missed(outcome: Outcome, store: Store, prefix: Prefix) -> Iterator[Missed]:
    """ROAs that were refused although they cover the prefix, as far as they can be read."""
    looked = 0
    for visit in outcome.visits:
        certificate = visit.authority.certificate
        refused = [each for each in visit.verdict.refused if each.name.endswith(".roa")]
        if not refused:
            continue
        point = store.point(certificate.repository, certificate.notify)
        for name, fault in refused:
            looked += 1
            if looked > _MOST_REFUSED or point is None:
                return
            content = point.read(name)
            vrps = tuple(vrp for vrp in _said(content or b"") if vrp.prefix.covers(prefix))
            if vrps:
                yield Missed(certificate.repository + name, vrps, fault)


def _said(content: bytes) -> tuple[Vrp, ...]:
    """What a ROA says, were it believed; nothing where it cannot even be read."""
    try:
        return read_roa(read_signed_object(content))[0]
    except Fault:
        return ()
