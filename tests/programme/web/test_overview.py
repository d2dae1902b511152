"""The front page answers in one look; any day of the year can be read again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.programme.engine.ledger import Kind
from madang.programme.web.models import Booking
from madang.programme.web.services import book
from madang.programme.web.services.picture import picture
from tests.portal.people import enter
from tests.programme.web.hands import AUTUMN, booked, entry, spent, two

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def text(client: Client, path: str, **query: str) -> str:
    """A page's text; it must be there."""
    answer = client.get(path, query_params=query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_new_site_shows_an_example_year_that_says_so(client: Client) -> None:
    page = text(client, "/")

    assert "예시 자료입니다" in page
    assert "example-year" in page
    assert not Booking.objects.exists()


def test_the_front_page_names_every_line_and_the_rest_without_a_project(client: Client) -> None:
    page = text(client, "/")

    for line in book.programme().lines:
        assert str(line.title.ko).replace("&", "&amp;") in page
    # 1,703.4 named and 89.6 unnamed make the 1,793.0 that were voted (2025-07-06).
    assert "사업명이 있는 항목의 합은 1,703.4억원이고 의결액은 1,793.0억원입니다." in page
    assert "차이 89.6억원" in page


def test_a_line_whose_room_is_not_built_says_so(client: Client) -> None:
    assert "담당 시스템은 아직 만들지 않았습니다" in text(client, "/")
    assert "아직 만들지 않았습니다" in text(client, "/programme/lines/npu")
    assert "아직 만들지" not in text(client, "/programme/lines/public-ax")


def test_records_take_the_place_of_the_example_at_once(client: Client) -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        assert picture().is_example
    booked(spent(maker), maker, checker)

    with clock.stopped_at(AUTUMN):
        page, shown = text(client, "/"), picture()

    assert "예시 자료" not in page
    assert shown.whole.spent_krw == 100_000_000
    assert "1.0억원" in page


def test_the_lines_add_up_to_what_was_voted_on_every_day() -> None:
    maker, checker = two()
    moved = entry("move", 300_000_000, Kind.TRANSFER, to_line="npu", line="ai-fund")
    booked([moved], maker, checker)

    for day in (date(2025, 7, 6), date(2025, 8, 31), date(2025, 9, 1), date(2025, 12, 31)):
        shown = picture(day)
        assert sum(row.balance.appropriation_krw for row in shown.rows) == 179_300_000_000
    row = picture(date(2025, 9, 1)).row("npu")
    assert row is not None
    assert row.balance.appropriation_krw == 30_300_000_000


def test_a_past_day_is_shown_as_it_was_and_as_it_was_known() -> None:
    maker, checker = two()
    booked(spent(maker, prefix="a"), maker, checker)
    with clock.stopped_at(datetime(2025, 11, 20, tzinfo=UTC)):
        from madang.programme.web.services import acts

        later = acts.put_forward(
            [entry("late", 50_000_000)], kind="booking", title="뒤늦은 기록", by=maker
        )
        acts.approve(later, by=checker)

    day = date(2025, 9, 30)
    now, before = picture(day), picture(day, known_at=datetime(2025, 11, 10, tzinfo=UTC))
    assert picture(date(2025, 8, 31)).whole.granted_krw == 0
    assert (now.whole.granted_krw, before.whole.granted_krw) == (150_000_000, 100_000_000)


def test_what_was_known_when_is_for_who_may_see_bookings(client: Client) -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)
    asked = {"on": "2025-09-30", "known": "2025-10-01"}

    public = text(client, "/programme/", **asked)
    enter(client, maker)
    own = text(client, "/programme/", **asked)

    # The bookings were recorded on 3 November.
    assert ("1.0억원" in public, "1.0억원" in own) == (True, False)


def test_days_outside_the_year_lead_to_its_ends(client: Client) -> None:
    assert picture(date(1999, 1, 1)).on == date(2025, 7, 6)
    assert picture(date(9999, 12, 31)).on == date(2025, 12, 31)
    for odd in ("x", "9999-12-31", "2025-02-30", "0001-01-01", "\0"):
        text(client, "/programme/", on=odd, known=odd)


def test_a_year_that_is_closed_shows_no_forecast(client: Client) -> None:
    from madang.programme.web.services import acts

    maker, checker = two()
    booked(spent(maker), maker, checker)
    with clock.stopped_at(datetime(2026, 1, 10, tzinfo=UTC)):
        assert "12월을 마감하면 정산을 보입니다" in text(client, "/")
        acts.approve(acts.put_close_forward(date(2025, 12, 1), by=maker), by=checker)
        page, line = text(client, "/"), text(client, "/programme/lines/rpki")

        assert picture().is_closed
    assert "남은 돈 29.0억원" in line
    assert "다음 법정 기한" in page  # accounts are closed on 10 February
    assert (
        "마감한 해의 정산: 실집행 1.0억원, 이월 0.0억원, 불용 0.0억원, 남은 돈 1,792.0억원" in page
    )
    assert "예상 실집행" not in page


def test_the_pages_speak_english(client: Client) -> None:
    client.post(reverse("language"), {"language": "en"})

    page = text(client, "/")
    assert "This is an example year" in page
    assert "KRW 179.30 billion" in page


def test_the_page_asks_the_database_as_often_with_many_records(
    client: Client, django_assert_max_num_queries: object
) -> None:
    maker, checker = two()
    booked([entry(f"e{number}", 1000) for number in range(400)], maker, checker)
    text(client, "/")

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        text(client, "/")


def test_search_finds_a_line_by_its_promise(client: Client) -> None:
    assert "인터넷 경로 보안체계(RPKI) 구축" in text(client, "/search", q="경로 검증")


def test_who_may_not_plan_sees_no_way_to(client: Client) -> None:
    maker, _ = two()
    before = text(client, "/programme/lines/rpki")
    enter(client, maker)

    assert "월별 계획과 이정표 고치기" not in before
    assert "월별 계획과 이정표 고치기" in text(client, "/programme/lines/rpki")


def test_a_line_that_is_none_is_not_found(client: Client) -> None:
    assert client.get("/programme/lines/no-such").status_code == 404
