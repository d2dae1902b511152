"""What the example of a new site proves, once its worker has done the demonstration's runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock, systems
from madang.portal import example, worker
from madang.portal.models import JobRun
from madang.programme.web.models import CountedStatement, IndicatorStanding
from madang.programme.web.services import indicators
from madang.trials.web.services import adoptions, decisions
from tests.portal.people import somebody
from tests.trials.web import adopted, demands, solved

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from madang.trials.web.models import Demand

LEASE_S = 30.0


@pytest.fixture(autouse=True)
def _folder(trial_folder: Path) -> None:
    """The site works where the trials' scorer lives."""


def states() -> dict[str, str]:
    return {each.id: each.state for line in indicators.of_lines().values() for each in line}


@pytest.mark.bwrap
@pytest.mark.django_db
def test_the_runs_of_the_demonstration_turn_exactly_its_indicators_to_proved() -> None:
    example.create()
    for system in systems.installed():
        if system.seed:
            systems.load(system.seed, extra=system.extra)(lambda told: None)
    indicators.look()
    before = states()

    worker.work(until_idle=True, lease_s=LEASE_S)
    indicators.look()

    done = JobRun.objects.filter(job="trials.run", state="done").count()
    # The demonstration hands in six solutions, one of which does what the jail forbids.
    assert done == 5
    assert "proved" not in before.values()
    proved = {name for name, state in states().items() if state == "proved"}
    assert proved == {"solutions-tried", "prognosis-models"}
    assert "broken" not in states().values()
    values = {each.id: each.value for line in indicators.of_lines().values() for each in line}
    assert values["solutions-tried"] == values["prognosis-models"] == done


@pytest.mark.bwrap
@pytest.mark.django_db
def test_a_real_trial_proves_what_was_tried_and_then_what_was_adopted(client: Client) -> None:
    demand = solved.opened()
    tried = solved.hand_in(demand)
    demands.worked(demand)
    indicators.look()
    before = states()

    pair = begun(solved.announced(solved.compared(demand)))
    adopted.gone_live(adopted.Act(client, pair), pair)
    indicators.look()

    assert before["solutions-tried"] == "proved"
    assert before["demands-adopted"] == "unproved"
    # Its task is another than one of prognosis.
    assert {name for name, state in states().items() if state == "proved"} == {
        "solutions-tried",
        "demands-adopted",
    }
    (row,) = CountedStatement.objects.filter(indicator="demands-adopted")
    assert [each["digest"] for each in row.files] == list(tried.files.values())
    # One solution, run for the board and for the final comparison.
    assert CountedStatement.objects.filter(indicator="solutions-tried").count() == 2
    assert IndicatorStanding.objects.get(pk="solutions-tried").value == 1


def begun(demand: Demand) -> adopted.Pair:
    """The adoption of a solution by the final decision, and somebody of each side."""
    assert demand.objections_until is not None
    with clock.stopped_at(demand.objections_until + timedelta(minutes=1)):
        decisions.confirm(demand, by=solved.owner(demand))
        adoption = adoptions.begin(demand, by=solved.owner(demand))
    agency, company = (
        somebody("agency", adoption.agency),
        somebody("company", adoption.company),
    )
    return adopted.Pair(adoption, agency, company)
