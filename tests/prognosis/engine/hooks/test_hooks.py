"""A hospital's system finds the service, calls it, reads cards, and tells what became of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from bench.fhir_cohort import cohort
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.strict_json import write_json
from madang.prognosis.engine.hooks.answers import Refused, Told, patient_view
from madang.prognosis.engine.hooks.calls import read_call
from madang.prognosis.engine.hooks.cards import Card, Link, Source, response, shortened
from madang.prognosis.engine.hooks.discovery import SERVICE, discovery
from madang.prognosis.engine.hooks.errors import HookError
from madang.prognosis.engine.hooks.feedback import read_feedback
from madang.prognosis.engine.hooks.launch import authorisation, read_launch, read_opened

if TYPE_CHECKING:
    from madang.prognosis.engine.fhir.plausibility import Usable
    from madang.prognosis.engine.fhir.tables import Tables

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source(label=words("예후 모형", "Prognosis model"), url="https://h.kr/model")
ID = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
TOLD = Told(
    outcome=words("사망", "die"),
    years=2,
    probability=0.231,
    low=0.18,
    high=0.29,
    drivers=[words("빌리루빈", "bilirubin")],
    next_visit=date(2026, 3, 1),
    alarming=True,
)


def searchset(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def body(**more: Any) -> dict[str, Any]:
    patient, *others = list(cohort(1))
    values = [each for each in others if each["resourceType"] == "Observation"]
    made = {
        "hook": "patient-view",
        "hookInstance": ID,
        "fhirServer": "https://h.kr/fhir",
        "fhirAuthorization": {"access_token": "secret", "token_type": "Bearer"},
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": {"patient": patient, "observations": searchset(*values), "conditions": None},
    }
    return {key: value for key, value in {**made, **more}.items() if value is not ...}


def sent(**more: Any) -> bytes:
    return write_json(body(**more)).encode()


def answer(raw: bytes, told: Told | Refused = TOLD, language: Any = "en") -> list[dict[str, Any]]:
    def prognosis(patient: str, tables: Tables, found: Usable) -> Told | Refused:
        assert patient == "p1"
        assert tables.visits.height == 6
        assert list(found.persons) == ["p1"]
        return told

    link = Link(label=words("곡선", "Curve"), url="https://h.kr/p", smart=True, context="a")
    made = patient_view(
        raw, prognosis=prognosis, source=SOURCE, now=NOW, language=language, links=[link]
    )
    json.dumps(made)
    return made["cards"]


def test_the_service_is_found_with_what_it_reads() -> None:
    (service,) = discovery()["services"]

    assert service["hook"] == "patient-view"
    assert service["id"] == SERVICE
    assert service["prefetch"]["patient"] == "Patient/{{context.patientId}}"
    assert "http://loinc.org|1975-2" in service["prefetch"]["observations"]
    assert "{codes}" not in str(service)


def test_a_call_is_answered_with_a_card() -> None:
    (card,) = answer(sent())

    assert card["summary"] == "Within 2 years: die in 23 of 100 such patients (18 to 29)."
    assert card["indicator"] == "warning"
    assert card["source"] == {"label": "Prognosis model", "url": "https://h.kr/model"}
    assert "trial use" in card["detail"]
    assert "2026-03-01" in card["detail"]
    assert card["links"][0]["type"] == "smart"
    assert UUID(card["uuid"]).version == 4


def test_a_card_speaks_korean() -> None:
    (card,) = answer(sent(), language="ko")

    assert card["summary"] == "비슷한 환자 100명 가운데 23명이 2년 안에 사망(18~29명)."


def test_a_refusal_is_told_in_plain_words() -> None:
    (card,) = answer(
        sent(), Refused(reason=words("나이가 범위 밖", "The age is out of range " * 20))
    )

    assert card["summary"].startswith("No prognosis: The age is out of range")
    assert len(card["summary"]) < 140
    assert card["indicator"] == "info"


def test_data_that_were_left_out_are_told_on_a_card_of_their_own() -> None:
    made = body()
    entry = made["prefetch"]["observations"]["entry"]
    entry[0]["resource"]["status"] = "foo"
    extra = {**entry[1]["resource"], "id": "x", "effectiveDateTime": "2030-01-01"}
    entry.append({"resource": extra})

    _, card = answer(write_json(made).encode())

    assert card["summary"].startswith("2 items")
    assert "Bundle.entry[0].resource.status" in card["detail"]


def test_a_patient_whose_data_contradict_themselves_gets_no_prognosis() -> None:
    made = body()
    made["prefetch"]["patient"]["birthDate"] = "2031-01-01"

    def never(*_: object) -> Told:
        raise AssertionError

    cards = patient_view(
        write_json(made).encode(), prognosis=never, source=SOURCE, now=NOW, language="en"
    )["cards"]

    assert cards[0]["summary"].startswith("No prognosis")


FAULTS = [
    ({"hook": "order-select"}, 400, "hook"),
    ({"hook": ...}, 400, "hook"),
    ({"hookInstance": "1"}, 400, "hookInstance"),
    ({"context": ...}, 400, "context"),
    ({"context": {"userId": "Practitioner/1"}}, 400, "patientId"),
    ({"context": {"patientId": "p1"}}, 400, "userId"),
    ({"fhirServer": "http://h.kr/fhir"}, 400, "fhirServer"),
    ({"fhirServer": "file:///etc"}, 400, "fhirServer"),
    ({"fhirServer": ...}, 400, "fhirServer"),
    ({"fhirAuthorization": {"token_type": "Basic"}}, 400, "fhirAuthorization"),
    ({"prefetch": []}, 400, "prefetch"),
    ({"prefetch": ...}, 412, "patient, observations"),
    ({"prefetch": {"patient": {"resourceType": "OperationOutcome"}}}, 412, "patient"),
    ({"context": {"userId": "u", "patientId": "p2"}}, 412, "'p2'"),
]


@pytest.mark.parametrize(("more", "status", "told"), FAULTS)
def test_a_call_that_cannot_be_answered_is_refused_with_its_status(
    more: Any, status: int, told: str
) -> None:
    with pytest.raises(HookError, match=told) as fault:
        read_call(sent(**more))

    assert fault.value.status == status


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"hook":"patient-view","hook":"x"}'])
def test_a_body_that_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(HookError):
        read_call(raw)


def test_a_token_is_never_kept() -> None:
    assert "secret" not in repr(read_call(sent()))


@pytest.mark.parametrize("text", ["", "x" * 140])
def test_a_summary_that_no_client_shows_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Card(summary=words(text, text), indicator="info", source=SOURCE)


def test_an_indicator_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="urgent"):
        Card(summary=words("가", "a"), indicator="urgent", source=SOURCE)  # type: ignore[arg-type]


def test_cards_have_ids_of_their_own_and_reasons_to_set_them_aside() -> None:
    card = Card(summary=words("가", "a"), indicator="info", source=SOURCE)

    one, other = response([card, card], "en")["cards"]

    assert one["uuid"] != other["uuid"]
    assert {"known", "disagree"} < {each["code"] for each in one["overrideReasons"]}
    assert len(shortened("word " * 50)) < 140


def feedback(**more: Any) -> bytes:
    one = {"card": ID, "outcome": "overridden", "outcomeTimestamp": "2026-01-01T09:00:00Z"}
    return json.dumps({"feedback": [one | more]}).encode()


def test_feedback_is_read() -> None:
    reason = {"reason": {"code": "known"}, "userComment": "이미 앎"}

    (overridden,) = read_feedback(feedback(overrideReason=reason))
    (accepted,) = read_feedback(feedback(outcome="accepted", acceptedSuggestions=[{"id": ID}]))

    assert (overridden.card, overridden.reason, overridden.comment) == (ID, "known", "이미 앎")
    assert (accepted.outcome, accepted.suggestions) == ("accepted", (ID,))


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"feedback":[]}',
        b'{"feedback":[1]}',
        b"no",
        feedback(card="1"),
        feedback(outcome="ignored"),
        feedback(outcomeTimestamp="2026-01-01"),
        feedback(outcomeTimestamp=3),
        feedback(acceptedSuggestions=[{"id": ID}]),
        feedback(outcome="accepted", acceptedSuggestions=[{"id": 3}]),
        feedback(overrideReason="known"),
        feedback(overrideReason={"reason": {"code": 3}}),
    ],
)
def test_malformed_feedback_is_refused(raw: bytes) -> None:
    with pytest.raises(HookError):
        read_feedback(raw)


def test_a_launch_from_a_named_server_is_read() -> None:
    launch = read_launch({"iss": "https://h.kr/fhir/", "launch": "abc"}, ["https://h.kr/fhir"])
    address = authorisation(
        launch,
        endpoint="https://h.kr/auth?x=1",
        client="madang",
        redirect="https://m.kr/back",
        state="s",
        challenge="c",
    )

    assert launch.iss == "https://h.kr/fhir"
    assert address.startswith("https://h.kr/auth?x=1&response_type=code&client_id=madang&")
    assert "aud=https%3A%2F%2Fh.kr%2Ffhir" in address
    assert "code_challenge_method=S256" in address


@pytest.mark.parametrize(
    "query",
    [
        {"iss": "https://evil.kr/fhir", "launch": "abc"},
        {"launch": "abc"},
        {"iss": "https://h.kr/fhir"},
        {"iss": "https://h.kr/fhir", "launch": "a\nb"},
    ],
)
def test_a_launch_from_elsewhere_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(HookError):
        read_launch(query, ["https://h.kr/fhir"])


def test_a_code_is_not_asked_for_without_encryption() -> None:
    launch = read_launch({"iss": "https://h.kr", "launch": "a"}, ["https://h.kr"])
    with pytest.raises(HookError, match="encryption"):
        authorisation(
            launch, endpoint="http://h.kr", client="", redirect="", state="", challenge=""
        )


def test_the_patient_of_a_launch_is_read() -> None:
    opened = read_opened(
        {"patient": "p1", "scope": "launch patient/Patient.rs", "access_token": "t"}
    )

    assert opened.patient == "p1"
    assert opened.banner
    assert opened.scopes == {"launch", "patient/Patient.rs"}
    for answer_ in ({}, {"patient": 3}, {"patient": "p1", "need_patient_banner": "no"}):
        with pytest.raises(HookError):
            read_opened(answer_)
