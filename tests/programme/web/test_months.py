"""Months are closed one after the other, by two hands, once they are over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.programme.engine.ledger import Kind
from madang.programme.web.models import Act, Close
from madang.programme.web.services.months import months, next_to_close, of_year
from tests.portal.people import enter, somebody
from tests.programme.web.hands import AUTUMN, booked, entry, two

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LIST, CLOSE = "/programme/months/", "/programme/months/close"


def ask(client: Client, month: str = "2025-07-01") -> int:
    """Ask that a month be closed, in the autumn; the status."""
    with clock.stopped_at(AUTUMN):
        return client.post(CLOSE, {"month": month}).status_code


def test_the_months_of_the_year_begin_with_the_vote() -> None:
    # The vote of the second supplementary budget of 2025 was on 4 July.
    assert months() == [date(2025, month, 1) for month in range(7, 13)]


def test_sums_of_a_month_are_those_of_its_entries(client: Client) -> None:
    maker, checker = two()
    booked(
        [
            entry("a", 5_000, booked_on=date(2025, 8, 31)),
            entry("b", 7_000),
            entry("c", 2_000, Kind.DISBURSEMENT),
            entry("d", -1_000, corrects="b"),
        ],
        maker,
        checker,
    )
    found = {each.first.month: each for each in of_year()}

    assert found[8].sums[Kind.GRANT] == 5_000
    assert found[9].sums[Kind.GRANT] == 6_000
    assert found[9].sums[Kind.DISBURSEMENT] == 2_000
    assert found[9].count == 3
    enter(client, maker)
    assert "6,000" in client.get(LIST).content.decode()


def test_the_earliest_open_month_that_is_over_is_closed_by_two_hands(client: Client) -> None:
    maker, checker = two()
    enter(client, maker)

    assert ask(client) == 302
    act = Act.objects.get()
    assert act.month == date(2025, 7, 1)
    assert not Close.objects.exists()
    enter(client, checker)
    with clock.stopped_at(AUTUMN):
        client.post(reverse("programme:act-approve", args=[act.pk]))
        page = client.get(LIST).content.decode()
        found = next_to_close(of_year())
    assert Close.objects.get().month == date(2025, 7, 1)
    assert str(checker) in page
    assert found is not None
    assert found.first == date(2025, 8, 1)


def test_another_month_than_the_next_one_is_not_asked_for(client: Client) -> None:
    maker, _ = two()
    enter(client, maker)

    for month in ("2025-09-01", "2025-06-01", "x", ""):
        assert ask(client, month) == 409
    assert not Act.objects.exists()


def test_the_same_month_is_asked_for_once(client: Client) -> None:
    maker, _ = two()
    enter(client, maker)

    assert (ask(client), ask(client)) == (302, 409)
    assert Act.objects.count() == 1


def test_a_month_that_is_not_over_is_not_offered(client: Client) -> None:
    maker, _ = two()
    enter(client, maker)
    with clock.stopped_at(datetime(2025, 7, 20, tzinfo=UTC)):
        assert next_to_close(of_year()) is None
        assert client.get(CLOSE).status_code == 302
        assert client.post(CLOSE, {"month": "2025-07-01"}).status_code == 409


def test_closing_needs_the_right_to_book(client: Client) -> None:
    enter(client, somebody("auditor"))

    assert client.get(LIST).status_code == 200
    assert ask(client) == 403
    enter(client, somebody("company"))
    assert client.get(LIST).status_code == 403
