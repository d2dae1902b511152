"""Which companies hand in together for a demand? The engine's rules on rows.

Every member stands in a row of its own, the lead too. A row without `agreed` is an invitation; one
with `left` binds a company that left after its team had handed in.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.webhooks import emit
from madang.trials.engine.errors import TeamError
from madang.trials.engine.phases import Act
from madang.trials.engine.submission import check_firm
from madang.trials.engine.teams import Team as Formed
from madang.trials.engine.teams import Teams
from madang.trials.web.models import Submission, Team, TeamMember
from madang.trials.web.services import timing
from madang.trials.web.services.house import alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.portal.models import Organisation, User
    from madang.trials.web.models import Demand


def teams(demand: Demand) -> Teams:
    """All teams of a demand, as the engine knows them: companies by their slugs."""
    handed_in = set(Submission.objects.filter(demand=demand).values_list("team_id", flat=True))
    rows = TeamMember.objects.filter(team__demand=demand).select_related("company")
    members: dict[int, list[TeamMember]] = {}
    for each in rows.order_by("agreed", "pk"):
        members.setdefault(each.team_id, []).append(each)
    found = [
        Formed(
            name=team.name,
            title=team.name,
            lead=team.lead.slug,
            members=tuple(m.company.slug for m in members[team.pk] if m.agreed and not m.left),
            invited=tuple(m.company.slug for m in members[team.pk] if not m.agreed),
            submitted=team.pk in handed_in,
        )
        for team in Team.objects.filter(demand=demand).select_related("lead")
    ]
    bound = tuple(m.company.slug for each in members.values() for m in each if m.left)
    return Teams(demand=demand.name, teams=tuple(found), bound=bound)


def of(demand: Demand, company: Organisation) -> Team | None:
    """The team that a company is in."""
    found = TeamMember.objects.filter(
        team__demand=demand, company=company, agreed__isnull=False, left=None
    ).select_related("team", "team__lead", "team__demand")
    row = found.first()
    return row.team if row else None


def invitations(demand: Demand, company: Organisation) -> list[TeamMember]:
    """Teams that wait for a company's answer."""
    found = TeamMember.objects.filter(team__demand=demand, company=company, agreed=None)
    return list(found.select_related("team", "team__lead", "team__demand").order_by("pk"))


def members(team: Team) -> list[TeamMember]:
    """A team's companies, those that have not answered yet and those that left too."""
    return list(team.members.select_related("company").order_by("pk"))


def companies(team: Team) -> list[int]:
    """Numbers of the companies in a team."""
    rows = team.members.filter(agreed__isnull=False, left=None)
    return list(rows.values_list("company_id", flat=True))


def form(demand: Demand, lead: Organisation, *, by: User, name: str = "") -> Team:
    """A new team of one company, which leads it; called after the company where no name is given.

    Raises:
        TeamError: The name is taken, or the company is in a team.
        PhaseClosed: Too late.
    """
    with _changing(demand, by) as row:
        known = teams(row)
        name = check_firm(name.strip()) if name.strip() else _free_name(known, lead)
        known.form(name, title=name, lead=lead.slug)
        team = Team.objects.create(demand=row, lead=lead, name=name)
        TeamMember.objects.create(team=team, company=lead, agreed=clock.now())
        _remember("team-formed", team, lead, by)
    return team


def own_name(demand: Demand, lead: Organisation) -> str:
    """What the team of a company alone would be called."""
    return _free_name(teams(demand), lead)


def _free_name(known: Teams, lead: Organisation) -> str:
    taken = {each.name for each in known.teams}
    if lead.name_ko not in taken:
        return check_firm(lead.name_ko)
    return check_firm(f"{lead.name_ko[: 100 - len(lead.slug) - 3]} ({lead.slug})")


def invite(team: Team, company: Organisation, *, by: User) -> None:
    """Ask a company to join; the lead does.

    Raises:
        TeamError: The company is in a team, or is none.
        PhaseClosed: Too late.
    """
    with _changing(team.demand, by) as row:
        if company.kind != "company" or not company.is_active:
            raise TeamError(
                words(f"기업이 아닌 {company.name_ko}", f"{company.name_en}, which is no company"),
                words("등록된 기업", "a registered company"),
            )
        teams(row).invite(team.name, company.slug, by=team.lead.slug)
        _, is_new = TeamMember.objects.get_or_create(team=team, company=company)
        if is_new:
            _remember("team-invited", team, company, by)
            emit("trials.team.invited", _facts(team, company), to=[company])


def accept(team: Team, company: Organisation, *, by: User) -> None:
    """An invited company joins.

    Raises:
        TeamError: It was not invited, or is in another team.
        PhaseClosed: Too late.
    """
    with _changing(team.demand, by) as row:
        teams(row).accept(team.name, by=company.slug)
        TeamMember.objects.filter(team=team, company=company).update(agreed=clock.now())
        _remember("team-joined", team, company, by)
        emit("trials.team.agreed", _facts(team, company), to=companies(team))


def decline(team: Team, company: Organisation, *, asking: Organisation, by: User) -> None:
    """An invitation falls: the company declines it, or the lead takes it back.

    Raises:
        TeamError: Someone else asks.
        PhaseClosed: Too late.
    """
    with _changing(team.demand, by) as row:
        teams(row).decline(team.name, company.slug, by=asking.slug)
        fallen, _ = TeamMember.objects.filter(team=team, company=company, agreed=None).delete()
        if fallen:
            _remember("team-declined", team, company, by)


def leave(team: Team, company: Organisation, *, by: User) -> None:
    """A company leaves; the last one to leave dissolves the team.

    Raises:
        TeamError: It leads others, or is the last of a team that has handed in.
        PhaseClosed: Too late.
    """
    with _changing(team.demand, by) as row:
        before = teams(row)
        before.leave(company.slug)
        formed = before.team(team.name)
        mine = TeamMember.objects.filter(team=team, company=company)
        if formed.submitted:
            mine.update(left=clock.now())
        elif formed.members == (company.slug,):
            team.delete()
        else:
            mine.delete()
        _remember("team-left", team, company, by)


def hand_over(team: Team, to: Organisation, *, by: User) -> None:
    """Another member leads from now on; what was handed in stays the team's.

    Raises:
        TeamError: It is no member.
        PhaseClosed: Too late.
    """
    with _changing(team.demand, by) as row:
        teams(row).hand_over(team.name, to.slug, by=team.lead.slug)
        team.lead = to
        team.save(update_fields=["lead"])
        Submission.objects.filter(team=team).update(company=to)
        _remember("team-handed-over", team, to, by)


def _facts(team: Team, company: Organisation) -> dict[str, str]:
    return {"demand": team.demand.name, "team": team.name, "company": company.slug}


def _remember(noun: str, team: Team, company: Organisation, by: User) -> None:
    thing = f"team/{team.demand.name}/{team.name}"[:200]
    remember(noun, thing, by=by, company=company.slug)


@contextmanager
def _changing(demand: Demand, by: User) -> Iterator[Demand]:
    """Change teams within the lock of their demand, while the demand allows it."""
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        timing.require(row, Act.TEAM_UP)
        yield row
