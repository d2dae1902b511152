"""Matching: a hint with its reasons, from what is public, for one's own side alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.trials.web.services import companies
from madang.trials.web.services import matching as fitting
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def wanted(task: str, *subjects: str, sector: str = "") -> dict[str, object]:
    """What sealing writes down for the matching."""
    return {
        "wanted": {
            "name": "as-sealed",
            "task": task,
            "kinds": {"number": 2},
            "subjects": sorted(subjects),
            "tiers": ["python"],
            "sector": sector,
        }
    }


def test_a_company_sees_first_what_it_says_it_can_do(client: Client) -> None:
    member = somebody("company")
    company = home_of(member)
    companies.change(
        company, by=member, tasks=["trials.regression"], keywords="예후", is_public=True
    )
    for name, facts in (
        ("far", wanted("trials.forecasting", "교통")),
        ("near", wanted("trials.regression", "예후", "환자")),
    ):
        facts["wanted"]["name"] = name  # type: ignore[index]
        demands.row("open", name=name, registration=facts, task=facts["wanted"]["task"])  # type: ignore[index]
    enter(client, member)
    page = client.get("/trials/matching")

    assert [each.thing.name for each in page.context["found"]] == ["near", "far"]
    # Same kind of task by its own word (0.30 · 0.5), and every word that it knows (0.25 · 1).
    assert page.context["found"][0].match.score == pytest.approx(0.4)
    assert "예후" in page.content.decode()


def test_a_field_that_both_name_counts(client: Client) -> None:
    member = somebody("company")
    companies.change(home_of(member), by=member, sectors=["health"], is_public=True)
    for sector in ("health", "defence"):
        facts = wanted("trials.regression", sector=sector)
        facts["wanted"]["name"] = sector  # type: ignore[index]
        demands.row("open", name=sector, registration=facts, sector=sector)
    found = fitting.demands_of(home_of(member))

    # The weight of the field, and nothing else in common.
    assert [(each.thing.name, each.match.score) for each in found] == [
        ("health", pytest.approx(0.05)),
        ("defence", 0),
    ]


def test_only_open_demands_are_matched() -> None:
    company = organisation("company")
    for state in ("draft", "sealed", "evaluating", "final", "withdrawn"):
        demands.row(state)
    shown = demands.row("posted")

    assert [each.thing for each in fitting.demands_of(company)] == [shown]


def test_an_owner_sees_companies_that_show_themselves(client: Client) -> None:
    shown, hidden = somebody("company"), somebody("company")
    companies.change(home_of(shown), by=shown, sectors=["health"], is_public=True)
    companies.change(home_of(hidden), by=hidden, sectors=["health"], is_public=False)
    demand = demands.row("open", sector="health")
    enter(client, somebody("agency", demand.agency))
    page = client.get(f"/trials/matching?demand={demand.name}")

    assert [each.thing for each in page.context["found"]] == [home_of(shown)]


def test_nobody_matches_for_others(client: Client) -> None:
    demand, company = demands.row("open"), organisation("company")
    for role in ("company", "agency", "officer"):
        enter(client, somebody(role))
        assert client.get(f"/trials/matching?demand={demand.name}").status_code == 404
        assert client.get(f"/trials/matching?company={company.slug}").status_code == 404


def test_matching_needs_somebody(client: Client) -> None:
    assert client.get("/trials/matching").status_code == 302


@pytest.mark.parametrize("role", ["company", "agency", "officer", "evaluator", "auditor"])
def test_without_anything_to_match_the_page_says_what_it_is_for(client: Client, role: str) -> None:
    enter(client, somebody(role))

    assert client.get("/trials/matching").status_code == 200
