"""How do companies come together for a demand, by program?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Status
from pydantic import BaseModel, Field, StringConstraints

from madang.portal.api.shapes import Body, Number, Taken
from madang.portal.models import Organisation
from madang.trials.web.api.callers import Name, caller, own_team, public
from madang.trials.web.api.router import router
from madang.trials.web.models import Team, TeamMember
from madang.trials.web.services import submissions, teams

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]


class Member(BaseModel):
    """A company in a team."""

    company: Body
    is_lead: bool
    agreed: datetime | None = Field(
        description="초대에 아직 답하지 않았으면 null · Null while it has not answered"
    )
    left: datetime | None


class TeamOut(BaseModel):
    """Who hands in together."""

    number: int
    name: str
    demand: str
    members: list[Member]
    used: int = Field(description="쓴 제출 횟수 · Submissions used")
    quota: int

    @classmethod
    def of(cls, row: Team) -> TeamOut:
        """From its row."""
        return cls(
            number=row.pk,
            name=row.name,
            demand=row.demand.name,
            members=[
                Member(
                    company=Body.of(each.company),
                    is_lead=each.company_id == row.lead_id,
                    agreed=each.agreed,
                    left=each.left,
                )
                for each in teams.members(row)
            ],
            used=submissions.used(row) if row.demand.digest else 0,
            quota=row.demand.quota,
        )


class Standing(BaseModel):
    """A company's team for a demand, and the invitations that wait for it."""

    team: TeamOut | None
    invitations: list[TeamOut]


class NewTeam(Taken):
    """A team to be formed."""

    name: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="", description="비우면 기업의 이름 · The company's own where empty"
    )


class Company(Taken):
    """A company by its name in addresses."""

    company: Slug


@router.get("/demands/{demand}/team", response=Standing)
def get_team(request: HttpRequest, demand: Name) -> Standing:
    """우리 팀과 받은 초대 · The caller's team, and invitations that wait for it."""
    by = caller(request, "trials.submit")
    found = public(request, demand)
    own = teams.of(found, by.organisation)
    waiting = [] if own else teams.invitations(found, by.organisation)
    return Standing(
        team=TeamOut.of(own) if own else None,
        invitations=[TeamOut.of(each.team) for each in waiting],
    )


@router.post("/demands/{demand}/team", response={201: TeamOut})
def form_team(request: HttpRequest, demand: Name, wanted: NewTeam) -> Status:
    """팀 만들기 · Form a team that the caller leads."""
    by = caller(request, "trials.submit")
    found = public(request, demand)
    return Status(
        201, TeamOut.of(teams.form(found, by.organisation, by=by.user, name=wanted.name))
    )


@router.post("/demands/{demand}/team/invitations", response={201: TeamOut})
def invite(request: HttpRequest, demand: Name, wanted: Company) -> Status:
    """기업 초대 · Ask a company to join; the lead does."""
    by = caller(request, "trials.submit")
    team = _led(request, demand, by.organisation)
    company = Organisation.objects.filter(slug=wanted.company).first()
    if company is None:
        raise Http404
    teams.invite(team, company, by=by.user)
    return Status(201, TeamOut.of(team))


@router.delete("/demands/{demand}/team/invitations/{company}", response={204: None})
def take_back(request: HttpRequest, demand: Name, company: Slug) -> Status:
    """초대 거두기 · Take an invitation back; the lead does."""
    by = caller(request, "trials.submit")
    team = _led(request, demand, by.organisation)
    teams.decline(team, _member(team, company), asking=by.organisation, by=by.user)
    return Status(204, None)


@router.post("/demands/{demand}/invitations/{team}/accept", response=TeamOut)
def accept(request: HttpRequest, demand: Name, team: Number) -> TeamOut:
    """초대 받아들이기 · Join a team that has invited the caller."""
    by = caller(request, "trials.submit")
    found = _invited(request, demand, by.organisation, team)
    teams.accept(found, by.organisation, by=by.user)
    return TeamOut.of(found)


@router.post("/demands/{demand}/invitations/{team}/decline", response={204: None})
def decline(request: HttpRequest, demand: Name, team: Number) -> Status:
    """초대 거절 · Decline an invitation."""
    by = caller(request, "trials.submit")
    found = _invited(request, demand, by.organisation, team)
    teams.decline(found, by.organisation, asking=by.organisation, by=by.user)
    return Status(204, None)


@router.post("/demands/{demand}/team/leave", response={204: None})
def leave(request: HttpRequest, demand: Name) -> Status:
    """팀에서 나오기 · Leave the team; the last one dissolves it."""
    by = caller(request, "trials.submit")
    team = own_team(public(request, demand), by.organisation)
    teams.leave(team, by.organisation, by=by.user)
    return Status(204, None)


@router.post("/demands/{demand}/team/hand-over", response=TeamOut)
def hand_over(request: HttpRequest, demand: Name, wanted: Company) -> TeamOut:
    """대표 넘기기 · Let another member lead from now on."""
    by = caller(request, "trials.submit")
    team = _led(request, demand, by.organisation)
    teams.hand_over(team, _member(team, wanted.company), by=by.user)
    return TeamOut.of(team)


def _led(request: HttpRequest, demand: str, company: Organisation) -> Team:
    """The team that a company leads.

    Raises:
        Http404: It leads none.
    """
    team = own_team(public(request, demand), company)
    if team.lead_id != company.pk:
        raise Http404
    return team


def _member(team: Team, slug: str) -> Organisation:
    """A company of a team, or one that it has invited.

    Raises:
        Http404: It is neither.
    """
    found = TeamMember.objects.filter(team=team, company__slug=slug).select_related("company")
    row = found.first()
    if row is None:
        raise Http404
    return row.company


def _invited(request: HttpRequest, demand: str, company: Organisation, number: int) -> Team:
    for each in teams.invitations(public(request, demand), company):
        if each.team_id == number:
            return each.team
    raise Http404
