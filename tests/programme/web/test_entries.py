"""Every entry is found, leads to its papers, and says at once where one no longer holds."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madang.kernel import clock, ids
from madang.programme.engine.ledger import Kind
from madang.programme.web.models import Act, Booking, Paper, Recipient
from madang.programme.web.services import acts, book, papers
from tests.portal.people import enter, somebody
from tests.programme.web.hands import (
    AUTUMN,
    RECEIPT,
    booked,
    change,
    entry,
    lying,
    spent,
    two,
)

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from madang.portal.models import User

pytestmark = pytest.mark.django_db

LIST = "/programme/entries/"


@pytest.fixture
def maker(client: Client) -> User:
    """Who put three bookings forward, signed in."""
    maker, checker = two()
    booked(spent(maker), maker, checker)
    enter(client, maker)
    return maker


def page_of(client: Client, name: str) -> str:
    return client.get(reverse("programme:entry", args=[name])).content.decode()


def test_an_entry_names_both_hands_its_act_its_paper_and_its_place_in_the_log(
    client: Client, maker: User
) -> None:
    enter(client, somebody("auditor"))
    row = Booking.objects.get(id="e-3")
    page = page_of(client, "e-3")

    assert page.count("programme person") == 2
    assert row.act.get_absolute_url() in page
    assert reverse("log-entry", args=[row.act.entry]) in page
    assert "세금계산서.pdf" in page
    assert ids.digest(RECEIPT) in page
    assert "확인됨" in page


def test_the_address_of_an_entry_is_the_one_that_the_open_data_names(client: Client) -> None:
    from madang.programme.engine.open_data.publisher import Publisher

    here = Publisher(
        name=book.programme().ministry,
        address="https://example.org",
        ocds_prefix="ocds-000000",
        oc4ids_prefix="oc4ids-000000",
    )

    assert here.entry("import-1-7-grant").removeprefix("https://example.org") == reverse(
        "programme:entry", args=["import-1-7-grant"]
    )


def test_a_paper_leaves_the_site_as_it_came_in_and_as_nothing_a_browser_runs(
    client: Client, maker: User
) -> None:
    answer = client.get(reverse("programme:paper", args=[ids.digest(RECEIPT)]))

    assert answer.content == RECEIPT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_paper_that_was_changed_is_named_with_both_digests_and_never_served(
    client: Client, maker: User, settings: SettingsWrapper
) -> None:
    digest = ids.digest(RECEIPT)
    change(settings.OBJECTS, digest)
    answer = client.get(reverse("programme:paper", args=[digest]))
    page = answer.content.decode()

    assert answer.status_code == 409
    assert "세금계산서.pdf" in page
    assert ids.digest(b"something else") in page
    assert digest in page
    assert reverse("programme:entry", args=["e-3"]) in page
    assert "something else" not in page
    assert Paper.objects.get().state == "changed"
    assert "내용이 바뀜" in page_of(client, "e-3")


def test_a_paper_that_is_gone_is_named(
    client: Client, maker: User, settings: SettingsWrapper
) -> None:
    digest = ids.digest(RECEIPT)
    lying(settings.OBJECTS, digest).unlink()

    assert "파일 없음" in page_of(client, "e-3")
    answer = client.get(reverse("programme:paper", args=[digest]))
    assert answer.status_code == 409
    assert "파일 없음" in answer.content.decode()


@pytest.mark.parametrize("name", ["0" * 64, "abc", "..%2f..%2fkeys", "%00"])
def test_a_paper_that_nobody_handed_in_is_not_found(
    client: Client, maker: User, name: str
) -> None:
    assert client.get(f"/programme/papers/{name}").status_code == 404


@pytest.mark.parametrize("name", ["none", "e-3%00", "%ED%95%9C", "a%2fb"])
def test_an_entry_that_does_not_exist_is_not_found(client: Client, maker: User, name: str) -> None:
    assert client.get(f"/programme/entries/{name}").status_code == 404
    assert client.get(f"/programme/acts/{name}").status_code == 404


def test_a_correction_and_what_it_corrects_lead_to_each_other(client: Client) -> None:
    maker, checker = two()
    booked([entry("a", 5_000)], maker, checker)
    booked([entry("b", -2_000, corrects="a")], maker, checker)
    enter(client, maker)

    assert reverse("programme:entry", args=["b"]) in page_of(client, "a")
    assert "3,000 원" in page_of(client, "a")
    assert reverse("programme:entry", args=["a"]) in page_of(client, "b")


def names(client: Client, **query: str) -> list[str]:
    """The entries of a view, in its order."""
    answer = client.get(LIST, {"format": "json", **query})
    return [each["id"] for each in json.loads(b"".join(answer.streaming_content))["entries"]]


def test_the_list_narrows_and_sorts_and_its_files_say_the_same(client: Client) -> None:
    maker, checker = two()
    booked(
        [
            entry("g", 300_000_000),
            entry("m", 100_000_000, Kind.TRANSFER, line="ai-fund", to_line="npu"),
            entry("v", 20_000_000, Kind.DISBURSEMENT, voucher="V-77", recipient="한빛"),
        ],
        maker,
        checker,
    )
    enter(client, maker)

    assert names(client) == ["v", "m", "g"]
    assert names(client, sort="amount") == ["v", "m", "g"]
    assert names(client, sort="-amount") == ["g", "m", "v"]
    assert names(client, line="npu") == ["m"]
    assert names(client, kind="disbursement") == ["v"]
    assert names(client, month="2025-09") == ["v", "m", "g"]
    assert names(client, month="2025-08") == []
    assert names(client, text="v-7") == ["v"]
    assert names(client, text="한빛") == ["v"]
    # What cannot be read narrows nothing.
    assert len(names(client, month="2025-99", line="' OR 1=1", sort="; DROP")) == 3
    page = client.get(LIST, {"line": "npu"}).content.decode()
    assert page.count('<tr><th scope="row">') == 1


def test_a_recipient_that_is_known_by_a_number_is_shown_and_found_by_its_name(
    client: Client,
) -> None:
    maker, checker = two()
    with book.writing():
        Recipient.objects.create(id="r-1", name="한빛네트웍스", nature="firm")
    booked([entry("a", 1_000, recipient="r-1"), entry("b", 1_000)], maker, checker)
    enter(client, maker)

    assert names(client, text="네트웍") == ["a"]
    for url in (
        LIST,
        reverse("programme:entry", args=["a"]),
        Booking.objects.get(id="a").act.get_absolute_url(),
    ):
        assert "한빛네트웍스" in client.get(url).content.decode()


def test_a_cell_that_is_a_formula_does_no_harm_in_a_spreadsheet_or_on_the_page(
    client: Client,
) -> None:
    maker, checker = two()
    evil = '=cmd|"/c calc"!A1<script>alert(1)</script>'
    booked([entry("a", 1_000, recipient=evil, note="@x", voucher="+1")], maker, checker)
    enter(client, maker)

    text = b"".join(client.get(LIST, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["recipient"] == f"'{evil}"
    assert row["note"] == "'@x"
    assert row["voucher"] == "'+1"
    assert "<script>alert" not in client.get(LIST).content.decode()
    assert "<script>alert" not in page_of(client, "a")


def test_a_page_of_the_list_asks_as_often_however_many_entries_there_are(client: Client) -> None:
    maker, checker = two()
    booked([entry(f"e{number}", 1_000) for number in range(3)], maker, checker)
    enter(client, maker)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    booked([entry(f"f{number}", 1_000) for number in range(120)], maker, checker)
    client.get(LIST)
    with CaptureQueriesContext(connection) as many:
        page = client.get(LIST, {"page": "2"})

    assert len(many) == len(few)
    assert len(page.context["rows"]) == 50


def test_a_site_without_records_says_what_stands_here_and_where_to_begin(client: Client) -> None:
    maker, _ = two()
    enter(client, maker)
    page = client.get(LIST).content.decode()

    assert "아직 집행 기록이 없습니다" in page
    assert reverse("programme:import") in page


@pytest.mark.parametrize("role", ["company", "agency", "officer", "evaluator"])
def test_who_may_not_see_the_book_sees_no_entry_and_no_paper(client: Client, role: str) -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)
    urls = [
        LIST,
        reverse("programme:entry", args=["e-3"]),
        reverse("programme:paper", args=[ids.digest(RECEIPT)]),
    ]
    assert {client.get(url).status_code for url in urls} == {302}
    enter(client, somebody(role))

    assert {client.get(url).status_code for url in urls} == {403}


def test_a_person_who_is_gone_leaves_their_number_in_the_ledger(client: Client) -> None:
    maker, checker = two()
    booked([entry("a", 1_000)], maker, checker)
    Booking.objects.update(by="user/999999999")
    enter(client, maker)

    assert "user/999999999" in page_of(client, "a")


def test_the_list_of_papers_of_one_entry_is_looked_at_now_not_as_remembered(
    client: Client, maker: User, settings: SettingsWrapper
) -> None:
    with clock.stopped_at(AUTUMN):
        papers.look(list(Paper.objects.all()))
    change(settings.OBJECTS, ids.digest(RECEIPT))
    assert Paper.objects.get().state == "whole"

    page_of(client, "e-3")

    assert Paper.objects.get().state == "changed"
    assert Act.objects.count() == 1
    assert acts.look(Act.objects.get()) == "whole"
