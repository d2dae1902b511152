"""Records come in by a file or with a token; what is wrong is named, and the rest is used."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.portal.models import LogEntry
from madang.prognosis.web.models import Card, Intake, Patient, Visit
from madang.prognosis.web.services import people
from tests.portal.people import enter, somebody
from tests.portal.programs import Program
from tests.prognosis.web import records, ward

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.django_db


def handed_in(house: ward.Ward, file: SimpleUploadedFile) -> Any:
    """The doctor takes a file in."""
    client = enter(Client(), house.doctor)
    sent = {"organisation": house.hospital.slug, "file": file}
    return client, client.post("/prognosis/records/", sent)


def test_a_file_becomes_patients_and_its_faults_are_named() -> None:
    house = ward.ward()
    file = records.lines(
        records.person(),
        records.value(1, ward.day(300), 1.4),
        records.value(2, ward.day(20), 2.2),
        records.value(3, ward.day(10), 2.5, status="foo"),
        records.value(4, ward.day(-30), 2.5),
    )
    client, answer = handed_in(house, file)
    row = Intake.objects.get()

    assert answer["Location"] == row.get_absolute_url()
    assert row.counts["patients"] == {"new": 1, "seen_again": 0, "visits": 2, "ended": 0}
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Observation.status" in page
    outcome = json.loads(client.get(f"{row.get_absolute_url()}outcome.json").content)
    assert outcome["resourceType"] == "OperationOutcome"
    assert len(outcome["issue"]) == row.counts["issues"] == 2
    one = Patient.objects.get()
    assert one.entered_on == ward.day(300)
    assert one.fixed["sex"] == "female"
    assert [each.values["bilirubin_mg_dl"] for each in Visit.objects.all()] == [1.4, 2.2]
    assert people.identity(one)["name"]
    assert people.find_any(house.hospital, "77") == one
    logged = b"".join(bytes(each.content) for each in LogEntry.objects.all())
    assert "길동".encode() not in logged


def test_the_same_patient_comes_again_and_dies() -> None:
    house = ward.ward()
    handed_in(house, records.lines(records.person(), records.value(1, ward.day(300), 1.4)))
    died = records.person(deceasedDateTime=f"{ward.day(5)}T03:00:00+09:00")
    handed_in(
        house,
        records.lines(
            died, records.value(1, ward.day(300), 1.4), records.value(2, ward.day(40), 9.0)
        ),
    )
    one = Patient.objects.get()

    assert (one.ended_on, one.cause) == (ward.day(5), 1)
    assert Visit.objects.count() == 2
    assert Intake.objects.first().counts["patients"]["seen_again"] == 1


def test_what_was_measured_before_the_entry_is_left_out() -> None:
    house = ward.ward()
    handed_in(house, records.lines(records.person(), records.value(1, ward.day(100), 1.4)))
    earlier = records.lines(
        records.person(),
        records.value(1, ward.day(300), 9.9),
        records.value(2, ward.day(50), 2.0),
    )
    _, answer = handed_in(house, earlier)
    days = [each.on for each in Visit.objects.all()]

    assert answer.status_code == 302
    assert days == [ward.day(100), ward.day(50)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b"id,name\n1,a\n", b"\xff\xfe"])
def test_a_file_without_any_record_is_refused_in_a_sentence(content: bytes) -> None:
    house = ward.ward()
    client, answer = handed_in(house, SimpleUploadedFile("x.csv", content))

    if answer.status_code == 302:  # every line of it is refused with its number
        row = Intake.objects.get()
        assert row.counts["patients"]["new"] == 0
        assert row.counts["issues"] >= 1
        assert client.get(row.get_absolute_url()).status_code == 200
    else:
        assert answer.status_code == 422
    assert not Patient.objects.exists()


def call(*resources: dict[str, Any], patient: str = "p1") -> dict[str, Any]:
    """A call of patient-view."""
    observations = [each for each in resources if each["resourceType"] == "Observation"]
    people_ = [each for each in resources if each["resourceType"] == "Patient"]
    return {
        "hookInstance": str(uuid.uuid4()),
        "hook": "patient-view",
        "context": {"userId": "Practitioner/1", "patientId": patient},
        "prefetch": {
            "patient": people_[0] if people_ else None,
            "observations": {
                "resourceType": "Bundle",
                "type": "searchset",
                "entry": [{"resource": each} for each in observations],
            },
        },
    }


HOOK = "/prognosis/cds-services/madang-prognosis"


def test_a_hospitals_system_finds_the_service_and_gets_a_card() -> None:
    house = ward.ward()
    ward.model(house)
    program = Program(house.agency)
    services = Client().get("/api/v1/prognosis/cds-services").json()["services"]
    sent = call(
        records.person(),
        *(records.value(1, ward.day(300), 1.4), records.albumin(2, ward.day(300))),
        *(records.value(3, ward.day(20), 2.2), records.albumin(4, ward.day(20))),
    )
    answer = program.post(HOOK, sent, **{"Accept-Language": "ko"})
    cards = answer.json()["cards"]

    assert services[0]["id"] == "madang-prognosis"
    assert answer.status_code == 200
    assert "100명 가운데" in cards[0]["summary"]
    assert "시험용" in cards[0]["detail"]
    assert cards[0]["links"][0]["url"].startswith("http")
    assert Card.objects.get(pk=cards[0]["uuid"]).owner == house.hospital
    assert not Patient.objects.exists()  # a question leaves no patient behind


def test_a_card_says_why_there_is_no_prognosis() -> None:
    house = ward.ward()
    program = Program(house.agency)
    sent = call(records.person(), records.value(1, ward.day(20), 1.4))
    korean = {"Accept-Language": "ko"}
    without_model = program.post(HOOK, sent, **korean).json()["cards"][0]
    ward.model(house)
    strange = program.post(
        HOOK, call(records.person(), records.value(1, ward.day(20), 90.0)), **korean
    )

    assert "사용 중인 모형이 없습니다" in without_model["summary"]
    assert "예후를 계산하지 않았습니다" in strange.json()["cards"][0]["summary"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"hook": "order-sign"}, 400),
        ({"hookInstance": "no-uuid"}, 400),
        ({"context": {"userId": "Practitioner/1"}}, 400),
        ({"prefetch": {}}, 412),
    ],
)
def test_a_call_that_cannot_be_answered_is_told_why(change: dict[str, Any], status: int) -> None:
    house = ward.ward()
    ward.model(house)
    answer = Program(house.agency).post(
        HOOK, call(records.person(), records.value(1, ward.day(20), 1.4)) | change
    )

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")


def test_calls_need_a_token_with_the_right() -> None:
    sent = json.dumps(call(records.person(), records.value(1, ward.day(20), 1.4)))
    nobody = Client().post(f"/api/v1{HOOK}", sent, content_type="application/json")

    assert nobody.status_code == 401
    assert Program().post(HOOK, json.loads(sent)).status_code == 403
    assert Program(somebody("agency")).post(HOOK, json.loads(sent)).json()["cards"]


def test_what_a_clinician_did_with_a_card_is_kept() -> None:
    house, other = ward.ward(), ward.ward()
    ward.model(house)
    sent = call(
        records.person(), records.value(1, ward.day(20), 1.4), records.albumin(2, ward.day(20))
    )
    name = Program(house.agency).post(HOOK, sent).json()["cards"][0]["uuid"]
    told = {
        "feedback": [
            {
                "card": name,
                "outcome": "overridden",
                "overrideReason": {"reason": {"code": "known"}, "userComment": "seen"},
                "outcomeTimestamp": "2026-11-23T10:05:31Z",
            }
        ]
    }
    others = Program(other.agency).post(f"{HOOK}/feedback", told)
    answer = Program(house.agency).post(f"{HOOK}/feedback", told)
    row = Card.objects.get(pk=name)

    assert others.json() == {"known": 0}
    assert answer.json() == {"known": 1}
    assert (row.outcome, row.reason, row.comment) == ("overridden", "known", "seen")


def test_a_bundle_comes_in_with_a_token() -> None:
    house = ward.ward()
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": records.person()},
            {"resource": records.value(1, ward.day(20), 1.4)},
            {"resource": records.value(2, ward.day(10), 1.4, status="foo")},
        ],
    }
    answer = Program(house.agency).post("/prognosis/records", bundle)

    assert answer.status_code == 200
    assert answer.json()["counts"]["patients"]["new"] == 1
    assert any("status" in each["expression"][0] for each in answer.json()["outcome"]["issue"])
    assert Patient.objects.get().owner == house.hospital
