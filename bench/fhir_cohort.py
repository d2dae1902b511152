"""Which invented patients, like those of the PBC trial, does a hospital send in FHIR R4?"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from madang.prognosis.engine.fhir.strict_json import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

UCUM, LOINC = "http://unitsofmeasure.org", "http://loinc.org"
KCD_8 = "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8"
TESTS = (
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0.4, 20),
    ("14631-6", "Bilirubin.total [Moles/volume] in Serum or Plasma", "umol/L", 7, 340),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 2, 5),
    (
        "6768-6",
        "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        300,
        9000,
    ),
    ("1920-8", "Aspartate aminotransferase in Serum or Plasma", "U/L", 20, 400),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 60, 500),
    ("5902-2", "Prothrombin time (PT)", "s", 9, 17),
)
FIRST = date(2015, 1, 5)


def concept(system: str, code: str, text: str) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def patient(number: int, draw: random.Random, died: date | None) -> dict[str, Any]:
    """One Patient with an identifier of his own."""
    born = date(draw.randint(1935, 1985), draw.randint(1, 12), draw.randint(1, 28))
    one: dict[str, Any] = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "meta": {"versionId": "1", "lastUpdated": "2024-01-02T09:00:00.000+09:00"},
        "identifier": [{"system": "urn:oid:1.2.410.100110.10.1", "value": f"{10**7 + number}"}],
        "active": True,
        "name": [{"use": "official", "family": "홍", "given": [f"길동{number}"]}],
        "gender": draw.choice(("female", "female", "female", "male")),
        "birthDate": born.isoformat(),
    }
    if died:
        one["deceasedDateTime"] = f"{died.isoformat()}T04:00:00+09:00"
    return one


def condition(number: int, code: str, text: str, day: date) -> dict[str, Any]:
    """One active Condition, coded as in Korea."""
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "id": f"c{number}-{code.replace('.', '-')}",
        "clinicalStatus": concept(f"{status}clinical", "active", "Active"),
        "verificationStatus": concept(f"{status}ver-status", "confirmed", "Confirmed"),
        "category": [concept(f"{status}category", "problem-list-item", "Problem List Item")],
        "code": concept(KCD_8, code, text),
        "subject": {"reference": f"Patient/p{number}"},
        "onsetDateTime": day.isoformat(),
    }


def observation(name: str, number: int, test: tuple[Any, ...], value: Decimal, when: str) -> Any:
    """One laboratory value."""
    code, text, unit = test[:3]
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "category": [
            concept(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "laboratory",
                "Laboratory",
            )
        ],
        "code": concept(LOINC, code, text),
        "subject": {"reference": f"Patient/p{number}"},
        "effectiveDateTime": when,
        "issued": when,
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def cohort(patients: int, *, visits: int = 6, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Patients, each followed by a diagnosis, a drug and `visits` sets of laboratory values."""
    draw = random.Random(seed)  # noqa: S311 - invented patients, no secret
    for number in range(1, patients + 1):
        days = [FIRST + timedelta(days=draw.randint(0, 400))]
        for _ in range(visits - 1):
            days.append(days[-1] + timedelta(days=draw.randint(80, 400)))
        end = days[-1] + timedelta(days=draw.randint(20, 200))
        yield patient(number, draw, end if draw.random() < 0.4 else None)
        yield condition(number, "K74.3", "원발성 담즙성 경화증", days[0])
        if draw.random() < 0.5:
            yield medication(number, days[0])
        for row, day in enumerate(days):
            when = (
                f"{day.isoformat()}T{draw.randint(7, 17):02d}:{draw.randint(0, 59):02d}:00+09:00"
            )
            # A laboratory sends bilirubin either as mass or as amount.
            first = draw.choice((0, 1))
            for kind in (TESTS[first], *TESTS[2:]):
                value = Decimal(str(round(draw.uniform(*kind[3:]), 2)))
                yield observation(f"o{number}-{row}-{kind[0]}", number, kind, value, when)


def medication(number: int, day: date) -> dict[str, Any]:
    """One MedicationStatement: ursodeoxycholic acid by its ATC code."""
    return {
        "resourceType": "MedicationStatement",
        "id": f"m{number}",
        "status": "active",
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", "A05AA02", "UDCA"),
        "subject": {"reference": f"Patient/p{number}"},
        "effectivePeriod": {"start": day.isoformat()},
    }


def as_lines(resources: Iterator[dict[str, Any]]) -> list[bytes]:
    """NDJSON."""
    return [f"{write_json(each)}\n".encode() for each in resources]
