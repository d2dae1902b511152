"""What the platform failed is run again: which run takes the place of which?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import ids
from madang.kernel.words import words
from madang.portal.queue import enqueue
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import PhaseClosed
from madang.trials.engine.proceedings import ATTEMPTS
from madang.trials.web.models import Demand, Submission
from madang.trials.web.services import decisions
from madang.trials.web.services.house import alone

if TYPE_CHECKING:
    from madang.kernel.jobs.record import JobRun
    from madang.portal.models import User


def again(run: JobRun, *, by: User) -> str:
    """Ask anew for a run on a sealed part, or for a comparison, that the platform failed.

    Returns:
        The identifier of the run that takes its place. Where a demand's final comparison stopped,
        all that stopped it is repeated together.

    Raises:
        PhaseClosed: Its place was taken already, its firm is at fault, or its demand has gone on.
    """
    with transaction.atomic():
        if run.job == "trials.compare":
            demand = Demand.objects.filter(run=run.id).first()
            if demand is None:
                raise _too_late(run)
            decisions.repeat(demand, by=by)
            demand.refresh_from_db()
            return demand.run
        row = Submission.objects.filter(id=run.parameters["submission"]).first()
        if row is None:  # handed in at a terminal
            raise _too_late(run)
        demand = alone(row.demand_id)
        row.refresh_from_db()
        if run.id == row.final_run:
            decisions.repeat(demand, by=by)
            row.refresh_from_db()
            return row.final_run
        return _board(demand, row, run)


def _board(demand: Demand, row: Submission, run: JobRun) -> str:
    is_firms = run.cause in set(Cause) and Cause(run.cause).is_firms
    is_open = demand.state in ("open", "evaluating") and not decisions.has_begun(demand)
    if run.id != row.run or run.state != "failed" or is_firms or not is_open:
        raise _too_late(run)
    row.run = f"{run.id.partition('~')[0]}~{ids.new('again')}"
    row.state, row.cause, row.ended, row.detail = "queued", "", None, {}
    row.save(update_fields=["run", "state", "cause", "ended", "detail"])
    enqueue(row.run, run.job, run.parameters, owner=row.company, attempts=ATTEMPTS)
    return row.run


def _too_late(run: JobRun) -> PhaseClosed:
    return PhaseClosed(
        words(f"다시 실행할 수 없는 실행 {run.id}", f"the run {run.id}, which is not repeated"),
        words(
            "플랫폼의 문제로 실패한 마지막 실행, 최종 비교 전",
            "the last one, failed by the platform, before the final comparison",
        ),
    )
