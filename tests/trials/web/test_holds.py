"""An organisation stays while something of its is under way in the trials."""

from __future__ import annotations

import pytest

from madang.kernel.errors import InputError
from madang.portal import organisations
from madang.portal.models import Organisation
from madang.trials.web.models import Adoption, Demand, Submission, Team
from madang.trials.web.services.holds import holds
from tests.portal.people import organisation, somebody

pytestmark = pytest.mark.django_db

OPEN = ("sealing", "sealed", "posted", "open", "evaluating", "evaluated", "decided")
AFTER = ("final", "adopting", "live")
QUIET = ("draft", "ended", "withdrawn")


def demand(state: str) -> Demand:
    """A demand of an agency, which a ministry posted."""
    return Demand.objects.create(
        name=f"of-{state}",
        title_ko="수요",
        title_en="Demand",
        agency=organisation("agency"),
        ministry=organisation("ministry"),
        posted_by=somebody("officer"),
        state=state,
    )


def submission(to: Demand) -> Submission:
    """What a company handed in."""
    company = organisation("company")
    team = Team.objects.create(demand=to, lead=company)
    return Submission.objects.create(
        id="s1",
        demand=to,
        team=team,
        company=company,
        name="one",
        title_ko="하나",
        title_en="One",
        tier="T0",
        digest="0" * 64,
        run="run-1",
    )


def test_every_state_of_a_demand_is_looked_at() -> None:
    assert set(Demand.STATES) == {*OPEN, *AFTER, *QUIET}


@pytest.mark.parametrize("state", [*OPEN, *AFTER, *QUIET])
def test_agency_and_ministry_stay_while_their_demand_is_under_way(state: str) -> None:
    made = demand(state)
    assert made.ministry is not None
    for each in (made.agency, made.ministry):
        reasons = [text.en for text in holds(each)]
        assert reasons == ([] if state in QUIET else ["1 demand(s) under way"])


@pytest.mark.parametrize("state", [*OPEN, *AFTER, *QUIET])
def test_a_company_stays_until_what_it_handed_in_is_decided_for_good(state: str) -> None:
    reasons = [text.en for text in holds(submission(demand(state)).company)]

    assert reasons == (["1 submission(s) under way"] if state in OPEN else [])


@pytest.mark.parametrize("state", [*AFTER, "ended"])
def test_a_company_stays_while_its_solution_is_adopted(state: str) -> None:
    made = submission(demand(state))
    Adoption.objects.create(
        demand=made.demand, submission=made, agency=made.demand.agency, company=made.company
    )
    reasons = [text.en for text in holds(made.company)]

    assert reasons == ([] if state == "ended" else ["1 adoption(s) under way"])


def test_who_has_nothing_under_way_may_go() -> None:
    demand("open")

    assert holds(organisation("agency")) == []


@pytest.mark.parametrize("act", ["suspend", "delete"])
def test_the_portal_refuses_with_the_reason(act: str) -> None:
    agency, operator = demand("open").agency, somebody("operator")
    with pytest.raises(InputError, match=r"1 demand\(s\) under way") as refused:
        if act == "suspend":
            organisations.suspend(agency, reason="x", by=operator)
        else:
            organisations.delete(agency, by=operator)

    assert "진행 중인 수요 1건" in refused.value.sentence("ko")
    assert Organisation.objects.get(pk=agency.pk).is_active


def test_an_agency_whose_trials_have_ended_leaves_records_and_is_suspended_at_most() -> None:
    agency, operator = demand("ended").agency, somebody("operator")
    with pytest.raises(InputError, match="Suspend it instead"):
        organisations.delete(agency, by=operator)
    organisations.suspend(agency, reason="x", by=operator)

    assert not Organisation.objects.get(pk=agency.pk).is_active
