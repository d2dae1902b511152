"""Which companies have applied, and how far is each: screened, examined, voted on, decided?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.fund.engine.pipeline import applications, committee, diligence
from madang.fund.web.forms.pipeline import (
    CheckForm,
    MinutesForm,
    MoveForm,
    ReceiveForm,
    VoteForm,
)
from madang.fund.web.models import Application, Paper
from madang.fund.web.services import pipeline, roster
from madang.fund.web.views.acts import UPLOADS
from madang.fund.web.views.reach import fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.portal.access import needs, of, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest


def _row(fund: str, number: int) -> Application:
    rows = Application.objects.select_related("company", "fund", "fund__manager")
    found = rows.filter(fund=fund, pk=number).first()
    if found is None:
        raise Http404
    return found


@needs("fund.see", owners=managers)
def listing(request: HttpRequest, fund: str) -> HttpResponse:
    """Every application, the newest first, with where it stands."""
    row = fund_of(fund)
    rows = [
        (each, applications.STATES[pipeline.value(each).state])
        for each in row.applications.select_related("company")
    ]
    return render(request, "fund/pipeline.html", room(request, row) | {"rows": rows})


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, fund: str) -> HttpResponse:
    """Take an application in."""
    row = fund_of(fund)
    form = ReceiveForm(posted(request), fund=row)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            company = row.companies.get(code=form.cleaned_data["company"])
            made = pipeline.receive(
                row,
                company,
                by=signed_in(request),
                pitch=form.cleaned_data["pitch"],
                applicant=form.cleaned_data["applicant"],
            )
            tell(request, "신청을 접수했습니다.", "The application is received.")
            return HttpResponseRedirect(made.get_absolute_url())
        status = 422
    context = room(request, row) | {"form": form}
    return render(request, "fund/application_form.html", context, status=status)


@needs("fund.see", owners=managers)
def application(request: HttpRequest, fund: str, number: int) -> HttpResponse:
    """One application: its pitch, trials, checklist, votes, minutes and every step."""
    return render(request, "fund/application.html", _context(request, _row(fund, number)))


def _context(request: HttpRequest, row: Application) -> dict[str, Any]:
    state = pipeline.value(row).state
    told = {each.code: each for each in pipeline.checks(row)}
    shown = room(request, row.fund)
    return shown | {
        "row": row,
        "state": applications.STATES[state],
        "is_open": bool(applications.next_states(state)),
        "at_diligence": state == "due-diligence",
        "at_committee": state == "committee",
        "items": [(each, told.get(each.code)) for each in diligence.checklist()],
        "areas": diligence.AREAS,
        "votes": [(each, committee.CHOICES[each.facts["choice"]]) for each in pipeline.votes(row)],
        "minutes": [
            (each, committee.RESULTS[each.facts["result"]])
            for each in row.steps.filter(kind="minutes")
        ],
        "tried": pipeline.tried(row),
        "related": pipeline.related(row),
        "supported": pipeline.supported(row),
        "steps": row.steps.select_related("by"),
        "move": MoveForm(state=state),
        "check": CheckForm(left=pipeline.checked(row).open),
        "vote": VoteForm(),
        "decide": MinutesForm(),
        "papers": {
            each.sha256: each
            for each in Paper.objects.filter(
                fund=row.fund, sha256__in=[sha for each in told.values() for sha in each.evidence]
            )
        },
        "may_audit": of(request).everywhere("portal.audit"),
    }


@needs("fund.keep", owners=managers)
@require_http_methods(["POST"])
@limited("fund-pipeline", UPLOADS)
def step(request: HttpRequest, fund: str, number: int, kind: str) -> HttpResponse:
    """Move, check, vote or decide; a refusal is told on the application's page."""
    row = _row(fund, number)
    form = _form(request, row, kind)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            _do(request, row, kind, form.cleaned_data)
        except InputError as refused:
            context = {"fault": str(refused)}
        else:
            tell(request, "기록했습니다.", "Recorded.")
            return HttpResponseRedirect(row.get_absolute_url())
    context = _context(request, row) | context | {kind: form}
    return render(request, "fund/application.html", context, status=422)


def _form(request: HttpRequest, row: Application, kind: str) -> Form:
    if kind == "move":
        return MoveForm(request.POST, state=pipeline.value(row).state)
    if kind == "check":
        left = pipeline.checked(row).open
        return CheckForm(request.POST, request.FILES or None, left=left)
    if kind == "vote":
        return VoteForm(request.POST)
    if kind == "decide":
        return MinutesForm(request.POST)
    raise Http404


def _do(request: HttpRequest, row: Application, kind: str, said: dict[str, Any]) -> None:
    user = signed_in(request)
    if kind == "move":
        pipeline.move(row, said["to"], by=user, reason=said["reason"])
    elif kind == "check":
        kept = tuple(
            roster.paper(row.fund, each.read(), name=str(each.name), by=user)
            for each in said["evidence"] or ()
        )
        pipeline.check(
            row, said["code"], said["outcome"], by=user, evidence=kept, reason=said["reason"]
        )
    elif kind == "vote":
        pipeline.vote(row, said["choice"], by=user, has_interest=said["has_interest"])
    else:
        pipeline.decide(row, said["text"], by=user)
