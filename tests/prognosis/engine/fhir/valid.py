"""Valid resources, one of each type and more: what no rule may refuse."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

UCUM = "http://unitsofmeasure.org"
STATUS = "http://terminology.hl7.org/CodeSystem/condition-"
XHTML = "http://www.w3.org/1999/xhtml"


def concept(code: str, system: str = "http://loinc.org") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


ABSENT = {"extension": [{"url": "http://x/absent", "valueCode": "unknown"}]}

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"versionId": "3", "lastUpdated": "2024-05-01T10:00:00.123+09:00"},
    "text": {
        "status": "generated",
        "div": f'<div xmlns="{XHTML}"><p>홍 &amp;&nbsp;<b>1</b></p></div>',
    },
    "identifier": [{"use": "official", "system": "urn:oid:1.2.3", "value": "770"}],
    "active": True,
    "name": [{"family": "홍", "given": ["길동", None], "_given": [{"id": "g1"}, ABSENT]}],
    "gender": "female",
    "birthDate": "1950-02-28",
    "_birthDate": {
        "extension": [{"url": "http://x/birth", "valueDateTime": "1950-02-28T01:02:03Z"}]
    },
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "photo": [{"contentType": "image/png; charset=utf-8", "data": "AAAA"}],
    "contact": [
        {"relationship": [{"text": "딸"}], "telecom": [{"system": "phone", "value": "1"}]}
    ],
    "link": [{"other": {"reference": "Patient/p2"}, "type": "seealso"}],
    "managingOrganization": {"reference": "https://h.kr/fhir/Organization/o1/_history/2"},
}

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": concept("1975-2"),
    "subject": {"reference": "Patient/p1", "type": "Patient"},
    "effectiveDateTime": "2020-02-29T08:30:00+09:00",
    "issued": "2020-02-29T08:30:60Z",
    "valueQuantity": {
        "value": Decimal("1.200"),
        "unit": "mg/dL",
        "system": UCUM,
        "code": "mg/dL",
    },
    "referenceRange": [
        {
            "low": {"value": Decimal("0.1"), "unit": "mg/dL"},
            "high": {"value": Decimal("1.2"), "unit": "mg/dL"},
            "age": {"low": {"value": 18}, "high": {"value": 99}},
        }
    ],
}

PANEL: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "amended",
    "code": concept("85354-9"),
    "effectivePeriod": {"start": "2020", "end": "2020-03"},
    "component": [
        {"code": concept("8480-6"), "valueQuantity": {"value": 120}},
        {"code": concept("8462-4"), "dataAbsentReason": {"text": "?"}},
    ],
}

TIMED: dict[str, Any] = {
    "resourceType": "Observation",
    "_status": ABSENT,
    "code": {"text": "?"},
    "effectiveTiming": {
        "repeat": {
            "boundsDuration": {"value": 3, "system": UCUM, "code": "d"},
            "count": 2,
            "countMax": 3,
            "period": 1,
            "periodUnit": "d",
            "when": ["ACM"],
            "offset": 30,
        }
    },
    "valueSampledData": {"origin": {"value": 0}, "period": 10, "dimensions": 1, "data": "1 2 E"},
    "extension": [{"url": "http://x/nest", "extension": [{"url": "a", "valueInteger": -1}]}],
}

CONDITION: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": concept("resolved", f"{STATUS}clinical"),
    "verificationStatus": concept("confirmed", f"{STATUS}ver-status"),
    "category": [concept("problem-list-item", f"{STATUS}category")],
    "code": concept("K74.3", "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8"),
    "subject": {"reference": "urn:uuid:0f14d0ab-9605-4a62-a9e4-5ed26688389b"},
    "onsetAge": {"value": 41, "system": UCUM, "code": "a"},
    "abatementString": "작년",
    "stage": [{"summary": {"text": "III"}}],
    "evidence": [{"detail": [{"reference": "Observation/o1"}]}],
}

PROCEDURE: dict[str, Any] = {
    "resourceType": "Procedure",
    "status": "completed",
    "code": concept("18027006", "http://snomed.info/sct"),
    "subject": {"reference": "Patient/p1"},
    "performedPeriod": {"start": "2021-03-04", "end": "2021-03-04T12:00:00+09:00"},
    "performer": [{"actor": {"reference": "#doctor"}}],
    "contained": [{"resourceType": "Practitioner", "id": "doctor", "active": True}],
    "followUp": [{"text": "외래"}],
}

MEDICATION: dict[str, Any] = {
    "resourceType": "MedicationStatement",
    "status": "active",
    "medicationCodeableConcept": concept("A05AA02", "http://www.whocc.no/atc"),
    "subject": {"identifier": {"value": "770"}},
    "effectivePeriod": {"start": "2020-01-01"},
    "dosage": [
        {
            "asNeededBoolean": False,
            "doseAndRate": [
                {
                    "doseQuantity": {"value": 300, "system": UCUM, "code": "mg"},
                    "rateRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
                }
            ],
        }
    ],
}

RISK: dict[str, Any] = {
    "resourceType": "RiskAssessment",
    "status": "final",
    "subject": {"reference": "Patient/p1"},
    "occurrenceDateTime": "2024-01-01",
    "prediction": [
        {"outcome": {"text": "사망"}, "probabilityDecimal": Decimal("23.10")},
        {
            "probabilityRange": {
                "low": {"value": 18, "unit": "%", "system": UCUM, "code": "%"},
                "high": {"value": 28, "unit": "%", "system": UCUM, "code": "%"},
            }
        },
    ],
}

PLAN: dict[str, Any] = {
    "resourceType": "CarePlan",
    "status": "draft",
    "intent": "proposal",
    "subject": {"reference": "Patient/p1"},
    "activity": [
        {"detail": {"kind": "Appointment", "status": "not-started"}},
        {"reference": {"reference": "ServiceRequest/s1"}},
    ],
}

REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "priority": "routine",
    "code": concept("24325-3"),
    "orderDetail": [{"text": "공복"}],
    "subject": {"reference": "Patient/p1"},
    "occurrenceDateTime": "2024-06-01",
}

OUTCOME: dict[str, Any] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "value", "expression": ["Patient.birthDate"]}],
}

BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 2,
    "link": [{"relation": "self", "url": "https://h.kr/fhir/Condition"}],
    "entry": [
        {
            "fullUrl": "urn:uuid:0f14d0ab-9605-4a62-a9e4-5ed26688389b",
            "resource": PATIENT,
            "search": {"mode": "include"},
        },
        {"fullUrl": "urn:uuid:11111111-9605-4a62-a9e4-5ed26688389b", "resource": CONDITION},
    ],
}

EVERY = (
    PATIENT,
    OBSERVATION,
    PANEL,
    TIMED,
    CONDITION,
    PROCEDURE,
    MEDICATION,
    RISK,
    PLAN,
    REQUEST,
    OUTCOME,
    BUNDLE,
)


def changed(resource: dict[str, Any], *steps: str | int, to: Any) -> dict[str, Any]:
    """A copy in which the value at these steps is another; it is removed where `to` is `...`."""
    made = copy.deepcopy(resource)
    holder: Any = made
    for step in steps[:-1]:
        holder = holder[step]
    if to is ...:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = to
    return made
