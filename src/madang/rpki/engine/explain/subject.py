"""Why is this object believed, or not? (an object by its address)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel.clock import stamp
from madang.kernel.words import Words, words
from madang.rpki.engine.explain.chain import Link, chain_of
from madang.rpki.engine.explain.moments import moment
from madang.rpki.engine.faults import Fault, reasons

if TYPE_CHECKING:
    from madang.rpki.engine.store.state import Event
    from madang.rpki.engine.validation.outcome import Outcome, Visit
    from madang.rpki.engine.validation.verdicts import Judged

State: TypeAlias = Literal["accepted", "refused", "ignored", "unlisted", "unreached"]

STATE_WORDS: dict[State, Words] = {
    "accepted": words("믿을 수 있음", "believed"),
    "refused": words("믿을 수 없음", "not believed"),
    "ignored": words("판정하지 않음", "carries nothing to believe"),
    "unlisted": words("매니페스트에 없음", "not on the manifest"),
    "unreached": words("닿지 않음", "not reached from any trust anchor"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What became of one object, and why."""

    uri: str
    state: State
    chain: tuple[Link, ...] = ()
    """The authorities above it, from the trust anchor down; the last one published it."""
    fault: Fault | None = None
    """The first check that it failed."""
    oddities: tuple[str, ...] = ()
    """Codes of what is odd about it, though tolerated."""
    payloads: tuple[str, ...] = ()
    """What is believed because of it."""
    not_before: int = 0
    not_after: int = 0
    events: tuple[Event, ...] = ()
    """What its repository did to it, the latest first; empty where no log is kept."""

    def facts(self) -> dict[str, Any]:
        """The explanation for programs."""
        return {
            "uri": self.uri,
            "state": self.state,
            "reason": self.fault and fault_facts(self.fault),
            "oddities": [{"code": code, "norm": reasons()[code].norm} for code in self.oddities],
            "payloads": list(self.payloads),
            "valid": [stamp(moment(self.not_before)), stamp(moment(self.not_after))]
            if self.not_after
            else None,
            "chain": [link.facts() for link in self.chain],
            "events": [_event_facts(event) for event in self.events],
        }

    def lines(self) -> list[Words | str]:
        """The explanation for people, a line each."""
        found: list[Words | str] = [
            words(
                f"{self.uri}: {STATE_WORDS[self.state].ko}",
                f"{self.uri}: {STATE_WORDS[self.state].en}",
            )
        ]
        if self.fault:
            found.append(fault_sentence(self.fault))
        for code in self.oddities:
            reason = reasons()[code]
            found.append(
                words(
                    f"눈에 띄는 점: {reason.sentence.ko} ({reason.norm})",
                    f"Odd, yet tolerated: {reason.sentence.en} ({reason.norm})",
                )
            )
        found += [f"  {payload}" for payload in self.payloads]
        found += [link.sentence() for link in self.chain]
        for event in self.events:
            at = stamp(moment(int(event.at_s)))
            found.append(words(f"{at} {event.sentence.ko}", f"{at} {event.sentence.en}"))
        return found


def explain_object(outcome: Outcome, uri: str, *, events: tuple[Event, ...] = ()) -> Explanation:
    """What a run found about the object at this address.

    Args:
        outcome: The run.
        uri: `rsync://…`, as its manifest's point and its name make it.
        events: What the store's log says of the address.
    """
    folder, _, name = uri.rpartition("/")
    for visit in outcome.visits:
        if visit.authority.certificate.repository == folder + "/":
            found = _in_point(outcome, visit, name)
            if found.state != "unlisted":
                return _with(found, uri, events)
    for visit in outcome.visits:
        if visit.authority.uri == uri:
            return _with(
                Explanation(uri=uri, state="accepted", chain=chain_of(outcome, visit)), uri, events
            )
    near = [
        visit for visit in outcome.visits if visit.authority.certificate.repository == folder + "/"
    ]
    if near:
        links = chain_of(outcome, near[0])
        return Explanation(uri=uri, state="unlisted", chain=links, events=events)
    return Explanation(uri=uri, state="unreached", events=events)


def _with(found: Explanation, uri: str, events: tuple[Event, ...]) -> Explanation:
    import dataclasses

    return dataclasses.replace(found, uri=uri, events=events)


def _in_point(outcome: Outcome, visit: Visit, name: str) -> Explanation:
    verdict = visit.verdict
    links = chain_of(outcome, visit)
    failure = verdict.failure
    if name in verdict.accepted:
        return _accepted(verdict.accepted[name], links)
    for refusal in verdict.refused:
        if refusal.name == name:
            return Explanation(uri="", state="refused", chain=links, fault=refusal.fault)
    if failure and (failure.name == name or verdict.number < 0):
        return Explanation(uri="", state="refused", chain=links, fault=failure.fault)
    state: State = "ignored" if name in verdict.files else "unlisted"
    if verdict.files and name == verdict.files[0]:
        state = "accepted"  # the manifest itself
    if name.endswith(".crl") and name in verdict.files:
        state = "accepted"
    return Explanation(uri="", state=state, chain=links)


def _accepted(judged: Judged, links: tuple[Link, ...]) -> Explanation:
    payloads = [str(each) for each in (*judged.vrps, *judged.aspas, *judged.router_keys)]
    if judged.child:
        payloads.append(str(judged.child.resources))
    return Explanation(
        uri="",
        state="accepted",
        chain=links,
        oddities=judged.oddities,
        payloads=tuple(payloads),
        not_before=judged.not_before,
        not_after=judged.not_after,
    )


def fault_facts(fault: Fault) -> dict[str, Any]:
    """A failed check for programs."""
    return {
        "code": fault.code,
        "norm": fault.reason.norm,
        "byte": fault.at if fault.at >= 0 else None,
        "detail": fault.detail,
        "ko": fault.reason.sentence.ko,
        "en": fault.reason.sentence.en,
    }


def fault_sentence(fault: Fault) -> Words:
    """A failed check for people: the sentence, the norm, the byte and what stood there."""
    reason = fault.reason
    detail = f" [{fault.detail}]" if fault.detail else ""
    byte_ko, byte_en = "", ""
    if fault.at >= 0:
        byte_ko, byte_en = f", {fault.at}번째 바이트", f", byte {fault.at}"
    return words(
        f"{reason.sentence.ko} ({reason.norm}{byte_ko}){detail}",
        f"{reason.sentence.en} ({reason.norm}{byte_en}){detail}",
    )


def _event_facts(event: Event) -> dict[str, Any]:
    return {
        "at": stamp(moment(int(event.at_s))),
        "kind": event.kind,
        "source": event.source,
        "session": event.session,
        "serial": event.serial,
        "before": event.before and event.before.hex(),
        "after": event.after and event.after.hex(),
    }
