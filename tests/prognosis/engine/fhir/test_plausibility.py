"""What cannot be true of a patient is told and left out; the rest is used."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bench.fhir_cohort import cohort
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.intake import Intake
from madang.prognosis.engine.fhir.issues import operation_outcome
from madang.prognosis.engine.fhir.plausibility import Usable, usable
from madang.prognosis.engine.fhir.tables import tables
from tests.prognosis.engine.fhir.valid import (
    CONDITION,
    EVERY,
    OBSERVATION,
    PATIENT,
    changed,
    concept,
)

NOW = datetime(2024, 6, 1, tzinfo=UTC)
QUANTITY = OBSERVATION["valueQuantity"]


def judged(*resources: dict[str, Any]) -> Usable:
    read = Intake()
    for row, each in enumerate(resources, start=1):
        read.take(each, row)
    assert not any(each.refuses for each in read.issues), [each.facts() for each in read.issues]
    return usable(read.record, NOW)


def person(**more: Any) -> dict[str, Any]:
    made = {
        key: value
        for key, value in PATIENT.items()
        if key not in {"identifier", "deceasedBoolean"}
    }
    return made | more


def test_a_sound_record_is_used_whole() -> None:
    found = judged(
        PATIENT, OBSERVATION, changed(CONDITION, "subject", to={"reference": "Patient/p1"})
    )

    assert found.issues == []
    assert [each.value for each in found.values] == [1.2]
    assert [each.code for each in found.coded] == ["K74.3"]


PERSONS = [
    ("madang-future", {"birthDate": "2024-06-03"}, ".birthDate"),
    ("madang-future", {"birthDate": "2025"}, ".birthDate"),
    ("madang-future", {"deceasedDateTime": "2024-07-01"}, ".deceased"),
    ("madang-death-before-birth", {"deceasedDateTime": "1950-02-26"}, ".deceased"),
    ("madang-age", {"birthDate": "1890"}, ".birthDate"),
]


@pytest.mark.parametrize(("rule", "more", "path"), PERSONS)
def test_an_impossible_patient_is_refused_with_all_values(rule: str, more: Any, path: str) -> None:
    found = judged(person(**more), OBSERVATION, OBSERVATION)

    first, second = found.issues
    assert (first.rule, first.path, first.line) == (rule, f"Patient{path}", 1)
    assert first.refuses
    assert second.rule == "madang-no-patient"
    assert found.left_out["madang-no-patient"] == 2
    assert (found.persons, found.values) == ({}, [])


def test_a_birthday_may_be_today_and_a_death_may_lack_its_day() -> None:
    found = judged(person(birthDate="2024-06-01", deceasedBoolean=True))

    assert found.issues == []


def test_an_identifier_on_two_patients_refuses_both() -> None:
    found = judged(PATIENT, changed(PATIENT, "id", to="p2"), person(id="p3", birthDate="1951"))

    assert [(each.rule, each.path, each.code) for each in found.issues] == [
        ("madang-shared-identifier", "Patient.identifier[0]", "duplicate")
    ] * 2
    assert set(found.persons) == {"p3"}


def test_one_id_on_two_patients_refuses_both() -> None:
    found = judged(person(), person(birthDate="1960"))

    assert [each.rule for each in found.issues] == ["madang-shared-id"] * 2


def test_patients_who_look_alike_are_kept_with_a_warning() -> None:
    found = judged(person(), person(id="p2"), person(id="p3", gender="male"))

    assert [(each.rule, each.severity) for each in found.issues] == [("madang-alike", "warning")]
    assert set(found.persons) == {"p1", "p2", "p3"}


def quantity(**more: Any) -> dict[str, Any]:
    made = {**QUANTITY, **more}
    return {"valueQuantity": {key: value for key, value in made.items() if value is not ...}}


VALUES = [
    ("madang-impossible", quantity(value=-3), ".value"),
    ("madang-impossible", quantity(value=0), ".value"),
    ("madang-impossible", quantity(value=171), ".value"),
    ("madang-impossible", quantity(value=Decimal("1e200")), ".value"),
    ("madang-comparator", quantity(comparator="<"), ".value.comparator"),
    ("madang-unit", quantity(code=..., system=...), ".value.code"),
    ("madang-unit", quantity(code="mg/dl ", system=...) | quantity(code="mgdl"), ".value.code"),
    ("madang-unit", quantity(system="http://local"), ".value.code"),
    ("madang-unit", quantity(code="g"), ".value.code"),
    ("madang-void", {"status": "entered-in-error"}, ".status"),
    ("madang-void", {"status": "cancelled"}, ".status"),
    ("madang-future", {"effectiveDateTime": "2024-06-03"}, ".effective"),
    ("madang-before-birth", {"effectiveDateTime": "1950-02-20"}, ".effective"),
    ("madang-no-day", {"effectiveDateTime": "2020-02"}, ".effective"),
    ("madang-unknown-code", {"code": concept("718-7")}, ".code"),
    ("madang-unknown-code", {"code": {"text": "빌리루빈"}}, ".code"),
    ("madang-no-patient", {"subject": {"reference": "Patient/p7"}}, ".subject"),
]


@pytest.mark.parametrize(("rule", "more", "path"), VALUES)
def test_a_value_that_cannot_be_used_is_told_and_left_out(rule: str, more: Any, path: str) -> None:
    found = judged(PATIENT, {**OBSERVATION, **more}, OBSERVATION)

    assert [(each.rule, each.path, each.line) for each in found.issues] == [
        (rule, f"Observation{path}", 2)
    ]
    assert not found.issues[0].refuses
    assert found.issues[0].said.ko
    assert len(found.values) == 1
    assert found.left_out == {rule: 1}


def test_a_value_after_death_is_left_out() -> None:
    dead = person(deceasedDateTime="2020-02-20")

    found = judged(dead, OBSERVATION, {**OBSERVATION, "effectiveDateTime": "2020-02-20"})

    assert [each.rule for each in found.issues] == ["madang-after-death"]
    assert len(found.values) == 1


def test_a_value_that_is_absent_is_no_fault() -> None:
    absent = {key: value for key, value in OBSERVATION.items() if key != "valueQuantity"}

    found = judged(PATIENT, {**absent, "dataAbsentReason": {"text": "용혈"}})

    assert (found.issues, found.values) == ([], [])


def test_codes_that_are_not_known_are_told_once_with_their_number() -> None:
    other = {**OBSERVATION, "code": concept("718-7")}

    found = judged(PATIENT, other, other, other)

    assert len(found.issues) == 1
    assert "3 values" in found.issues[0].said.en
    assert found.left_out["madang-unknown-code"] == 3


def test_a_diagnosis_that_was_refuted_or_lies_ahead_is_left_out() -> None:
    own = changed(CONDITION, "subject", to={"reference": "Patient/p1"})
    own = {key: value for key, value in own.items() if key not in {"onsetAge", "abatementString"}}
    status = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    refuted = {**own, "verificationStatus": concept("refuted", status)}

    found = judged(PATIENT, refuted, {**own, "onsetDateTime": "2030"}, own)

    assert [each.rule for each in found.issues] == ["madang-void", "madang-future"]
    assert len(found.coded) == 1


def test_an_observation_that_hides_its_status_is_not_used() -> None:
    hidden = {key: value for key, value in OBSERVATION.items() if key != "status"}
    absent = {"extension": [{"url": "http://x/absent", "valueCode": "masked"}]}

    found = judged(PATIENT, {**hidden, "_status": absent})

    assert [each.rule for each in found.issues] == ["madang-void"]
    assert found.values == []


def test_no_wreck_of_a_record_breaks_the_way_to_the_tables() -> None:
    """Whatever the rules accept can be judged, tabled and told."""
    draw = random.Random(11)
    junk = (None, [], {}, "", "x", "2020", "9999-12-31", "0001-01-01T00:00:00+14:00", -1, 10**400)
    junk += (True, [None], {"id": "a"}, "#", "urn:uuid:1", {"reference": "Patient/p1"})

    def wreck(value: Any, share: float) -> Any:
        if draw.random() < share:
            return draw.choice(junk)
        if isinstance(value, dict):
            return {key: wreck(each, share) for key, each in value.items()}
        return [wreck(each, share) for each in value] if isinstance(value, list) else value

    for _ in range(60):
        read = Intake()
        for each in (*EVERY, *cohort(1, visits=2)):
            read.take(wreck(each, draw.choice((0, 0.01, 0.05))))
        found = usable(read.record, NOW)
        tables(found)
        assert check(operation_outcome([*read.issues, *found.issues])) == []
