"""Where an officer plans a line's months, keeps its milestones and says why it is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from madang.kernel.errors import InputError
from madang.portal.access import needs, signed_in
from madang.portal.views.saying import tell
from madang.programme.web import models
from madang.programme.web.forms.plans import CauseForm, MilestoneForm, PlanForm, ReachedForm
from madang.programme.web.services import book, duties, plans
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

    from madang.programme.engine.lines import Line


def line_named(name: str) -> Line:
    """The line that an address names.

    Raises:
        Http404: The programme has no such line.
    """
    found = next((each for each in book.programme().lines if each.id == name), None)
    if found is None:
        raise Http404
    return found


@needs("programme.plan", everywhere=True)
def plan(request: HttpRequest, line: str) -> HttpResponse:
    """The months and the milestones of a line."""
    found = line_named(line)
    sent = request.POST if request.method == "POST" else None
    act = request.POST.get("act", "")
    months = PlanForm(
        sent if act == "plan" else None,
        line=found,
        programme=book.programme(),
        initial=_planned(found),
    )
    milestone = MilestoneForm(sent if act == "milestone" else None)
    reached = ReachedForm(sent if act == "reached" else None)
    form = {"plan": months, "milestone": milestone, "reached": reached}.get(act)
    if sent is not None and form is not None and _done(request, found, act, form):
        return HttpResponseRedirect(request.path)
    context = {
        **{"line": found, "months": months, "milestone": milestone, "form": form},
        "milestones": [
            (each, ReachedForm(initial={"milestone": each.pk, "reached_on": each.reached_on}))
            for each in models.Milestone.objects.filter(line=found.id)
        ],
    }
    return render(request, "programme/plan.html", context, status=422 if form else 200)


def _planned(line: Line) -> dict[str, str]:
    row = picture().row(line.id)
    if row is None:
        return {}
    return {f"month-{month:%Y-%m}": f"{krw:,}" for month, krw in row.plan.months.items()}


def _done(request: HttpRequest, line: Line, act: str, form: forms.Form) -> bool:
    """Whether what was sent has been remembered; the form says why not."""
    if not form.is_valid():
        return False
    by = signed_in(request)
    try:
        if isinstance(form, PlanForm):
            plans.set_plan(line.id, form.amounts(), by=by)
            tell(request, "월별 계획을 고쳤습니다.", "The plan was changed.")
        elif act == "milestone":
            plans.add_milestone(line.id, by=by, **form.cleaned_data)
            tell(request, "이정표를 등록했습니다.", "The milestone was set.")
        else:
            given = form.cleaned_data
            plans.reach_milestone(line.id, given["milestone"], given["reached_on"], by=by)
            tell(request, "이정표의 날을 적었습니다.", "The milestone's day was written down.")
    except InputError as fault:
        form.add_error(None, str(fault))
        return False
    return True


@needs("programme.plan", everywhere=True)
def cause(request: HttpRequest, line: str) -> HttpResponse:
    """Say why a line lies behind, beside what its records speak for."""
    found = line_named(line)
    row = picture().row(found.id)
    if row is None:
        raise Http404
    form = CauseForm(request.POST or None, initial={"cause": row.standing.cause.value})
    if request.method == "POST" and form.is_valid():
        plans.say_why(found.id, by=signed_in(request), **form.cleaned_data)
        tell(request, "사유를 적었습니다.", "The cause was written down.")
        return HttpResponseRedirect(reverse("programme:line", args=[found.id]))
    context = {
        **{"line": found, "row": row, "form": form, "why": duties.late_reason(row)},
        "notes": models.CauseNote.objects.filter(line=found.id).select_related("by"),
    }
    return render(request, "programme/cause.html", context, status=422 if form.errors else 200)
