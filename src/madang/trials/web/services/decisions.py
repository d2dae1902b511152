"""How does a demand come to its decision? Final runs, the comparison, the announcement, its end.

    evaluating ──finals, comparison──▶ evaluated ──announce──▶ decided ──confirm──▶ final
                                           ▲                      │
                                           └──an objection upheld─┘

What the comparison gives follows from the registered rule alone; people only announce it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.log import append
from madang.portal.models import JobRun
from madang.portal.queue import enqueue, give, leases
from madang.portal.webhooks import emit
from madang.portal.worker import ended_at
from madang.trials.engine import statements
from madang.trials.engine.cause import Cause
from madang.trials.engine.decision import Decision as Ruled
from madang.trials.engine.errors import DemandError, PhaseClosed
from madang.trials.engine.proceedings import ATTEMPTS
from madang.trials.engine.runner import JOB
from madang.trials.engine.whole import write_whole
from madang.trials.web.models import BoardRow, Decision, Demand, Submission
from madang.trials.web.services import objections, protocols, reports, rubrics, timing
from madang.trials.web.services.annals import recorded
from madang.trials.web.services.house import alone, moved, office

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from madang.kernel.jobs.record import JobRun as Run
    from madang.portal.models import User

WAITING = ("queued", "running")


def close(demand: Demand, *, by: User) -> Demand:
    """Begin the final comparison of a demand whose submissions have closed.

    Runs on the board part that are still under way are waited for; then each team's best solution
    answers for the final part, then the scorer compares.

    Raises:
        PhaseClosed: Submissions are still open, or the comparison has begun.
    """
    timing.advance(demand)
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        if row.state != "evaluating" or has_begun(row):
            raise PhaseClosed(
                words(
                    f"'{row.state_title.ko}' 단계의 최종 비교 시작",
                    f"a start of the final comparison in '{row.state_title.en}'",
                ),
                words(
                    "접수가 끝나고 아직 비교하지 않은 수요",
                    "a demand that has closed and was not compared yet",
                ),
            )
        row.run = _new_comparison()
        row.save(update_fields=["run"])
        recorded("demand-closed", row, by=by, submissions=row.submission_count)
        proceed(row)
    return row


def has_begun(demand: Demand) -> bool:
    """Whether the final comparison was asked for."""
    return demand.run.startswith("comparison-")


def _new_comparison() -> str:
    return ids.new("comparison")


def proceed(demand: Demand) -> None:
    """Do the next step of a final comparison that was asked for, if it is due.

    Called within the demand's lock whenever one of its runs has ended: of two runs that end at
    once, the later one finds everything done.
    """
    if demand.state != "evaluating" or not has_begun(demand):
        return
    entries = Submission.objects.filter(demand=demand)
    if entries.filter(state__in=WAITING).exists():
        return
    finals = entries.exclude(final_run="")
    if not finals.exists():
        _queue_finals(demand)
    if finals.filter(final_state__in=WAITING).exists() or lost(finals).exists():
        return
    _queue_comparison(demand)


def finalists(demand: Demand) -> list[Submission]:
    """One submission a team: that of its best released score, else its last scored one."""
    scored = Submission.objects.filter(demand=demand, state="done").order_by("received", "id")
    chosen = {each.team_id: each for each in scored.select_related("team", "company")}
    by_id = {each.pk: each for each in scored.select_related("team", "company")}
    for team, submission in BoardRow.objects.filter(demand=demand).values_list(
        "team_id", "submission_id"
    ):
        chosen[team] = by_id[submission]
    return list(chosen.values())


def _queue_finals(demand: Demand) -> None:
    engine = office().proceedings
    for each in finalists(demand):
        run = engine.queue(engine.submission(each.pk), "final")
        give(run, each.company)
        each.final_run, each.final_state = run, "queued"
        each.save(update_fields=["final_run", "final_state"])


def lost(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Final runs that the platform failed, or that were cancelled: they must be run again."""
    firms = [cause.value for cause in Cause if cause.is_firms]
    return rows.filter(final_state__in=["failed", "cancelled"]).exclude(final_cause__in=firms)


def lost_finals(demand: Demand) -> QuerySet[Submission]:
    """Those of one demand."""
    return lost(Submission.objects.filter(demand=demand)).select_related("team", "company")


def repeat(demand: Demand, *, by: User) -> None:
    """Run again what the platform failed: final runs, or the comparison itself.

    Raises:
        PhaseClosed: Nothing waits for another try.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        is_due = row.state == "evaluating" and has_begun(row)
        again = list(lost_finals(row)) if is_due else []
        if not again and not comparison_failed(row):
            raise PhaseClosed(
                words("다시 실행할 것이 없는 수요", "a demand with nothing to run again"),
                words("플랫폼의 문제로 멈춘 최종 비교", "a final comparison that the site failed"),
            )
        for each in again:
            parameters = leases().get(each.final_run).parameters
            run = f"{each.final_run.partition('~')[0]}~{ids.new('again')}"
            enqueue(run, JOB, parameters, owner=each.company, attempts=ATTEMPTS)
            each.final_run, each.final_state, each.final_cause = run, "queued", ""
            each.save(update_fields=["final_run", "final_state", "final_cause"])
        if not again:
            row.run = _new_comparison()
            row.save(update_fields=["run"])
            _queue_comparison(row)
        recorded("demand-repeated", row, by=by, finals=len(again))


def comparison_failed(demand: Demand) -> bool:
    """Whether the comparison itself ended without a result."""
    if demand.state != "evaluating" or not has_begun(demand):
        return False
    ended = JobRun.objects.filter(id=demand.run, state__in=["failed", "cancelled"])
    return ended.exists()


def _queue_comparison(demand: Demand) -> None:
    done = Submission.objects.filter(demand=demand, final_state="done").order_by("received", "id")
    ended = JobRun.objects.filter(id__in=[each.final_run for each in done])
    results: dict[str, Any] = dict(ended.values_list("id", "result"))
    answers = {each.name: results[each.final_run]["answers"] for each in done}
    enqueue(
        demand.run,
        "trials.compare",
        {"demand": demand.name, "answers": answers},
        owner=demand.agency,
    )


def settle_comparison(run: Run) -> None:
    """Remember the comparison and what follows from it."""
    demand = Demand.objects.select_for_update(of=("self",)).filter(run=run.id).first()
    if demand is None or demand.state != "evaluating" or run.state != "done" or not run.result:
        return  # another comparison took its place, or it waits to be repeated
    comparison, facts = run.result["comparison"], run.result["decision"]
    adopted = None
    if facts["adopted"]:
        finals = Submission.objects.filter(demand=demand, final_state="done")
        adopted = finals.get(name=facts["adopted"])
    computed = ended_at(run)
    Decision.objects.update_or_create(
        demand=demand,
        defaults={
            "comparison": comparison,
            "facts": facts,
            "adopted": adopted,
            "computed": computed,
        },
    )
    demand.state = "evaluated"
    demand.save(update_fields=["state"])
    moved(demand)
    folder = office().workspace.demand_folder(demand.name)
    append(
        [
            statements.compared(folder.demand, comparison),
            statements.decided(folder.demand, Ruled.from_plain(facts).plain()),
        ]
    )
    if demand.origin_id:
        protocols.measured(demand, comparison)
    # The engine's own sign that the demand takes no submission any more; written again, the same.
    told = {"comparison": comparison, "decision": facts, "closed": clock.stamp(computed)}
    write_whole(folder.folder / "closed.json", json.dumps(told).encode())


def announce(demand: Demand, *, by: User, reason: str = "") -> Decision:
    """Make the decision public: objections may be filed from now on, and the report is signed.

    Raises:
        PhaseClosed: There is no decision that waits to be announced.
        RubricError: The panel that the demand declared has not finished.
    """
    # A large trial has many runs: they are read before the lock is taken.
    paper = reports.draft(demand) if demand.state == "evaluated" else ""
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        if row.state != "evaluated" or not paper:
            raise PhaseClosed(
                words(
                    f"'{row.state_title.ko}' 단계의 판정 공개",
                    f"an announcement in the phase '{row.state_title.en}'",
                ),
                words("판정을 기다리는 수요", "a demand that awaits its decision"),
            )
        rubrics.require_finished(row)
        decision = row.decision
        decision.announced_by, decision.reason = by, reason.strip()
        decision.announced = clock.now().replace(microsecond=0)
        decision.confirmed = decision.confirmed_by = None
        decision.save()
        row.state = "decided"
        row.objections_until = objections.window(row, decision.announced)
        row.save(update_fields=["state", "objections_until"])
        recorded(
            "decision-announced",
            row,
            by=by,
            adopted=decision.facts["adopted"],
            reason=decision.reason,
            objections_until=clock.stamp(row.objections_until),
        )
        reports.begin(row, paper)
        moved(row)
        facts = {"demand": row.name, "adopted": decision.facts["adopted"]}
        emit("trials.decision.announced", facts, to=None)
    return decision


def report_failed(demand: Demand) -> bool:
    """Whether the report of an announced decision could not be made."""
    if demand.state in ("evaluating", "evaluated") or not demand.run.startswith("report-"):
        return False
    ended = JobRun.objects.filter(id=demand.run, state__in=["failed", "cancelled"])
    return ended.exists() and reports.report(demand, "html") is None


def report_again(demand: Demand, *, by: User) -> None:
    """Make the report of an announced decision anew where none came of the first try.

    Raises:
        PhaseClosed: There is a report, or the decision is not announced.
    """
    paper = reports.draft(demand)
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        if row.decision.announced is None or not report_failed(row):
            raise PhaseClosed(
                words("보고서가 있거나 만드는 중인 판정", "a report that is there or under way"),
                words("보고서를 만들지 못한 판정", "one whose report could not be made"),
            )
        recorded("report-again", row, by=by)
        reports.begin(row, paper)


def confirm(demand: Demand, *, by: User) -> Decision:
    """Make the decision final: the window is over and every objection is answered.

    Raises:
        PhaseClosed: It is not announced, still open to objections, or an answer is owed.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        objections.require_final(row)
        decision = row.decision
        decision.confirmed_by, decision.confirmed = by, clock.now()
        decision.save(update_fields=["confirmed_by", "confirmed"])
        row.state = "final"
        row.save(update_fields=["state"])
        moved(row)
        recorded("decision-confirmed", row, by=by, adopted=decision.facts["adopted"])
    return decision


def compare_again(demand: Demand, *, by: User) -> None:
    """Have the comparison made anew after a decision was set aside.

    Raises:
        DemandError: The decision was not set aside.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        if row.state != "evaluated" or not objections.fallen(row):
            raise DemandError(
                words("취소되지 않은 판정", "a decision that stands"),
                words("이의신청으로 취소된 판정", "one that an objection has set aside"),
            )
        row.state, row.run = "evaluating", _new_comparison()
        row.save(update_fields=["state", "run"])
        moved(row)
        recorded("demand-compared-again", row, by=by)
        _queue_comparison(row)


def standing(demand: Demand) -> dict[str, Any]:
    """How far the final comparison is, in numbers for its page."""
    entries = Submission.objects.filter(demand=demand)
    return {
        "board_waiting": entries.filter(state__in=WAITING).count(),
        "finals": entries.exclude(final_run="").count(),
        "finals_waiting": entries.filter(final_state__in=WAITING).count(),
        "lost": lost_finals(demand).count() if has_begun(demand) else 0,
        "comparison_failed": comparison_failed(demand),
    }
