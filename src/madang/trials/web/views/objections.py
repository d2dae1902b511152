"""Objections to an announced decision: filed by who took part, answered by whose demand it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.portal.limits import limited
from madang.trials.engine.objection import GROUNDS, OUTCOMES
from madang.trials.engine.objection import STATES as WINDOW_STATES
from madang.trials.engine.phases import Act
from madang.trials.web.forms.decision import AnswerForm, ObjectionForm
from madang.trials.web.models import Demand, Objection
from madang.trials.web.services import objections, timing
from madang.trials.web.views.decision import ANNOUNCED
from madang.trials.web.views.demand import head, owners_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from madang.portal.access import Access
    from madang.portal.models import Organisation


def announced(name: str, access: Access) -> Demand:
    """The demand of an address, whose decision is out or was set aside.

    Raises:
        Http404: There is none.
    """
    found = visible(name, access)
    if found.state in ANNOUNCED:
        return found
    if found.state == "evaluated" and objections.fallen(found):
        return found
    raise Http404


@needs("signed-in")
@limited("objection", "30/h")
def listed(request: HttpRequest, demand: str) -> HttpResponse:
    """What the reader may see of the objections, and for who took part a form to file one."""
    access = of(request)
    found = announced(demand, access)
    companies = _may_object(found, access)
    form = ObjectionForm(request.POST or None, companies=companies) if companies else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            given = form.cleaned_data
            try:
                objections.file(
                    found,
                    form.chosen,
                    by=access.user,  # type: ignore[arg-type]
                    ground=given["ground"],
                    text=given["text"],
                )
            except InputError as fault:
                form.add_error(None, str(fault))
            else:
                messages.success(request, str(words("이의신청을 받았습니다.", "It is filed.")))
                return HttpResponseRedirect(reverse("trials:objections", args=[found.name]))
    return _page(request, found, form, status=422 if form and form.errors else 200)


def _may_object(demand: Demand, access: Access) -> list[Organisation]:
    """Companies of the reader's that took part, while the window is open."""
    if not timing.allows(demand, Act.OBJECT):
        return []
    took_part = objections.participants(demand)
    return [each for each in access.acting_for("trials.submit") if each.slug in took_part]


def _page(
    request: HttpRequest, demand: Demand, form: ObjectionForm | None, *, status: int = 200
) -> HttpResponse:
    access = of(request)
    is_owner = access.may("trials.answer", *demand.owners) or access.everywhere("trials.see")
    mine = access.holding("trials.submit")
    rows = demand.objections.select_related("company", "by", "answered_by").order_by("filed", "pk")
    context: dict[str, Any] = {
        **head(demand, access),
        "form": form,
        "count": rows.count(),
        "rows": [
            _row(each, is_mine=each.company_id in mine)
            for each in rows
            if is_owner or each.company_id in mine
        ],
        "may_answer": access.may("trials.answer", *demand.owners),
        "answer": AnswerForm(),
    }
    if demand.state in ANNOUNCED:
        window = objections.objections(demand)
        context |= {"closes": window.closes, "window": WINDOW_STATES[window.state(clock.now())]}
    return render(request, "trials/objections.html", context, status=status)


def _row(row: Objection, *, is_mine: bool) -> dict[str, Any]:
    return {
        "objection": row,
        "ground": GROUNDS[row.ground],  # type: ignore[index]
        "outcome": OUTCOMES[row.outcome] if row.outcome else None,  # type: ignore[index]
        "is_open": row.answered is None and row.withdrawn is None,
        "is_mine": is_mine,
    }


def _found(demand: str, objection: int) -> Objection:
    row = Objection.objects.filter(demand__name=demand, pk=objection).select_related(
        "demand", "company"
    )
    if not (found := row.first()):
        raise Http404
    return found


@needs("trials.answer", owners=lambda demand, objection: owners_of(demand))
def answer(request: HttpRequest, demand: str, objection: int) -> HttpResponse:
    """Answer one objection."""
    access = of(request)
    found, row = announced(demand, access), _found(demand, objection)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            objections.answer(
                row,
                by=access.user,  # type: ignore[arg-type]
                outcome=given["outcome"],
                text=given["text"],
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, str(words("답변했습니다.", "It is answered.")))
            return HttpResponseRedirect(reverse("trials:objections", args=[found.name]))
    context = {**head(found, access), "form": form, "row": _row(row, is_mine=False)}
    status = 422 if form.errors else 200
    return render(request, "trials/objections_answer.html", context, status=status)


def _company_of(demand: str, objection: int) -> Iterable[int]:
    return [_found(demand, objection).company_id]


@require_POST
@needs("trials.submit", owners=_company_of)
def withdraw(request: HttpRequest, demand: str, objection: int) -> HttpResponse:
    """A company takes its objection back."""
    access = of(request)
    try:
        objections.withdraw(_found(demand, objection), by=access.user)  # type: ignore[arg-type]
    except InputError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, str(words("이의신청을 거두었습니다.", "It is withdrawn.")))
    return HttpResponseRedirect(reverse("trials:objections", args=[demand]))
