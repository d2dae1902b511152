"""What is handed in, and what comes of its run? One door for pages, programs and the queue.

The engine checks and keeps; here the row, the run and the log's entry become true together, under
the lock of the demand's row, so that two at once cannot both take the last place of a quota.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from madang.kernel import clock, ids
from madang.portal import acting
from madang.portal.log import append, remember
from madang.portal.queue import enqueue, give, leases
from madang.portal.webhooks import emit
from madang.portal.worker import ended_at
from madang.trials.engine.board import Ledger
from madang.trials.engine.cause import Cause
from madang.trials.engine.phases import Act
from madang.trials.engine.proceedings import counts
from madang.trials.engine.publication import ending
from madang.trials.engine.submission import check_form, check_size
from madang.trials.web.models import Demand, Rehearsal, Submission
from madang.trials.web.services import boards, decisions, teams, timing
from madang.trials.web.services.house import alone, office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.jobs.record import JobRun
    from madang.kernel.words import Words
    from madang.portal.models import Organisation, User
    from madang.trials.engine.demand import Tier
    from madang.trials.engine.submission import Submission as Kept
    from madang.trials.web.models import Team


def hand_in(
    demand: Demand,
    company: Organisation,
    *,
    by: User,
    name: str,
    titles: Words,
    tier: Tier,
    files: Mapping[str, bytes],
) -> Submission:
    """Take in a company's solution, for its team, and queue its run on the board part.

    A company without a team becomes a team of its own with its first submission.

    Args:
        demand: What it answers.
        company: For whom it is handed in.
        by: The acting person.
        name: The solution's name, fit for files.
        titles: Its title.
        tier: Predictions, ONNX or Python source.
        files: File name → content.

    Raises:
        PhaseClosed: Submissions are not open.
        SubmissionError: Not what the tier asks for; nothing was kept.
        QuotaSpent: The team has no submission left.
        TeamError: The company left a team that had handed in.
    """
    engine = office().proceedings
    timing.require(demand, Act.SUBMIT)
    team = teams.of(demand, company)
    firm = team.name if team else teams.own_name(demand, company)
    engine.check_due(demand.name, firm=firm, name=name)
    # Large contents are written before the lock is taken: others do not wait for the disk.
    kept = engine.keep(demand.name, firm=firm, name=name, title=titles, tier=tier, files=files)
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        timing.require(row, Act.SUBMIT)
        team = teams.of(row, company) or teams.form(row, company, by=by)
        return _admitted(row, team, replace(kept, firm=team.name), by)


def _admitted(demand: Demand, team: Team, kept: Kept, by: User) -> Submission:
    """The row, the run and the log's entry of what was kept; within the demand's lock."""
    engine = office().proceedings
    statement = engine.admit(kept)
    run = engine.queue(kept, "board")
    give(run, team.lead)
    submission = Submission.objects.create(
        id=kept.id,
        demand=demand,
        team=team,
        company=team.lead,
        by=by,
        name=kept.name,
        title_ko=kept.title.ko,
        title_en=kept.title.en,
        tier=kept.tier,
        digest=kept.digest,
        files=dict(kept.files),
        run=run,
        received=clock.read_stamp(kept.received),
    )
    Demand.objects.filter(pk=demand.pk).update(submission_count=F("submission_count") + 1)
    append([statement])
    return submission


def used(team: Team) -> int:
    """Submissions that count against a team's quota: all but those that the platform failed."""
    return office().proceedings.used(team.demand.name, team.name)


def cancel(submission: Submission, *, by: User) -> None:
    """Ask for the end of a submission's run; one that is cancelled costs no quota."""
    with transaction.atomic():
        before = leases().get(submission.run)
        if before.is_terminal or before.cancel_asked:
            return
        leases().cancel(submission.run, by="firm")
        remember("submission-cancelled", f"submission/{submission.id}", by=by, run=submission.run)


def rehearse(
    demand: Demand, company: Organisation, *, by: User, tier: Tier, files: Mapping[str, bytes]
) -> Rehearsal:
    """Queue a run on the open sample; it costs no quota, and its company alone sees it.

    Raises:
        PhaseClosed: The demand takes no submissions any more.
        SubmissionError: Not what the tier asks for; nothing was kept.
    """
    folder = office().workspace.demand_folder(demand.name)
    timing.require(demand, Act.TEAM_UP)
    check_size(files, folder.demand.limits.submission_mb * 2**20)
    check_form(folder.demand, tier, files)
    objects = office().workspace.objects
    kept = {name: objects.put(content) for name, content in files.items()}
    run = ids.new("rehearsal")
    with transaction.atomic():
        enqueue(
            run,
            "trials.rehearse",
            {"demand": demand.name, "tier": tier, "files": kept},
            owner=company,
        )
        return Rehearsal.objects.create(
            demand=demand, company=company, by=by, tier=tier, files=kept, run=run
        )


def settle_rehearsal(run: JobRun) -> None:
    """Remember what a run on the open sample said, or why there was none."""
    told: dict[str, Any] = {"failed": run.cause or run.state}
    if run.state == "done":
        told = run.result or {}
    elif "message_ko" in run.detail and run.cause == "input":
        told["reason"] = {"ko": run.detail["message_ko"], "en": run.detail["message_en"]}
    row = Rehearsal.objects.filter(run=run.id).select_related("demand").first()
    if row is None:
        return
    row.result = told
    row.save(update_fields=["result"])
    facts = {"demand": row.demand.name, "rehearsal": run.id, "state": run.state}
    emit("trials.rehearsal.ended", facts, to=[row.company_id])


def settle_run(run: JobRun) -> None:
    """Remember how a run on a sealed part ended, and go on where that was the last one."""
    row = Submission.objects.filter(id=run.parameters["submission"]).first()
    if row is None:  # handed in at a terminal
        return
    demand = alone(row.demand_id)
    row.refresh_from_db()
    if run.id == row.run:
        _settle_board(demand, row, run)
    elif run.id == row.final_run:
        row.final_state, row.final_cause = run.state, run.cause
        row.save(update_fields=["final_state", "final_cause"])
    demand.bits += _bits(demand, row, run)
    demand.save(update_fields=["bits"])
    append(office().proceedings.ended_statements([run]))
    facts = {"demand": demand.name, "submission": row.pk, "part": run.parameters["part"]}
    emit("trials.run.ended", {**facts, "state": run.state}, to=teams.companies(row.team))
    decisions.proceed(demand)


def _settle_board(demand: Demand, row: Submission, run: JobRun) -> None:
    row.state, row.cause, row.ended = run.state, run.cause, ended_at(run)
    row.detail = told(run, row.name)
    if run.state == "done" and run.result:
        row.release = run.result["release"]
    row.save(update_fields=["state", "cause", "ended", "detail", "release"])
    if row.release is not None:
        boards.released(demand, row)


def told(run: JobRun, name: str) -> dict[str, Any]:
    """What its firm may see of the end of a run on a sealed part: what the engine's list allows.

    What the platform failed is told by its cause alone: its sentences are for the operator.
    """
    seen = ending(run, name)
    kept = {"telltale": seen["telltale"], "counts": counts(run.state, run.cause)}
    if "reason" in seen and run.cause in set(Cause) and Cause(run.cause).is_firms:
        kept["reason"] = seen["reason"]
    return kept


def _bits(demand: Demand, row: Submission, run: JobRun) -> float:
    """Bits that this run let out of the seal."""
    if run.state == "done" and run.result:
        return float((run.result.get("release") or {}).get("bits", 0.0))
    bits = float(run.detail.get("bits", 0.0))
    # A worker that died after its release has released all the same.
    for each in Ledger(office().workspace).releases(demand.name, row.team.name):
        if each.run == run.id:
            bits += float(each.facts["bits"])
    return bits
