"""A record goes to a separate FHIR server and comes back as it was; what is odd is refused.

The first tests speak with a small server of their own; the last start the one of npm, which stands
where `make fhir-server` has been run.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from bench.fhir_cohort import as_lines, cohort
from madang.kernel.errors import InputError, Unavailable
from madang.prognosis.engine.fhir import rest
from madang.prognosis.engine.fhir.intake import read_lines
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.rest import Server
from madang.prognosis.engine.fhir.strict_json import write_json
from madang.prognosis.engine.fhir.tables import tables
from madang.prognosis.engine.fhir.writing import (
    Risk,
    care_plan,
    risk_assessment,
    service_request,
    transaction,
)
from tests.prognosis import fhir_server
from tests.prognosis.engine.fhir.valid import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Small:
    """A server that answers each path with what it was told to."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        self.headers: list[str | None] = []
        small = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                small.headers.append(self.headers["Authorization"])
                empty = (200, '{"resourceType":"Bundle","type":"searchset"}')
                status, text = small.answers.get(self.path.partition("?")[0], empty)
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/fhir"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tell(self, path: str, value: Any, status: int = 200) -> None:
        self.answers[f"/fhir/{path}"] = (status, write_json(value))


@pytest.fixture
def small() -> Iterator[Small]:
    made = Small()
    made.tell("Patient/p1", next(cohort(1)))
    yield made
    made.server.shutdown()
    made.server.server_close()


def page(*resources: Any, following: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if following:
        made["link"] = [{"relation": "next", "url": following}]
    return made | {"entry": [{"resource": each} for each in resources]}


def test_all_pages_of_a_search_are_read(small: Small) -> None:
    values = [each for each in cohort(1) if each["resourceType"] == "Observation"]
    small.tell("Observation", page(*values[:5], following=f"{small.address}/more"))
    small.tell("more", page(*values[5:9], following="last"))
    small.tell("last", page(*values[9:]))

    read = Server(address=small.address, token="t").patient("p1")

    assert read.issues == []
    assert len(read.record.measured) == len(values)
    assert set(small.headers) == {"Bearer t"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "https://evil.example/x"])
def test_pages_of_another_server_are_not_followed(small: Small, address: str) -> None:
    small.tell("Observation", page(following=address))

    with pytest.raises(InputError, match="another server"):
        Server(address=small.address, token="t").patient("p1")


def test_pages_without_end_are_not_followed(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST_PAGES", 5)
    small.tell("Observation", page(following=f"{small.address}/Observation"))

    with pytest.raises(InputError, match="no end"):
        Server(address=small.address).patient("p1")

    assert len(small.headers) == 6


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, InputError), (302, InputError), (401, InputError), (503, Unavailable)],
)
def test_a_refusal_is_told(small: Small, status: int, kind: type[Exception]) -> None:
    small.tell("Patient/p1", {}, status)

    with pytest.raises(kind, match=str(status)):
        Server(address=small.address).patient("p1")


def test_what_is_no_fhir_is_refused(small: Small) -> None:
    small.answers["/fhir/Patient/p1"] = (200, "[]")
    with pytest.raises(InputError, match="no FHIR"):
        Server(address=small.address).patient("p1")


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable):
        Server(address="http://127.0.0.1:9").patient("p1")


@pytest.mark.parametrize("address", ["http://h.kr/fhir", "file:///etc", "", "h.kr"])
def test_an_address_without_encryption_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="https"):
        Server(address=address)


@pytest.fixture(scope="module")
def npm_server() -> Iterator[str]:
    """A FHIR server of another maker, in a process of its own."""
    with fhir_server.running() as address:
        yield address


@pytest.mark.fhir
def test_a_record_comes_back_from_another_server_as_it_was(npm_server: str) -> None:
    resources = list(cohort(3))
    direct = tables(usable(read_lines(as_lines(iter(resources))).record, NOW))
    server = Server(address=npm_server)
    answer = server.put(transaction(resources))

    read = server.patient("p2")

    assert len(answer["entry"]) == len(resources)
    assert [each.facts() for each in read.issues] == []
    returned = tables(usable(read.record, NOW))
    assert returned.visits.equals(direct.visits.filter(patient="p2"))
    assert returned.patients.equals(direct.patients.filter(patient="p2"))
    assert returned.conditions.equals(direct.conditions.filter(patient="p2"))


@pytest.mark.fhir
def test_a_prognosis_is_put_on_another_server(npm_server: str) -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    risk = Risk(outcome="death", days=730, probability=0.231, low=0.18, high=0.29)
    made = [
        risk_assessment("p1", [risk], at=at, method="stack", id_="r1"),
        service_request(
            "p1", [("1975-2", "B")], on=date(2024, 9, 1), at=at, reason="risk", id_="s1"
        ),
        care_plan(
            "p1", visit=date(2024, 9, 1), latest=date(2024, 9, 9), at=at, description="x", id_="c1"
        ),
    ]

    answer = Server(address=npm_server).put(transaction(made))

    assert [each["response"]["status"] for each in answer["entry"]] == ["200"] * 3
    with urlopen(f"{npm_server}/RiskAssessment/r1", timeout=30) as kept:
        told = json.load(kept)
    assert told["prediction"][0]["probabilityDecimal"] == 23.1


@pytest.mark.fhir
def test_another_validator_finds_nothing_in_what_ours_accepts(npm_server: str) -> None:
    """Its own profiles of Medplum may ask for more; R4's structure and invariants are compared."""
    for each in (*EVERY, *cohort(2)):
        request = Request(f"{npm_server}/$validate", write_json(each).encode(), method="POST")  # noqa: S310
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            told = json.load(answer)
        errors = [row for row in told["issue"] if row["severity"] == "error"]
        assert errors == [], (each["resourceType"], errors)
