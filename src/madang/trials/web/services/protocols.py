"""Is an agency's confirmation the same question as the first trial, and what did it measure?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.log import remember
from madang.portal.webhooks import emit
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.diffusion import Confirmation as Result
from madang.trials.engine.diffusion import Diffusion, Protocol
from madang.trials.web.models import Confirmation, Demand, Submission
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from collections.abc import Mapping


def _solution(origin: Demand) -> Submission | None:
    adoption = getattr(origin, "adoption", None)
    return adoption.submission if adoption else None


def protocol(demand: Demand, solution: str) -> Protocol:
    """What a registered demand asks of a solution."""
    folder = office().workspace.demand_folder(demand.name)
    return Protocol.of(folder.demand, frame=folder.registration["frame"], solution=solution)


def differences(draft: Demand) -> list[Words]:
    """What a draft asks differently from the first trial, as sentences; empty where nothing."""
    assert draft.origin is not None
    solution = _solution(draft.origin)
    wanted = protocol(draft.origin, solution.digest if solution else "")
    try:
        told = read_demand(draft.text.encode("utf-8", "surrogatepass"))
        # The frame is taken over at the sealing, so that alone is not compared here.
        wanted.require_same(Protocol.of(told, frame=wanted.frame, solution=wanted.solution))
    except InputError as fault:
        return [words(fault.sentence("ko"), fault.sentence("en"))]
    return []


def diffusion(origin: Demand) -> Diffusion | None:
    """The way of an adopted solution from agency to agency; None before there is an adoption."""
    solution = _solution(origin)
    if solution is None:
        return None
    found = Diffusion(
        protocol=protocol(origin, solution.digest), origin=origin.agency.slug
    ).confirm(_first(origin, solution), protocol(origin, solution.digest))
    rows = Confirmation.objects.filter(origin=origin, state="measured").select_related("agency")
    for row in rows.order_by("measured", "pk"):
        found = found.confirm(_result(row), found.protocol)
    return found


def _first(origin: Demand, solution: Submission) -> Result:
    comparison = origin.decision.comparison
    row = comparison["primary"]["against_baseline"][solution.name]
    cases, at = comparison["cases"], origin.decision.computed
    return Result.of(row, agency=origin.agency.slug, cases=cases, at=at)


def _result(row: Confirmation) -> Result:
    assert row.difference is not None
    assert row.error is not None
    return Result(
        agency=row.agency.slug,
        cases=row.cases or 0,
        difference=row.difference,
        standard_error=row.error,
        at=row.measured or row.invited,
    )


def measured(demand: Demand, comparison: Mapping[str, Any]) -> None:
    """Remember what an agency's own sealed run gave, if it was the same question.

    Called within the transaction that settles the comparison.
    """
    row = Confirmation.objects.filter(demand=demand).select_related("origin", "agency").first()
    if row is None or row.state == "measured":
        return
    solution = _solution(row.origin)
    found = comparison["primary"]["against_baseline"].get(solution.name if solution else "")
    assert solution is not None
    try:
        protocol(row.origin, solution.digest).require_same(protocol(demand, solution.digest))
        if found is None:
            raise _unanswered()
        result = Result.of(
            found, agency=row.agency.slug, cases=comparison["cases"], at=clock.now()
        )
    except InputError as fault:
        row.state, row.reason = "failed", {"ko": fault.sentence("ko"), "en": fault.sentence("en")}
        row.save(update_fields=["state", "reason"])
        remember("confirmation-failed", f"demand/{demand.name}", by=None, after=row.reason)
        return
    row.state, row.cases, row.measured = "measured", result.cases, result.at
    row.difference, row.error = result.difference, result.standard_error
    row.save(update_fields=["state", "cases", "measured", "difference", "error"])
    remember(
        "confirmation-measured",
        f"demand/{demand.name}",
        by=None,
        origin=row.origin.name,
        result=result.plain(),
    )
    facts = {"demand": row.origin.name, "agency": row.agency.slug}
    emit("trials.confirmation.asked", facts, to=[row.origin.agency])


def _unanswered() -> InputError:
    return InputError(
        words("최종 비교에서 답하지 못한 해법", "a solution without an answer in the comparison"),
        words("봉인 자료에서 끝까지 실행된 해법", "one that ran to its end on the sealed data"),
    )
