"""Plans, milestones and causes: kept by officers, remembered in the log, shown at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.kernel.evidence.statement import predicate_type
from madang.portal.models import LogEntry
from madang.programme.web.models import CauseNote, Milestone, Plan
from madang.programme.web.services.picture import picture
from tests.portal.people import enter, somebody
from tests.programme.web.hands import AUTUMN, booked, spent, two

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
MONTHS = {f"month-2025-{month:02}": "" for month in range(7, 13)}


def recorded(noun: str) -> int:
    """How many entries of that kind the log has."""
    return LogEntry.objects.filter(predicate_type=predicate_type(noun)).count()


def test_a_plan_whose_months_add_up_is_kept(client: Client) -> None:
    enter(client, two()[0])
    months = {**MONTHS, "month-2025-10": "10억원", "month-2025-12": "2,000,000,000"}

    answer = client.post("/programme/lines/rpki/plan", {"act": "plan", **months})

    assert answer.status_code == 302
    assert dict(Plan.objects.filter(amount_krw__gt=0).values_list("month", "amount_krw")) == {
        date(2025, 10, 1): 1_000_000_000,
        date(2025, 12, 1): 2_000_000_000,
    }
    assert recorded("plan-changed") == 1
    row = picture(date(2025, 10, 31)).row("rpki")
    assert row is not None
    assert (row.planned_krw, row.is_own_plan) == (1_000_000_000, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2,999,999,999", "차이 1원"),
        ("30억5천 원쯤", "필요한 내용"),
        ("=1+1", "필요한 내용"),
    ],
)
def test_a_plan_that_does_not_add_up_is_refused_and_keeps_what_was_typed(
    client: Client, typed: str, said: str
) -> None:
    enter(client, two()[0])

    answer = client.post(
        "/programme/lines/rpki/plan", {"act": "plan", **MONTHS, "month-2025-10": typed}
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert typed in answer.content.decode()
    assert not Plan.objects.exists()


def test_without_a_plan_even_spending_after_a_start_is_the_measure() -> None:
    row = picture(date(2025, 12, 31)).row("rpki")

    assert row is not None
    assert row.planned_krw == 3_000_000_000
    assert not row.is_own_plan
    # 60 days after the vote of 6 July spending may begin: nothing is planned before September.
    assert row.plan.by(date(2025, 8, 31)) == 0


def test_a_milestone_is_set_reached_and_taken_back(client: Client) -> None:
    enter(client, two()[0])
    with clock.stopped_at(AUTUMN):
        given = {"act": "milestone", "title_ko": "사업자 공고", "due": "2025-10-01"}
        client.post("/programme/lines/rpki/plan", given)
        made = Milestone.objects.get()
        page = client.get("/programme/lines/rpki").content.decode()
        days = []
        for day in ("2025-10-20", "2025-12-01", ""):
            reached = {"act": "reached", "milestone": made.pk, "reached_on": day}
            status = client.post("/programme/lines/rpki/plan", reached).status_code
            made.refresh_from_db()
            days.append((status, made.reached_on))

    assert "사업자 공고" in page
    assert "늦음" in page
    # The second day lies in the future.
    assert days == [(302, date(2025, 10, 20)), (422, date(2025, 10, 20)), (302, None)]


def test_a_milestone_of_another_line_is_not_touched(client: Client) -> None:
    enter(client, two()[0])
    other = Milestone.objects.create(line="npu", title_ko="다른 이정표", due=date(2025, 9, 1))

    given = {"act": "reached", "milestone": other.pk, "reached_on": "2025-09-01"}
    answer = client.post("/programme/lines/rpki/plan", given)

    other.refresh_from_db()
    assert answer.status_code == 422
    assert other.reached_on is None


def test_a_cause_that_an_officer_says_takes_the_place_of_the_suggestion(client: Client) -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)
    enter(client, maker)
    given = {"cause": "late_procedure", "reason": "유찰로 재공고함", "act_until": "2025-11-30"}

    with clock.stopped_at(AUTUMN):
        answer = client.post("/programme/lines/rpki/cause", given)
        row = picture().row("rpki")
        before = picture(date(2025, 9, 30)).row("rpki")

    assert answer.status_code == 302
    assert row is not None
    assert before is not None
    assert (row.standing.cause.value, row.standing.is_confirmed) == ("late_procedure", True)
    assert not before.standing.is_confirmed
    assert CauseNote.objects.get().by == maker
    assert recorded("cause-said") == 1


def test_who_has_no_right_changes_nothing(client: Client) -> None:
    enter(client, somebody("officer"))

    for path in ("/programme/lines/rpki/plan", "/programme/lines/rpki/cause", "/programme/work"):
        assert client.get(path).status_code == 403
        assert client.post(path, {"act": "plan"}).status_code == 403
    assert client.get("/programme/lines/nothing/plan").status_code == 403


def test_an_officer_is_told_what_waits(client: Client) -> None:
    from madang.programme.web.services import acts
    from tests.programme.web.hands import entry

    maker, checker = two()
    booked(spent(maker), maker, checker)
    with clock.stopped_at(AUTUMN):
        acts.put_forward([entry("w", 1000)], kind="booking", title="기다리는 기록", by=maker)
        enter(client, checker)
        page = client.get("/programme/work").content.decode()
        enter(client, maker)
        own = client.get("/programme/work").content.decode()

    assert "기다리는 기록" in page
    assert "기다리는 기록" not in own
    assert "2025년 07월 마감" in page
    assert "실집행이 계획보다" in page


def test_a_line_that_is_acted_on_waits_no_longer_until_its_day(client: Client) -> None:
    from madang.programme.web.services import duties, plans

    maker, checker = two()
    booked(spent(maker), maker, checker)
    with clock.stopped_at(AUTUMN):
        late = picture().late
        plans.say_why(
            late[0].line.id,
            by=maker,
            cause="unprepared",
            reason="다음 주 공고",
            act_until=date(2025, 11, 20),
        )
        acted = [str(each.title) for each in duties._late()]
    with clock.stopped_at(datetime(2025, 11, 25, tzinfo=UTC)):
        again = [str(each.title) for each in duties._late()]

    assert str(late[0].line.title) not in acted
    assert str(late[0].line.title) in again
