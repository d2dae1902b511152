"""How does a prognosis leave the house? As resources of FHIR R4 that a hospital's system takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.prognosis.engine.fhir import writing
from madang.prognosis.engine.fhir.laboratory import ANALYTES
from madang.prognosis.engine.followup.next_visit import WHY
from madang.prognosis.engine.titles import title
from madang.prognosis.web.services import answers, people

if TYPE_CHECKING:
    from datetime import datetime

    from madang.prognosis.web import models


LABEL = words(
    "시험용. 진료 판단을 대신하지 않습니다.", "For trial use; no substitute for judgement."
)


def bundle(patient: models.Patient, model: models.Registered) -> dict[str, Any] | None:
    """A transaction; None where the model says nothing of the patient.

    The patient is named by the id under which the hospital's own server sent the record, or by
    the pseudonymous one.
    """
    found = answers.prognose(patient, model, by=None)
    if not found.answer:
        return None
    name = people.identity(patient).get("fhir") or patient.pk
    at, mark = clock.now(), f"{patient.pk}-{found.on:%Y%m%d}"
    resources = [_assessment(name, found, model, at=at, mark=mark)]
    if found.next_on is not None:
        resources += _follow_up(name, found, model, at=at, mark=mark)
    return writing.transaction(resources)


def _follow_up(
    name: str, found: models.Prognosis, model: models.Registered, *, at: datetime, mark: str
) -> list[dict[str, Any]]:
    """A proposal of the next visit, and of the values that the model wants to read then."""
    visit = found.next_on
    if visit is None:
        return []
    names = {each["name"] for each in model.columns}
    tests = [
        (each.loinc[0], str(title(each.name).name)) for each in ANALYTES if each.name in names
    ]
    reason = str(WHY[found.why]) if found.why else ""
    plan = writing.care_plan(
        name,
        visit=visit,
        latest=visit + timedelta(days=model.shortest_days),
        at=at,
        description=reason,
        id_=f"plan-{mark}",
        requests=[f"ServiceRequest/tests-{mark}"] if tests else [],
        supported_by=[f"RiskAssessment/risk-{mark}"],
    )
    if not tests:
        return [plan]
    request = writing.service_request(
        name, tests, on=visit, at=at, reason=reason, id_=f"tests-{mark}"
    )
    return [request, plan]


def _assessment(
    name: str, found: models.Prognosis, model: models.Registered, *, at: datetime, mark: str
) -> dict[str, Any]:
    answer, risks = found.answer, []
    for years in (1, 2, 5):
        day = years * 365.25
        if day > answer["days"][-1] + 1:
            continue
        place = min(range(len(answer["days"])), key=lambda each: abs(answer["days"][each] - day))
        ends = [answer[key][place] for key in ("risk", "low", "high")]
        days = round(answer["days"][place])
        risks.append(
            writing.Risk(
                outcome=model.outcome_en,
                days=days,
                probability=ends[0],
                low=ends[1],
                high=ends[2],
            )
        )
        if len(answer["causes"]) > 1:
            other = answer["causes"][1][place]
            risks.append(writing.Risk(outcome=model.other_en, days=days, probability=other))
    return writing.risk_assessment(
        name,
        risks,
        at=at,
        method=f"{model.title_en} {model.digest[:12]}",
        id_=f"risk-{mark}",
        note=str(LABEL),
    )
