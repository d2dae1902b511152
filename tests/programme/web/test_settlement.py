"""The settlement is the ledger's own, names papers that do not hold, and leaves as three files."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from madang.kernel import ids
from madang.kernel.evidence.statement import Statement
from madang.portal.models import LogEntry
from madang.programme.web.models import Close, Interest, Paper
from madang.programme.web.services import book, settling
from tests.portal.people import enter, somebody
from tests.programme.web.hands import RECEIPT, booked, change, entry, spent, two

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from madang.portal.models import User

pytestmark = pytest.mark.django_db

URL = "/programme/settlement/"
FINAL_DAY = "2025-12-31"


@pytest.fixture
def maker(client: Client) -> User:
    """Who put 100,000,000 won of each step forward and 50,000,000 more of a grant, signed in."""
    maker, checker = two()
    booked([*spent(maker), entry("more", 50_000_000)], maker, checker)
    enter(client, maker)
    return maker


def file_of(client: Client, kind: str, **query: str) -> Any:
    return client.get(reverse("programme:settlement-file", args=[kind]), query)


def note(client: Client, **changes: Any) -> Any:
    """Note interest of the line of RPKI."""
    given = {"line": "rpki", "recipient": "", "amount": "12,345", **changes}
    paper = SimpleUploadedFile("통장.pdf", b"a statement of a bank")
    return client.post(reverse("programme:interest"), {"paper": paper, **given})


def test_a_line_owes_what_it_received_and_neither_spent_nor_carried_over(
    client: Client, maker: User
) -> None:
    page = client.get(URL, {"on": FINAL_DAY}).content.decode()
    plain = json.loads(file_of(client, "json", on=FINAL_DAY).content)
    (line,) = [each for each in plain["lines"] if each["line"] == "rpki"]

    assert "150,000,000" in page
    # 150 received, 100 of it confirmed.
    assert line["whole"]["to_return_krw"] == 50_000_000
    assert line["whole"]["unproved_krw"] == 0
    assert "50,000,000" in page
    assert "중간(마감 전)" in page


def test_it_is_final_once_december_is_closed(client: Client, maker: User) -> None:
    from madang.programme.web.models import Act

    with book.writing():
        Close.objects.create(
            month=date(2025, 12, 1),
            act=Act.objects.get(),
            recorded_at=Act.objects.get().at,
            by="a",
            approved_by="b",
        )

    assert "확정(마감됨)" in client.get(URL, {"on": FINAL_DAY}).content.decode()
    assert "중간(마감 전)" in client.get(URL, {"on": "2025-11-30"}).content.decode()


def test_a_paper_that_was_changed_is_named_on_the_page_and_in_every_file(
    client: Client, maker: User, settings: SettingsWrapper
) -> None:
    assert "확인되지 않는 증빙" not in client.get(URL).content.decode()
    change(settings.OBJECTS, ids.digest(RECEIPT))
    page = client.get(URL).content.decode()

    assert "세금계산서.pdf" in page
    assert "내용이 바뀜" in page
    assert reverse("programme:paper", args=[ids.digest(RECEIPT)]) in page
    assert "세금계산서.pdf (rpki)" in file_of(client, "html").content.decode()
    (line,) = [
        each for each in json.loads(file_of(client, "json").content)["lines"] if each["vouchers"]
    ]
    states = [paper["state"] for each in line["vouchers"] for paper in each["papers"]]
    assert states == ["changed"]


def test_many_papers_are_told_as_they_were_last_read(
    client: Client, maker: User, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "READ_AT_ONCE", 0)
    change(settings.OBJECTS, ids.digest(RECEIPT))

    assert "내용이 바뀜" not in client.get(URL).content.decode()
    Paper.objects.update(state="changed")
    assert "내용이 바뀜" in client.get(URL).content.decode()


def test_it_leaves_as_pdf_html_and_json_of_one_day_and_line(client: Client, maker: User) -> None:
    answers = {
        kind: file_of(client, kind, line="rpki", on="2025-10-31")
        for kind in ("pdf", "html", "json")
    }

    for kind, answer in answers.items():
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="settlement-rpki-2025-10-31.{kind}"'
        )
    assert answers["pdf"].content.startswith(b"%PDF-")
    plain = json.loads(answers["json"].content)
    assert [each["line"] for each in plain["lines"]] == ["rpki"]
    assert plain["on"] == "2025-10-31"


def test_a_day_before_a_booking_does_not_know_it(client: Client, maker: User) -> None:
    plain = json.loads(file_of(client, "json", on="2025-08-31").content)

    assert plain["whole"]["received_krw"] == 0


@pytest.mark.parametrize("query", [{"on": "x"}, {"line": "<script>"}, {"on": "9999-12-31"}])
def test_what_cannot_be_read_asks_for_everything(
    client: Client, maker: User, query: dict[str, str]
) -> None:
    page = client.get(URL, query)

    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("<main")[1]
    assert file_of(client, "json", **query).status_code == 200


def test_another_kind_of_file_is_not_found(client: Client, maker: User) -> None:
    assert file_of(client, "exe").status_code == 404


def test_interest_is_returned_with_the_rest_and_proved_by_its_paper(
    client: Client, maker: User
) -> None:
    assert note(client).status_code == 302
    row = Interest.objects.get()
    plain = json.loads(file_of(client, "json").content)

    assert plain["whole"]["interest_krw"] == 12_345
    assert plain["whole"]["to_return_krw"] == 50_012_345
    assert Paper.objects.get(sha256=row.evidence).name == "통장.pdf"
    assert "통장.pdf" in client.get(URL).content.decode()
    last = LogEntry.objects.order_by("index").last()
    assert last is not None
    said = Statement.decode(bytes(last.content)).predicate
    assert (said["amount_krw"], said["evidence"]) == (12_345, row.evidence)


def test_a_wrong_note_of_interest_is_taken_back_and_the_log_keeps_both(
    client: Client, maker: User
) -> None:
    note(client)
    url = reverse("programme:interest-drop", args=[Interest.objects.get().pk])
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302

    assert not Interest.objects.exists()
    nouns = [each.predicate_type.split("/")[-2] for each in LogEntry.objects.order_by("index")]
    assert nouns[-2:] == ["interest-noted", "interest-dropped"]
    assert client.post(url).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "900조"}, "amount"),
        ({"line": "none"}, "line"),
        ({"recipient": "a\x00"}, "recipient"),
        ({"paper": SimpleUploadedFile("a.pdf", b"")}, "paper"),
    ],
)
def test_interest_that_cannot_be_is_refused(
    client: Client, maker: User, changes: dict[str, Any], field: str
) -> None:
    answer = note(client, **changes)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Interest.objects.exists()


def test_a_site_without_records_says_where_to_begin(client: Client) -> None:
    enter(client, two()[0])

    assert "아직 정산할 기록이 없습니다" in client.get(URL).content.decode()
    assert file_of(client, "pdf").status_code == 404


def test_who_may_not_see_the_book_sees_no_settlement(client: Client, maker: User) -> None:
    note(client)
    drop = reverse("programme:interest-drop", args=[Interest.objects.get().pk])
    enter(client, somebody("auditor"))
    assert client.get(URL).status_code == 200
    assert note(client).status_code == 403
    assert client.post(drop).status_code == 403
    enter(client, somebody("company"))
    assert client.get(URL).status_code == 403
    assert file_of(client, "pdf").status_code == 403
    client.logout()
    assert client.get(URL).status_code == 302
