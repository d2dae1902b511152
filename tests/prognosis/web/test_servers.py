"""A hospital's server gives a patient, takes a prognosis, and opens a patient from its chart."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client

from madang.portal.models import LogEntry
from madang.prognosis.web.models import FhirServer, Look, Patient
from madang.prognosis.web.services import people, servers
from tests.portal.people import enter
from tests.prognosis.web import records, ward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db

TOKEN = "very-secret-token"


class Ehr:
    """A hospital's server that grants one launch and holds one patient."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, str]] = []
        ehr = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _answer(self, body: str) -> None:
                path = self.path.partition("?")[0]
                ehr.asked.append((path, self.headers.get("Authorization", ""), body))
                empty = (200, {"resourceType": "Bundle", "type": "searchset"})
                status, value = ehr.told.get(path, empty)
                self.send_response(status)
                self.end_headers()
                text = value if isinstance(value, str) else json.dumps(value)
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        values = [
            *(records.value(1, ward.day(200), 1.4), records.albumin(2, ward.day(200))),
            *(records.value(3, ward.day(20), 2.6), records.albumin(4, ward.day(20))),
        ]
        bundle = {"resourceType": "Bundle", "type": "searchset"}
        self.told = {
            "/Patient/p1": (200, records.person()),
            "/Patient/p2": (404, {"resourceType": "OperationOutcome"}),
            "/Observation": (200, bundle | {"entry": [{"resource": each} for each in values]}),
            "/": (200, {"resourceType": "Bundle", "type": "transaction-response"}),
            "/.well-known/smart-configuration": (
                200,
                {
                    "authorization_endpoint": "https://ehr.example/auth",
                    "token_endpoint": f"{self.address}/token",
                    "code_challenge_methods_supported": ["S256"],
                },
            ),
            "/token": (
                200,
                {"access_token": TOKEN, "token_type": "Bearer", "patient": "p1", "scope": "x"},
            ),
        }
        self.told[""] = self.told["/"]


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    made = Ehr()
    yield made
    made.server.shutdown()
    made.server.server_close()


def known(house: ward.Ward, ehr: Ehr) -> FhirServer:
    return servers.add(
        house.hospital, by=house.agency, title="EHR", address=ehr.address, client="madang"
    )


def nowhere(secret: str) -> bool:
    """Whether no row and no log entry of the whole site holds a text."""
    rows = [
        serialize("json", model._default_manager.all())
        for model in apps.get_models()
        if model._meta.db_table != "django_session"
    ]
    logged = [bytes(each.content).decode() for each in LogEntry.objects.all()]
    return not any(secret in text for text in [*rows, *logged])


def test_who_connects_names_servers_and_removes_them(ehr: Ehr) -> None:
    house, other = ward.ward(), ward.ward()
    agency = enter(Client(), house.agency)
    sent = {
        **{"organisation": house.hospital.slug, "title": "EHR", "client": "madang"},
        "address": f"{ehr.address}/",
    }
    assert agency.post("/prognosis/servers/", sent).status_code == 302
    row = FhirServer.objects.get()
    page = agency.get("/prognosis/servers/").content.decode()
    remove = f"/prognosis/servers/{row.pk}/remove"

    assert row.address == ehr.address
    assert "/prognosis/launch" in page
    assert agency.post("/prognosis/servers/", sent).status_code == 422
    for address in ("http://hospital.example/fhir", "ftp://x", "nonsense"):
        assert agency.post("/prognosis/servers/", sent | {"address": address}).status_code == 422
    assert enter(Client(), house.doctor).get("/prognosis/servers/").status_code == 403
    assert enter(Client(), other.agency).post(remove).status_code == 404
    assert agency.get(remove).status_code == 200 and FhirServer.objects.exists()
    assert agency.post(remove).status_code == 302
    assert not FhirServer.objects.exists()


def fetch(house: ward.Ward, row: FhirServer, patient: str) -> HttpResponse:
    sent = {"chosen": str(row.pk), "patient": patient, "token": TOKEN}
    return enter(Client(), house.doctor).post("/prognosis/records/fetch", sent)


def test_a_patient_comes_in_and_the_token_stays_nowhere(ehr: Ehr) -> None:
    house = ward.ward()
    row = known(house, ehr)
    answer = fetch(house, row, "p1")

    assert answer.status_code == 302
    assert Patient.objects.get().visits.count() == 2
    assert {each[1] for each in ehr.asked} == {f"Bearer {TOKEN}"}
    assert nowhere(TOKEN)
    for wrong in ("p2", "../p1", ""):
        refused = fetch(house, row, wrong)
        assert refused.status_code == 422
        assert TOKEN not in refused.content.decode()
    ehr.told["/Patient/p1"] = (503, "away")
    assert "503" in fetch(house, row, "p1").content.decode()
    assert fetch(ward.ward(), row, "p1").status_code == 422  # another hospital's server


def test_a_prognosis_is_sent_to_the_hospitals_server(ehr: Ehr) -> None:
    house = ward.ward()
    ward.model(house)
    row = known(house, ehr)
    fetch(house, row, "p1")
    patient = Patient.objects.get()
    people.look(patient, by=house.doctor, purpose="care")
    doctor, url = enter(Client(), house.doctor), f"{patient.get_absolute_url()}send"
    sent = {"chosen": str(row.pk), "token": TOKEN}

    assert doctor.get(url).status_code == 200
    assert doctor.post(url, sent).status_code == 302
    body = json.loads(ehr.asked[-1][2])
    assert body["type"] == "transaction"
    assert body["entry"][0]["resource"]["subject"]["reference"] == "Patient/p1"
    assert nowhere(TOKEN)
    for path in ("", "/"):
        ehr.told[path] = (422, "no")
    refused = doctor.post(url, sent)
    assert refused.status_code == 422
    assert "422" in refused.content.decode()


def begin(client: Client, ehr: Ehr, *, launch: str = "xyz") -> HttpResponse:
    return client.get("/prognosis/launch", {"iss": ehr.address, "launch": launch})


def test_a_chart_opens_the_patients_page(ehr: Ehr) -> None:
    house = ward.ward()
    ward.model(house)
    known(house, ehr)
    doctor = enter(Client(), house.doctor)
    begun = begin(doctor, ehr)
    address = urlsplit(begun["Location"])
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    back = {"code": "c0de", "state": asked["state"]}
    ended = doctor.get("/prognosis/launched", back)
    sent = {k: v[0] for k, v in parse_qs(ehr.asked[1][2]).items()}
    digest = hashlib.sha256(sent["code_verifier"].encode()).digest()

    assert begun.status_code == 302
    assert (address.scheme, address.netloc) == ("https", "ehr.example")
    assert asked["aud"] == ehr.address and asked["launch"] == "xyz"
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert sent["code"] == "c0de" and sent["client_id"] == "madang"
    patient = Patient.objects.get()
    assert ended["Location"] == patient.get_absolute_url()
    assert Look.objects.get().note == "SMART"
    assert doctor.get(ended["Location"]).status_code == 200
    assert nowhere(TOKEN)
    assert doctor.get("/prognosis/launched", back).status_code == 422  # once


def test_after_signing_in_a_link_leads_on(ehr: Ehr) -> None:
    house = ward.ward()
    known(house, ehr)
    doctor = enter(Client(), house.doctor)
    query = {"iss": ehr.address, "launch": "xyz"}
    page = doctor.get("/prognosis/launch", query, headers={"Sec-Fetch-Site": "same-origin"})

    assert page.status_code == 200
    assert 'href="https://ehr.example/auth?' in page.content.decode()


def test_a_launch_that_began_elsewhere_or_was_refused_opens_nothing(ehr: Ehr) -> None:
    house = ward.ward()
    known(house, ehr)
    doctor, thief = enter(Client(), house.doctor), enter(Client(), house.doctor)
    state = parse_qs(urlsplit(begin(doctor, ehr)["Location"]).query)["state"][0]

    assert thief.get("/prognosis/launched", {"code": "c", "state": state}).status_code == 422
    wrong = {"code": "c", "state": f"{state}x"}
    assert doctor.get("/prognosis/launched", wrong).status_code == 422
    assert doctor.get("/prognosis/launched", {"code": "c", "state": state}).status_code == 422
    begin(doctor, ehr)
    kept = doctor.session[servers.STATE]
    session = doctor.session
    session[servers.STATE] = kept | {"at_s": kept["at_s"] - servers.LASTS_S - 1}
    session.save()
    late = {"code": "c", "state": kept["state"]}
    assert doctor.get("/prognosis/launched", late).status_code == 422
    begin(doctor, ehr)
    denied = {"error": "access_denied", "state": doctor.session[servers.STATE]["state"]}
    page = doctor.get("/prognosis/launched", denied)
    assert page.status_code == 422 and "access_denied" in page.content.decode()
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/.well-known/smart-configuration", (200, {"token_endpoint": "https://x/t"})),
        ("/.well-known/smart-configuration", (200, "no json")),
        ("/.well-known/smart-configuration", (404, "")),
        ("/.well-known/smart-configuration", (500, "")),
        (
            "/.well-known/smart-configuration",
            (200, {"authorization_endpoint": "http://x/a", "token_endpoint": "https://x/t"}),
        ),
        (
            "/.well-known/smart-configuration",
            (
                200,
                {
                    "authorization_endpoint": "https://x/a",
                    "token_endpoint": "https://x/t",
                    "code_challenge_methods_supported": ["plain"],
                },
            ),
        ),
        ("/token", (400, {"error": "invalid_grant"})),
        ("/token", (200, {"access_token": TOKEN, "token_type": "mac", "patient": "p1"})),
        ("/token", (200, {"access_token": TOKEN, "token_type": "Bearer"})),
        ("/token", (200, {"access_token": 7, "token_type": "Bearer", "patient": "p1"})),
        ("/Patient/p1", (404, "")),
    ],
)
def test_a_server_that_answers_otherwise_is_a_sentence(
    ehr: Ehr, path: str, told: tuple[int, Any]
) -> None:
    house = ward.ward()
    known(house, ehr)
    doctor = enter(Client(), house.doctor)
    ehr.told[path] = told
    begun = begin(doctor, ehr)
    assert (begun.status_code == 422) is ("smart-configuration" in path)
    if begun.status_code == 302:
        back = {"code": "c", "state": doctor.session[servers.STATE]["state"]}
        begun = doctor.get("/prognosis/launched", back)

    assert begun.status_code == 422
    assert "차트에서 열지 못했습니다" in begun.content.decode()
    assert TOKEN not in begun.content.decode()
    assert not Patient.objects.exists()


def test_only_a_named_server_launches(ehr: Ehr) -> None:
    house, other = ward.ward(), ward.ward()
    known(other, ehr)
    answer = begin(enter(Client(), house.doctor), ehr)

    assert answer.status_code == 422
    assert ehr.asked == []
    assert begin(enter(Client(), other.doctor), ehr, launch="").status_code == 422
    assert Client().get("/prognosis/launch").status_code == 302
