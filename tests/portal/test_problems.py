"""How requests fail: one page, one sentence, in the reader's language, with its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.portal.access import needs, public
from madang.portal.limits import TooMany
from tests.portal.people import enter, somebody

if TYPE_CHECKING:
    from django.http import HttpRequest

FAULTS: dict[str, Exception] = {
    "input": InputError(
        words("이것", "this"), words("저것", "that"), words("고치십시오.", "Mend.")
    ),
    "unavailable": Unavailable(words("엔진", "The engine"), reason=words("멈춤", "it stopped")),
    "too-many": TooMany(wait_s=90),
    "database": OperationalError("could not connect"),
    "connection": InterfaceError("connection already closed"),
    "defect": RuntimeError("a secret of the house: /etc/shadow"),
}


@public
def fail(request: HttpRequest, name: str) -> HttpResponse:
    """Fail as told."""
    raise FAULTS[name]


@needs("portal.audit")
def closed(request: HttpRequest) -> HttpResponse:
    """A page for others."""
    return HttpResponse("never")


urlpatterns = [
    path("fail/<str:name>", fail),
    path("closed", closed),
    path("", include("madang.portal.urls")),
]
handler400 = "madang.portal.views.problems.bad_request"
handler403 = "madang.portal.views.problems.forbidden"
handler404 = "madang.portal.views.problems.missing"
handler500 = "madang.portal.views.problems.broken"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client() -> Client:
    """A browser that is shown failures instead of raising them in the test."""
    return Client(raise_request_exception=False)


def sentence(answer: Any) -> str:
    found = re.search(r'<p class="lead">(.*?)</p>', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


@pytest.mark.parametrize(
    ("name", "status", "ko", "en"),
    [
        (
            "input",
            422,
            "확인된 내용: 이것. 필요한 내용: 저것. 고치십시오.",
            "Found this; expected that. Mend.",
        ),
        (
            "unavailable",
            503,
            "사용할 수 없음: 엔진. 사유: 멈춤.",
            "The engine is unavailable: it stopped.",
        ),
        ("too-many", 429, "2분 뒤에 다시 시도하십시오.", "Try again in 2 min."),
        ("database", 503, "저장소가 응답하지 않습니다.", "Its database does not answer."),
        ("connection", 503, "저장소가 응답하지 않습니다.", "Its database does not answer."),
        ("defect", 500, "저장되지 않았습니다.", "Nothing was saved."),
    ],
)
def test_a_failure_becomes_a_page_with_its_sentence(
    client: Client, name: str, status: int, ko: str, en: str
) -> None:
    for language, expected in (("ko", ko), ("en", en)):
        client.cookies["django_language"] = language
        answer = client.get(f"/fail/{name}")
        assert answer.status_code == status
        assert expected in sentence(answer)
        assert f'<html lang="{language}"' in answer.content.decode()


@pytest.mark.parametrize("name", ["database", "defect"])
def test_a_failure_is_told_to_who_is_signed_in_too(client: Client, name: str) -> None:
    answer = enter(client, somebody("company")).get(f"/fail/{name}")

    assert answer.status_code in (500, 503)
    assert "/etc/shadow" not in answer.content.decode()


def test_a_database_that_is_away_before_the_view_is_asked_is_told_as_well(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, somebody("company"))

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(
        "django.contrib.sessions.backends.db.SessionStore._get_session_from_db", away
    )
    answer = client.get("/account/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "저장소가 응답하지 않습니다." in sentence(answer)


def test_who_must_wait_is_told_how_long(client: Client) -> None:
    assert client.get("/fail/too-many").headers["Retry-After"] == "90"


@pytest.mark.parametrize("name", [*FAULTS, "x" * 300])
def test_every_answer_carries_the_number_of_its_request(client: Client, name: str) -> None:
    number = client.get(f"/fail/{name}").headers["X-Request-Id"]

    assert re.fullmatch(r"[0-9a-f]{16}", number)


def test_a_defect_tells_its_number_and_nothing_else(client: Client) -> None:
    answer = client.get("/fail/defect")

    assert answer.headers["X-Request-Id"] in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("0123456789abcdef", True),
        ("short", False),
        ("x" * 65, False),
        ("evil\r\nSet-Cookie: x=1", False),
        ("<script>alert(1)</script>", False),
    ],
)
def test_a_number_that_the_proxy_gives_is_kept_where_it_is_one(
    client: Client, given: str, is_kept: bool
) -> None:
    answer = client.get("/", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is is_kept


def test_a_stranger_is_sent_to_sign_in_and_others_are_told_why_not(client: Client) -> None:
    assert client.get("/closed").headers["Location"] == "/account/login/?next=/closed"
    answer = enter(client, somebody("company")).get("/closed")

    assert answer.status_code == 403
    assert "다른 역할이 필요합니다" in sentence(answer)


def test_a_missing_page_offers_the_way_in_to_strangers_alone(client: Client) -> None:
    stranger = client.get("/no-such-page?x=<script>").content.decode()
    known = enter(client, somebody("company")).get("/no-such-page").content.decode()

    assert "/account/login/?next=%2Fno-such-page%3Fx%3D%253Cscript%253E" in stranger
    assert "/account/login/?next=%2Fno-such-page" not in known


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/search?q=a", "/search"),
        ("https://evil.example/search", ""),
        ("javascript:alert(1)", ""),
        ("http://testserver@evil.example/x", ""),
        ("http://[", ""),
        ("http://testserver//evil.example/", ""),
        ("http://testserver/\\evil.example/", ""),
        ("http://testserver/no-such-page", ""),
        ("", ""),
    ],
)
def test_the_way_back_leads_to_this_site_alone(client: Client, referer: str, back: str) -> None:
    page = client.get("/no-such-page", headers={"Referer": referer}).content.decode()

    assert ("이전 화면으로" in page) is bool(back)
    assert "evil.example" not in page
    if back:
        assert f'href="{back}"' in page


def test_a_form_without_its_token_is_refused_in_the_readers_language() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["django_language"] = "en"
    answer = strict.post("/theme", {"theme": "dark"})

    assert answer.status_code == 403
    assert "check value is missing or old" in sentence(answer)


@override_settings(ALLOWED_HOSTS=["testserver"])
def test_a_host_that_is_not_the_sites_is_refused(client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


@override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=True)
def test_what_fails_before_a_language_is_found_speaks_that_of_the_site(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("MADANG_LANG", raising=False)
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert sentence(answer) == "주소나 입력을 확인하십시오."


def test_htmx_is_answered_with_the_whole_page_of_a_failure(client: Client) -> None:
    answer = client.get("/fail/input", headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "확인된 내용: 이것." in sentence(answer)


def test_an_address_that_is_only_sent_to_says_so(client: Client) -> None:
    answer = client.get("/theme")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "단추를 눌러 보내는 곳입니다." in sentence(answer)


@pytest.mark.parametrize(
    ("headers", "then"),
    [
        ({"Referer": "http://testserver/organisations/a/"}, "/organisations/a/"),
        ({"Referer": "https://evil.example/x"}, "/work"),
        ({"Referer": "http://["}, "/work"),
        ({"Referer": "http://testserver//evil.example/"}, "/work"),
        ({}, "/work"),
    ],
)
def test_who_is_signed_out_meanwhile_comes_back_to_the_form(
    client: Client, headers: dict[str, str], then: str
) -> None:
    answer = client.post("/closed", headers=headers)

    assert answer.headers["Location"] == f"/account/login/?next={then}"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client) -> None:
    told = {"HX-Request": "true", "HX-Current-URL": "http://testserver/trials/?q=a"}
    answer = client.get("/closed", headers=told)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["HX-Redirect"] == "/account/login/?next=/trials/"


def test_no_page_of_somebody_is_kept_by_the_browser(client: Client) -> None:
    assert "no-store" not in client.get("/search").headers.get("Cache-Control", "")
    mine = enter(client, somebody("company")).get("/search")

    assert mine.headers["Cache-Control"] == "private, no-store"
