"""Teams of several companies: formed, joined, handed over and left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.portal.limits import limited
from madang.portal.models import Organisation
from madang.trials.engine.phases import Act
from madang.trials.web.forms.teams import FormTeamForm, InviteForm
from madang.trials.web.models import Team, TeamMember
from madang.trials.web.services import submissions, teams, timing
from madang.trials.web.views.demand import head
from madang.trials.web.views.submissions import public_demand

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from madang.portal.access import Access
    from madang.portal.models import User
    from madang.trials.web.models import Demand

DONE = {
    "form": words("팀을 만들었습니다.", "The team is formed."),
    "invite": words("초대했습니다.", "Invited."),
    "accept": words("팀에 들어갔습니다.", "You are in the team."),
    "decline": words("초대를 거두었습니다.", "The invitation is gone."),
    "leave": words("팀에서 나왔습니다.", "You have left the team."),
    "hand-over": words("대표를 넘겼습니다.", "The lead is handed over."),
}


@needs("trials.submit")
def team(request: HttpRequest, demand: str) -> HttpResponse:
    """The team in which the reader's company hands in."""
    access = of(request)
    found = public_demand(demand, access)
    return _page(request, found, _acting(request, access), FormTeamForm(), InviteForm())


def _acting(request: HttpRequest, access: Access) -> Organisation:
    """The company for which the reader acts here: the one that is named, else their first."""
    mine = {each.slug: each for each in access.acting_for("trials.submit")}
    named = request.POST.get("for") or request.GET.get("for") or next(iter(mine))
    if named not in mine:
        raise Http404
    return mine[named]


def _page(
    request: HttpRequest,
    demand: Demand,
    company: Organisation,
    form: FormTeamForm,
    invite: InviteForm,
    *,
    status: int = 200,
) -> HttpResponse:
    access = of(request)
    mine = teams.of(demand, company)
    context = {
        **head(demand, access),
        "company": company,
        "companies": access.acting_for("trials.submit"),
        "team": mine,
        "members": teams.members(mine) if mine else [],
        "is_lead": mine is not None and mine.lead_id == company.pk,
        "invitations": [] if mine else teams.invitations(demand, company),
        "left": demand.quota - (submissions.used(mine) if mine else 0),
        "is_open": timing.allows(demand, Act.TEAM_UP),
        "form": form,
        "invite": invite,
    }
    return render(request, "trials/team.html", context, status=status)


@require_POST
@needs("trials.submit")
@limited("team", "120/h")
def act(request: HttpRequest, demand: str, act: str) -> HttpResponse:
    """Do one thing with a team."""
    access = of(request)
    found = public_demand(demand, access)
    company, user = _acting(request, access), access.user
    if act not in DONE or user is None:
        raise Http404
    form = FormTeamForm(request.POST if act == "form" else None)
    invite = InviteForm(request.POST if act == "invite" else None)
    written = {"form": form, "invite": invite}.get(act)
    if written is None or written.is_valid():
        try:
            _ACTS[act](request, found, company, user, written)
        except InputError as fault:
            if written is None:
                messages.error(request, str(fault))
                return _back(found, company)
            written.add_error(None, str(fault))
        else:
            messages.success(request, str(DONE[act]))
            return _back(found, company)
    return _page(request, found, company, form, invite, status=422)


def _back(demand: Demand, company: Organisation) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse("trials:team", args=[demand.name]) + f"?for={company.slug}"
    )


def _mine(demand: Demand, company: Organisation) -> Team:
    found = teams.of(demand, company)
    if found is None:
        raise Http404
    return found


def _led(demand: Demand, company: Organisation) -> Team:
    """The team that the company leads."""
    found = _mine(demand, company)
    if found.lead_id != company.pk:
        raise Http404
    return found


def _named(team: Team, slug: str) -> Organisation:
    """A company of a team, or one that it has invited."""
    row = TeamMember.objects.filter(team=team, company__slug=slug).select_related("company")
    found = row.first()
    if found is None:
        raise Http404
    return found.company


def _invited_by(request: HttpRequest, demand: Demand, company: Organisation) -> Team:
    for each in teams.invitations(demand, company):
        if str(each.team_id) == request.POST.get("team"):
            return each.team
    raise Http404


def _form(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    teams.form(demand, company, by=user, name=form.cleaned_data["name"])


def _invite(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    teams.invite(_led(demand, company), form.cleaned_data["company"], by=user)


def _accept(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    teams.accept(_invited_by(request, demand, company), company, by=user)


def _decline(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    """The company declines, or as a lead takes an invitation back."""
    if named := request.POST.get("company"):
        team = _led(demand, company)
        teams.decline(team, _named(team, named), asking=company, by=user)
    else:
        team = _invited_by(request, demand, company)
        teams.decline(team, company, asking=company, by=user)


def _leave(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    teams.leave(_mine(demand, company), company, by=user)


def _hand_over(
    request: HttpRequest, demand: Demand, company: Organisation, user: User, form: Any
) -> None:
    team = _led(demand, company)
    teams.hand_over(team, _named(team, request.POST.get("company", "")), by=user)


_ACTS: dict[str, Callable[[Any, Any, Any, Any, Any], None]] = {
    "form": _form,
    "invite": _invite,
    "accept": _accept,
    "decline": _decline,
    "leave": _leave,
    "hand-over": _hand_over,
}
