"""What was recorded of a demand, and by whom? The log's entries as a history that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.evidence.statement import BASE, Statement
from madang.kernel.words import Words, words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.models import LogEntry, Organisation
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
    "metric-reviewed": words("자체 지표 검토", "Own metric reviewed"),
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
    "demand-closed": words("최종 비교 시작", "Final comparison begun"),
    "demand-repeated": words("다시 실행", "Run again"),
    "demand-compared-again": words("다시 비교", "Compared again"),
    "decision-announced": words("판정 공개", "Decision announced"),
    "decision-confirmed": words("판정 확정", "Decision made final"),
    "adoption-live": words("전면 운영 시작", "Gone live"),
    "report-again": words("보고서 다시 작성", "Report made again"),
    "evaluator-asked": words("평가위원 위촉", "Evaluator asked"),
    "evaluator-granted": words("평가위원 파일 열람 변경", "What an evaluator sees changed"),
    "evaluator-dismissed": words("평가위원 해촉", "Evaluator dismissed"),
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


def recorded(
    noun: str,
    demand: Demand,
    *,
    by: User | None,
    of: Organisation | None = None,
    **told: Any,
) -> Entry:
    """Record what somebody did with a demand, and for which organisation.

    Args:
        noun: What happened, one of `ACTS`.
        demand: To which demand.
        by: Who did it; None for the site itself.
        of: For whom they acted; where none is named, whichever owner of the demand they belong to.
        told: What `portal.log.remember` takes beside.
    """
    name = (of or _owner(demand, by)).slug if by else ""
    with acting.as_(user=by.pk if by else None):
        return remember(noun, f"demand/{demand.name}", by=by, of=name, **told)


def _owner(demand: Demand, by: User) -> Organisation:
    """The owner for which somebody acts: their own organisation, where it is one of them."""
    own = set(by.memberships.values_list("organisation", flat=True))
    if demand.ministry and (demand.ministry.pk in own or demand.agency.pk not in own):
        return demand.ministry
    return demand.agency


def history(demand: Demand, *, is_owner: bool) -> list[Event]:
    """What happened to a demand, the newest first.

    Args:
        demand: The demand.
        is_owner: Whether the reader sees names of persons, and how the draft came about.
    """
    found = LogEntry.objects.filter(subject=f"demand/{demand.name}").select_related("by")
    read = []
    for each in found.order_by("-index")[:MOST]:
        noun = each.predicate_type.removeprefix(BASE).rpartition("/v")[0]
        if is_owner or noun not in INTERNAL:
            read.append((each, noun, Statement.decode(bytes(each.content)).predicate))
    slugs = {str(facts["of"]) for _, _, facts in read if facts.get("of")}
    names = {each.slug: each.name for each in Organisation.objects.filter(slug__in=slugs)}
    return [
        Event(
            at=each.at,
            what=ACTS.get(noun, noun),
            who=_who(each.by if is_owner else None, names.get(str(facts.get("of")), "")),
            note=_note(noun, facts),
            entry=each.index,
        )
        for each, noun, facts in read
    ]


def _who(person: User | None, organisation: Words | str) -> str:
    if person and str(organisation):
        return f"{person} ({organisation})"
    return str(person or organisation)


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
