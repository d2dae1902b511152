"""Signing in by an OpenID provider, against one that the test itself runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from madang.portal.models import Membership, User
from madang.portal.settings.base import openid
from tests.portal.people import enter, somebody
from tests.portal.provider import CLIENT, SECRET, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

    from tests.portal.provider import Provider

pytestmark = pytest.mark.django_db

LOGIN = "/account/oidc/oidc/login/"


@pytest.fixture
def provider(settings: SettingsWrapper) -> Iterator[Provider]:
    with running() as started:
        settings.SOCIALACCOUNT_PROVIDERS = openid(
            {
                "MADANG_OIDC_ISSUER": started.issuer,
                "MADANG_OIDC_CLIENT_ID": CLIENT,
                "MADANG_OIDC_CLIENT_SECRET": SECRET,
                "MADANG_OIDC_NAME": "정부 통합인증",
            }
        )
        yield started


def leave_for(client: Client, provider: Provider, query: str = "") -> str:
    """Press the button; returns where the provider sends the browser back to."""
    answer = client.post(LOGIN + query)
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}" == provider.issuer
    back = provider.consent({k: v[0] for k, v in parse_qs(target.query).items()})
    return back.removeprefix("http://testserver")


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_sign_in_page_offers_the_provider_by_its_name(
    client: Client, provider: Provider
) -> None:
    page = client.get("/account/login/").content.decode()

    assert "정부 통합인증(으)로 로그인하기" in page
    assert f'action="{LOGIN}?process=login"' in page


def test_whom_the_provider_knows_comes_in_without_a_password(
    client: Client, provider: Provider
) -> None:
    answer = client.get(leave_for(client, provider))

    assert answer.headers["Location"] == "/work"
    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.name) == ("kim@example.org", "김하나")
    assert not user.has_usable_password()
    assert EmailAddress.objects.get().verified
    assert not Membership.objects.exists()


def test_the_same_person_comes_back_as_the_same_user(client: Client, provider: Provider) -> None:
    for _ in range(2):
        client.get(leave_for(client, provider))
        client.post("/account/logout/")
    provider.person["email"] = "other@example.org"
    client.get(leave_for(client, provider))

    assert User.objects.count() == 1
    assert is_in(client)


def test_looking_at_the_address_of_sign_in_sends_nobody_away(
    client: Client, provider: Provider
) -> None:
    answer = client.get(LOGIN)

    assert answer.status_code == 200
    assert not provider.asked


def test_the_code_is_bound_to_the_browser_that_asked(client: Client, provider: Provider) -> None:
    """Login CSRF: a victim's browser that is given an attacker's answer does not come in."""
    attackers = leave_for(Client(), provider)
    victim = client.get(attackers)

    assert not is_in(client)
    assert "로그인하지 못했습니다" in victim.content.decode()
    assert not User.objects.exists()


def test_an_answer_works_once(client: Client, provider: Provider) -> None:
    back = leave_for(client, provider)
    client.get(back)
    client.post("/account/logout/")
    client.get(back)

    assert not is_in(client)


def test_the_exchange_proves_who_asked_for_the_code(client: Client, provider: Provider) -> None:
    leave_for(client, provider)

    assert provider.asked[0]["code_challenge_method"] == "S256"
    assert set(provider.asked[0]["scope"].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another client"}, {"iss": "https://another.example"}, {"exp": 1}],
    ids=str,
)
def test_a_token_that_is_not_for_this_site_signs_nobody_in(
    client: Client, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = client.get(leave_for(client, provider))

    assert not is_in(client)
    assert not User.objects.exists()
    assert "로그인하지 못했습니다" in answer.content.decode()


def test_a_provider_that_says_another_address_takes_over_no_account(
    client: Client, provider: Provider
) -> None:
    owner = somebody("operator")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    provider.person["email"] = owner.email
    client.get(leave_for(client, provider), follow=True)

    assert not is_in(client)
    assert not SocialAccount.objects.filter(user=owner).exists()


def test_an_address_that_the_provider_has_not_confirmed_is_confirmed_by_mail(
    client: Client, provider: Provider
) -> None:
    provider.person["email_verified"] = False
    answer = client.get(leave_for(client, provider))

    assert answer.headers["Location"] == "/account/confirm-email/"
    assert not is_in(client)
    assert mail.outbox[0].to == ["kim@example.org"]


def test_somebody_connects_the_provider_to_their_account(
    client: Client, provider: Provider
) -> None:
    user = somebody("company")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    enter(client, user)
    client.get(leave_for(client, provider, "?process=connect"))

    assert SocialAccount.objects.get().user == user
    client.logout()
    client.get(leave_for(client, provider))
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_provider_that_does_not_answer_is_told_in_words(
    client: Client, settings: SettingsWrapper
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = openid({"MADANG_OIDC_ISSUER": "http://127.0.0.1:9"})
    answer = client.post(LOGIN)

    assert answer.status_code == 503
    assert "다른 서비스가 응답하지 않습니다" in answer.content.decode()


def test_without_a_provider_there_is_no_such_door(client: Client) -> None:
    assert openid({}) == {}
    assert client.post(LOGIN).status_code == 404
    assert "다른 계정으로 로그인" not in client.get("/account/login/").content.decode()
