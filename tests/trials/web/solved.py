"""Trials of the site for tests: handed in, run, compared and decided by the real worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.models import JobRun
from madang.portal.queue import leases
from madang.portal.worker import settle_ended
from madang.trials.web.models import Demand, Submission
from madang.trials.web.services import decisions, submissions, teams
from madang.trials.web.services import demands as written
from tests.portal.people import home_of, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from datetime import datetime

    from madang.portal.models import Organisation, User

LINE = b"""
import numpy as np

def fit(inputs, outcomes, task):
    return np.polyfit(inputs["x"].to_numpy(), outcomes["y"].to_numpy(), 1)

def predict(model, inputs, task):
    return np.polyval(model, inputs["x"].to_numpy())
"""
SIGN = b"""
import numpy as np

def predict(model, inputs, task):
    return 1 + 4 * np.sign(inputs["x"].to_numpy())
"""
CANARY = "the-canary-of-a-sealed-row"
CRASHER = f"""
def predict(model, inputs, task):
    raise ValueError("{CANARY} " + repr(inputs.iloc[0].to_dict()))
""".encode()

RUBRIC = {
    "criteria": [
        {
            "name": name,
            "title": {"ko": ko, "en": en},
            "weight": weight,
            "anchors": [
                {"level": 1, "meaning": {"ko": "부족함", "en": "poor"}},
                {"level": 2, "meaning": {"ko": "보통", "en": "fair"}},
                {"level": 3, "meaning": {"ko": "뛰어남", "en": "excellent"}},
            ],
        }
        for name, ko, en, weight in (
            ("fit", "업무 적합성", "Fit for the work", 2.0),
            ("care", "운영 준비", "Ready to be run", 1.0),
        )
    ],
    "fewest": 2,
}
"""Two criteria of three levels; two evaluators a team."""


def opened(cases: int = 900, **given: Any) -> Demand:
    """A demand that takes submissions; 900 cases let the board tell a line from a median."""
    by = given.pop("by", None) or somebody("officer")
    agency = given.pop("agency", None) or home_of(somebody("agency"))
    rubric = given.pop("rubric", {})
    draft = written.draft(
        by=by,
        agency=agency,
        ministry=home_of(by),
        name=demands.name(),
        plain=demands.plain(**given),
        sector="health",
    )
    draft = written.change(draft, by=by, **demands.dates(clock.now()), rubric=rubric)
    return demands.post_now(demands.with_table(draft, demands.csv(demands.table(cases))))


def after_closing(demand: Demand) -> datetime:
    """A moment after submissions have closed."""
    demand.refresh_from_db()
    assert demand.closes is not None
    return demand.closes + timedelta(hours=1)


def hand_in(
    demand: Demand, source: bytes = LINE, *, by: User | None = None, name: str = "line"
) -> Submission:
    """A solution in Python, by a new company unless somebody is named."""
    by = by or somebody("company")
    return submissions.hand_in(
        demand,
        home_of(by),
        by=by,
        name=name,
        titles=words(f"{name} 해법", f"the solution {name}"),
        tier="python",
        files={"solution.py": source},
    )


def owner(demand: Demand) -> User:
    """Who decides on the demand."""
    return demand.posted_by


def compared(demand: Demand) -> Demand:
    """The demand after its final comparison."""
    with clock.stopped_at(after_closing(demand)):
        decisions.close(demand, by=owner(demand))
    done = demands.worked(demand)
    assert done.state == "evaluated"
    return Demand.objects.get(pk=demand.pk)


def announced(demand: Demand) -> Demand:
    """The demand with its decision announced and its report signed."""
    demand = compared(demand) if demand.state == "open" else demand
    with clock.stopped_at(after_closing(demand)):
        decisions.announce(demand, by=owner(demand))
    demands.worked(demand)
    return Demand.objects.get(pk=demand.pk)


def lose(run: str) -> None:
    """Let the platform fail a run: as many workers as it has attempts die over it."""
    queue = leases()
    attempts = JobRun.objects.get(id=run).attempts
    JobRun.objects.filter(id=run).update(priority=9)
    now = clock.now()
    for attempt in range(attempts):
        with clock.stopped_at(now + timedelta(hours=2 * attempt)):
            lease = queue.claim("dying", lease_s=1)
        assert lease is not None and lease.id == run
        with clock.stopped_at(now + timedelta(hours=2 * attempt + 1)):
            queue.expire()
    settle_ended()


def row_of(demand: Demand, company: Organisation, by: User, **given: Any) -> Submission:
    """A bare submission with nothing behind it."""
    team = teams.Team.objects.create(demand=demand, lead=company, name=str(company.slug))
    teams.TeamMember.objects.create(team=team, company=company, agreed=clock.now())
    number = Submission.objects.count()
    return Submission.objects.create(
        **{
            **{"id": f"submission-{demand.pk}-{number}", "demand": demand, "team": team},
            **{"company": company, "by": by, "name": f"s{number}", "title_ko": "해법"},
            **{"title_en": "Solution", "tier": "python", "digest": "0" * 64},
            "run": f"run-{demand.pk}-{number}",
            **given,
        }
    )
