"""What of a trial waits for a reader? To decide, to answer, to judge, to join: each in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.frame import Waiting
from madang.portal.models import JobRun
from madang.trials.web.models import (
    Demand,
    Evaluation,
    Evaluator,
    Objection,
    Submission,
    TeamMember,
)
from madang.trials.web.services import decisions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from madang.portal.access import Access

MOST = 50


def of_deciders(access: Access) -> Iterator[Waiting]:
    """Comparisons to begin or to repeat, decisions to announce and to make final."""
    held = access.holding("trials.decide")
    if not held:
        return
    mine = Q(ministry__in=held) | Q(ministry=None, agency__in=held)
    over = Q(state="decided", objections_until__lte=clock.now())
    unanswered = Q(objections__answered=None, objections__withdrawn=None)
    found = (
        Demand.objects.filter(mine, Q(state__in=["evaluating", "evaluated"]) | over)
        .annotate(owed=Count("objections", filter=Q(objections__isnull=False) & unanswered))
        .only("name", "title_ko", "title_en", "state", "run", "decide_by", "objections_until")
        .order_by("decide_by", "pk")[:MOST]
    )
    demands = list(found)
    stopped = _stopped(demands)
    for demand in demands:
        waiting = _of_decider(demand, is_stopped=demand.pk in stopped)
        if waiting and not (demand.state == "decided" and demand.owed):
            yield waiting


def _stopped(demands: Sequence[Demand]) -> set[int]:
    """Demands whose final comparison the platform failed."""
    begun = {each.pk: each.run for each in demands if decisions.has_begun(each)}
    lost = decisions.lost(Submission.objects.filter(demand__in=begun))
    ended = JobRun.objects.filter(id__in=begun.values(), state__in=["failed", "cancelled"])
    failed = set(ended.values_list("id", flat=True))
    return {pk for pk, run in begun.items() if run in failed} | set(
        lost.values_list("demand_id", flat=True)
    )


def _of_decider(demand: Demand, *, is_stopped: bool) -> Waiting | None:
    """What waits with one demand; None where its runs are under way."""
    told = None
    if demand.state == "decided":
        told = (
            words("이의신청 기간이 끝났습니다.", "The window for objections is over."),
            words("판정 확정하기", "Make it final"),
        )
    elif demand.state == "evaluated":
        told = (
            words("최종 비교가 끝났습니다.", "The final comparison has ended."),
            words("판정 공개하기", "Announce the decision"),
        )
    elif not decisions.has_begun(demand):
        told = (
            words("접수가 끝났습니다.", "Submissions have closed."),
            words("최종 비교 시작하기", "Begin the final comparison"),
        )
    elif is_stopped:
        told = (
            words(
                "최종 비교가 플랫폼의 문제로 멈추었습니다.", "The platform failed the comparison."
            ),
            words("다시 실행하기", "Run again"),
        )
    if told is None:
        return None
    return Waiting(
        title=demand.title,
        reason=told[0],
        act=told[1],
        url=reverse("trials:decision", args=[demand.name]),
        due=demand.objections_until if demand.state == "decided" else demand.decide_by,
    )


def of_answerers(access: Access) -> Iterator[Waiting]:
    """Objections without an answer."""
    held = access.holding("trials.answer")
    if not held:
        return
    mine = Q(demand__agency__in=held) | Q(demand__ministry__in=held)
    found = Objection.objects.filter(mine, answered=None, withdrawn=None, demand__state="decided")
    for row in found.select_related("demand", "company").order_by("filed", "pk")[:MOST]:
        yield Waiting(
            title=row.demand.title,
            reason=words(
                f"{row.company.name_ko}의 이의신청이 답을 기다립니다.",
                f"The objection of {row.company.name_en} waits for its answer.",
            ),
            act=words("답변하기", "Answer"),
            url=reverse("trials:objection_answer", args=[row.demand.name, row.pk]),
            due=row.demand.objections_until,
        )


def of_evaluators(access: Access) -> Iterator[Waiting]:
    """Solutions to judge."""
    if access.user is None:
        return
    asked = (
        Evaluator.objects.filter(user=access.user, demand__state__in=["evaluating", "evaluated"])
        .annotate(judged=_counted(Submission.objects.exclude(final_run="")))
        .annotate(signed=_counted(_signed_by(access)))
        .filter(judged__gt=F("signed"))
        .select_related("demand")
        .order_by("demand__decide_by", "pk")
    )
    for row in asked[:MOST]:
        left = row.judged - row.signed
        yield Waiting(
            title=row.demand.title,
            reason=words(f"평가할 해법이 {left}개 있습니다.", f"{left} solutions to judge."),
            act=words("평가하기", "Judge"),
            url=reverse("trials:rubric", args=[row.demand.name]),
            due=row.demand.decide_by,
        )


def _signed_by(access: Access) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(evaluator=access.user).exclude(signed=None)


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows belong to the demand of an evaluator's row."""
    mine = rows.filter(demand=OuterRef("demand")).order_by().values("demand")
    return Coalesce(Subquery(mine.annotate(number=Count("pk")).values("number")), 0)


def of_companies(access: Access) -> Iterator[Waiting]:
    """Invitations to teams."""
    held = access.holding("trials.submit")
    if not held:
        return
    found = TeamMember.objects.filter(
        company__in=held, agreed=None, team__demand__state__in=["posted", "open"]
    ).select_related("team__demand", "team__lead", "company")
    for row in found.order_by("pk")[:MOST]:
        demand = row.team.demand
        yield Waiting(
            title=demand.title,
            reason=words(
                f"{row.team.lead.name_ko}이(가) '{row.team.name}' 팀에 초대했습니다.",
                f"{row.team.lead.name_en} invites you to the team '{row.team.name}'.",
            ),
            act=words("답하기", "Answer"),
            url=reverse("trials:team", args=[demand.name]) + f"?for={row.company.slug}",
            due=demand.closes,
        )
