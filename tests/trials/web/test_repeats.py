"""What the platform failed is run again, once, in the place of the run that failed."""

from __future__ import annotations

import pytest
from django.test import Client

from madang.kernel import systems
from madang.portal import runs, worker
from madang.portal.models import JobRun
from madang.portal.queue import leases
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import PhaseClosed
from madang.trials.web.models import Submission
from madang.trials.web.services import repeats
from tests.portal.people import enter, somebody
from tests.trials.web import solved

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bwrap]


def failed(cause: str) -> Submission:
    """A submission whose run failed so."""
    solved.hand_in(solved.opened(cases=240))
    lease = leases().claim("w", lease_s=60, jobs=["trials.run"])
    assert lease
    leases().fail(lease, cause, retry=False)
    worker.settle_ended()
    return Submission.objects.get()


@pytest.mark.parametrize("cause", ["worker_lost", "scorer_lost"])
def test_an_operator_has_a_lost_run_done_anew(cause: str) -> None:
    row = failed(cause)
    client = enter(Client(), somebody("operator"))
    answer = client.post(f"/runs/{row.run}/again")
    new = Submission.objects.get()

    assert answer["Location"] == f"/runs/{new.run}"
    assert (new.state, new.cause, new.ended) == ("queued", "", None)
    assert new.run.startswith(f"{row.run}~")
    assert client.post(f"/runs/{row.run}/again").status_code == 422, "its place is taken"
    assert JobRun.objects.filter(job="trials.run").count() == 2


def test_what_its_firm_failed_is_not_done_anew() -> None:
    row = failed("memory")
    run = leases().get(row.run)
    with pytest.raises(PhaseClosed):
        repeats.again(run, by=somebody("operator"))

    assert not runs.may_repeat(JobRun.objects.get(id=row.run))
    assert Submission.objects.get().state == "failed"


def test_every_fault_of_the_platform_may_be_mended_and_no_firms() -> None:
    system = systems.manifest("trials")
    mended = {*runs.PLATFORM, *system.faults}

    assert {cause.value for cause in Cause if not cause.is_firms} == mended
    assert all(runs.cause_words(cause.value) is not None for cause in Cause)
    assert runs.cause_words("memory").en == "ran out of memory"
