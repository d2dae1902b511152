"""Objections: by who took part, within the window, answered once, seen by those they concern."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal.models import LogEntry
from madang.trials.engine.errors import ObjectionError, PhaseClosed
from madang.trials.web.models import Decision, Demand, Objection, TeamMember
from madang.trials.web.services import decisions, objections
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

    from madang.portal.models import User

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "봉인 자료의 일부가 공고와 다릅니다."


def decided() -> tuple[Demand, User, datetime]:
    """A decided demand, somebody of the company that took part, and a moment in the window."""
    now = clock.now().replace(microsecond=0)
    ministry = organisation("ministry")
    demand = demands.row(
        "decided",
        by=somebody("officer", ministry),
        ministry=ministry,
        opens=now - timedelta(days=8),
        closes=now - timedelta(days=3),
        questions_until=now - timedelta(days=4),
        decide_by=now - timedelta(days=2),
        registration={},
        baselines={},
    )
    user = somebody("company")
    solved.row_of(demand, home_of(user), user, final_run="final", state="done")
    Decision.objects.create(
        demand=demand,
        comparison={"primary": {"scores": {}, "against_baseline": {}}, "all": {}, "cases": 1},
        facts={"passed": [], "adopted": None, "equals": [], "failed_guard": {}},
        announced=now - timedelta(days=1),
        computed=now - timedelta(days=2),
    )
    return Demand.objects.get(pk=demand.pk), user, now


def filed(demand: Demand, user: User, **given: Any) -> Objection:
    """An objection by somebody's company."""
    values = {"ground": "data", "text": WHY, **given}
    return objections.file(demand, home_of(user), by=user, **values)


def address(name: str, demand: Demand, *more: Any) -> str:
    return reverse(f"trials:{name}", args=[demand.name, *more])


def test_who_took_part_objects_and_the_owners_answer(client: Client) -> None:
    demand, user, _ = decided()
    enter(client, user)
    page = client.get(address("objections", demand)).content.decode()
    given = {"company": home_of(user).slug, "ground": "data", "text": WHY}
    client.post(address("objections", demand), given)
    row = Objection.objects.get()
    enter(client, demand.posted_by)
    told = client.get(address("objections", demand)).content.decode()
    answered = client.post(
        address("objection_answer", demand, row.pk), {"outcome": "rejected", "text": "같은 자료"}
    )

    assert "이의신청하기" in page
    assert WHY in told
    assert answered.status_code == 302
    row.refresh_from_db()
    assert (row.outcome, row.answer, row.answered_by) == (
        "rejected",
        "같은 자료",
        demand.posted_by,
    )
    mine = enter(client, user).get(address("objections", demand)).content.decode()
    assert "같은 자료" in mine and "기각" in mine
    kinds = LogEntry.objects.filter(subject__startswith="objection/").order_by("index")
    assert [each.predicate_type.rpartition("/v")[0].rpartition("/")[2] for each in kinds] == [
        "objection-filed",
        "objection-answered",
    ]


def test_an_objection_is_seen_by_its_company_and_the_owners_alone(client: Client) -> None:
    demand, user, _ = decided()
    filed(demand, user)
    rival = somebody("company")
    solved.row_of(demand, home_of(rival), rival, final_run="final2", run="run-2", id="s-2")

    for reader in (rival, somebody("company"), somebody("agency"), somebody("evaluator")):
        told = enter(client, reader).get(address("objections", demand)).content.decode()
        assert WHY not in told
        assert "1건이 들어왔습니다" in told
    for reader in (somebody("agency", demand.agency), somebody("auditor")):
        assert WHY in enter(client, reader).get(address("objections", demand)).content.decode()
    client.logout()
    assert client.get(address("objections", demand)).status_code == 302


def test_who_did_not_hand_in_cannot_object(client: Client) -> None:
    demand, user, _ = decided()
    stranger = somebody("company")
    enter(client, stranger)
    given = {"company": home_of(stranger).slug, "ground": "data", "text": WHY}

    assert client.post(address("objections", demand), given).status_code == 404
    with pytest.raises(ObjectionError):
        filed(demand, stranger)
    enter(client, user)
    assert client.post(address("objections", demand), given).status_code == 422
    assert not Objection.objects.exists()


def test_a_member_of_a_team_objects_too_and_who_was_only_invited_does_not() -> None:
    demand, user, _ = decided()
    member = somebody("company")
    team = TeamMember.objects.get(company=home_of(user)).team
    TeamMember.objects.create(team=team, company=home_of(member), agreed=clock.now())

    assert filed(demand, member).company == home_of(member)
    invited = somebody("company")
    TeamMember.objects.create(team=team, company=home_of(invited))
    with pytest.raises(ObjectionError):
        filed(demand, invited)


def test_a_ground_is_used_once_and_has_its_reason() -> None:
    demand, user, _ = decided()
    row = filed(demand, user)
    with pytest.raises(ObjectionError):
        filed(demand, user)
    with pytest.raises(ObjectionError):
        filed(demand, user, ground="rubric", text="  ")

    objections.withdraw(row, by=user)
    assert filed(demand, user).pk != row.pk
    assert filed(demand, user, ground="rubric").ground == "rubric"


def test_the_window_ends_and_what_is_unanswered_keeps_the_decision_open() -> None:
    demand, user, _ = decided()
    row = filed(demand, user)
    until = objections.objections(demand).closes
    after = until + timedelta(minutes=1)
    officer = demand.posted_by

    with clock.stopped_at(after):
        with pytest.raises(ObjectionError):
            filed(demand, user, ground="rubric")
        with pytest.raises(PhaseClosed):
            decisions.confirm(demand, by=officer)
        objections.answer(row, by=officer, outcome="corrected", text="기록을 고쳤습니다.")
        with pytest.raises(ObjectionError):
            objections.answer(row, by=officer, outcome="rejected", text="다시")
        decisions.confirm(demand, by=officer)
        with pytest.raises(PhaseClosed):
            decisions.confirm(demand, by=officer)
    demand.refresh_from_db()

    assert demand.state == "final"
    # Seven days from the day after the announcement, to the end of a working day in Korea.
    announced = Decision.objects.get().announced
    assert announced is not None
    assert until - announced >= timedelta(days=7)


def test_nobody_answers_or_withdraws_what_is_not_theirs(client: Client) -> None:
    demand, user, _ = decided()
    row = filed(demand, user)
    other, _, _ = decided()
    answer = {"outcome": "rejected", "text": "아니오"}
    for stranger in (somebody("company"), somebody("agency"), somebody("officer"), user):
        enter(client, stranger)
        for name in ("objection_answer", "objection_withdraw"):
            if stranger == user and name == "objection_withdraw":
                continue
            assert client.post(address(name, demand, row.pk), answer).status_code in (403, 404)
    enter(client, other.posted_by)
    assert client.post(address("objection_answer", other, row.pk), answer).status_code == 404
    assert client.post(address("objection_answer", demand, row.pk), answer).status_code == 404

    row.refresh_from_db()
    assert row.answered is None and row.withdrawn is None
    enter(client, user)
    assert client.get(address("objection_withdraw", demand, row.pk)).status_code == 405
    client.post(address("objection_withdraw", demand, row.pk))
    row.refresh_from_db()
    assert row.withdrawn is not None


def test_before_a_decision_is_announced_there_is_nothing_to_object_to(client: Client) -> None:
    for state in ("open", "evaluating", "evaluated"):
        demand = demands.row(state)
        enter(client, somebody("company"))
        assert client.get(address("objections", demand)).status_code == 404


def test_script_in_a_reason_stays_text(client: Client) -> None:
    demand, user, _ = decided()
    filed(demand, user, text="<script>alert(1)</script>")

    told = enter(client, user).get(address("objections", demand)).content.decode()

    assert "<script>alert(1)" not in told
    assert "&lt;script&gt;alert(1)" in told
