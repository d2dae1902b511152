"""What surrounds every page: the way in, the way round, and what the reader has chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.portal.people import enter, home_of, somebody

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


def page(client: Client, path: str = "/", **cookies: str) -> str:
    client.cookies.load(cookies)
    return client.get(path).content.decode()


def test_the_page_names_its_language_and_offers_the_other(client: Client) -> None:
    korean = page(client)
    english = page(client, django_language="en")

    assert '<html lang="ko"' in korean
    assert 'value="en" lang="en">English</button>' in korean
    assert '<html lang="en"' in english
    assert 'value="ko" lang="ko">한국어</button>' in english


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_brightness_is_on_the_page_and_on_its_button(
    client: Client, theme: str
) -> None:
    text = page(client, theme=theme)

    assert f'data-theme="{theme}"' in text
    assert f'<meta name="color-scheme" content="{theme}">' in text
    assert re.findall(r'value="(\w+)" aria-pressed="true"', text) == [theme]


def test_nobody_is_offered_the_door_and_brought_back(client: Client) -> None:
    text = page(client, "/search?q=a")

    assert 'href="/account/login/?next=/search%3Fq%3Da"' in text
    assert reverse("account_logout") not in text


def test_the_signed_in_have_their_work_their_organisation_and_the_way_out(client: Client) -> None:
    user = somebody("company")
    text = page(enter(client, user))

    assert f'href="{reverse("worklist")}"' in text
    assert f'href="{reverse("organisation", args=[home_of(user).slug])}"' in text
    assert re.search(rf'<form action="{reverse("account_logout")}" method="post">', text)
    assert reverse("account_login") not in text


def test_what_was_searched_for_stays_in_the_field(client: Client) -> None:
    text = page(client, "/search?q=%22%3E%3Cb%3E")

    assert 'name="q" value="&quot;&gt;&lt;b&gt;"' in text


def test_the_marks_of_the_government_are_off_unless_switched_on(
    client: Client, settings: SettingsWrapper
) -> None:
    assert "krds-masthead" not in page(client)
    assert "krds-identifier" not in page(client)

    settings.OFFICIAL = True
    assert "공식 전자정부 누리집" in page(client)
    assert "krds-identifier" in page(client)


@pytest.mark.parametrize(
    "role", ["officer", "agency", "company", "evaluator", "admin", "operator", "auditor"]
)
@pytest.mark.parametrize("name", ["roles", "runs", "audit"])
def test_the_menu_leads_to_the_pages_of_the_house_that_open_and_to_no_other(
    client: Client, role: str, name: str
) -> None:
    enter(client, somebody(role))
    is_offered = f'href="{reverse(name)}"' in page(client)

    assert is_offered == (client.get(reverse(name)).status_code == 200)
