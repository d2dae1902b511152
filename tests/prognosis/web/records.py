"""Small records in FHIR R4, as a hospital sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

if TYPE_CHECKING:
    from datetime import date

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def person(name: str = "p1", number: str = "77", **more: Any) -> dict[str, Any]:
    """A Patient."""
    return {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": "urn:example:hospital", "value": number}],
        "name": [{"family": "홍", "given": ["길동"]}],
        "gender": "female",
        "birthDate": "1972-05-06",
        **more,
    }


def value(
    number: int, on: date, bilirubin: float, *, name: str = "p1", **more: Any
) -> dict[str, Any]:
    """A bilirubin."""
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "1975-2"}]},
        "subject": {"reference": f"Patient/{name}"},
        "effectiveDateTime": f"{on}T09:00:00+09:00",
        "valueQuantity": {"value": bilirubin, "unit": "mg/dL", "system": UCUM, "code": "mg/dL"},
        **more,
    }


def albumin(number: int, on: date) -> dict[str, Any]:
    """An albumin of 3.4 g/dL."""
    found = value(number, on, 3.4)
    found["code"]["coding"][0]["code"] = "1751-7"
    found["valueQuantity"] |= {"unit": "g/dL", "code": "g/dL"}
    return found


def lines(*resources: dict[str, Any]) -> SimpleUploadedFile:
    """A file of NDJSON."""
    text = "".join(f"{json.dumps(each)}\n" for each in resources)
    return SimpleUploadedFile("records.ndjson", text.encode())
