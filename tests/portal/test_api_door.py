"""What every call passes: who calls, what it may bring, and one form for every error."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client, override_settings

from madang.kernel import clock
from madang.portal import tokens
from madang.portal.api import bodies, door, problems
from madang.portal.models import Webhook
from tests.portal.people import enter, somebody
from tests.portal.programs import API, Program, stranger

pytestmark = pytest.mark.django_db

HOOK = {"url": "https://example.org/hook", "events": []}


def told(response, kind):
    """The problem of an answer, which is of this kind and of the one form."""
    assert response["Content-Type"] == "application/problem+json"
    found = json.loads(response.content)
    assert found["type"] == f"/api/v1/reference#{kind}"
    assert found["status"] == response.status_code == problems.KINDS[kind].status
    assert found["title"] and found["detail"] and found["request"] == response["X-Request-Id"]
    return found


def test_an_address_where_nothing_stands_is_told_as_a_problem() -> None:
    told(stranger("/no/such"), "not-found")
    told(stranger("/"), "not-found")
    told(Program().post("/no/such", {}), "not-found")


def test_a_wrong_method_is_told_with_those_that_there_are() -> None:
    response = Program().raw("PUT", "/webhooks", b"{}")

    told(response, "wrong-method")
    assert set(response["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


@pytest.mark.parametrize("text", ["", "Bearer", "Bearer x", "Basic bWU6bWU=", "Bearer mdg_a_b"])
def test_without_a_living_token_a_call_is_not_answered(text: str) -> None:
    response = Client().get(f"{API}/me", headers={"Authorization": text} if text else {})

    told(response, "no-token")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_none_is_refused_even_where_none_is_needed() -> None:
    """Else a program would not notice that its token has ended."""
    told(stranger("/events", Authorization="Bearer nonsense"), "no-token")
    assert stranger("/events").status_code == 200


def test_a_token_without_the_right_is_refused() -> None:
    told(Program(rights=["trials.submit"]).get("/webhooks"), "not-allowed")


def test_a_session_neither_opens_nor_hinders(client) -> None:
    enter(client, somebody("company"))
    program = Program()

    assert client.post(f"{API}/webhooks", HOOK, content_type="application/json").status_code == 401
    headers = {"Authorization": f"Bearer {program.text}"}
    told_me = client.get(f"{API}/me", headers=headers).json()
    assert told_me["organisation"]["slug"] == program.organisation.slug


def test_no_cookie_is_asked_for_or_set() -> None:
    assert not Program().get("/me").cookies


def test_errors_speak_the_callers_language() -> None:
    korean = told(Program().get("/no", Accept_Language="ko"), "not-found")
    english = told(Program().get("/no", Accept_Language="en-GB,ko;q=0.5"), "not-found")

    assert korean["title"] == "찾을 수 없음"
    assert english["title"] == "Not found"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b" ", "unreadable"),
        (b"{", "unreadable"),
        (b'{"url": NaN}', "unreadable"),
        (b'{"url": Infinity}', "unreadable"),
        (b'{"url": 1e999}', "unreadable"),
        (b'{"url": ' + b"9" * 5000 + b"}", "unreadable"),
        (b'{"url": "a", "url": "b"}', "unreadable"),
        (b'{"url": "\\u0000"}', "unreadable"),
        (b'{"url": "\\ud800"}', "unreadable"),
        (b'{"\\ud800": 1}', "unreadable"),
        (b'{"url": "\xff"}', "unreadable"),
        ('{"url": "x"}'.encode("utf-16"), "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"[" * 50 + b"]" * 50, "unreadable"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "unreadable"),
        (b"[]", "invalid"),
        (b"null", "invalid"),
        (b'"text"', "invalid"),
        (b"7", "invalid"),
        (b"{}", "invalid"),
        (b'{"url": 7}', "invalid"),
        (b'{"url": ["https://example.org/"]}', "invalid"),
        (b'{"url": "https://example.org/", "events": "all"}', "invalid"),
        (b'{"url": "https://example.org/", "extra": 1}', "invalid"),
        (b'{"url": "https://example.org/", "events": ["no.such"]}', "refused"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused(content: bytes, kind: str) -> None:
    told(Program().raw("POST", "/webhooks", content), kind)
    assert not Webhook.objects.exists()


def test_what_does_not_fit_is_named_with_its_place() -> None:
    found = told(Program().post("/webhooks", {"url": 7, "more": 1}), "invalid")

    assert [each["place"] for each in found["errors"]] == ["body.url", "body.more"]


def test_a_byte_order_mark_is_looked_over() -> None:
    content = b"\xef\xbb\xbf" + json.dumps(HOOK).encode()

    assert Program().raw("POST", "/webhooks", content).status_code == 201


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_form_of_body_is_refused(media_type: str) -> None:
    response = Program().raw(
        "POST", "/webhooks", json.dumps(HOOK).encode(), content_type=media_type
    )

    told(response, "wrong-media-type")
    assert response["Accept-Post"] == "application/json"


def test_an_oversized_body_is_refused_by_its_stated_size_before_it_is_read() -> None:
    class Unread:
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    program = Program()
    response = Client().generic(
        "POST",
        f"{API}/webhooks",
        b"",
        headers={"Authorization": f"Bearer {program.text}"},
        **{
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(bodies.JSON_BYTES + 1),
            "wsgi.input": Unread(),
        },
    )

    told(response, "too-large")


def test_the_largest_body_is_still_read() -> None:
    filler = bodies.JSON_BYTES - len(json.dumps({"x": ""}))
    content = json.dumps({"x": "a" * filler}).encode()
    assert len(content) == bodies.JSON_BYTES

    told(Program().raw("POST", "/webhooks", content), "invalid")
    told(Program().raw("POST", "/webhooks", content + b" "), "too-large")


def test_nobody_unknown_makes_the_site_read_a_body() -> None:
    response = Client().post(f"{API}/webhooks", b"{" * 1000, content_type="application/json")

    told(response, "no-token")


@pytest.mark.parametrize("path", ["/webhooks?lmit=5", "/webhooks?a=1&b=2", "/me?x", "/events?q=1"])
def test_a_misspelt_filter_is_refused(path: str) -> None:
    told(Program().get(path), "invalid")


@pytest.mark.parametrize("path", ["/me?a=%00", "/%00", "/webhooks/1%00", "/x" * 2100])
def test_addresses_that_no_name_has_are_refused(path: str) -> None:
    assert Program().get(path).status_code in (400, 404, 422)


@pytest.mark.parametrize("number", ["0", "-1", str(2**53 + 1), "9" * 30, "x", "1.5", "%20"])
def test_a_number_that_is_none_finds_nothing_and_breaks_nothing(number: str) -> None:
    assert Program().get(f"/webhooks/{number}").status_code in (404, 422)


def test_an_answer_that_was_seen_is_not_sent_again() -> None:
    program = Program()
    first = program.get("/webhooks")
    second = program.get("/webhooks", If_None_Match=first["ETag"])

    assert (second.status_code, second.content) == (304, b"")
    program.post("/webhooks", HOOK)
    assert program.get("/webhooks", If_None_Match=first["ETag"]).status_code == 200


def test_answers_are_kept_for_no_other_caller() -> None:
    response = Program().get("/me")

    assert response["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Language"} <= set(response["Vary"].split(", "))


def test_head_is_answered_as_get_is() -> None:
    program = Program()
    response = Client().head(f"{API}/me", headers={"Authorization": f"Bearer {program.text}"})

    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == program.get("/me")["ETag"]


def test_calls_beyond_the_limit_are_put_off() -> None:
    program, other = Program(), Program()
    uses = int(door.READING.partition("/")[0])
    with override_settings(LIMITS=True), clock.stopped_at(clock.now()):
        answers = [program.get("/me") for _ in range(uses + 1)]

        assert [each.status_code for each in answers] == [200] * uses + [429]
        told(answers[-1], "too-many")
        assert int(answers[-1]["Retry-After"]) > 0
        assert other.get("/me").status_code == 200, "each token has its own"


def test_tokens_cannot_be_guessed_at_leisure() -> None:
    tries = int(door.GUESSING.partition("/")[0])
    with override_settings(LIMITS=True), clock.stopped_at(clock.now() + timedelta(days=1)):
        answers = [stranger("/me", Authorization="Bearer no") for _ in range(tries + 1)]

    assert [each.status_code for each in answers] == [401] * tries + [429]


def test_a_defect_is_logged_and_told_without_its_words(monkeypatch, caplog) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the vault's password is swordfish")

    program = Program()
    monkeypatch.setattr(tokens, "grantable", broken)
    program._client.raise_request_exception = False
    response = program.get("/me")

    told(response, "defect")
    assert b"swordfish" not in response.content
    assert "swordfish" in caplog.text
