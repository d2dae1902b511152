"""What awaits a second hand is seen, decided on once, and proves itself on its page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal.models import LogEntry
from madang.programme.web.models import Act, Booking
from madang.programme.web.services import acts
from tests.portal.people import enter, somebody
from tests.programme.web.hands import AUTUMN, booked, change, entry, spent, two

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from madang.portal.models import User

pytestmark = pytest.mark.django_db


def waiting(maker: User, name: str = "a", amount_krw: int = 1_000, **more: Any) -> Act:
    """An act that awaits approval."""
    with clock.stopped_at(AUTUMN):
        return acts.put_forward(
            [entry(name, amount_krw)], kind="booking", title="9월 교부", by=maker, **more
        )


def imported(maker: User, checker: User) -> Act:
    """An import that is booked."""
    with clock.stopped_at(AUTUMN):
        act = acts.put_forward(
            spent(maker, prefix="import-1"),
            kind="import",
            title="9월.xlsx",
            by=maker,
            batch="import-1",
        )
        return acts.approve(act, by=checker)


def step(act: Act, name: str) -> str:
    """The address of a step of an act."""
    return reverse(f"programme:act-{name}", args=[act.pk])


def nouns() -> list[str]:
    return [each.predicate_type.split("/")[-2] for each in LogEntry.objects.order_by("index")]


def test_another_approves_on_the_page_and_the_page_then_names_the_proof(client: Client) -> None:
    maker, checker = two()
    act = waiting(maker)
    enter(client, checker)
    page = client.get(act.get_absolute_url()).content.decode()
    assert step(act, "approve") in page
    assert "1,000" in page

    with clock.stopped_at(AUTUMN):
        answer = client.post(step(act, "approve"))

    assert answer.status_code == 302
    act.refresh_from_db()
    page = client.get(act.get_absolute_url()).content.decode()
    assert act.digest in page
    assert f"<dd>{act.entry}" in page
    assert step(act, "approve") not in page
    assert nouns() == ["booking-proposed", "booking"]


def test_its_maker_may_withdraw_and_is_not_offered_to_approve(client: Client) -> None:
    maker, _ = two()
    act = waiting(maker)
    enter(client, maker)
    page = client.get(act.get_absolute_url()).content.decode()

    assert step(act, "approve") not in page
    assert client.post(step(act, "approve")).status_code == 409
    assert client.post(step(act, "refuse"), {"reason": "아니오"}).status_code == 409
    assert client.post(step(act, "withdraw"), {"reason": ""}).status_code == 302
    assert Act.objects.get().state == "withdrawn"
    assert not Booking.objects.exists()


def test_nobody_withdraws_what_is_anothers(client: Client) -> None:
    maker, checker = two()
    act = waiting(maker)
    enter(client, checker)

    assert client.post(step(act, "withdraw")).status_code == 409
    assert Act.objects.get().state == "waiting"


def test_a_refusal_needs_its_reason_and_shows_it(client: Client) -> None:
    maker, checker = two()
    act = waiting(maker)
    enter(client, checker)

    assert client.post(step(act, "refuse"), {"reason": " "}).status_code == 422
    assert client.post(step(act, "refuse"), {"reason": "<b>증빙</b>"}).status_code == 302
    page = client.get(act.get_absolute_url()).content.decode()
    assert "&lt;b&gt;증빙&lt;/b&gt;" in page
    assert "<b>증빙</b>" not in page


def test_who_approves_twice_is_told_in_one_sentence_and_books_once(client: Client) -> None:
    maker, checker = two()
    act = waiting(maker)
    enter(client, checker)
    with clock.stopped_at(AUTUMN):
        client.post(step(act, "approve"))

        answer = client.post(step(act, "approve"))

    assert answer.status_code == 409
    assert "이미 반영됨 기록" in answer.content.decode()
    assert Booking.objects.count() == 1


def test_what_the_ledger_no_longer_holds_is_refused_with_found_and_expected(
    client: Client,
) -> None:
    maker, checker = two()
    first, second = (waiting(maker, name, 2_000_000_000) for name in ("a", "b"))
    enter(client, checker)
    with clock.stopped_at(AUTUMN):
        client.post(step(first, "approve"))

        answer = client.post(step(second, "approve"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "4,000,000,000원" in page
    assert "3,000,000,000원 이하" in page
    assert Booking.objects.count() == 1


def test_what_lies_in_a_month_closed_since_is_refused_with_the_open_day(client: Client) -> None:
    maker, checker = two()
    act = waiting(maker)
    with clock.stopped_at(AUTUMN):
        acts.approve(acts.put_close_forward(date(2025, 9, 1), by=maker), by=checker)
        enter(client, checker)
        answer = client.post(step(act, "approve"))

    assert answer.status_code == 409
    assert "마감된 날 2025-09-01" in answer.content.decode()
    assert "2025-10-01부터" in answer.content.decode()
    assert not Booking.objects.exists()


def test_an_import_is_taken_back_with_a_reason_by_two_hands(client: Client) -> None:
    maker, checker = two()
    act = imported(maker, checker)
    enter(client, maker)
    with clock.stopped_at(AUTUMN):
        assert client.post(step(act, "undo"), {"reason": ""}).status_code == 422
        answer = client.post(step(act, "undo"), {"reason": "잘못 올림"})
        again = client.post(step(act, "undo"), {"reason": "잘못 올림"})
        back = Act.objects.get(kind="undo")
        enter(client, checker)
        client.post(step(back, "approve"))

    assert answer.headers["Location"] == back.get_absolute_url()
    assert again.status_code == 409
    assert Act.objects.filter(kind="undo").count() == 1
    assert sum(Booking.objects.values_list("amount_krw", flat=True)) == 0
    page = client.get(act.get_absolute_url()).content.decode()
    assert back.get_absolute_url() in page
    assert step(act, "undo") not in page


def test_only_an_import_is_taken_back(client: Client) -> None:
    maker, checker = two()
    act = booked(spent(maker), maker, checker)
    enter(client, maker)

    assert client.post(step(act, "undo"), {"reason": "."}).status_code == 404


def test_bookings_that_were_changed_in_the_database_are_named_on_the_page(client: Client) -> None:
    maker, checker = two()
    act = booked(spent(maker), maker, checker)
    Booking.objects.filter(id="e-3").update(amount_krw=99_999_999)
    enter(client, somebody("auditor"))

    assert client.post(step(act, "look")).status_code == 302
    page = client.get(act.get_absolute_url()).content.decode()
    assert "장부의 기록이 바뀌었습니다" in page
    assert reverse("log-entry", args=[act.entry]) in page


def test_a_proposal_whose_file_was_changed_is_named_and_not_booked(
    client: Client, settings: SettingsWrapper
) -> None:
    maker, checker = two()
    act = waiting(maker)
    assert act.entries is not None
    change(settings.OBJECTS, act.entries.digest)
    enter(client, checker)

    page = client.get(act.get_absolute_url())
    assert page.status_code == 200
    assert act.entries.digest in page.content.decode()
    assert client.post(step(act, "approve")).status_code == 503
    assert not Booking.objects.exists()


def test_the_list_narrows_by_state_and_kind_and_leaves_as_a_file(client: Client) -> None:
    maker, checker = two()
    done = booked([entry("a", 1_000)], maker, checker)
    open_ = waiting(maker, "b")
    enter(client, checker)
    url = reverse("programme:acts")

    page = client.get(url, {"state": "waiting"}).content.decode()
    assert open_.get_absolute_url() in page
    assert done.get_absolute_url() not in page
    assert client.get(url, {"kind": "close"}).context["is_narrowed"]
    assert client.get(url, {"state": "<script>"}).status_code == 200
    rows = b"".join(client.get(url, {"format": "csv"}).streaming_content).decode()
    assert rows.count("\n") == 3


def test_a_title_that_is_a_formula_or_markup_does_no_harm(client: Client) -> None:
    maker, _ = two()
    with clock.stopped_at(AUTUMN):
        title = '=HYPERLINK("x")<script>'
        acts.put_forward([entry("a", 1)], kind="booking", title=title, by=maker)
    enter(client, maker)
    url = reverse("programme:acts")

    assert "<script>" not in client.get(url).content.decode().split("<main")[1]
    rows = b"".join(client.get(url, {"format": "csv"}).streaming_content).decode()
    assert ",\"'=HYPERLINK" in rows


@pytest.mark.parametrize("name", ["approve", "refuse", "withdraw", "undo"])
def test_nobody_acts_without_the_right(client: Client, name: str) -> None:
    act = waiting(two()[0])
    url = step(act, name)

    assert client.post(url, {"reason": "."}).status_code == 302
    assert "/account/" in client.post(url, {"reason": "."}).headers["Location"]
    for role in ("auditor", "company", "agency"):
        enter(client, somebody(role))
        assert client.get(url).status_code == 403
        assert client.post(url, {"reason": "."}).status_code == 403
    assert Act.objects.get().state == "waiting"


@pytest.mark.parametrize("role", ["company", "agency", "officer", "evaluator"])
def test_what_is_put_forward_is_seen_by_who_may_alone(client: Client, role: str) -> None:
    act = waiting(two()[0])
    enter(client, somebody(role))

    assert client.get(act.get_absolute_url()).status_code == 403
    assert client.get(reverse("programme:acts")).status_code == 403


def test_an_act_that_does_not_exist_is_not_found(client: Client) -> None:
    enter(client, two()[0])

    assert client.get(reverse("programme:act", args=["act-none"])).status_code == 404
