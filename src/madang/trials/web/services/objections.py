"""Who objects to an announced decision, and what becomes of it? The engine's rules on rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.webhooks import emit
from madang.trials.engine.errors import PhaseClosed
from madang.trials.engine.objection import STATES, Answer, Objections
from madang.trials.engine.objection import Objection as Filed
from madang.trials.engine.period import end_of_days
from madang.trials.engine.phases import Act
from madang.trials.web.models import Demand, Objection, Submission, TeamMember
from madang.trials.web.services import reports, timing
from madang.trials.web.services.house import alone, moved

if TYPE_CHECKING:
    from datetime import datetime

    from madang.portal.models import Organisation, User
    from madang.trials.engine.objection import Ground, Outcome


def days(demand: Demand) -> int:
    """How many days the window has, as the demand was posted."""
    found: int = demand.timetable.get("objection_days", timing.OBJECTION_DAYS)
    return found


def window(demand: Demand, announced: datetime) -> datetime:
    """When the window of a decision announced at this moment is over."""
    return end_of_days(announced, days(demand))


def objections(demand: Demand) -> Objections:
    """The window of the announced decision with all that came in since.

    Raises:
        PhaseClosed: No decision is announced.
    """
    decision = getattr(demand, "decision", None)
    if decision is None or decision.announced is None:
        raise PhaseClosed(
            words("공개되지 않은 판정", "a decision that is not announced"),
            words("공개된 판정", "an announced decision"),
        )
    rows = demand.objections.filter(filed__gte=decision.announced).select_related("company")
    return Objections(
        decision=demand.digest,
        agency="owners",
        notified=decision.announced,
        days=days(demand),
        may_object=tuple(sorted(participants(demand))),
        objections=tuple(_filed(each) for each in rows.order_by("filed", "pk")),
    )


def participants(demand: Demand) -> set[str]:
    """Companies of the teams that handed in."""
    teams = Submission.objects.filter(demand=demand).values("team")
    members = TeamMember.objects.filter(team__in=teams).exclude(agreed=None)
    return set(members.values_list("company__slug", flat=True))


def _filed(row: Objection) -> Filed:
    answer = None
    if row.answered:
        answer = Answer(
            by=str(row.answered_by_id),
            at=row.answered,
            outcome=cast("Outcome", row.outcome),
            text=row.answer,
        )
    return Filed(
        name=str(row.pk),
        by=str(row.by_id),
        organisation=row.company.slug,
        ground=cast("Ground", row.ground),
        text=row.text,
        at=row.filed,
        answer=answer,
        withdrawn=row.withdrawn,
    )


def file(
    demand: Demand, company: Organisation, *, by: User, ground: Ground, text: str
) -> Objection:
    """File an objection.

    Raises:
        ObjectionError: Too late, by a company that did not hand in, without its reason, or a
            second one on the same ground.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        timing.require(row, Act.OBJECT)
        filed = Objection(
            demand=row,
            company=company,
            by=by,
            ground=ground,
            text=text.strip(),
            filed=clock.now().replace(microsecond=0),
        )
        objections(row).file(_filed(filed))
        filed.save()
        remember(
            "objection-filed",
            _thing(filed),
            by=by,
            after={"ground": ground, "text": filed.text},
            demand_name=row.name,
        )
        facts = {"demand": row.name, "objection": filed.pk, "ground": ground}
        emit("trials.objection.filed", facts, to=row.owners)
    return filed


def answer(objection: Objection, *, by: User, outcome: Outcome, text: str) -> None:
    """Answer an objection, once; one that is upheld sets the decision aside.

    Raises:
        ObjectionError: It is settled, or the answer has no reasons.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(objection.demand)
        given = Answer(by=str(by.pk), at=clock.now(), outcome=outcome, text=text)
        objections(row).answer(str(objection.pk), given, organisation="owners")
        objection.refresh_from_db()
        objection.outcome, objection.answer = outcome, text.strip()
        objection.answered, objection.answered_by = given.at, by
        objection.save()
        remember(
            "objection-answered",
            _thing(objection),
            by=by,
            after={"text": objection.answer},
            demand_name=row.name,
            outcome=outcome,
        )
        facts = {"demand": row.name, "objection": objection.pk, "outcome": outcome}
        emit("trials.objection.answered", facts, to=[objection.company_id])
        if outcome == "set_aside":
            _set_aside(row)


def _set_aside(demand: Demand) -> None:
    """An objection was upheld: the decision falls; within the demand's lock.

    The demand goes back to where it awaits its decision. The owners may have the comparison made
    again, or announce anew after the panel's part was mended.
    """
    decision = demand.decision
    reports.withdraw(decision)
    decision.announced = decision.announced_by = None
    decision.save()
    demand.state, demand.objections_until = "evaluated", None
    demand.save(update_fields=["state", "objections_until"])
    moved(demand)


def withdraw(objection: Objection, *, by: User) -> None:
    """A company takes its objection back.

    Raises:
        ObjectionError: It is settled.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(objection.demand)
        at = clock.now()
        objections(row).withdraw(str(objection.pk), organisation=objection.company.slug, at=at)
        Objection.objects.filter(pk=objection.pk).update(withdrawn=at)
        remember("objection-withdrawn", _thing(objection), by=by, demand_name=row.name)


def _thing(objection: Objection) -> str:
    return f"objection/{objection.demand.name}/{objection.pk}"


def require_final(demand: Demand) -> None:
    """Refuse to make a decision final before its time.

    Raises:
        PhaseClosed: The window is open, an answer is owed, or there is no announced decision.
    """
    found = objections(demand)
    state = found.state(clock.now())
    if demand.state == "decided" and state == "final":
        return
    shown = STATES[state]
    raise PhaseClosed(
        words(f"'{shown.ko}' 상태의 판정", f"a decision in the state '{shown.en}'"),
        words(
            "이의신청 기간이 끝나고 모든 이의신청에 답한 판정",
            "one whose window is over and whose objections are all answered",
        ),
    )


def fallen(demand: Demand) -> bool:
    """Whether the last decision was set aside, and none was announced since."""
    decision = getattr(demand, "decision", None)
    if decision is None or decision.announced:
        return False
    return demand.objections.filter(outcome="set_aside", answered__gt=decision.computed).exists()
