"""Adoptions for tests: a demand whose decision is final, without the trial before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import reverse

from madang.kernel import clock, ids
from madang.trials.web.forms.adoption import USUAL_PLAN
from madang.trials.web.models import Adoption, Decision, Demand, Submission, Team, TeamMember
from madang.trials.web.services import adoptions
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from madang.portal.models import User


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


class Act:
    """Somebody in front of the pages of one adoption."""

    def __init__(self, client: Client, pair: Pair) -> None:
        self._client, self._name = client, pair.adoption.demand.name

    def _url(self, name: str, *more: str) -> str:
        return reverse(f"trials:{name}", args=[self._name, *more])

    def see(self, user: User, page: str, *more: str) -> HttpResponse:
        return enter(self._client, user).get(self._url(page, *more))

    def do(self, user: User, page: str, *more: str, **data: Any) -> HttpResponse:
        return enter(self._client, user).post(self._url(page, *more), data)


def fresh(pair: Pair) -> Adoption:
    return Adoption.objects.get(pk=pair.adoption.pk)


def minutes(pair: Pair, **changes: str) -> dict[str, str]:
    """What the editor sends: one condition that the company bears, one cost, no duty."""
    company, agency = pair.adoption.company.slug, pair.adoption.agency.slug
    sizes = {
        f"{kind}-{name}": value
        for kind in ("condition", "cost", "duty")
        for name, value in (("TOTAL_FORMS", "1"), ("INITIAL_FORMS", "0"))
    }
    return {
        **sizes,
        "held": "2026-11-20",
        "agenda": "처음 단계와 비용을 논의함",
        "condition-0-text": "개인정보 영향평가 완료",
        "condition-0-party": company,
        "cost-0-text": "운영비",
        "cost-0-amount_krw": "12000000",
        "cost-0-party": agency,
        "cost-0-every": "month",
        **changes,
    }


def report(act: Act, pair: Pair, name: str, *, n: int, events: int) -> HttpResponse:
    moment = clock.now()
    opened = adoptions.require_course(fresh(pair)).opened
    assert opened is not None
    until = adoptions.require_course(fresh(pair)).seen_until.get("serious-errors")
    begins = clock.read_stamp(until) if until else opened
    as_field = "%Y-%m-%dT%H:%M:%S%z"
    return act.do(
        pair.agency,
        "observe",
        name=name,
        measure="serious-errors",
        observed_from=begins.strftime(as_field),
        observed_until=moment.strftime(as_field),
        n=str(n),
        events=str(events),
    )


def gone_live(act: Act, pair: Pair) -> None:
    """A plan of few observations, agreed and followed to its last gate."""
    quick = {**USUAL_PLAN, "fewest_days": 0, "canaries": "10", "fewest": 10, "limit": 0.2}
    act.do(pair.agency, "adoption-plan", **{k: str(v) for k, v in quick.items()})
    act.do(pair.agency, "consultation-edit", **minutes(pair, **{"condition-0-text": ""}))
    digest = adoptions.require_consultation(fresh(pair)).minutes.digest
    for user in (pair.agency, pair.company):
        act.do(user, "sign", digest=digest)
    act.do(pair.agency, "move", "open")
    for gate in ("shadow", "canary"):
        report(act, pair, gate, n=2000, events=0)
        moved = act.do(pair.agency, "move", "advance")
        assert moved.status_code == 302, moved.content.decode()
