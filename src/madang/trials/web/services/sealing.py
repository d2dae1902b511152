"""May a draft be sealed, and what is remembered of a check, a suggestion and the sealing itself?

The acts of `demands` queue the jobs; their ends arrive here, in the transaction that settles them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import append
from madang.trials.engine import statements
from madang.trials.engine.errors import DemandError
from madang.trials.engine.matching import Wanted
from madang.trials.engine.whole import write_whole
from madang.trials.web.models import Demand
from madang.trials.web.services import drafts, intake, protocols, reviews, timing
from madang.trials.web.services.annals import recorded
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from madang.kernel.jobs.record import JobRun
    from madang.kernel.words import Words


def is_checked(demand: Demand) -> bool:
    """Whether the last check looked at the draft as it now is."""
    return demand.findings.get("stamp") == drafts.stamp(demand)


def hindrances(demand: Demand) -> list[Words]:
    """What keeps a draft from being sealed, one sentence each; empty where nothing does."""
    found: list[Words] = []
    checked = demand.findings.get("check") or {}
    if not demand.table:
        found.append(words("자료 표가 없습니다.", "There is no table of data."))
    if not is_checked(demand):
        found.append(
            words(
                "지금 내용을 아직 점검하지 않았습니다.",
                "The draft as it now is has not been checked.",
            )
        )
    elif not checked.get("registrable"):
        found.append(words("점검에서 고칠 점이 나왔습니다.", "The check found faults to mend."))
    elif checked.get("demand") != demand.name:
        found.append(
            words(
                f"문서의 이름이 이 수요의 이름 {demand.name!r}과 다릅니다.",
                f"The text names another demand than this one, {demand.name!r}.",
            )
        )
    found += [*_misnamed(demand), *reviews.hindrance(demand)]
    open_leaks = unaccepted(demand)
    if open_leaks:
        listed = ", ".join(open_leaks)
        found.append(
            words(
                f"결과를 드러내는 열을 확인하지 않았습니다: {listed}.",
                f"Columns that give the outcome away are not accepted yet: {listed}.",
            )
        )
    if demand.origin:
        # A confirmation has no competition, so no dates; but it must ask the same question.
        return [*found, *protocols.differences(demand)]
    return [*found, *_undated(demand)]


def _misnamed(demand: Demand) -> list[Words]:
    """A demand goes out in the name of those who own it."""
    owner = demand.ministry or demand.agency
    if drafts.pair(demand.plain.get("ministry")) == (owner.name_ko, owner.name_en):
        return []
    return [
        words(
            f"문서의 ministry는 {owner.name_ko}여야 합니다.",
            f"The text's ministry must be {owner.name_en}.",
        )
    ]


def _undated(demand: Demand) -> list[Words]:
    if not timing.has_dates(demand):
        return [words("일정을 모두 정하지 않았습니다.", "Not every date is set.")]
    try:
        timing.timetable(demand, posted=clock.now())
    except DemandError as fault:
        return [words(fault.sentence("ko"), fault.sentence("en"))]
    return []


def unaccepted(demand: Demand) -> list[str]:
    """Columns that give the outcome away and that nobody has accepted."""
    leaks = (demand.findings.get("check") or {}).get("leaks", [])
    accepted = {each["column"] for each in demand.accepted_leaks}
    named = {each.get("name") for each in (demand.plain.get("data") or {}).get("inputs", [])}
    return sorted({each["column"] for each in leaks} & named - accepted)


def settle_registration(run: JobRun) -> None:
    """Remember how the sealing of a demand ended."""
    demand = Demand.objects.select_for_update().filter(run=run.id, state="sealing").first()
    if demand is None:
        return
    if run.state == "done" and run.result and "facts" in run.result:
        _sealed(demand, run.result["facts"], run.result["baselines"])
    else:
        _returned(demand, run)


def _sealed(demand: Demand, facts: dict[str, Any], baselines: dict[str, Any]) -> None:
    folder = office().workspace.demand_folder(demand.name)
    registered = folder.demand
    table, demand.table = demand.table, {}
    demand.plain, demand.digest = dict(registered.plain), facts["digest"]
    demand.task, demand.metric = registered.task_name, registered.decision.metric
    demand.quota, demand.baselines = registered.quota, baselines
    demand.registration = {
        **facts,
        "wanted": Wanted.of(registered, sector=demand.sector).plain(),
        "tiers": list(registered.tiers),
        "limits": vars(registered.limits),
        "metrics": [
            {
                **{"name": each.name, "ko": each.title_ko, "en": each.title_en},
                **{"direction": each.direction, "unit": each.unit, "decimals": each.decimals},
            }
            for each in folder.scale.metrics.values()
        ],
    }
    demand.state, demand.run = "sealed", ""
    drafts.mirror(demand)
    demand.save()
    append([statements.registered(registered, folder.registration)])
    # The office looks here before it reads the log for the demand's own statement.
    transaction.on_commit(lambda: write_whole(folder.folder / "recorded", b""))
    transaction.on_commit(lambda: intake.erase(table))


def _returned(demand: Demand, run: JobRun) -> None:
    """Back to a draft, with what stood against it."""
    told: dict[str, Any] = {"at": clock.stamp(), "cause": run.cause}
    if run.result and "leaks" in run.result:
        told |= {"cause": "leaks", "leaks": run.result["leaks"]}
        demand.findings = {
            **demand.findings,
            "check": {**demand.findings.get("check", {}), "leaks": run.result["leaks"]},
        }
    elif "message_ko" in run.detail:
        told |= {"ko": run.detail["message_ko"], "en": run.detail["message_en"]}
    demand.findings = {**demand.findings, "sealing": told}
    demand.state, demand.run = "draft", ""
    demand.save(update_fields=["findings", "state", "run"])
    recorded("demand-sealing-failed", demand, by=None, cause=told["cause"])


def settle_check(run: JobRun) -> None:
    """Remember what a check found, unless the draft has asked for something else since."""
    demand = Demand.objects.select_for_update().filter(run=run.id, state="draft").first()
    if demand is None:
        return
    found = demand.findings
    if run.state == "done" and run.result:
        checked = {**run.result, **_named(run.parameters["text"])}
        found = {**found, "stamp": run.parameters["stamp"], "check": checked}
        found = {**found, "at": clock.stamp(), "failed": {}, "sealing": {}}
    else:
        found = {**found, "failed": _failure(run)}
    demand.findings, demand.run = found, ""
    demand.save(update_fields=["findings", "run"])


def settle_suggestion(run: JobRun) -> None:
    """Remember which columns a table seems to have."""
    demand = Demand.objects.select_for_update().filter(run=run.id, state="draft").first()
    if demand is None:
        return
    found = {"suggestion": run.result} if run.state == "done" else {"failed": _failure(run)}
    demand.findings, demand.run = {**demand.findings, **found}, ""
    if run.result and "data" not in demand.plain:
        demand.plain = {**demand.plain, "data": run.result["data"]}
        demand.text = drafts.as_yaml(demand.plain)
    demand.save(update_fields=["findings", "run", "plain", "text"])


def _named(text: str) -> dict[str, str]:
    """The kind of task and the metric that a text names, as far as it can be read."""
    try:
        plain = drafts.as_plain(text)
    except InputError:
        plain = {}
    task, rule = plain.get("task"), plain.get("decision")
    return {
        "task": str(task.get("name", "")) if isinstance(task, dict) else "",
        "metric": str(rule.get("metric", "")) if isinstance(rule, dict) else "",
    }


def _failure(run: JobRun) -> dict[str, Any]:
    told = {"cause": run.cause, "at": clock.stamp()}
    if "message_ko" in run.detail:
        told |= {"ko": run.detail["message_ko"], "en": run.detail["message_en"]}
    return told
