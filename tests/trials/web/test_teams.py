"""Teams of several companies: who joins, who leaves, and whose quota it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal.models import LogEntry
from madang.trials.engine.errors import PhaseClosed, QuotaSpent, TeamError
from madang.trials.web.models import Demand, Submission, Team, TeamMember
from madang.trials.web.services import submissions, teams
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from django.test import Client

    from madang.portal.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def three() -> list[User]:
    """People of three companies."""
    return [somebody("company") for _ in range(3)]


def joined(demand: Demand, lead: User, *others: User) -> Team:
    """A team of these people's companies."""
    team = teams.form(demand, home_of(lead), by=lead, name="함께")
    for each in others:
        teams.invite(team, home_of(each), by=lead)
        teams.accept(team, home_of(each), by=each)
    return team


def act(client: Client, demand: Demand, act: str, **given: Any) -> Any:
    return client.post(reverse("trials:team_act", args=[demand.name, act]), given)


def test_a_team_is_formed_by_invitation_and_agreement(client: Client) -> None:
    demand = demands.row()
    lead, second, third = three()
    page = reverse("trials:team", args=[demand.name])

    enter(client, lead)
    assert act(client, demand, "form", name="함께").status_code == 302
    assert act(client, demand, "invite", company=home_of(second).slug).status_code == 302
    enter(client, second)
    told = client.get(page).content.decode()
    team = Team.objects.get()
    assert teams.of(demand, home_of(second)) is None
    act(client, demand, "accept", team=team.pk)
    enter(client, third)
    strange = act(client, demand, "accept", team=team.pk)

    assert "함께" in told
    assert teams.of(demand, home_of(second)) == team
    assert strange.status_code == 404
    assert teams.of(demand, home_of(third)) is None
    assert LogEntry.objects.filter(subject=f"team/{demand.name}/함께").count() == 3


def test_a_company_is_in_one_team_of_a_demand_and_in_others_of_others() -> None:
    demand, other = demands.row(), demands.row()
    first, second, _ = three()
    joined(demand, first, second)

    with pytest.raises(TeamError):
        teams.form(demand, home_of(second), by=second, name="따로")
    assert teams.form(other, home_of(second), by=second).name == home_of(second).name_ko


def test_only_the_lead_invites_and_only_companies_are_invited(client: Client) -> None:
    demand = demands.row()
    lead, second, third = three()
    team = joined(demand, lead, second)
    enter(client, second)

    assert act(client, demand, "invite", company=home_of(third).slug).status_code == 404
    enter(client, lead)
    assert act(client, demand, "invite", company=organisation("agency").slug).status_code == 422
    assert act(client, demand, "invite", company="nobody").status_code == 422
    assert act(client, demand, "dance").status_code == 404
    with pytest.raises(TeamError):
        teams.invite(team, organisation("agency"), by=lead)
    assert TeamMember.objects.count() == 2


def test_an_invitation_is_declined_or_taken_back(client: Client) -> None:
    demand = demands.row()
    lead, second, third = three()
    team = joined(demand, lead)
    for each in (second, third):
        teams.invite(team, home_of(each), by=lead)

    act(enter(client, second), demand, "decline", team=team.pk)
    act(enter(client, lead), demand, "decline", company=home_of(third).slug)

    assert [each.company for each in TeamMember.objects.all()] == [home_of(lead)]


def test_who_leaves_a_team_that_handed_in_joins_no_other() -> None:
    demand = demands.row()
    lead, second, third = three()
    team = joined(demand, lead, second, third)
    solved_row(demand, team, lead)

    teams.leave(team, home_of(second), by=second)

    assert teams.of(demand, home_of(second)) is None
    with pytest.raises(TeamError):
        teams.form(demand, home_of(second), by=second)
    with pytest.raises(TeamError):
        teams.leave(team, home_of(lead), by=lead)
    teams.hand_over(team, home_of(third), by=lead)
    teams.leave(team, home_of(lead), by=lead)
    assert Submission.objects.get().company == home_of(third)
    with pytest.raises(TeamError):
        teams.leave(team, home_of(third), by=third)


def solved_row(demand: Demand, team: Team, by: User) -> Submission:
    """A submission of a team with nothing behind it."""
    return Submission.objects.create(
        **{"id": "submission-t", "demand": demand, "team": team, "company": team.lead, "by": by},
        **{"name": "s", "title_ko": "가", "title_en": "A", "tier": "python"},
        **{"digest": "0" * 64, "run": "run-t"},
    )


def test_before_anything_was_handed_in_all_are_free_to_go() -> None:
    demand = demands.row()
    lead, second, _ = three()
    team = joined(demand, lead, second)

    teams.leave(team, home_of(second), by=second)
    teams.leave(team, home_of(lead), by=lead)

    assert not Team.objects.exists()
    assert teams.form(demand, home_of(second), by=second).lead == home_of(second)


def test_two_companies_of_one_name_alone_have_two_names() -> None:
    demand = demands.row()
    first, second, _ = three()
    for each in (first, second):
        home = home_of(each)
        home.name_ko = "같은 회사"
        home.save()

    names = {teams.form(demand, home_of(each), by=each).name for each in (first, second)}

    assert names == {"같은 회사", f"같은 회사 ({home_of(second).slug})"}


def test_teams_do_not_change_once_submissions_have_closed() -> None:
    demand = demands.row()
    lead, second, _ = three()
    team = joined(demand, lead)
    with clock.stopped_at(solved.after_closing(demand)), pytest.raises(PhaseClosed):
        teams.invite(team, home_of(second), by=lead)

    assert TeamMember.objects.count() == 1


@pytest.mark.bwrap
def test_the_quota_is_the_teams_and_each_member_hands_in_for_it() -> None:
    demand = solved.opened(cases=240, quota={"submissions": 2})
    lead, second, _ = three()
    team = joined(demand, lead, second)

    solved.hand_in(demand, by=lead, name="one")
    row = solved.hand_in(demand, by=second, name="two")

    assert row.team == team
    assert row.company == home_of(lead)
    assert submissions.used(team) == 2
    for each in (lead, second):
        with pytest.raises(QuotaSpent):
            solved.hand_in(demand, by=each, name="three")


def test_members_see_the_teams_submissions_and_who_left_does_not(client: Client) -> None:
    demand = demands.row(baselines={}, registration={"tiers": ["python"]})
    lead, second, third = three()
    team = joined(demand, lead, second, third)
    row = solved_row(demand, team, lead)
    from madang.portal.queue import enqueue

    enqueue(row.run, "trials.run", {"demand": demand.name, "submission": row.pk, "part": "board"})
    teams.leave(team, home_of(third), by=third)
    address = reverse("trials:submission", args=[row.pk])

    assert enter(client, second).get(address).status_code == 200
    assert enter(client, third).get(address).status_code == 404


def test_pages_of_a_demand_that_is_no_ones_business_are_not_found(client: Client) -> None:
    draft = demands.row("draft")
    enter(client, somebody("company"))

    for name in ("team", "submit", "submissions"):
        assert client.get(reverse(f"trials:{name}", args=[draft.name])).status_code == 404
    assert client.get(reverse("trials:team", args=[draft.name]) + "?for=else").status_code == 404


def test_who_is_no_company_forms_no_team(client: Client) -> None:
    demand = demands.row()
    enter(client, somebody("officer"))

    assert client.get(reverse("trials:team", args=[demand.name])).status_code == 403
    assert act(client, demand, "form", name="x").status_code == 403
    assert not Team.objects.exists()
