"""The ways in and out: address and password, the second factor, mails, sessions."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client

from madang.portal.models import LogEntry, Membership, User
from madang.portal.sign_in import SecondFactorAdapter
from tests.portal.people import enter, somebody

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

PASSWORD = "hanbok-yard-7"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def person(email: str = "kim@example.org", *, verified: bool = True) -> User:
    """A person with a password."""
    user = User.objects.create_user(email, PASSWORD, name="김하나")
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def sign_in(client: Client, email: str = "kim@example.org", password: str = PASSWORD) -> Any:
    return client.post("/account/login/", {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in(message: mail.EmailMessage) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https?://testserver(/\S+)", str(message.body))
    assert found, message.body
    return found[1]


def code_of(user: User) -> str:
    """What the person's app shows now."""
    authenticator = Authenticator.objects.get(user=user, type="totp")
    secret = SecondFactorAdapter().decrypt(authenticator.data["secret"])
    return shown(secret)


def shown(secret: str, seconds_later: int = 0) -> str:
    """RFC 6238 with the defaults of every app: SHA-1, 30 s, six digits."""
    counter = struct.pack(">Q", int(time.time() + seconds_later) // 30)
    mac = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = mac[-1] & 15
    value = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{value % 10**6:06d}"


def test_who_has_address_and_password_comes_in(client: Client) -> None:
    user = person()

    assert sign_in(client).headers["Location"] == "/work"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert LogEntry.objects.last().predicate_type.endswith("/signed-in/v1")


@pytest.mark.parametrize("email", ["KIM@example.org", "Kim@Example.ORG"])
def test_an_address_is_the_same_however_it_is_written(client: Client, email: str) -> None:
    person()
    sign_in(client, email)

    assert is_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [("kim@example.org", "wrong password"), ("nobody@example.org", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(
    client: Client, email: str, password: str
) -> None:
    person()
    answer = sign_in(client, email, password)

    assert not is_in(client)
    assert "이메일 또는 비밀번호가 맞지 않습니다." in answer.content.decode()


def test_a_failed_attempt_is_noted_without_what_was_typed(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    person()
    sign_in(client, password="a-wrong-one-7")

    (noted,) = [each for each in caplog.records if each.getMessage() == "sign-in failed"]
    assert noted.levelname == "WARNING"
    assert "kim@" not in str(vars(noted))
    assert "a-wrong-one" not in str(vars(noted))


def test_an_unconfirmed_address_does_not_come_in(client: Client) -> None:
    person(verified=False)
    answer = sign_in(client)

    assert answer.headers["Location"] == "/account/confirm-email/"
    assert not is_in(client)


def test_a_new_person_confirms_the_address_and_has_no_right(client: Client) -> None:
    answer = client.post(
        "/account/signup/",
        {
            "name": "새 사람",
            "email": "New@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert answer.headers["Location"] == "/account/confirm-email/"
    user = User.objects.get(email="new@example.org")
    assert (user.name, user.language) == ("새 사람", "ko")

    (message,) = mail.outbox
    assert message.subject == "[마당] 이메일 주소를 확인하십시오"
    path = link_in(message)
    client.get(path)
    assert not EmailAddress.objects.get().verified
    client.post(path)
    assert EmailAddress.objects.get().verified

    sign_in(client, "new@example.org")
    assert is_in(client)
    assert not Membership.objects.exists()
    assert client.get("/roles/").status_code == 403
    assert client.get("/organisations/new").status_code == 403


def test_signing_up_with_a_known_address_tells_nothing_but_to_its_owner(client: Client) -> None:
    person()
    answer = client.post(
        "/account/signup/",
        {
            "name": "x",
            "email": "kim@example.org",
            "password1": "another-pass-9",
            "password2": "another-pass-9",
        },
    )

    assert answer.headers["Location"] == "/account/confirm-email/"
    assert User.objects.count() == 1
    assert User.objects.get().check_password(PASSWORD)
    assert mail.outbox[0].subject == "[마당] 이미 계정이 있습니다"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short7", "너무 짧습니다"),
        ("9182736450918273", "전부 숫자로"),
        ("password1234", "너무 흔히"),
    ],
)
def test_a_weak_password_is_refused_in_words(client: Client, password: str, said: str) -> None:
    answer = client.post(
        "/account/signup/",
        {
            "name": "x",
            "email": "new@example.org",
            "password1": password,
            "password2": password,
        },
    )

    assert said in answer.content.decode()
    assert not User.objects.exists()


def test_a_forgotten_password_is_set_by_a_link_once(client: Client) -> None:
    user = person()
    client.post("/account/password/reset/", {"email": "kim@example.org"})
    path = link_in(mail.outbox[0])
    form = client.get(path, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "a-new-yard-8", "password2": "a-new-yard-8"})

    user.refresh_from_db()
    assert user.check_password("a-new-yard-8")
    again = Client().get(path, follow=True)
    assert "쓸 수 없는 링크입니다" in again.content.decode()


def test_asking_for_a_link_tells_no_stranger_whether_there_is_an_account(client: Client) -> None:
    person()
    known = client.post("/account/password/reset/", {"email": "kim@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})

    assert known.headers["Location"] == unknown.headers["Location"]
    assert [each.to for each in mail.outbox] == [["kim@example.org"], ["nobody@example.org"]]


def test_a_new_password_ends_all_other_sessions(client: Client) -> None:
    person()
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "a-new-yard-8", "password2": "a-new-yard-8"},
    )

    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_somebody_can_end_their_other_sessions(client: Client) -> None:
    person()
    elsewhere = Client(headers={"user-agent": "Elsewhere/1"})
    sign_in(client)
    sign_in(elsewhere)
    assert "Elsewhere/1" in client.get("/account/sessions/").content.decode()
    client.post("/account/sessions/")

    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def switch_on(client: Client) -> str:
    """Switch the second factor on; returns its secret."""
    again = client.get("/account/2fa/totp/activate/").headers["Location"]
    page = client.post(again, {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r"[A-Z2-7]{32}", page)
    assert secret
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture
    assert 'fill="white"' in base64.b64decode(picture[1]).decode()
    answer = client.post("/account/2fa/totp/activate/", {"code": shown(secret[0])})
    assert answer.headers["Location"] == "/account/2fa/recovery-codes/"
    return secret[0]


def test_with_a_second_factor_the_password_alone_is_not_enough(client: Client) -> None:
    user = person()
    sign_in(client)
    secret = switch_on(client)
    client.post("/account/logout/")

    assert sign_in(client).headers["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    assert client.get("/work").status_code == 302
    wrong = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "인증번호가 맞지 않습니다" in wrong.content.decode()
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": shown(secret, 30)})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_code_works_once(client: Client) -> None:
    person()
    sign_in(client)
    secret = switch_on(client)
    code = shown(secret, 30)
    for expected in (True, False):
        client.post("/account/logout/")
        sign_in(client)
        client.post("/account/2fa/authenticate/", {"code": code})
        assert is_in(client) is expected


def test_a_recovery_code_works_once_in_place_of_the_app(client: Client) -> None:
    person()
    sign_in(client)
    switch_on(client)
    page = client.get("/account/2fa/recovery-codes/download/").content.decode()
    codes = page.split()
    assert len(codes) == 10
    for expected in (True, False):
        client.post("/account/logout/")
        sign_in(client)
        client.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert is_in(client) is expected


def test_the_secret_of_a_second_factor_lies_hidden_in_the_database(client: Client) -> None:
    user = person()
    sign_in(client)
    secret = switch_on(client)
    kept = str(Authenticator.objects.filter(user=user).values_list("data", flat=True))

    assert secret not in kept
    assert code_of(user) == shown(secret)


def test_a_second_factor_survives_a_new_key_of_the_site(
    client: Client, settings: SettingsWrapper
) -> None:
    user = person()
    sign_in(client)
    secret = switch_on(client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of this site, long enough"

    assert code_of(user) == shown(secret)


def test_switching_the_second_factor_off_asks_who_one_is(client: Client) -> None:
    user = person()
    sign_in(client)
    switch_on(client)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    answer = client.post("/account/2fa/totp/deactivate/")

    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_who_guesses_passwords_is_stopped(client: Client, settings: SettingsWrapper) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    person()
    said = [sign_in(client, password=f"guess-{n}").content.decode() for n in range(6)]

    assert "로그인에 여러 번 실패했습니다" not in said[4]
    assert "로그인에 여러 번 실패했습니다" in said[5]
    sign_in(client)
    assert not is_in(client)


def test_who_asks_too_often_gets_a_page_that_says_when_to_come_back(
    client: Client, settings: SettingsWrapper
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    client.post("/account/password/reset/", {"email": "a@example.org"})
    answer = client.post("/account/password/reset/", {"email": "b@example.org"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "너무 많이 요청하였습니다" in answer.content.decode()


def test_signing_in_changes_the_session(client: Client) -> None:
    """Who planted a session in somebody's browser before holds nothing afterwards."""
    person()
    client.get("/account/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = before = str(session.session_key)
    sign_in(client)

    assert is_in(client)
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_and_needs_a_press_of_its_button(client: Client) -> None:
    enter(client, somebody("company"))
    key = client.session.session_key
    assert client.get("/account/logout/").status_code == 200
    assert is_in(client)
    client.post("/account/logout/")

    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "http://testserver@evil.example/",
        "/\r\nSet-Cookie: x=1",
        "\r\nhttps://evil.example/",
    ],
)
def test_signing_in_leads_to_no_other_site(client: Client, target: str) -> None:
    person()
    answer = client.post(
        "/account/login/", {"login": "kim@example.org", "password": PASSWORD, "next": target}
    )

    assert answer.headers["Location"] in ("/work", "/%0D%0ASet-Cookie:%20x=1")
    assert "x" not in answer.cookies


def test_signing_in_leads_back_to_where_one_was_going(client: Client) -> None:
    person()
    asked = client.get("/organisations/?q=a")
    assert asked.headers["Location"] == "/account/login/?next=/organisations/%3Fq%3Da"
    answer = client.post(
        "/account/login/",
        {"login": "kim@example.org", "password": PASSWORD, "next": "/organisations/?q=a"},
    )

    assert answer.headers["Location"] == "/organisations/?q=a"


def test_a_changed_address_holds_once_it_is_confirmed(client: Client) -> None:
    user = person()
    sign_in(client)
    client.post("/account/email/", {"email": "lee@example.org", "action_add": "1"})
    user.refresh_from_db()
    assert user.email == "kim@example.org"

    path = link_in(next(each for each in mail.outbox if each.to == ["lee@example.org"]))
    client.post(path)
    user.refresh_from_db()
    assert user.email == "lee@example.org"


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "계정이 바뀌었습니다"), ("en", "Your account was changed")]
)
def test_what_matters_in_an_account_is_told_by_mail(
    client: Client, language: str, said: str
) -> None:
    person()
    client.cookies["django_language"] = language
    sign_in(client)
    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "a-new-yard-8", "password2": "a-new-yard-8"},
    )

    assert said in mail.outbox[0].subject
    assert "127.0.0.1" in str(mail.outbox[0].body)
