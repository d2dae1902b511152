"""What the whole house shows: front page, search, worklist, language, look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from madang.kernel import clock, systems
from madang.kernel.words import words
from madang.portal import frame
from madang.portal.access import NOBODY, Access
from madang.portal.frame import Found, Tile, Waiting
from madang.portal.models import Organisation
from tests.portal.people import enter, organisation, somebody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from madang.kernel.systems import System

pytestmark = pytest.mark.django_db


def home() -> Tile:
    """A system's tile."""
    return Tile(
        title=words("시험 방", "A room"),
        sentence=words("시험합니다.", "It tries."),
        url="/trials/",
        figure="12",
        unit=words("건", "cases"),
        note=words("2026-11-22 증거 7번", "2026-11-22, entry 7"),
    )


def search(text: str, reader: Access) -> list[Found]:
    """What a system finds."""
    return [Found(title=f"{text} 하나", kind=words("수요", "Demand"), url="/trials/")]


def worklist(reader: Access) -> Iterator[Waiting]:
    """What waits in a system."""
    for name, days in (("나중", 3), ("지남", -2), ("없음", None), ("곧", 0.1)):
        yield Waiting(
            title=name,
            reason=words("기다립니다", "It waits"),
            act=words("하기", "Do"),
            url=f"/trials/?{name}",
            due=None if days is None else clock.now() + timedelta(days=days),
        )


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> System:
    """One system whose answers are those above."""
    reverse("home")  # the addresses are those of the true systems
    here, true = __name__, systems.load
    plain = systems.manifest("trials")
    room = replace(
        plain, home=f"{here}:home", search=f"{here}:search", worklist=f"{here}:worklist"
    )
    monkeypatch.setattr(systems, "installed", lambda: (room,))

    def load(reference: str, *, extra: str = "") -> object:
        module, _, name = reference.partition(":")
        return globals()[name] if module == here else true(reference, extra=extra)

    monkeypatch.setattr(systems, "load", load)
    return room


def test_the_front_page_shows_each_systems_indicator_with_its_last_proof(
    client: Client, room: System
) -> None:
    page = client.get("/").content.decode()

    for said in ("AI 대전환", "시험 방", "시험합니다.", "12", "건", "2026-11-22 증거 7번"):
        assert said in page
    assert page.index("AI 대전환") < page.index("시험 방")


def test_a_system_that_proved_nothing_yet_says_so(client: Client) -> None:
    assert "아직 입증되지 않음" in client.get("/").content.decode()


def test_a_group_without_a_system_is_not_shown(room: System) -> None:
    assert [str(each["title"].ko) for each in frame.tile_groups()] == ["AI 대전환"]


def test_the_most_urgent_stands_first_and_what_has_no_clock_last(
    client: Client, room: System
) -> None:
    page = enter(client, somebody("company")).get("/work").content.decode()
    order = [page.index(f"/trials/?{name}") for name in ("지남", "곧", "나중", "없음")]

    assert order == sorted(order)
    assert "due-late" in page
    assert "2일 지남" in page


def test_an_empty_worklist_says_what_to_do_first(client: Client) -> None:
    member = somebody("company")
    guest = somebody("company")
    guest.memberships.all().delete()

    assert "지금 기다리는 일이 없습니다." in enter(client, member).get("/work").content.decode()
    page = enter(client, guest).get("/work").content.decode()
    assert guest.email in page
    assert "기업 등록하기" in page


def test_search_asks_every_system_for_what_the_reader_may_see(
    client: Client, room: System
) -> None:
    page = client.get("/search", {"q": "심장"}).content.decode()

    assert "심장 하나" in page
    assert "1건" in page


def test_search_finds_organisations_for_who_manages_them(client: Client) -> None:
    organisation(name="가온")

    assert "가온 기관" not in client.get("/search", {"q": "가온"}).content.decode()
    enter(client, somebody("operator"))
    for text in ("가온", " 가온 ", "가\0온"):
        assert "가온 기관" in client.get("/search", {"q": text}).content.decode()


def test_an_empty_search_teaches(client: Client) -> None:
    assert "찾을 낱말을 쓰십시오." in client.get("/search").content.decode()
    assert "찾은 것이 없습니다." in client.get("/search?q=zzzz").content.decode()


def test_companies_that_registered_themselves_wait_for_operators_alone() -> None:
    Organisation.objects.create(
        slug="waits", name_ko="기다림", name_en="Waits", kind="company", is_active=False
    )

    def titles(reader: Access) -> list[str]:
        return [str(each.title.ko) for each in frame.worklist(reader) if "organis" in each.url]

    assert titles(Access(somebody("operator"))) == ["기다림"]
    assert titles(Access(somebody("company"))) == []
    assert titles(NOBODY) == []


@pytest.mark.parametrize(
    ("accepted", "language"), [("ko-KR,en;q=0.5", "ko"), ("en-GB", "en"), ("fr", "ko"), ("", "ko")]
)
def test_a_stranger_is_spoken_to_in_a_language_of_their_browser(
    client: Client, accepted: str, language: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted})

    assert f'<html lang="{language}"' in answer.content.decode()
    assert answer.headers["Content-Language"] == language


def test_a_chosen_language_and_look_stay(client: Client) -> None:
    client.post("/language", {"language": "en", "next": "/search"})
    client.post("/theme", {"theme": "dark", "next": "/search"})
    page = client.get("/").content.decode()

    assert '<html lang="en" data-theme="dark"' in page
    client.post("/theme", {"theme": "auto"})
    assert 'data-theme="auto"' in client.get("/").content.decode()


def test_the_front_page_needs_no_row_of_the_database(
    client: Client, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get("/search")


def test_search_engines_leave_out_the_pages_of_people(client: Client) -> None:
    robots = client.get("/robots.txt")

    assert robots.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /account/" in robots.content.decode()
    assert "Disallow: /trials" not in robots.content.decode()


def test_the_sites_sign_is_found_by_its_old_name(client: Client) -> None:
    assert client.get("/favicon.ico").headers["Location"] == "/static/portal/logo.svg"
