"""How does an announced decision become a report that anybody can check?

A worker renders it without any of the site's secrets; its end is settled here: the statement of
its contents enters the log, each rendering is sealed with its proofs and kept for the public.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist

from madang.kernel import ids
from madang.kernel.evidence.log import Entry
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal import objects
from madang.portal.log import log, signing_key
from madang.portal.models import LogEntry
from madang.portal.queue import enqueue
from madang.trials.engine.publication import sign
from madang.trials.web.models import Decision, Demand
from madang.trials.web.services import rubrics
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.kernel.evidence.seal import Kind
    from madang.kernel.jobs.record import JobRun
    from madang.portal.models import StoredObject

KINDS: dict[Kind, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
}
_RESTS_ON = [
    predicate_type(noun) for noun in ("demand", "submission", "run", "comparison", "decision")
]
_AT_ONCE = 500


def draft(demand: Demand) -> str:
    """The facts of a compared demand, put by for a worker; their digest.

    Raises:
        DemandError: It was not compared.
    """
    paper = replace(office().paper(demand.name), panel=rubrics.told(demand))
    return objects.objects().put(json.dumps(paper.plain(), ensure_ascii=False).encode())


def begin(demand: Demand, paper: str) -> None:
    """Have a worker render the report of a decision; within the transaction that announces it."""
    demand.run = ids.new("report")
    demand.save(update_fields=["run"])
    parameters = {"demand": demand.name, "paper": paper}
    enqueue(demand.run, "trials.report", parameters, owner=demand.agency)


def settle_report(run: JobRun) -> None:
    """Sign what was rendered and keep it for the public."""
    demand = Demand.objects.select_for_update(of=("self",)).filter(run=run.id).first()
    if demand is None or run.state != "done" or not run.result:
        return  # it stays without a report until its owners ask again
    decision = demand.decision
    if decision.announced is None:
        return
    bodies: dict[Kind, bytes] = {kind: objects.objects().get(run.result[kind]) for kind in KINDS}
    entries = list(entries_of(demand, office().proceedings.demand_runs(demand.name)))
    for kind, content in sign(log(), demand.name, bodies, entries).items():
        kept = objects.keep(
            content,
            name=f"{demand.name}-report.{kind}",
            media_type=KINDS[kind],
            owner=None,
            by=decision.announced_by,
            is_public=True,
        )
        setattr(decision, f"report_{kind}", kept)
    decision.save(update_fields=[f"report_{kind}" for kind in KINDS])


def entries_of(demand: Demand, runs: Iterable[JobRun]) -> Iterable[Entry]:
    """What the log holds of a demand's trial, found by its subjects and never by a whole walk."""
    subjects = [f"{noun}/{demand.name}" for noun in ("demand", "comparison", "decision")]
    for run in runs:
        subjects += [f"run/{run.id}", f"answers/{run.id}"]
        if run.parameters["part"] == "board":
            subjects.append(f"submission/{run.parameters['submission']}")
    for start in range(0, len(subjects), _AT_ONCE):
        found = LogEntry.objects.filter(
            subject__in=subjects[start : start + _AT_ONCE], predicate_type__in=_RESTS_ON
        )
        for index, content in found.values_list("index", "content"):
            yield Entry(index=index, statement=Statement.decode(bytes(content)))


def withdraw(decision: Decision) -> None:
    """The decision fell: its report is no longer given out."""
    for kind in KINDS:
        kept: StoredObject | None = getattr(decision, f"report_{kind}")
        if kept:
            kept.is_public = False
            kept.save(update_fields=["is_public"])
        setattr(decision, f"report_{kind}", None)


def report(demand: Demand, kind: str) -> StoredObject | None:
    """The public report in one of its renderings; None where there is none."""
    try:
        decision = demand.decision
    except ObjectDoesNotExist:
        return None
    found: StoredObject | None = getattr(decision, f"report_{kind}") if kind in KINDS else None
    return found if found and found.is_public else None


def public_key() -> str:
    """The key with which a stranger checks a report, as one line of text."""
    return signing_key().verifier.text
