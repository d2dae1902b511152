"""Which facts of a trial enter the evidence log? One statement each, as they happen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import rfc8785

from madang.kernel import ids
from madang.kernel.evidence.statement import Statement, predicate_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.jobs.record import JobRun
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.submission import Submission


def registered(demand: Demand, facts: Mapping[str, Any]) -> Statement:
    """The demand, its rule, the split's sizes and the commitments to the sealed files."""
    return Statement(
        subjects={
            f"demand/{demand.name}": demand.digest,
            **_named(demand.name, facts["commitments"]),
        },
        predicate_type=predicate_type("demand"),
        predicate=_plain(
            {
                "demand": demand.name,
                "task": facts["task"],
                "sizes": facts["sizes"],
                "decision": demand.plain["decision"],
                "leaks": facts["leaks"],
                "overlap": facts["overlap"],
                "detectable_difference": facts["detectable_difference"],
                "registered": facts["registered"],
            }
        ),
    )


def _named(demand: str, commitments: Mapping[str, str]) -> dict[str, str]:
    return {f"demand/{demand}/{name}": digest for name, digest in commitments.items()}


def received(submission: Submission) -> Statement:
    """A submission: who handed in what."""
    return Statement(
        subjects={f"submission/{submission.id}": submission.digest},
        predicate_type=predicate_type("submission"),
        predicate=_plain(submission.plain()),
    )


def ended(run: JobRun, environment: str) -> Statement:
    """The end of a run: a state and a typed cause, and the mark of its answers."""
    result = run.result or run.detail or {}
    answers = {f"answers/{run.id}": result["mark"]} if "mark" in result else {}
    return Statement(
        subjects=answers or {f"run/{run.id}": ids.digest(run.id.encode())},
        predicate_type=predicate_type("run"),
        predicate=_plain(
            {
                "run": run.id,
                "submission": run.parameters["submission"],
                "demand": run.parameters["demand"],
                "part": run.parameters["part"],
                "state": run.state,
                "cause": run.cause,
                "attempt": run.attempt,
                "release": result.get("release"),
                "telltale": result.get("telltale", {}),
                "cgroup": result.get("exact", {}).get("cgroup", ""),
                "environment": environment,
            }
        ),
    )


def compared(demand: Demand, comparison: Mapping[str, Any]) -> Statement:
    """The final comparison, whole."""
    return Statement(
        subjects={f"comparison/{demand.name}": ids.digest(rfc8785.dumps(_plain(comparison)))},
        predicate_type=predicate_type("comparison"),
        predicate=_plain({"demand": demand.name, "comparison": comparison}),
    )


def decided(demand: Demand, decision: Mapping[str, Any]) -> Statement:
    """The decision by the registered rule."""
    return Statement(
        subjects={f"decision/{demand.name}": ids.digest(rfc8785.dumps(_plain(decision)))},
        predicate_type=predicate_type("decision"),
        predicate=_plain({"demand": demand.name, "rule": demand.plain["decision"], **decision}),
    )


def _plain(value: Any) -> Any:
    """Plain JSON: tuples become lists, and numbers of numpy become Python's."""
    return json.loads(json.dumps(value))
