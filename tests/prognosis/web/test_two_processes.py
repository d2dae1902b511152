"""A hospital's own FHIR server and this site, each a process of its own, exchange a patient."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from madang.kernel.errors import InputError, Unavailable
from madang.prognosis.engine.fhir.rest import Server
from madang.prognosis.engine.fhir.writing import transaction
from madang.prognosis.web.models import Patient, Prognosis, Visit
from madang.prognosis.web.services import intake, sending
from tests.prognosis import fhir_server
from tests.prognosis.web import records, ward

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with fhir_server.running() as found:
        yield found


def test_a_patient_comes_from_the_hospital_and_a_prognosis_goes_back(address: str) -> None:
    house = ward.ward()
    row = ward.model(house)
    hospital = Server(address=address)
    first, last = ward.day(200), ward.day(20)
    sent = [
        *(records.person(), records.value(1, first, 1.4), records.albumin(2, first)),
        *(records.value(3, last, 2.6), records.albumin(4, last)),
        # What the other server lets pass, this one must not use.
        records.value(5, last, 44.0, valueQuantity={"value": 44.0, "unit": "mg/dL"}),
        records.value(6, ward.day(-40), 44.0),
        records.value(7, ward.day(10), 44.0, status="foo"),
    ]
    hospital.put(transaction([each for each in sent if each.get("status") != "foo"]))
    read = hospital.patient("p1")
    read.take(sent[-1])
    taken = intake.take(read, owner=house.hospital, by=house.doctor, name=address)
    one = Patient.objects.get()
    bundle = sending.bundle(one, row)
    assert bundle is not None
    answer = hospital.put(bundle)
    said = Prognosis.objects.get()

    assert taken.counts["issues"] == 3
    assert [each.values for each in Visit.objects.all()] == [
        {"bilirubin_mg_dl": 1.4, "albumin_g_dl": 3.4},
        {"bilirubin_mg_dl": 2.6, "albumin_g_dl": 3.4},
    ]
    assert {each["response"]["status"][:3] for each in answer["entry"]} <= {"200", "201"}
    with urlopen(f"{address}/RiskAssessment?subject=Patient/p1", timeout=30) as kept:
        found = json.load(kept)["entry"][0]["resource"]
    place = said.answer["days"].index(730.0)
    told = [each.get("probabilityDecimal") for each in found["prediction"]]
    assert round(100 * said.answer["risk"][place], 2) in told
    with urlopen(f"{address}/CarePlan?subject=Patient/p1", timeout=30) as kept:
        plan = json.load(kept)["entry"][0]["resource"]
    assert plan["activity"][0]["detail"]["scheduledPeriod"]["start"] == str(said.next_on)


def test_a_patient_whom_the_hospital_does_not_know_is_a_sentence(address: str) -> None:
    with pytest.raises(InputError):
        Server(address=address).patient("nobody")
    with pytest.raises(Unavailable):
        Server(address="http://127.0.0.1:9").patient("p1")
