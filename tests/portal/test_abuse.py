"""What people send who mean harm: too much, script in every field, targets elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import URLPattern, get_resolver

from madang.portal.models import LogEntry, Membership, Organisation, Role, User
from tests.portal.people import enter, home_of, organisation, somebody

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
MIB = 2**20


def own_routes() -> list[str]:
    """The portal's addresses that take no argument."""
    return [
        f"/{each.pattern}"
        for each in get_resolver().url_patterns
        if isinstance(each, URLPattern) and "<" not in str(each.pattern)
    ]


def test_no_form_of_the_portal_is_taken_from_elsewhere() -> None:
    strict = enter(Client(enforce_csrf_checks=True), somebody("operator"))
    before = (LogEntry.objects.count(), Organisation.objects.count(), User.objects.count())
    for path in [*own_routes(), "/account/login/", "/account/logout/", "/account/signup/"]:
        assert strict.post(path).status_code == 403, path

    assert before == (
        LogEntry.objects.count(),
        Organisation.objects.count(),
        User.objects.count(),
    )
    assert strict.get("/account/").status_code == 200


def test_a_form_that_another_site_sends_with_the_token_of_its_own_is_refused() -> None:
    strict = enter(Client(enforce_csrf_checks=True), somebody("operator"))
    page = strict.get("/account/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    given = {"csrfmiddlewaretoken": token[1], "name": "x", "language": "ko"}

    assert strict.post("/account/", given, secure=True).status_code == 403  # no Referer at all
    elsewhere = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
    assert strict.post("/account/", given, headers=elsewhere).status_code == 403
    assert strict.post("/account/", given).status_code == 302


@pytest.mark.parametrize("path", ["/account/login/", "/account/signup/", "/search", "/theme"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain", "a/b"])
def test_a_stranger_cannot_make_the_site_read_more_than_a_form(
    client: Client, path: str, kind: str
) -> None:
    answer = client.post(path, b"x" * (3 * MIB), content_type=kind)

    assert answer.status_code == 413
    assert "너무 큽니다" in answer.content.decode()


def test_a_large_body_is_refused_before_it_is_read(client: Client) -> None:
    class Unread:
        """A body that nobody may look into."""

        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    strict = Client(enforce_csrf_checks=True)
    answer = strict.generic(
        "POST",
        "/account/login/",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(3 * MIB), "wsgi.input": Unread()},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1" * 400, "0x10", ""])
def test_a_length_that_is_none_reads_nothing(client: Client, length: str) -> None:
    answer = client.generic(
        "POST", "/theme", b"theme=dark", content_type="text/plain", CONTENT_LENGTH=length
    )

    assert answer.status_code in (302, 400, 413)
    assert "theme" not in answer.cookies or answer.cookies["theme"].value == ""


def test_who_is_signed_in_may_upload_up_to_the_sites_own_limit(
    client: Client, settings: SettingsWrapper
) -> None:
    settings.LARGEST_BODY = 4 * MIB
    enter(client, somebody("company"))
    for size, status in ((3 * MIB, 302), (5 * MIB, 413)):
        body = b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n"
        body += b"x" * size + b"\r\n--x--\r\n"
        answer = client.post("/theme", body, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == status


def test_too_many_fields_are_refused(client: Client) -> None:
    answer = client.post("/theme", {f"f{n}": "x" for n in range(2100)})

    assert answer.status_code == 400


def test_an_upload_leaves_no_file_behind(
    client: Client, settings: SettingsWrapper, tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    enter(client, somebody("company"))
    body = (
        b"--x\r\nContent-Disposition: form-data; name=f; filename=../../etc/passwd\r\n\r\n"
        b"root\r\n--x--\r\n"
    )
    client.post("/theme", body, content_type="multipart/form-data; boundary=x")

    assert list(folder.iterdir()) == []


def pages(client: Client, *paths: str) -> str:
    """What those pages say, all together."""
    answers = [client.get(path) for path in paths]
    assert {each.status_code for each in answers} == {200}
    return "".join(each.content.decode() for each in answers)


def test_script_in_every_text_field_is_shown_as_text(client: Client) -> None:
    operator = somebody("operator")
    office = home_of(operator)
    operator.name = SCRIPT[:100]
    operator.save()
    for name in ("name_ko", "name_en", "about_ko", "about_en"):
        setattr(office, name, SCRIPT)
    office.registration_number = "<script>"
    office.website = "javascript:alert(1)"
    office.save()
    Role.objects.filter(code="operator").update(title_ko=SCRIPT[:60], title_en=SCRIPT[:60])
    enter(client, operator)
    slug = office.slug
    shown = pages(
        client,
        "/",
        "/account/",
        "/work",
        "/organisations/",
        f"/organisations/{slug}/",
        f"/organisations/{slug}/edit",
        "/roles/",
        "/roles/operator",
        "/account/close",
        f"/account/leave/{Membership.objects.get(user=operator).pk}",
        "/search?q=" + "%3Cscript%3Ealert(1)%3C/script%3E",
        "/search?q=script",
    )

    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "{{7*7}}" in shown
    assert 'href="javascript:' not in shown


def test_script_that_a_form_gives_back_is_text(client: Client) -> None:
    enter(client, somebody("operator"))
    given = dict.fromkeys(("name_ko", "name_en", "slug", "kind", "website"), SCRIPT)
    shown = client.post("/organisations/new", given).content.decode()

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/signup/", "/account/password/reset/"]
)
def test_script_typed_by_a_stranger_is_text(client: Client, path: str) -> None:
    given = dict.fromkeys(("login", "email", "name", "password", "next"), SCRIPT)
    shown = client.post(f"/account/{path}/", given).content.decode()

    assert "<script>alert" not in shown


@pytest.mark.parametrize("path", ["/language", "/theme"])
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
    ],
)
def test_a_switch_leads_to_no_other_site(client: Client, path: str, target: str) -> None:
    answer = client.post(path, {"language": "en", "theme": "dark", "next": target})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("value", ["en\r\nSet-Cookie: x=1", "de", "../../etc", "e" * 5000, ""])
def test_a_language_that_is_none_is_not_kept(client: Client, value: str) -> None:
    answer = client.post("/language", {"language": value, "next": "/"})

    assert not answer.cookies
    client.cookies["django_language"] = value.replace("\r\n", "") or "x"
    assert client.get("/").status_code == 200


def test_signing_out_leads_to_no_other_site(client: Client) -> None:
    enter(client, somebody("company"))
    answer = client.post("/account/logout/", {"next": "https://evil.example/"})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "text",
    [
        "'",
        "' OR '1'='1",
        "%' OR 1=1 --",
        "a\0b",
        "\ud800".encode("utf-8", "surrogatepass"),
        "\u202e",
    ],
)
def test_a_search_takes_any_text_as_text(client: Client, text: str | bytes) -> None:
    organisation(name="숨은 곳")
    answer = client.get("/search", {"q": text})

    assert answer.status_code == 200
    assert "숨은 곳" not in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/%00/",
        "/organisations/" + "a" * 5000 + "/",
        "/organisations/..%2f..%2fetc/",
        "/account/leave/99999999999999999999",
        "/account/links/" + "x" * 5000,
        "/invitations/%0d%0aSet-Cookie:x=1",
        "/roles/%27",
        "/%ff%fe",
    ],
)
def test_an_address_of_nothing_is_a_page_that_says_so(client: Client, path: str) -> None:
    answer = enter(client, somebody("operator")).get(path)

    assert answer.status_code in (404, 410)
    assert "x" not in answer.cookies


def test_a_password_is_never_shown_again_nor_kept_in_words(client: Client) -> None:
    user = User.objects.create_user("kim@example.org", "hanbok-yard-7", name="x")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    shown = client.post(
        "/account/login/", {"login": "kim@example.org", "password": "a-wrong-one-7"}
    ).content.decode()

    assert "a-wrong-one-7" not in shown
    assert "kim@example.org" in shown
    user.refresh_from_db()
    assert "hanbok" not in user.password
