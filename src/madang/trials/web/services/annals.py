"""What was recorded of a demand, and by whom? The log's entries as a history that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.evidence.statement import BASE, Statement
from madang.kernel.words import Words, words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.models import LogEntry
from madang.trials.engine.period import korean_time
from madang.trials.web.models import Demand

if TYPE_CHECKING:
    from datetime import datetime

    from madang.kernel.evidence.log import Entry
    from madang.portal.models import User

MOST = 200
"""Entries that one page of history shows."""

ACTS = {
    "demand-drafted": words("초안 작성", "Drafted"),
    "demand-changed": words("초안 변경", "Draft changed"),
    "demand-table-given": words("자료 올림", "Data uploaded"),
    "demand-sealing": words("봉인 시작", "Sealing begun"),
    "demand-sealing-failed": words("봉인하지 못함", "Not sealed"),
    "demand": words("등록과 봉인", "Registered and sealed"),
    "demand-posted": words("공고", "Posted"),
    "demand-put-off": words("일정 변경", "A date put off"),
    "demand-phase": words("단계 전환", "Phase changed"),
    "demand-withdrawn": words("철회", "Withdrawn"),
    "question-asked": words("질문 등록", "Question asked"),
    "question-answered": words("답변 등록", "Question answered"),
    "comparison": words("최종 비교", "Final comparison"),
    "decision": words("판정 계산", "Decision computed"),
}
"""Noun of a record → what happened, for readers; others are shown by their noun."""
INTERNAL = frozenset({"demand-drafted", "demand-changed", "demand-table-given"})
"""What only the demand's owners look at."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a demand's history."""

    at: datetime
    what: Words | str
    who: str
    note: Words | str
    entry: int
    """Its place in the log."""


def recorded(noun: str, demand: Demand, *, by: User | None, **told: Any) -> Entry:
    """Record an act of a demand's owners, and for which organisation it was done."""
    owner = demand.ministry or demand.agency
    of = owner.slug if by else ""
    with acting.as_(user=by.pk if by else None):
        return remember(noun, f"demand/{demand.name}", by=by, of=of, **told)


def history(demand: Demand, *, is_owner: bool) -> list[Event]:
    """What happened to a demand, the newest first.

    Args:
        demand: The demand.
        is_owner: Whether the reader sees names of persons, and how the draft came about.
    """
    found = LogEntry.objects.filter(subject=f"demand/{demand.name}").select_related("by")
    owner = demand.ministry or demand.agency
    events = []
    for each in found.order_by("-index")[:MOST]:
        noun = each.predicate_type.removeprefix(BASE).rpartition("/v")[0]
        if noun in INTERNAL and not is_owner:
            continue
        facts = Statement.decode(bytes(each.content)).predicate
        who = str(owner.name) if facts.get("of") == owner.slug else ""
        if is_owner and each.by:
            who = f"{each.by} ({who})" if who else str(each.by)
        events.append(
            Event(
                at=each.at,
                what=ACTS.get(noun, noun),
                who=who,
                note=_note(noun, facts),
                entry=each.index,
            )
        )
    return events


def _note(noun: str, facts: Any) -> Words | str:
    """What the record adds that a reader wants to know."""
    if noun == "demand-phase":
        return Demand.STATES[facts["state"]]
    if noun == "demand-withdrawn":
        return str(facts["reason"])
    if noun == "demand-put-off":
        told = facts["amendment"]
        before, after = (korean_time(clock.read_stamp(told[name])) for name in ("before", "after"))
        return words(
            f"{before} → {after}. {told['reason']}", f"{before} → {after}. {told['reason']}"
        )
    return ""
