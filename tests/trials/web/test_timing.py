"""The clock of a demand: dates move its state, and nothing else does by itself."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal.models import LogEntry
from madang.portal.worker import work
from madang.trials.engine.errors import PhaseClosed
from madang.trials.engine.period import KOREA
from madang.trials.engine.phases import Act
from madang.trials.web.services import demands as acts
from madang.trials.web.services import intake, timing
from tests.portal.people import enter, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NOW = clock.now().replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "opens", "closes", "then"),
    [
        ("posted", NOW + DAY, NOW + 2 * DAY, "posted"),
        ("posted", NOW, NOW + DAY, "open"),
        ("posted", NOW - DAY, NOW, "evaluating"),
        ("open", NOW - DAY, NOW + DAY, "open"),
        ("open", NOW - DAY, NOW, "evaluating"),
        ("draft", NOW - 2 * DAY, NOW - DAY, "draft"),
        ("sealed", NOW - 2 * DAY, NOW - DAY, "sealed"),
        ("withdrawn", NOW - 2 * DAY, NOW - DAY, "withdrawn"),
        ("evaluated", NOW - 2 * DAY, NOW - DAY, "evaluated"),
        ("final", NOW - 2 * DAY, NOW - DAY, "final"),
    ],
)
def test_a_date_that_has_come_moves_the_state(state, opens, closes, then) -> None:
    demand = demands.row(state, opens=opens, closes=closes)

    assert timing.state_at(demand, NOW) == then
    assert timing.advance(demand, NOW) is (then != state)
    demand.refresh_from_db()
    assert demand.state == then


def test_a_move_is_recorded_once_however_often_one_looks() -> None:
    demand = demands.row("open", closes=NOW - DAY)
    stale = type(demand).objects.get(pk=demand.pk)

    assert timing.advance(demand, NOW)
    assert not timing.advance(stale, NOW)
    assert timing.advance_due(NOW) == 0
    assert LogEntry.objects.filter(predicate_type__contains="demand-phase").count() == 1


def test_an_idle_worker_follows_the_clock() -> None:
    demand = demands.row("posted", opens=NOW - DAY)
    work(until_idle=True, lease_s=30)
    demand.refresh_from_db()

    assert demand.state == "open"


def test_a_reader_sees_the_phase_of_this_moment(client: Client) -> None:
    demand = demands.row("posted", opens=NOW - DAY)

    assert "접수 중" in client.get(demand.get_absolute_url()).content.decode()


def test_a_date_is_put_off_with_its_reason_for_all_to_read(client: Client) -> None:
    demand = demands.row("open", closes=NOW + 2 * DAY, questions_until=NOW + DAY)
    enter(client, somebody("agency", demand.agency))
    url = reverse("trials:put-off", args=[demand.name])
    later = (NOW + 5 * DAY).astimezone(KOREA).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(url, {"which": "closes", "to": later, "reason": "자료가 늦어졌습니다."})
    before = demand.closes
    demand.refresh_from_db()

    assert answer.status_code == 302
    assert demand.closes > before
    client.logout()
    assert "자료가 늦어졌습니다." in client.get(demand.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("which", "days", "reason"),
    [("closes", -1, "x"), ("closes", 1, "  "), ("questions_until", 60, "x"), ("opens", 9, "x")],
)
def test_no_date_is_brought_forward_or_out_of_order(
    client: Client, which: str, days: int, reason: str
) -> None:
    demand = demands.row("open", closes=NOW + 2 * DAY, questions_until=NOW + DAY)
    enter(client, somebody("agency", demand.agency))
    moment = (demand.closes + days * DAY).astimezone(KOREA).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(
        reverse("trials:put-off", args=[demand.name]),
        {"which": which, "to": moment, "reason": reason},
    )
    before = (demand.closes, demand.questions_until)
    demand.refresh_from_db()

    assert answer.status_code == 422
    assert (demand.closes, demand.questions_until) == before


@pytest.mark.parametrize("state", ["evaluating", "decided", "live", "withdrawn"])
def test_a_date_is_put_off_only_while_submissions_may_come(state: str) -> None:
    told = {"withdrawn": {"at": clock.stamp(NOW - DAY), "reason": "x"}}
    dates = {"questions_until": NOW - 3 * DAY, "opens": NOW - 2 * DAY, "closes": NOW - DAY}
    demand = demands.row(state, timetable=told, decide_by=NOW + DAY, **dates)

    with pytest.raises(PhaseClosed):
        timing.put_off(
            demand, "decision_by", NOW + 9 * DAY, reason="x", by=demand.posted_by, name="x"
        )


def test_a_withdrawn_demand_says_why_and_takes_nothing(client: Client) -> None:
    demand = demands.row("open")
    owner = somebody("agency", demand.agency)
    enter(client, owner)
    url = reverse("trials:withdraw", args=[demand.name])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "예산이 없어졌습니다."}).status_code == 302

    client.logout()
    page = client.get(demand.get_absolute_url()).content.decode()
    assert "예산이 없어졌습니다." in page
    demand.refresh_from_db()
    assert not timing.allows(demand, Act.ASK)


@pytest.mark.parametrize("state", ["decided", "final", "adopting", "live", "ended"])
def test_a_decided_demand_cannot_be_withdrawn(state: str) -> None:
    dates = {"questions_until": NOW - 3 * DAY, "opens": NOW - 2 * DAY, "closes": NOW - DAY}
    demand = demands.row(state, decide_by=NOW, **dates)

    with pytest.raises(PhaseClosed):
        acts.withdraw(demand, by=demand.posted_by, reason="x")


def test_tables_that_nobody_knows_are_swept_away_and_no_others() -> None:
    known = intake.take([b"id\n1\n"], name="a.csv")
    stray, fresh = (intake.take([b"id\n1\n"], name="a.csv") for _ in range(2))
    demands.row("draft", table=known)
    for each in (known, stray):
        hours_ago = clock.epoch_s() - 2 * intake.STRAY_S
        os.utime(intake.folder() / each["file"], (hours_ago, hours_ago))
    timing.tick()

    here = {file.name for file in intake.folder().iterdir()}
    assert {known["file"], fresh["file"]} <= here
    assert stray["file"] not in here
