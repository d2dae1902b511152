"""Companies tell what they can do; the rest that is known comes from public decisions alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.portal.models import ErasableValue
from madang.trials.web.models import Decision, Profile, Submission, Team
from madang.trials.web.services import companies as known
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

    from madang.portal.models import Organisation
    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db

TOLD: dict[str, Any] = {
    "tasks": ["trials.regression"],
    "sectors": ["health"],
    "keywords": "예후, 의무기록",
    "references": "병원 세 곳에서 썼습니다.",
    "is_public": "on",
}


def entry(demand: Demand, company: Organisation, name: str) -> Submission:
    """A submission that reached the final comparison."""
    team = Team.objects.create(demand=demand, lead=company, name=f"{name}-team")
    return Submission.objects.create(
        id=f"submission-{name}",
        demand=demand,
        team=team,
        company=company,
        name=name,
        title_ko=name,
        title_en=name,
        tier="python",
        digest="0" * 64,
        run=f"run-{name}",
        final_run=f"run-{name}-final",
        state="done",
    )


def test_a_company_tells_of_itself_and_is_found(client: Client) -> None:
    member = somebody("company")
    company = home_of(member)
    enter(client, member)
    assert client.post(f"/trials/companies/{company.slug}/edit", TOLD).status_code == 302

    client.logout()
    for query in ("", "?q=예후", "?task=trials.regression", "?sector=health", "?q=의무기록 예후"):
        assert client.get(f"/trials/companies/{query}").context["count"] == 1, query
    for query in ("?q=로봇", "?task=trials.forecasting", "?sector=defence"):
        assert client.get(f"/trials/companies/{query}").context["count"] == 0, query
    assert "병원 세 곳" in client.get(f"/trials/companies/{company.slug}").content.decode()
    assert ErasableValue.objects.filter(value__keywords="예후, 의무기록").exists()


def test_the_directory_is_a_file_too(client: Client) -> None:
    company = organisation("company", "=cmd")
    known.change(company, by=somebody("company", company), **{**TOLD, "is_public": True})
    as_json = json.loads(client.get("/trials/companies/?format=json").content)
    as_csv = b"".join(client.get("/trials/companies/?format=csv").streaming_content).decode()

    assert [each["company"] for each in as_json["companies"]] == [company.slug]
    assert "'=cmd" in as_csv  # no spreadsheet takes it for a formula


def test_a_hidden_profile_is_seen_by_its_own_alone(client: Client) -> None:
    member = somebody("company")
    company = home_of(member)
    known.change(company, by=member, keywords="비밀", is_public=False)
    url = f"/trials/companies/{company.slug}"

    assert client.get(url).status_code == 404
    enter(client, somebody("company"))
    assert client.get(url).status_code == 404
    enter(client, member)
    assert client.get(url).status_code == 200


def test_nobody_edits_another_companys_profile(client: Client) -> None:
    company = organisation("company")
    for role in ("company", "agency", "officer", "operator"):
        enter(client, somebody(role))
        url = f"/trials/companies/{company.slug}/edit"
        assert client.get(url).status_code == 404
        assert client.post(url, TOLD).status_code == 404
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"tasks": ["trials.nothing"]},
        {"sectors": ["<script>"]},
        {"keywords": "가" * 501},
        {"references": "나" * 4001},
    ],
)
def test_what_no_profile_can_say_is_refused(client: Client, wrong: dict[str, Any]) -> None:
    member = somebody("company")
    enter(client, member)
    answer = client.post(f"/trials/companies/{home_of(member).slug}/edit", {**TOLD, **wrong})

    assert answer.status_code == 422
    assert not Profile.objects.exists()


def test_the_record_holds_public_decisions_alone(client: Client) -> None:
    member = somebody("company")
    company = home_of(member)
    known.change(company, by=member, is_public=True)
    running, decided = demands.row("open"), demands.row("final", title_ko="끝난 수요")
    entry(running, company, "one")
    won = entry(decided, company, "two")
    Decision.objects.create(
        demand=decided,
        comparison={},
        facts={"passed": ["two"], "adopted": "two"},
        adopted=won,
        announced=clock.now(),
    )
    page = client.get(f"/trials/companies/{company.slug}")

    assert [(each.name, str(told)) for each, told in page.context["record"]] == [
        (decided.name, str(known.RESULTS["adopted"]))
    ]


@pytest.mark.parametrize(
    ("facts", "against", "result"),
    [
        ({"passed": ["x"]}, {}, "passed"),
        ({"passed": []}, {"x": {"difference": -0.1}}, "beat_baseline"),
        ({"passed": []}, {"x": {"difference": 0.1}}, "below_baseline"),
        ({"passed": []}, {}, "none"),
    ],
)
def test_a_result_is_what_the_decision_says(
    facts: dict[str, Any], against: dict[str, Any], result: str
) -> None:
    company, demand = organisation("company"), demands.row("decided")
    entry(demand, company, "x")
    Decision.objects.create(
        demand=demand,
        comparison={"primary": {"against_baseline": against}},
        facts=facts,
        announced=clock.now(),
    )

    assert [part.result for part in known.record(company)] == [result]


def test_who_never_came_to_the_final_comparison_has_no_record_of_it() -> None:
    company, demand = organisation("company"), demands.row("final")
    row = entry(demand, company, "x")
    row.final_run = ""
    row.save()

    assert known.record(company) == []


@pytest.mark.parametrize(
    "told", [{"tasks": ["trials.nothing"]}, {"sectors": ["nothing"]}, {"tasks": ["x" * 999]}]
)
def test_no_program_says_what_no_profile_can_say(told: dict[str, Any]) -> None:
    company = organisation("company")

    with pytest.raises(InputError):
        known.change(company, by=somebody("company", company), **told)
    assert not Profile.objects.exists()


@pytest.mark.parametrize("kind", ["agency", "ministry", "public"])
def test_only_companies_have_profiles(kind: str) -> None:
    with pytest.raises(InputError):
        known.change(organisation(kind), by=somebody("company"), keywords="x")
    assert not Profile.objects.exists()


def test_a_record_carries_the_demand_as_it_was_sealed() -> None:
    company, told = organisation("company"), {"name": "x", "task": "trials.regression"}
    entry(demands.row("final", registration={"wanted": told}), company, "x")

    assert [json.loads(part.wanted) for part in known.record(company)] == [told]


def test_a_decision_that_is_not_announced_tells_nothing() -> None:
    company, demand = organisation("company"), demands.row("evaluated")
    row = entry(demand, company, "x")
    Decision.objects.create(demand=demand, comparison={}, facts={"passed": ["x"]}, adopted=row)

    assert known.record(company) == []
