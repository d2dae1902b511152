"""A sign-in link signs one person in, once, on this machine, on no site of production."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.portal import links
from madang.portal.models import SignInLink
from tests.portal.at_once import at_once
from tests.portal.people import somebody

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    """Whether the client's session belongs to somebody."""
    return "_auth_user_id" in client.session


def test_looking_at_a_link_burns_nothing_and_signs_nobody_in(client: Client) -> None:
    path = links.make(somebody("company"))

    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]
    assert not is_in(client)
    assert SignInLink.objects.get().used is None


def test_pressing_its_button_signs_its_person_in_once(client: Client) -> None:
    user = somebody("company")
    path = links.make(user)
    client.get(path)

    assert client.post(path).headers["Location"] == "/work"
    assert client.session["_auth_user_id"] == str(user.pk)

    client.logout()
    again = client.post(path)
    assert (again.status_code, is_in(client)) == (410, False)


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_pressed_twice_at_once_signs_in_once() -> None:
    secret = links.make(somebody("company")).rpartition("/")[2]

    used = at_once(lambda _: links.use(secret) is not None, range(2))

    assert sorted(used) == [False, True]


def test_a_link_expires_after_half_an_hour(client: Client) -> None:
    path = links.make(somebody("company"))
    with clock.stopped_at(clock.now() + timedelta(minutes=31)):
        answer = client.post(path)

    assert (answer.status_code, is_in(client)) == (410, False)


def test_only_the_digest_of_a_link_is_kept() -> None:
    secret = links.make(somebody("company")).rpartition("/")[2]

    assert secret not in str(SignInLink.objects.values().get())
    assert SignInLink.objects.get().secret == links.digest(secret)


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
    ids=str,
)
def test_a_link_is_unknown_to_other_machines(client: Client, meta: dict[str, str]) -> None:
    path = links.make(somebody("company"))

    assert client.get(path, **meta).status_code == 404
    assert client.post(path, **meta).status_code == 404
    assert not is_in(client)
    assert SignInLink.objects.get().used is None


@pytest.mark.parametrize(
    "change", [{"SIGN_IN_LINKS": False}, {"SIGN_IN_LINKS": True, "SESSION_COOKIE_SECURE": True}]
)
def test_production_refuses_links_even_where_the_setting_is_set(
    client: Client, settings: SettingsWrapper, change: dict[str, bool]
) -> None:
    user = somebody("company")
    path = links.make(user)
    for name, value in change.items():
        setattr(settings, name, value)

    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    assert not is_in(client)
    with pytest.raises(Unavailable):
        links.make(user)


def test_a_closed_account_has_no_way_in(client: Client) -> None:
    user = somebody("company")
    path = links.make(user)
    user.is_active = False
    user.save()

    assert client.post(path).status_code == 410
    assert not is_in(client)


def test_signing_in_by_a_link_changes_the_session(client: Client) -> None:
    """A session that somebody else planted before is worth nothing afterwards."""
    client.get("/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    client.post(links.make(somebody("company")))

    assert client.session.session_key != before
