"""Files come in as a whole, with a preview before and a way back after."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.fund.engine.errors import FundRefused
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.reconciling import reconcile
from madang.fund.web.models import Act
from madang.fund.web.services import acts, book, intake
from tests.fund.web import hands
from tests.portal.people import enter

pytestmark = pytest.mark.django_db
BANK = "거래일자,적요,출금액,입금액,거래처\n2025-01-16,이체,0,19500000,가나은행\n"
STRANGE = "2025-01-17,이체,0,777,모르는회사\n"
BOOKS = (
    "일자,전표번호,계정과목,차변,대변,적요,조합원,투자기업\n"
    "2025-02-01,1,회계감사 비용,1000,,감사,,\n"
    "2025-02-01,1,현금,,{credit},감사,,\n"
)


def called() -> hands.House:
    """A fund that has called 50 million won, of which nothing is paid."""
    house = hands.house()
    hands.done(
        house,
        {
            "act": "call",
            "on": "2025-01-02",
            "due": "2025-01-16",
            "purposes": {"investment": 50_000_000},
        },
    )
    return house


def handed(house: hands.House, text: str, kind: str) -> tuple[Client, str]:
    """Hand a file in; the address of its preview."""
    reader = enter(Client(), house.maker)
    file = SimpleUploadedFile("파일.csv", text.encode())
    answer = reader.post("/fund/small/import", {"kind": kind, "table": file})
    assert answer.status_code == 302
    return reader, answer.headers["Location"]


def test_a_deposit_is_matched_shown_put_forward_and_taken_back() -> None:
    house = called()
    reader, url = handed(house, BANK + STRANGE, "bank")
    shown = reader.get(url).content.decode()

    assert "일치" in shown and "상대 없음" in shown
    assert Act.objects.filter(state="waiting").count() == 0
    reader.post(url)
    act = Act.objects.get(state="waiting")
    assert reader.post(url).status_code == 409
    acts.approve(act, by=house.checker)
    held = book.book(house.fund)
    assert held.cash() == 19_500_000

    back = intake.undo(Act.objects.get(pk=act.pk), by=house.maker)
    acts.approve(back, by=house.checker)
    held = book.book(house.fund)
    assert held.cash() == 0
    assert held.journal.balance(Account("called", 2)) == 19_500_000
    assert all(each.agrees for each in reconcile(held))
    with pytest.raises(FundRefused, match="cannot be taken back"):
        intake.undo(Act.objects.get(pk=act.pk), by=house.maker)


def test_a_voucher_that_does_not_balance_is_refused_with_its_row() -> None:
    house = hands.house()
    hands.funded(house)
    reader, url = handed(house, BOOKS.format(credit=999), "books")
    shown = reader.get(url).content.decode()

    assert "2행" in shown or "3행" in shown
    assert reader.post(url).status_code == 409
    assert Act.objects.filter(state="waiting").count() == 0


def test_existing_books_are_taken_in_and_back_as_a_whole() -> None:
    house = hands.house()
    hands.funded(house)
    before = book.book(house.fund).cash()
    reader, url = handed(house, BOOKS.format(credit=1000), "books")
    assert "회계감사 비용" in reader.get(url).content.decode()
    reader.post(url)
    act = acts.approve(Act.objects.get(state="waiting"), by=house.checker)
    assert book.book(house.fund).cash() == before - 1_000

    assert reader.get(f"{act.get_absolute_url()}/undo").status_code == 200
    assert reader.post(f"{act.get_absolute_url()}/undo").status_code == 302
    acts.approve(Act.objects.get(state="waiting"), by=house.checker)
    assert book.book(house.fund).cash() == before
    assert reader.get(f"{act.get_absolute_url()}/undo").status_code == 404


@pytest.mark.parametrize("text", ["", "no,table\n1,2\n", "\x00\x01"])
def test_what_is_no_such_file_is_said_and_nothing_is_kept(text: str) -> None:
    house = called()
    reader = enter(Client(), house.maker)
    file = SimpleUploadedFile("a.csv", text.encode())
    answer = reader.post("/fund/small/import", {"kind": "bank", "table": file}, follow=True)

    assert answer.status_code in (200, 422)
    assert "notice danger" in answer.content.decode() or answer.status_code == 422
    assert Act.objects.filter(state="waiting").count() == 0


def test_another_person_does_not_find_the_file() -> None:
    house = called()
    _, url = handed(house, BANK, "bank")

    assert enter(Client(), house.checker).get(url).status_code == 404
    assert enter(Client(), house.partner).get(url).status_code == 404
