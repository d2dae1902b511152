"""Adoptions for tests: a demand whose decision is final, without the trial before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import ids
from madang.trials.web.models import Decision, Demand, Submission, Team, TeamMember
from madang.trials.web.services import adoptions
from tests.portal.people import home_of, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from madang.portal.models import User
    from madang.trials.web.models import Adoption


class Pair(NamedTuple):
    """An adoption and the people of both sides."""

    adoption: Adoption
    agency: User
    company: User


def decided(agency: User, company: User) -> Demand:
    """A demand whose final decision adopts the company's solution."""
    name = demands.name()
    demand = Demand.objects.create(
        name=name,
        title_ko="직선",
        title_en="Line",
        agency=home_of(agency),
        posted_by=agency,
        state="final",
        digest=ids.digest(name.encode()),
    )
    firm = home_of(company)
    team = Team.objects.create(demand=demand, lead=firm, name=firm.name_ko)
    TeamMember.objects.create(team=team, company=firm, agreed=demand.created)
    submission = Submission.objects.create(
        id=ids.new("submission"),
        demand=demand,
        team=team,
        company=firm,
        by=company,
        name="line",
        title_ko="직선 해법",
        title_en="A line",
        tier="onnx",
        digest=ids.digest(b"line"),
        run=ids.new("run"),
        state="done",
    )
    Decision.objects.create(
        demand=demand, comparison={}, facts={"adopted": "line"}, adopted=submission
    )
    return demand


def adoption() -> Pair:
    """An adoption at its beginning."""
    agency, company = somebody("agency"), somebody("company")
    begun = adoptions.begin(decided(agency, company), by=agency)
    return Pair(begun, agency, company)
