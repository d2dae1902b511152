"""The catalogue: what was posted, narrowed by its address, the same as page, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.kernel import clock
from madang.trials.web.services import drafts
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def row(state: str = "open", **given: Any) -> Demand:
    """A row whose searched words are as a service writes them."""
    demand = demands.row(state, **given)
    demand.sought = drafts.sought(demand)
    demand.save(update_fields=["sought"])
    return demand


def names(client: Client, query: str = "") -> list[str]:
    """The demands on the first page of an address, in their order."""
    page = client.get(f"/trials/{query}")
    assert page.status_code == 200
    return [each["demand"].name for each in page.context["rows"]]


def test_what_was_never_posted_is_in_no_list_and_no_file(client: Client) -> None:
    shown = {row(state).name for state in ("posted", "open", "live", "withdrawn")}
    for state in ("draft", "sealing", "sealed"):
        row(state)
    row("withdrawn", posted=None)

    assert set(names(client)) == shown
    as_json = json.loads(client.get("/trials/?format=json").content)
    assert {each["name"] for each in as_json["demands"]} == shown


@pytest.mark.parametrize("text", ["심장", "HEART", "ÉTÉ", "heart 예후", "가온", "입원", "days"])
def test_every_word_is_sought_in_title_agency_and_problem(client: Client, text: str) -> None:
    agency = organisation("agency", "가온")
    found = row(
        agency=agency,
        title_ko="심장 예후",
        title_en="Heart prognosis (été)",
        problem_ko="입원 기간을 미리 압니다.",
        problem_en="Know the days in hospital ahead.",
    )
    row(title_ko="교통", title_en="Traffic")

    assert names(client, f"?q={text}") == [found.name]
    assert names(client, f"?q={text}+없는말") == []


@pytest.mark.parametrize("text", ["%", "_", "100%", "'; drop table trials_demand; --", "\\", '"'])
def test_a_sign_of_sql_is_a_sign(client: Client, text: str) -> None:
    row(title_ko="아무 수요")
    marked = row(title_ko=f"표시 {text} 있음")

    assert names(client, f"?q={text.replace('%', '%25').replace(';', '%3B')}") == [marked.name]


def test_each_filter_narrows_by_its_own(client: Client) -> None:
    one = row("open", task="trials.regression", sector="health")
    other = row("live", task="prognosis.survival", sector="welfare")

    for query in ("state=open", "task=trials.regression", "sector=health"):
        assert names(client, f"?{query}") == [one.name]
    assert names(client, f"?agency={other.agency.slug}") == [other.name]
    assert names(client, "?state=open&sector=welfare") == []


@pytest.mark.parametrize(
    "query",
    [
        "state=draft",
        "state=nothing",
        "task=<script>",
        "page=-1",
        "page=x",
        "page=99999999999999999999",
        "sort=password",
        "agency='",
        "q=" + "x" * 200,
        "closing=maybe",
        "state=open&state=live",
        "q=%00",
    ],
)
def test_an_address_that_makes_no_sense_is_passed_over(client: Client, query: str) -> None:
    row("open")
    page = client.get(f"/trials/?{query}")

    assert page.status_code == 200
    assert "<script>" not in page.content.decode().partition("<main")[2]


def test_closing_soon_is_within_seven_days_and_still_open(client: Client) -> None:
    now = clock.now()
    soon = row("open", closes=now + 6 * DAY, questions_until=now + DAY)
    row("open", closes=now + 8 * DAY, questions_until=now + DAY)
    row("live", closes=now + 6 * DAY)

    assert names(client, "?closing=on") == [soon.name]


def test_the_order_is_that_of_the_address(client: Client) -> None:
    now = clock.now()
    first = row("open", posted=now - 9 * DAY, closes=now + 40 * DAY, submission_count=5)
    last = row("open", posted=now - 2 * DAY, closes=now + 50 * DAY, submission_count=9)

    assert names(client) == [last.name, first.name]
    assert names(client, "?sort=posted") == [first.name, last.name]
    assert names(client, "?sort=closes") == [first.name, last.name]
    assert names(client, "?sort=-submissions") == [last.name, first.name]


def test_a_file_holds_every_page_and_no_formula(client: Client) -> None:
    for number in range(25):
        row(title_ko=f"=1+{number}")
    answer = client.get("/trials/?format=csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))

    assert client.get("/trials/").context["count"] == len(lines) == 25
    assert {each["title_ko"][:2] for each in lines} == {"'="}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_date_that_has_come_shows_in_the_list_at_once(client: Client) -> None:
    demand = row("open", closes=clock.now() - DAY, questions_until=clock.now() - 2 * DAY)

    assert names(client, "?state=evaluating") == [demand.name]


def test_lists_ask_as_often_for_many_as_for_few(client: Client) -> None:
    enter(client, somebody("officer"))

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    addresses = ["/trials/", "/trials/?q=수요", "/trials/own", "/trials/?sort=closes&closing=on"]
    row()
    few = {address: asked(address) for address in addresses}
    for _ in range(30):
        row()
    assert {address: asked(address) for address in addresses} == few


def test_own_demands_are_those_of_agency_and_ministry(client: Client) -> None:
    officer, staff = somebody("officer"), somebody("agency")
    mine = row("draft", agency=home_of(staff), ministry=home_of(officer))
    row("draft")
    for user in (officer, staff):
        enter(client, user)
        page = client.get("/trials/own")
        assert [each["demand"].name for each in page.context["rows"]] == [mine.name]
    enter(client, somebody("company"))
    assert client.get("/trials/own").status_code == 403


def test_an_empty_catalogue_says_what_it_will_show(client: Client) -> None:
    assert "아직 공고한 수요가 없습니다" in client.get("/trials/").content.decode()
    assert "조건에 맞는 수요가 없습니다" in client.get("/trials/?q=x").content.decode()
