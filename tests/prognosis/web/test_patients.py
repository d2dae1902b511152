"""A patient is opened for a purpose, told with its doubts, handed out and erased."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.test import Client

from madang.kernel.evidence.statement import Statement
from madang.portal.models import ErasableValue, LogEntry
from madang.prognosis.engine.followup.next_visit import next_visit
from madang.prognosis.web.models import Identity, Look, Patient, Prognosis, Visit
from madang.prognosis.web.services import answers, people, registry
from tests.portal.people import enter
from tests.prognosis.web import ward

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db


def client(user: User, *, language: str = "ko") -> Client:
    """Signed in."""
    found = enter(Client(), user)
    found.cookies["django_language"] = language
    return found


def entries(noun: str) -> list[dict[str, Any]]:
    """What the evidence log says under a noun, the oldest first."""
    rows = LogEntry.objects.filter(predicate_type__contains=f"/{noun}/").order_by("index")
    return [dict(Statement.decode(bytes(each.content)).predicate) for each in rows]


def opened(house: ward.Ward, row: Patient) -> Client:
    """The doctor has told a purpose."""
    found = client(house.doctor)
    found.post(f"{row.get_absolute_url()}look", {"purpose": "care"})
    return found


def test_a_patient_opens_only_for_a_purpose_which_is_logged() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    doctor, url = client(house.doctor), row.get_absolute_url()

    refused = doctor.get(url)
    without_a_note = doctor.post(f"{url}look", {"purpose": "research"})
    told = doctor.post(f"{url}look?next={url}visit", {"purpose": "research", "note": "IRB 7"})

    assert refused.status_code == 302
    assert refused["Location"].startswith(f"{url}look?next=")
    assert without_a_note.status_code == 422
    assert told["Location"] == f"{url}visit"
    assert doctor.get(url).status_code == 200
    assert [each.note for each in Look.objects.all()] == ["IRB 7"]
    assert entries("patient-opened")[0]["purpose"] == "research"


def test_a_purpose_leads_nowhere_outside() -> None:
    house = ward.ward()
    row = ward.patient(house)
    doctor = client(house.doctor)
    for target in ("//evil.example/prognosis/", "https://evil.example/", "/account/"):
        answer = doctor.post(f"{row.get_absolute_url()}look?next={target}", {"purpose": "care"})

        assert answer["Location"] == row.get_absolute_url()


def test_others_do_not_learn_that_a_patient_exists() -> None:
    house, other = ward.ward(), ward.ward()
    row = ward.patient(house)
    stranger = client(other.doctor)
    for page in ("", "look", "visit", "end", "fhir", "erase"):
        assert stranger.get(f"{row.get_absolute_url()}{page}").status_code == 404, page
    found = stranger.post("/prognosis/patients/", {"number": "A-1"})

    assert found.status_code == 422
    assert client(house.agency).get(f"{row.get_absolute_url()}visit").status_code == 404


def test_the_page_tells_the_risk_with_its_doubts_and_what_changed() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    page = opened(house, row).get(row.get_absolute_url()).content.decode()
    said = Prognosis.objects.get(patient=row)

    assert said.risk is not None and said.before is not None
    assert said.risk > said.before  # its bilirubin has doubled
    row.refresh_from_db()
    model = said.model
    first = answers.at_visit(model, answers.chart_of(row), 0.0)
    assert said.before == first.at(730)[0]
    limits = registry.limits(model)
    cautious = np.minimum.accumulate(1 - np.array(said.answer["high"]))
    plan = next_visit(said.answer["days"], cautious, limits)
    assert said.next_on == said.on + timedelta(days=round(plan.at))
    assert all(max(map(abs, each["points"])) >= 5e-4 for each in said.drivers)
    assert f"{100 * said.before:.1f}%에서 {100 * said.risk:.1f}%로" in page
    assert "비슷한 환자 100명 가운데" in page
    assert "95 % 구간" in page
    assert "시험용" in page
    assert "빌리루빈" in page
    assert said.drivers[0]["column"] == "bilirubin_mg_dl"
    assert str(said.next_on) in page
    assert "가장 비슷한 학습 환자" in page
    place = said.answer["days"].index(730.0)
    whole = sum(cause[place] for cause in said.answer["causes"]) + said.answer["free"][place]
    assert abs(whole - 1) < 1e-9


def test_a_patient_whom_the_model_does_not_know_gets_a_sentence_and_no_number() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house, bilirubin=(1.2, 900.0))
    page = opened(house, row).get(row.get_absolute_url()).content.decode()

    assert "이 환자는 예측하지 않습니다" in page
    assert "900" in page
    assert "100명 가운데" not in page
    assert Prognosis.objects.get(patient=row).risk is None


def test_the_next_visit_is_planned_by_the_cautious_end_of_the_interval() -> None:
    house = ward.ward()
    model = ward.model(house)
    limits = registry.limits(model)
    differing = 0
    for number, bilirubin in enumerate((0.8, 1.0, 1.2, 1.4)):
        row = ward.patient(house, f"N-{number}", since=30, bilirubin=(bilirubin,))
        said = answers.prognose(row, model, by=None)
        ends = [np.minimum.accumulate(1 - np.array(said.answer[name])) for name in ("high", "low")]
        plans = [round(next_visit(said.answer["days"], each, limits).at) for each in ends]
        differing += plans[0] < plans[1]

        assert said.next_on == said.on + timedelta(days=plans[0])
    assert differing


def test_an_answer_is_made_anew_once_a_visit_came() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    doctor = opened(house, row)
    doctor.get(row.get_absolute_url())
    first = Prognosis.objects.get(patient=row)
    doctor.get(row.get_absolute_url())
    assert Prognosis.objects.get(patient=row).at == first.at

    sent = {"on": str(ward.day(0)), "bilirubin_mg_dl": "6.5"}
    answer = doctor.post(f"{row.get_absolute_url()}visit", sent)
    doctor.get(row.get_absolute_url())
    second = Prognosis.objects.get(patient=row)

    assert answer.status_code == 302
    assert second.pk == first.pk
    assert second.risk > first.risk
    assert len(entries("prognosis-made")) == 2


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"on": "2999-01-01", "bilirubin_mg_dl": "2"}, "2999-01-01"),
        ({"on": "1999-01-01", "bilirubin_mg_dl": "2"}, "1999-01-01"),
        ({"on": "today", "bilirubin_mg_dl": "2"}, "날짜를 쓰십시오"),
        ({"bilirubin_mg_dl": "-2"}, "0"),
        ({"bilirubin_mg_dl": "nan"}, "수를 쓰십시오"),
        ({}, "하나 이상"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(sent: dict[str, str], word: str) -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    before = Visit.objects.count()
    answer = opened(house, row).post(
        f"{row.get_absolute_url()}visit", {"on": str(ward.day(0)), **sent}
    )

    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert Visit.objects.count() == before


def test_a_follow_up_ends_once_and_not_before_the_last_visit() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    doctor, url = opened(house, row), f"{row.get_absolute_url()}end"

    early = doctor.post(url, {"on": str(ward.day(290)), "cause": "1"})
    unknown = doctor.post(url, {"on": str(ward.day(1)), "cause": "7"})
    done = doctor.post(url, {"on": str(ward.day(1)), "cause": "2"})
    again = doctor.post(url, {"on": str(ward.day(0)), "cause": "1"})
    row.refresh_from_db()

    assert [each.status_code for each in (early, unknown, done, again)] == [422, 422, 302, 422]
    assert (row.ended_on, row.cause) == (ward.day(1), 2)
    assert "간 이식" in doctor.get(row.get_absolute_url()).content.decode()


def test_a_patient_is_found_by_number_and_the_number_stands_nowhere() -> None:
    house = ward.ward()
    row = ward.patient(house, "SECRET-77")
    answer = client(house.doctor).post("/prognosis/patients/", {"number": " secret-77 "})

    assert answer["Location"] == row.get_absolute_url()
    kept = json.dumps([*Patient.objects.values("pk", "pseudonym", "system", "fixed")])
    assert "SECRET" not in kept.upper()
    assert b"SECRET" not in bytes(Identity.objects.get().sealed)
    logged = b"".join(bytes(each.content) for each in LogEntry.objects.all())
    assert b"SECRET" not in logged
    assert "홍길동".encode() not in logged


def test_a_patient_cannot_be_registered_twice_and_the_form_keeps_what_was_typed() -> None:
    house = ward.ward()
    ward.patient(house, "A-9")
    sent = {
        **{"organisation": house.hospital.slug, "number": "a-9", "name": "김환자"},
        **{"entered_on": str(ward.day(3)), "sex": "female", "age": "44"},
    }
    answer = client(house.doctor).post("/prognosis/patients/register", sent)

    assert answer.status_code == 422
    assert "김환자" in answer.content.decode()
    made = client(house.doctor).post("/prognosis/patients/register", sent | {"number": "B-1"})
    assert made.status_code == 302
    assert people.find_any(house.hospital, "b-1") is not None


def test_all_that_is_held_of_a_patient_is_handed_out() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    agency = client(house.agency)
    agency.post(f"{row.get_absolute_url()}look", {"purpose": "request", "note": "written request"})
    agency.get(row.get_absolute_url())
    told = json.loads(agency.post(f"{row.get_absolute_url()}export").content)

    assert told["identity"]["name"] == "홍길동"
    assert len(told["visits"]) == 2
    assert told["prognoses"][0]["answer"]["risk"]
    assert told["looks"][0]["purpose"] == "request"
    assert told["patient"]["pseudonym"] is None
    assert len(entries("patient-exported")) == 1
    assert opened(house, row).post(f"{row.get_absolute_url()}export").status_code == 404


def test_an_erased_patient_leaves_proofs_and_no_value() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    agency = client(house.agency)
    url = row.get_absolute_url()
    agency.post(f"{url}look", {"purpose": "request", "note": "erasure"})
    agency.get(url)
    told = [each["after"] for each in entries("visit-recorded")]
    assert ErasableValue.objects.filter(digest__in=told).count() == len(told) > 0
    assert agency.get(f"{url}erase").status_code == 200

    answer = agency.post(f"{url}erase", {"reason": "on request"})

    assert answer.status_code == 302
    assert not Patient.objects.exists()
    assert not Visit.objects.exists() and not Prognosis.objects.exists()
    assert not Identity.objects.exists() and not Look.objects.exists()
    assert not ErasableValue.objects.filter(digest__in=told).exists()
    assert entries("patient-erased")[0]["reason"] == "on request"
    assert agency.get(url).status_code == 404


def test_a_prognosis_leaves_as_fhir_in_percent() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    bundle = json.loads(opened(house, row).get(f"{row.get_absolute_url()}fhir").content)
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    told = bundle["entry"][0]["resource"]
    said = Prognosis.objects.get(patient=row)
    place = said.answer["days"].index(730.0)
    within = [
        each["probabilityDecimal"]
        for each in told["prediction"]
        if "probabilityDecimal" in each and each["outcome"]["text"] == "death"
    ]

    assert kinds == ["RiskAssessment", "ServiceRequest", "CarePlan"]
    assert round(100 * said.answer["risk"][place], 2) in [float(each) for each in within]
    assert told["subject"]["reference"] == f"Patient/{row.pk}"
    ends = {each["whenPeriod"]["end"][:10] for each in told["prediction"]}
    made = date.fromisoformat(told["occurrenceDateTime"][:10])
    lengths = sorted((date.fromisoformat(each) - made).days for each in ends)
    assert [round(each / 365.25) for each in lengths] == [1, 2]


def test_pages_speak_english_too() -> None:
    house = ward.ward()
    ward.model(house)
    row = ward.patient(house)
    people.look(row, by=house.doctor, purpose="care")
    page = client(house.doctor, language="en").get(row.get_absolute_url()).content.decode()

    assert "Of 100 people like this one" in page
    assert "For trial use" in page
