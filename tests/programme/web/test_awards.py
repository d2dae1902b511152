"""Calls and agreements: kept by officers, counted by region, heard by forecast and cause."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel import clock
from madang.programme.web.models import Award, Call, Recipient
from madang.programme.web.services import book
from madang.programme.web.services.picture import picture
from tests.portal.people import enter, somebody
from tests.programme.web.hands import AUTUMN, booked, spent, two

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
PATH = "/programme/lines/rpki/awards"
AWARD = {
    "award-title": "검증기 구축",
    "award-amount_krw": "10억원",
    "award-signed_on": "2025-09-10",
    "award-announced_on": "2025-08-01",
    "award-spendable_by": "2025-12-20",
    "award-recipient": "길목보안",
    "award-nature": "firm",
    "award-region": "KR-26",
    "award-people": "12",
}


def sent(client: Client, act: str, **given: Any) -> int:
    """The status of a form, sent in the autumn of the year."""
    with clock.stopped_at(AUTUMN):
        return client.post(PATH, {"act": act, **given}).status_code


def test_an_agreement_is_kept_and_counted_by_region(client: Client) -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)
    enter(client, maker)

    statuses = [sent(client, "award", **AWARD), sent(client, "award", **AWARD)]

    assert statuses == [302, 302]
    # One firm with two agreements is one firm.
    assert Recipient.objects.count() == 1
    page = client.get("/programme/lines/rpki", {"on": "2025-10-01"}).content.decode()
    assert "부산" in page
    assert "2,000,000,000" in page
    assert "66일" in page  # from the vote of 6 July to 10 September


def test_agreements_beyond_the_line_are_refused(client: Client) -> None:
    enter(client, two()[0])

    status = sent(client, "award", **{**AWARD, "award-amount_krw": "30.1억원"})

    assert status == 422
    assert not Award.objects.exists()
    assert not Recipient.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("award-signed_on", "2025-07-01"),
        ("award-signed_on", "2025-11-30"),
        ("award-announced_on", "2025-09-20"),
        ("award-spendable_by", "2025-09-01"),
        ("award-amount_krw", "십억"),
        ("award-region", "KR-99"),
        ("award-people", "-1"),
        ("award-call", "7"),
    ],
)
def test_what_cannot_be_is_refused(client: Client, name: str, value: str) -> None:
    enter(client, two()[0])

    assert sent(client, "award", **{**AWARD, name: value}) == 422
    assert not Award.objects.exists()


def test_a_call_is_open_until_its_agreement_is_signed(client: Client) -> None:
    enter(client, two()[0])
    given = {
        "call-title": "1차 공고",
        "call-amount_krw": "20억원",
        "call-announced_on": "2025-08-01",
    }

    made = sent(client, "call", **given)
    call = Call.objects.get()
    signed = sent(client, "award", **AWARD, **{"award-call": str(call.pk)})
    call.refresh_from_db()

    assert (made, signed) == (302, 302)
    assert (call.outcome, call.ended_on) == ("signed", date(2025, 9, 10))


def test_a_call_that_failed_is_no_longer_open(client: Client) -> None:
    enter(client, two()[0])
    call = Call.objects.create(
        line="rpki", title="유찰", amount_krw=10**9, announced_on=date(2025, 8, 1)
    )

    early = sent(client, "end", call=call.pk, ended_on="2025-07-20", outcome="failed")
    ended = sent(client, "end", call=call.pk, ended_on="2025-09-01", outcome="failed")
    again = sent(client, "end", call=call.pk, ended_on="2025-09-02", outcome="signed")

    call.refresh_from_db()
    assert (early, ended, again) == (422, 302, 422)
    assert (call.outcome, call.ended_on) == ("failed", date(2025, 9, 1))


def test_a_call_changes_what_is_foreseen_and_the_suggested_cause() -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)
    before = picture(date(2025, 9, 15)).row("npu")
    with book.writing():
        Call.objects.create(
            line="npu", title="공고", amount_krw=3 * 10**10, announced_on=date(2025, 7, 20)
        )

    after = picture(date(2025, 9, 15)).row("npu")

    assert before is not None
    assert after is not None
    assert before.outlook is not None
    assert after.outlook is not None
    assert after.outlook.middle_krw > before.outlook.middle_krw
    assert before.standing.cause.value == "unprepared" or not before.is_behind


def test_only_who_books_keeps_agreements(client: Client) -> None:
    enter(client, somebody("operator"))

    assert client.get(PATH).status_code == 403
    assert sent(client, "award", **AWARD) == 403
