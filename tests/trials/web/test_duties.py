"""What waits for whom in a trial, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal import frame
from madang.portal.access import Access
from madang.portal.models import JobRun
from madang.trials.web.models import Decision, Demand, Submission
from madang.trials.web.services import objections, rubrics, teams
from tests.portal.people import home_of, organisation, somebody
from tests.trials.web import demands, solved
from tests.trials.web.test_objections import decided, filed
from tests.trials.web.test_rubric import GOOD, judged, signed

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(user: User) -> list[tuple[str, str]]:
    """Verb and address of what waits for somebody."""
    return [(each.act.en, each.url) for each in frame.worklist(Access(user))]


def at_the_ministry(state: str, **given: Any) -> tuple[Demand, User]:
    """A demand in a state, and who decides on it."""
    ministry = organisation("ministry")
    officer = somebody("officer", ministry)
    return demands.row(state, ministry=ministry, by=officer, **given), officer


def page(demand: Demand) -> str:
    return reverse("trials:decision", args=[demand.name])


def test_who_decides_is_led_from_closing_to_the_final_decision() -> None:
    demand, officer = at_the_ministry("evaluating")
    verbs = [waiting(officer)]
    Demand.objects.update(run="comparison-x")
    verbs.append(waiting(officer))
    Demand.objects.update(state="evaluated")
    verbs.append(waiting(officer))
    Demand.objects.update(state="decided", objections_until=clock.now() + timedelta(days=1))
    verbs.append(waiting(officer))
    Demand.objects.update(objections_until=clock.now() - timedelta(days=1))
    verbs.append(waiting(officer))

    assert verbs == [
        [("Begin the final comparison", page(demand))],
        [],
        [("Announce the decision", page(demand))],
        [],
        [("Make it final", page(demand))],
    ]
    assert waiting(somebody("agency", demand.agency)) == []
    assert waiting(somebody("officer")) == waiting(somebody("company")) == []


def test_an_agency_without_a_ministry_is_led_itself() -> None:
    demand = demands.row("evaluated")

    assert waiting(somebody("agency", demand.agency)) == [("Announce the decision", page(demand))]


@pytest.mark.parametrize("lost", ["final", "comparison"])
def test_what_the_platform_failed_waits_to_be_run_again(lost: str) -> None:
    demand, officer = at_the_ministry("evaluating", run="comparison-x")
    row = solved.row_of(demand, organisation(), officer, final_run="f", final_state="done")
    if lost == "final":
        Submission.objects.update(final_state="failed", final_cause="crash")
        assert waiting(officer) == []
        Submission.objects.update(final_cause="worker_lost")
    else:
        from madang.portal.queue import enqueue, leases

        enqueue("comparison-x", "trials.compare", {"demand": demand.name, "answers": {}})
        leases().cancel("comparison-x")
        assert JobRun.objects.get(id="comparison-x").state == "cancelled"

    assert waiting(officer) == [("Run again", page(demand))]
    assert row.demand == demand


def test_an_unanswered_objection_waits_for_an_answer_and_holds_the_decision() -> None:
    demand, user, now = decided()
    Demand.objects.update(objections_until=now - timedelta(minutes=1))
    row = filed(demand, user)
    officer = demand.posted_by
    first = waiting(officer)
    objections.answer(row, by=officer, outcome="rejected", text="그대로입니다.")

    address = reverse("trials:objection_answer", args=[demand.name, row.pk])
    assert first == [("Answer", address)]
    assert waiting(officer) == [("Make it final", page(demand))]
    assert Decision.objects.get().demand == demand


def test_an_evaluator_is_asked_until_every_sheet_is_signed() -> None:
    demand, (first, second), (user, other) = judged()
    address = reverse("trials:rubric", args=[demand.name])
    steps = [waiting(user)]
    signed(first, user, GOOD)
    steps.append(waiting(user))
    rubrics.declare(second, by=user, has_conflict=True, reason="친척")
    steps.append(waiting(user))

    assert steps == [[("Judge", address)], [("Judge", address)], []]
    assert waiting(other) == [("Judge", address)]
    Demand.objects.update(state="decided")
    assert waiting(other) == []


def test_an_invitation_waits_for_the_company_that_is_invited() -> None:
    demand = demands.row()
    lead, invited = somebody("company"), somebody("company")
    team = teams.form(demand, home_of(lead), by=lead, name="함께")
    teams.invite(team, home_of(invited), by=lead)
    address = reverse("trials:team", args=[demand.name]) + f"?for={home_of(invited).slug}"

    assert waiting(invited) == [("Answer", address)]
    assert waiting(lead) == []
    teams.accept(team, home_of(invited), by=invited)
    assert waiting(invited) == []


def test_the_worklist_asks_the_same_however_much_waits(
    django_assert_max_num_queries: Any,
) -> None:
    demand, officer = at_the_ministry("evaluated")
    few = Access(officer)
    with django_assert_max_num_queries(14) as first:
        assert len(frame.worklist(few)) == 1
    for _ in range(20):
        demands.row("evaluated", ministry=demand.ministry, by=officer)

    with django_assert_max_num_queries(14) as second:
        assert len(frame.worklist(Access(officer))) == 21
    assert len(first) == len(second)
