"""How is a prognosis, and the visit that follows from it, told in FHIR R4?

In R4 a probability is a percentage: 23 % is written 23, and 0.23 would mean 0.23 % (ras-2). The
functions take probabilities from 0 to 1 and write percentages; each resource passes the rules of
`checking` before it is given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from madang.kernel.clock import stamp
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.invariants_of_types import UCUM
from madang.prognosis.engine.fhir.laboratory import LOINC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HUNDREDTH = Decimal("0.01")
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The probability of one outcome until one moment.

    Attributes:
        outcome: What may happen, as text.
        days: Until so many days after the assessment.
        probability: From 0 to 1.
        low: Lower end of its interval, from 0 to 1; None where there is none.
        high: Upper end.
        code: Its code as (system, code), or None.
    """

    outcome: str
    days: int
    probability: float
    low: float | None = None
    high: float | None = None
    code: tuple[str, str] | None = None


def risk_assessment(
    patient: str,
    risks: Sequence[Risk],
    *,
    at: datetime,
    method: str,
    id_: str = "",
    basis: Iterable[str] = (),
    note: str = "",
) -> dict[str, Any]:
    """A RiskAssessment of a patient.

    Each risk is one prediction with its percentage; where it has an interval, a second prediction
    of the same outcome and time carries that as `probabilityRange` in %.

    Args:
        patient: The id of the Patient.
        risks: Outcomes that exclude each other within one time.
        at: The moment of the assessment.
        method: The name and version of the model.
        id_: The id of the resource, or empty.
        basis: References to what the assessment rests on, such as `Observation/1`.
        note: A remark for the reader, or empty.

    Raises:
        InputError: A probability lies outside 0 to 1 or its interval, those of one time add up to
            more than 1, or an id is none.
    """
    _add_up(risks)
    made = {
        "resourceType": "RiskAssessment",
        **({"id": id_} if id_ else {}),
        "status": "final",
        "method": {"text": method},
        "subject": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": stamp(at),
        "basis": [{"reference": each} for each in basis],
        "prediction": [row for each in risks for row in _predictions(each, at)],
        "note": [{"text": note}] if note else [],
    }
    return _checked(made)


def _predictions(risk: Risk, at: datetime) -> list[dict[str, Any]]:
    outcome: dict[str, Any] = {"text": risk.outcome}
    if risk.code:
        outcome["coding"] = [{"system": risk.code[0], "code": risk.code[1]}]
    until = at + timedelta(days=risk.days)
    told: dict[str, Any] = {
        "outcome": outcome,
        "whenPeriod": {"start": stamp(at), "end": stamp(until)},
    }
    rows = [told | {"probabilityDecimal": percent(risk.probability)}]
    if risk.low is not None and risk.high is not None:
        ends = {"low": _percentage(risk.low), "high": _percentage(risk.high)}
        rows.append(told | {"probabilityRange": ends})
    return rows


def percent(probability: float) -> Decimal:
    """A probability from 0 to 1 as the percentage that R4 wants, to a hundredth."""
    return (Decimal(repr(float(probability))) * 100).quantize(_HUNDREDTH, ROUND_HALF_EVEN)


def _percentage(probability: float) -> dict[str, Any]:
    return {"value": percent(probability), "unit": "%", "system": UCUM, "code": "%"}


def _add_up(risks: Sequence[Risk]) -> None:
    """Refuse what no probability can be."""
    by_time: dict[int, float] = {}
    for each in risks:
        low = each.probability if each.low is None else each.low
        high = each.probability if each.high is None else each.high
        if not 0 <= low <= each.probability <= high <= 1 + _SLACK:
            raise InputError(
                words(
                    f"'{each.outcome}'의 확률 {low}, {each.probability}, {high}",
                    f"the probabilities {low}, {each.probability}, {high} of '{each.outcome}'",
                ),
                words("0~1의 차례로 커지는 값", "values from 0 to 1 in ascending order"),
            )
        by_time[each.days] = by_time.get(each.days, 0.0) + each.probability
    for days, total in by_time.items():
        if total > 1 + _SLACK:
            raise InputError(
                words(
                    f"{days}일까지의 확률을 더하면 {total:.4f}",
                    f"probabilities until day {days} that add up to {total:.4f}",
                ),
                words("합이 1 이하인 확률", "a sum of at most 1"),
            )


def service_request(
    patient: str,
    tests: Iterable[tuple[str, str]],
    *,
    on: date,
    at: datetime,
    reason: str,
    id_: str = "",
) -> dict[str, Any]:
    """A ServiceRequest that proposes laboratory tests for a day; a clinician makes it an order.

    Args:
        patient: The id of the Patient.
        tests: LOINC codes and their names.
        on: The day on which the tests are to be done.
        at: The present moment.
        reason: Why, as text.
        id_: The id of the resource, or empty.
    """
    codings = [{"system": LOINC, "code": code, "display": text} for code, text in tests]
    made = {
        "resourceType": "ServiceRequest",
        **({"id": id_} if id_ else {}),
        "status": "draft",
        "intent": "proposal",
        "code": {"text": "Laboratory tests before the next visit"},
        "orderDetail": [{"coding": [each]} for each in codings],
        "subject": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": on.isoformat(),
        "authoredOn": stamp(at),
        "reasonCode": [{"text": reason}],
    }
    return _checked(made)


def care_plan(
    patient: str,
    *,
    visit: date,
    latest: date,
    at: datetime,
    description: str,
    id_: str = "",
    requests: Iterable[str] = (),
    supported_by: Iterable[str] = (),
) -> dict[str, Any]:
    """A CarePlan that proposes the next visit; a clinician makes it a plan.

    Args:
        patient: The id of the Patient.
        visit: The first day on which the visit is due.
        latest: The last day.
        at: The present moment.
        description: What the visit is for.
        id_: The id of the resource, or empty.
        requests: References to the ServiceRequests that belong to it.
        supported_by: References to what speaks for it, such as a RiskAssessment.
    """
    period = {"start": visit.isoformat(), "end": latest.isoformat()}
    detail = {
        "kind": "Appointment",
        "status": "not-started",
        "scheduledPeriod": period,
        "description": description,
    }
    made = {
        "resourceType": "CarePlan",
        **({"id": id_} if id_ else {}),
        "status": "draft",
        "intent": "proposal",
        "title": "Follow-up",
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": at.date().isoformat(), "end": latest.isoformat()},
        "created": stamp(at),
        "supportingInfo": [{"reference": each} for each in supported_by],
        "activity": [{"detail": detail}, *({"reference": {"reference": r}} for r in requests)],
    }
    return _checked(made)


def transaction(resources: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A Bundle that puts the resources on a server, all or none; those with an id by that id."""
    entries = []
    for each in resources:
        kind, own = each["resourceType"], each.get("id")
        request = (
            {"method": "PUT", "url": f"{kind}/{own}"} if own else {"method": "POST", "url": kind}
        )
        entries.append({"resource": each, "request": request})
    return _checked({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _checked(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without empty lists; refused where it breaks a rule."""
    made = {key: each for key, each in resource.items() if each != []}
    broken = [each for each in check(made) if each.refuses]
    if broken:
        first = broken[0]
        raise InputError(
            words(f"{first.path}: {first.said.ko}", f"{first.path}: {first.said.en}"),
            words("FHIR R4에 맞는 자원", "a resource as in FHIR R4"),
        )
    return made
