"""The panel of a demand: who judges, by what, and what each of them and all together said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal import objects
from madang.portal.access import needs, of, public
from madang.portal.limits import limited
from madang.trials.web.forms.rubric import DeclareForm, InviteForm, SheetForm
from madang.trials.web.forms.submissions import TIERS
from madang.trials.web.models import Demand, Evaluation, Evaluator, Submission, TeamMember
from madang.trials.web.services import rubrics
from madang.trials.web.views.decision import panel
from madang.trials.web.views.demand import head, owners_of, visible

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from madang.portal.access import Access
    from madang.portal.models import User


def judged_demand(name: str, access: Access) -> Demand:
    """The demand of an address, which has a panel.

    Raises:
        Http404: There is none.
    """
    found = visible(name, access)
    if not found.rubric or not found.is_public:
        raise Http404
    return found


@public
def rubric(request: HttpRequest, demand: str) -> HttpResponse:
    """By what the panel judges; for its members their work, for the owners its progress."""
    access = of(request)
    found = judged_demand(demand, access)
    return _page(request, found, InviteForm())


def _page(
    request: HttpRequest, demand: Demand, invite: InviteForm, *, status: int = 200
) -> HttpResponse:
    access = of(request)
    rules = rubrics.rubric(demand)
    assert rules is not None
    own = _own(demand, access.user) if access.user else None
    may_manage = access.may("trials.post", *demand.owners)
    context = {
        **head(demand, access),
        "rubric": rules,
        "aggregate": _aggregate(rules),
        "mixture": _mixture(rules),
        "mine": own,
        "may_manage": may_manage,
        "is_judging": demand.state in ("evaluating", "evaluated"),
        "evaluators": _progress(demand) if may_manage else [],
        "judged_count": len(rubrics.judged(demand)) if may_manage else 0,
        "invite": invite,
        "panel": panel(demand, access),
    }
    return render(request, "trials/rubric.html", context, status=status)


def _aggregate(rules: Any) -> Words:
    if rules.aggregate == "median":
        return words("중앙값", "median")
    return words(f"절사 평균(양쪽 {rules.trim:.0%})", f"mean trimmed by {rules.trim:.0%} a side")


def _mixture(rules: Any) -> Words | None:
    if rules.mixture is None:
        return None
    share = f"{rules.mixture.measured_share:.0%}"
    return words(
        f"측정 {share}와 평가를 합산한 수도 나란히 보입니다.",
        f"A number mixed of the measured part ({share}) and the panel's stands beside them.",
    )


def _own(demand: Demand, user: User) -> list[dict[str, Any]] | None:
    """What an evaluator has to judge and how far each is; None for who was not asked."""
    if not Evaluator.objects.filter(demand=demand, user=user).exists():
        return None
    rows = Evaluation.objects.filter(demand=demand, evaluator=user)
    done = {each.submission_id: each for each in rows}
    return [
        {"submission": each, "state": _state(done.get(each.pk))} for each in rubrics.judged(demand)
    ]


def _state(row: Evaluation | None) -> tuple[str, Words]:
    if row is None:
        return "plain", words("신고 전", "Not declared")
    if row.has_conflict:
        return "info", words("이해충돌로 제외", "Stood aside")
    if row.signed:
        return "good", words("서명함", "Signed")
    return "late", words("채점 중", "Begun")


def _progress(demand: Demand) -> list[dict[str, Any]]:
    """Each evaluator and how many sheets they have signed; never what stands in them."""
    asked = demand.evaluators.select_related("user").order_by("pk")
    signed = dict(
        Evaluation.objects.filter(demand=demand)
        .order_by()
        .values_list("evaluator")
        .annotate(count=Count("pk", filter=Q(signed__isnull=False)))
    )
    return [{"evaluator": each, "signed": signed.get(each.user_id, 0)} for each in asked]


@require_POST
@needs("trials.post", owners=owners_of)
@limited("evaluator", "120/h")
def invite(request: HttpRequest, demand: str) -> HttpResponse:
    """Ask a person to judge."""
    access = of(request)
    found = judged_demand(demand, access)
    form = InviteForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            rubrics.invite(found, given["email"], by=access.user, sees_files=given["sees_files"])  # type: ignore[arg-type]
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, str(words("위촉했습니다.", "Asked.")))
            return HttpResponseRedirect(reverse("trials:rubric", args=[found.name]))
    return _page(request, found, form, status=422)


@require_POST
@needs("trials.post", owners=lambda demand, evaluator: owners_of(demand))
def dismiss(request: HttpRequest, demand: str, evaluator: int) -> HttpResponse:
    """Ask a person no longer."""
    access = of(request)
    row = Evaluator.objects.filter(demand__name=demand, pk=evaluator).first()
    if row is None:
        raise Http404
    try:
        rubrics.dismiss(row, by=access.user)  # type: ignore[arg-type]
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("trials:rubric", args=[demand]))


def _before(demand: str, submission: str, access: Access) -> tuple[Evaluator, Submission]:
    """The reader as an evaluator, and a solution before the panel.

    Raises:
        Http404: They were not asked, or there is no such solution.
    """
    found = judged_demand(demand, access)
    asked = Evaluator.objects.filter(demand=found, user=access.user).select_related("demand")
    solution = next((each for each in rubrics.judged(found) if each.pk == submission), None)
    evaluator = asked.first()
    if evaluator is None or solution is None:
        raise Http404
    return evaluator, solution


@needs("trials.judge")
def sheet(request: HttpRequest, demand: str, submission: str) -> HttpResponse:
    """One evaluator's sheet for one solution: first the declaration, then the scores."""
    access = of(request)
    evaluator, solution = _before(demand, submission, access)
    rules = rubrics.rubric(evaluator.demand)
    assert rules is not None
    row = Evaluation.objects.filter(submission=solution, evaluator=access.user).first()
    declare = DeclareForm(request.POST if "declare" in request.POST else None)
    typed = SheetForm.typed(row.scores, row.remark) if row else {}
    is_sent = "save" in request.POST or "sign" in request.POST
    form = SheetForm(request.POST if is_sent else None, rubric=rules, initial=typed)
    sent = declare if declare.is_bound else form
    if sent.is_bound and sent.is_valid():
        try:
            _written(request, solution, declare, form)
        except InputError as fault:
            sent.add_error(None, str(fault))
        else:
            return HttpResponseRedirect(_next(request, demand, submission))
    context = {
        **head(evaluator.demand, access),
        "submission": solution,
        "tier": TIERS[solution.tier][0],
        "companies": _companies(solution),
        "row": row,
        "state": _state(row),
        "declare": declare,
        "form": form,
        "files": solution.files if evaluator.sees_files else {},
        "told": _told(rules, row) if row and row.signed else [],
    }
    status = 422 if sent.is_bound and sent.errors else 200
    return render(request, "trials/rubric_sheet.html", context, status=status)


def _told(rules: Any, row: Evaluation) -> list[tuple[Words, int, str]]:
    """A signed sheet: criterion, level, remark."""
    scores = row.scores
    return [
        (each.title, scores[each.name]["level"], scores[each.name]["remark"])
        for each in rules.criteria
        if each.name in scores
    ]


def _written(
    request: HttpRequest, solution: Submission, declare: DeclareForm, form: SheetForm
) -> None:
    user = of(request).user
    assert user is not None
    if declare.is_bound:
        given = declare.cleaned_data
        rubrics.declare(
            solution, by=user, has_conflict=given["conflict"] == "yes", reason=given["reason"]
        )
    else:
        rubrics.score(
            solution,
            by=user,
            scores=form.scores(),
            remark=form.cleaned_data["remark"],
            sign="sign" in request.POST,
        )


def _next(request: HttpRequest, demand: str, submission: str) -> str:
    """Back to the list once a sheet is signed or set aside, else on with this one."""
    if "sign" in request.POST or request.POST.get("conflict") == "yes":
        return reverse("trials:rubric", args=[demand])
    return reverse("trials:sheet", args=[demand, submission])


def _companies(solution: Submission) -> list[Words]:
    rows = TeamMember.objects.filter(team=solution.team, agreed__isnull=False)
    return [each.company.name for each in rows.select_related("company")]


@needs("trials.judge")
def file(request: HttpRequest, demand: str, submission: str, name: str) -> HttpResponseBase:
    """A file of a solution, for an evaluator who was granted to see it."""
    evaluator, solution = _before(demand, submission, of(request))
    is_granted = evaluator.sees_files and _has_no_conflict(evaluator, solution)
    if not is_granted or name not in solution.files:
        raise Http404
    content = objects.objects().open(solution.files[name])
    return FileResponse(
        content, as_attachment=True, filename=name, content_type="application/octet-stream"
    )


def _has_no_conflict(evaluator: Evaluator, solution: Submission) -> bool:
    """Whether they declared to have none; who has not declared sees no file."""
    rows = Evaluation.objects.filter(submission=solution, evaluator=evaluator.user)
    return rows.filter(has_conflict=False).exists()
