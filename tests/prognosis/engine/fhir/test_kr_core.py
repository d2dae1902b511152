"""A Korean patient: the hospital's number comes first, the resident number is never kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from madang.prognosis.engine.fhir.intake import Intake, read_lines
from madang.prognosis.engine.fhir.issues import operation_outcome
from madang.prognosis.engine.fhir.kr_core import PROFILE, RESIDENT_SYSTEM
from madang.prognosis.engine.fhir.plausibility import usable

RESIDENT = "720506-2345678"
V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def identifier(value: str, *, system: str = "urn:oid:1.2.410.1", code: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"system": system, "value": value}
    return found | ({"type": {"coding": [{"system": V2, "code": code}]}} if code else {})


def patient(*identifiers: dict[str, Any], name: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": name,
        "meta": {"profile": [f"{PROFILE}|1.0.2"]},
        "identifier": list(identifiers),
        "name": [{"text": "홍길동"}],
        "birthDate": "1972-05-06",
        **more,
    }


def read(*resources: dict[str, Any]) -> Intake:
    return read_lines([f"{json.dumps(each)}\n".encode() for each in resources])


def test_the_hospitals_own_number_stands_first() -> None:
    found = read(
        patient(
            identifier(RESIDENT, system=RESIDENT_SYSTEM, code="NNKOR"),
            identifier("M123", system="urn:passport"),
            identifier("00017", code="MR"),
        )
    )
    known = found.record.persons[0].identifiers

    assert found.issues == []
    assert known[:2] == (("urn:oid:1.2.410.1", "00017"), ("urn:passport", "M123"))
    assert known[2][0] == RESIDENT_SYSTEM


@pytest.mark.parametrize(
    "told",
    [
        identifier(RESIDENT, system=RESIDENT_SYSTEM),
        identifier(RESIDENT, code="NNKOR"),
        identifier(RESIDENT),
        identifier(RESIDENT.replace("-", "")),
    ],
)
def test_a_resident_number_stands_nowhere_and_still_finds_a_double(told: dict[str, Any]) -> None:
    found = read(
        patient(told, identifier("1")),
        patient(identifier(RESIDENT, system=RESIDENT_SYSTEM), identifier("2"), name="p2"),
    )
    judged = usable(found.record, datetime(2026, 1, 1, tzinfo=UTC))
    whole = repr(found.record) + json.dumps(operation_outcome([*found.issues, *judged.issues]))

    assert "2345678" not in whole
    assert {each.rule for each in judged.issues} == {"madang-shared-identifier"}
    assert not judged.persons


def test_what_the_profile_asks_for_is_missed_and_the_patient_kept() -> None:
    bare = patient(identifier("1"), birthDate=None)
    del bare["birthDate"], bare["identifier"][0]["system"]
    bare["name"] = [{"family": "홍"}]
    found = read(bare)

    assert [(each.path, each.severity) for each in found.issues] == [
        ("Patient.identifier", "warning"),
        ("Patient.name.text", "warning"),
        ("Patient.birthDate", "warning"),
    ]
    assert len(found.record.persons) == 1
    del bare["meta"]
    assert read(bare).issues == []
