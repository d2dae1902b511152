"""The thread of a demand: companies ask while they may, its owners answer, everybody reads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.portal.models import LogEntry
from madang.trials.engine.errors import PhaseClosed
from madang.trials.web.models import Question
from madang.trials.web.services import questions
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db


@pytest.fixture
def demand() -> Demand:
    return demands.row("open")


def ask(client: Client, demand: Demand, text: str, **given: object) -> int:
    """Ask as the company of whoever is signed in; gives the status."""
    answer = client.post(f"{demand.get_absolute_url()}/ask", {"text": text, **given})
    return answer.status_code


def test_a_question_and_its_answer_are_read_by_all(client: Client, demand: Demand) -> None:
    company, owner = somebody("company"), somebody("agency", demand.agency)
    enter(client, company)
    assert ask(client, demand, "자료는 언제 것입니까?", organisation=home_of(company).pk) == 302
    (question,) = Question.objects.all()

    enter(client, owner)
    url = f"{demand.get_absolute_url()}/questions"
    assert client.post(f"{url}/{question.pk}/answer", {"text": "지난해입니다."}).status_code == 302
    client.logout()
    page = client.get(url).content.decode()
    assert "자료는 언제 것입니까?" in page
    assert "지난해입니다." in page
    nouns = [each.predicate_type.split("/")[-2] for each in LogEntry.objects.all()]
    assert nouns == ["question-asked", "question-answered"]


def test_nobody_asks_in_the_name_of_another_company(client: Client, demand: Demand) -> None:
    enter(client, somebody("company"))

    assert ask(client, demand, "?", organisation=organisation("company").pk) == 422
    assert not Question.objects.exists()


@pytest.mark.parametrize("role", ["agency", "officer", "evaluator", "operator"])
def test_only_companies_ask(client: Client, demand: Demand, role: str) -> None:
    enter(client, somebody(role))

    assert ask(client, demand, "묻습니다.", organisation=demand.agency.pk) == 403
    assert not Question.objects.exists()


def test_another_agency_cannot_answer(client: Client, demand: Demand) -> None:
    company = organisation("company")
    row = Question.objects.create(demand=demand, organisation=company, text="?")
    enter(client, somebody("agency"))
    url = f"{demand.get_absolute_url()}/questions/{row.pk}/answer"

    assert client.get(url).status_code == 404
    assert client.post(url, {"text": "답"}).status_code == 404
    row.refresh_from_db()
    assert row.answered is None


def test_a_question_is_answered_in_its_own_demand_alone(client: Client, demand: Demand) -> None:
    other = demands.row("open", agency=demand.agency)
    row = Question.objects.create(demand=other, organisation=organisation("company"), text="?")
    enter(client, somebody("agency", demand.agency))

    url = f"{demand.get_absolute_url()}/questions/{row.pk}/answer"
    assert client.post(url, {"text": "답"}).status_code == 404


@pytest.mark.parametrize(
    ("state", "dates", "status"),
    [
        ("open", {}, 302),
        ("posted", {}, 302),
        ("open", {"questions_until": timedelta(minutes=-1)}, 422),
        ("evaluating", {"closes": timedelta(minutes=-1)}, 422),
        ("withdrawn", {"timetable": {"withdrawn": {"at": "2026-01-01T00:00:00Z"}}}, 422),
    ],
)
def test_questions_are_taken_from_posting_to_their_own_date(
    client: Client, state: str, dates: dict[str, object], status: int
) -> None:
    now = clock.now()
    given = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in dates.items()
    }
    if "closes" in given:
        given |= {"questions_until": now - timedelta(days=1)}
    demand = demands.row(state, **given)
    company = somebody("company")
    enter(client, company)

    assert ask(client, demand, "묻습니다.", organisation=home_of(company).pk) == status


@pytest.mark.parametrize("text", ["", "   ", "가" * 4001])
def test_an_empty_or_endless_question_is_refused_and_kept_in_the_form(
    client: Client, demand: Demand, text: str
) -> None:
    company = somebody("company")
    enter(client, company)
    answer = client.post(
        f"{demand.get_absolute_url()}/ask", {"text": text, "organisation": home_of(company).pk}
    )

    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert not Question.objects.exists()


def test_a_script_in_a_question_is_text(client: Client, demand: Demand) -> None:
    company = somebody("company")
    enter(client, company)
    ask(client, demand, "<script>alert(1)</script>", organisation=home_of(company).pk)

    page = client.get(f"{demand.get_absolute_url()}/questions").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_no_company_floods_the_thread(client: Client, demand: Demand) -> None:
    company = somebody("company")
    enter(client, company)
    found = [ask(client, demand, f"{n}?", organisation=home_of(company).pk) for n in range(21)]

    # Twenty may wait for an answer.
    assert found == [302] * 20 + [422]


def test_a_mended_answer_leaves_both_marks_in_the_log(client: Client, demand: Demand) -> None:
    row = Question.objects.create(demand=demand, organisation=organisation("company"), text="?")
    enter(client, somebody("agency", demand.agency))
    url = f"{demand.get_absolute_url()}/questions/{row.pk}/answer"
    for text in ("처음", "나중"):
        client.post(url, {"text": text})
    row.refresh_from_db()

    assert row.answer == "나중"
    contents = [bytes(each.content) for each in LogEntry.objects.order_by("index")]
    assert [b'"before"' in each for each in contents] == [False, True]


def test_an_answer_that_comes_after_the_closing_is_refused() -> None:
    now = clock.now()
    demand = demands.row(
        "evaluating", closes=now - timedelta(hours=1), questions_until=now - timedelta(hours=2)
    )
    row = Question.objects.create(demand=demand, organisation=organisation("company"), text="?")

    with pytest.raises(PhaseClosed):
        questions.answer(row, by=demand.posted_by, text="늦은 답")
    row.refresh_from_db()
    assert row.answered is None


@pytest.mark.parametrize("text", ["", " \n ", "가" * 4001])
def test_no_program_asks_nothing_or_too_much_either(demand: Demand, text: str) -> None:
    company = organisation("company")

    with pytest.raises(InputError):
        questions.ask(demand, organisation=company, by=somebody("company", company), text=text)
