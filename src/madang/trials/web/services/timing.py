"""Which phase is a demand in by the clock, and what does the clock alone change?

The rules are `trials.engine.phases`; here a demand's row becomes their `Course`, and a date that
has come moves the row's state: posted → open → evaluating. Whatever else changes a state, somebody
does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.log import remember
from madang.portal.webhooks import emit
from madang.trials.engine.errors import DemandError
from madang.trials.engine.phases import Act, Amendment, Course, Milestones, Timetable
from madang.trials.web.models import Demand
from madang.trials.web.services import intake

if TYPE_CHECKING:
    from datetime import datetime

OBJECTION_DAYS = 7
DUE_AT_ONCE = 200
"""Demands that one call of `advance_due` looks at."""

_EVALUATING = ("evaluating", "evaluated", "decided", "final", "adopting", "live", "ended")
_DECIDED = _EVALUATING[2:]


def timetable(demand: Demand, *, posted: datetime | None = None) -> Timetable:
    """The dates of a demand.

    Args:
        demand: Its row.
        posted: For a draft, when it is thought to be posted.

    Raises:
        DemandError: The dates are not in their order.
        ValueError: A date is missing.
    """
    begin = demand.posted or posted or clock.now()
    if not (demand.questions_until and demand.opens and demand.closes and demand.decide_by):
        raise ValueError("a date is missing")
    return Timetable(
        posted=begin,
        questions_from=begin,
        questions_until=demand.questions_until,
        # Whoever posts later than planned opens at once.
        opens=max(demand.opens, begin.replace(microsecond=0)),
        closes=demand.closes,
        decision_by=demand.decide_by,
        objection_days=demand.timetable.get("objection_days", OBJECTION_DAYS),
        amendments=tuple(
            Amendment.from_plain(each) for each in demand.timetable.get("amendments", [])
        ),
    )


def has_dates(demand: Demand) -> bool:
    """Whether every date stands."""
    return bool(demand.questions_until and demand.opens and demand.closes and demand.decide_by)


def course(demand: Demand) -> Course | None:
    """The course of a posted demand; None before, and for one without dates."""
    if demand.posted is None or not has_dates(demand):
        return None
    return Course(timetable=timetable(demand), milestones=_milestones(demand))


def _milestones(demand: Demand) -> Milestones:
    """What has happened, as far as the state and the decision tell."""
    happened: dict[str, datetime | None] = {}
    if demand.state in _EVALUATING:
        happened["evaluating"] = demand.closes
    if demand.state in _DECIDED:
        decision = getattr(demand, "decision", None)
        told = decision.announced if decision else demand.decide_by
        happened |= {"decided": told, "notified": told}
        if demand.state != "decided":
            happened["final"] = (decision and decision.confirmed) or demand.objections_until
    adoption = getattr(demand, "adoption", None)
    if adoption and demand.state in ("adopting", "live", "ended"):
        happened |= {"consultation": adoption.created, "adoption": adoption.created}
    if demand.state == "withdrawn":
        told = demand.timetable.get("withdrawn")
        happened["cancelled"] = clock.read_stamp(told["at"]) if told else demand.posted
    return Milestones(**happened)


def allows(demand: Demand, act: Act, at: datetime | None = None) -> bool:
    """May this be done with the demand now?"""
    found = course(demand)
    return found is not None and found.allows(act, at or clock.now())


def require(demand: Demand, act: Act, at: datetime | None = None) -> None:
    """Refuse what does not belong to the demand's phase.

    Raises:
        PhaseClosed: With the phase it is in, and when the act is possible.
        DemandError: It was never posted, or has no dates.
    """
    found = course(demand)
    if found is None:
        raise DemandError(
            words("공고하지 않은 수요", "a demand that is not posted"),
            words("공고한 수요", "a posted demand"),
        )
    found.require(act, at or clock.now())


def state_at(demand: Demand, at: datetime) -> str:
    """The state that a demand has at a moment, its row being as it is: a pure function."""
    state = demand.state
    if state == "posted" and demand.opens and demand.opens <= at:
        state = "open"
    if state == "open" and demand.closes and demand.closes <= at:
        state = "evaluating"
    return state


def advance(demand: Demand, at: datetime | None = None) -> bool:
    """Move a demand's state to where the clock has it; True if it moved."""
    at = at or clock.now()
    if state_at(demand, at) == demand.state:
        return False
    with transaction.atomic():
        row = Demand.objects.select_for_update().get(pk=demand.pk)
        before, row.state = row.state, state_at(row, at)
        if row.state != before:
            row.save(update_fields=["state"])
            remember(
                "demand-phase",
                f"demand/{row.name}",
                by=None,
                state=row.state,
                previously=before,
            )
            emit("trials.demand.moved", {"demand": row.name, "state": row.state}, to=None)
    demand.state = row.state
    return row.state != before


def due(at: datetime) -> Q:
    """Which demands a date has come for."""
    return Q(state="posted", opens__lte=at) | Q(state="open", closes__lte=at)


def advance_due(at: datetime | None = None) -> int:
    """Move every demand for which a date has come.

    Returns:
        How many moved.
    """
    at = at or clock.now()
    found = Demand.objects.filter(due(at)).order_by("pk")[:DUE_AT_ONCE]
    return sum(advance(each, at) for each in found)


def tick() -> None:
    """What the clock has made due: phases that begin, tables that nobody sealed."""
    advance_due()
    if intake.has_strays():
        asked = Demand.objects.exclude(table={}).values_list("table__file", flat=True)
        intake.sweep(set(asked))


def put_off(
    demand: Demand, which: Any, to: datetime, *, reason: str, by: Any, name: str
) -> Demand:
    """Put off one date of a posted demand.

    Args:
        demand: The demand.
        which: `questions_until`, `closes` or `decision_by`.
        to: The later moment.
        reason: Told to everybody.
        by: Who does it.
        name: What the record calls whoever does it: their organisation.

    Raises:
        DemandError: The date has passed, would come earlier, or no reason is given.
        PhaseClosed: The demand is past putting off.
    """
    at = clock.now()
    with transaction.atomic():
        row = Demand.objects.select_for_update().select_related("agency").get(pk=demand.pk)
        require(row, Act.AMEND, at)
        changed = timetable(row).put_off(which, to, by=name, reason=reason, at=at)
        row.questions_until, row.closes = changed.questions_until, changed.closes
        row.decide_by = changed.decision_by
        told = [each.plain() for each in changed.amendments]
        row.timetable = {**row.timetable, "amendments": told}
        row.save(update_fields=["questions_until", "closes", "decide_by", "timetable"])
        remember("demand-put-off", f"demand/{row.name}", by=by, amendment=told[-1])
    return row


def soon(at: datetime | None = None) -> datetime:
    """Until when a demand counts as closing soon."""
    return (at or clock.now()) + timedelta(days=7)
