"""Two persons stand behind what enters a fund's ledger; the log names the ledger's digest."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from madang.fund.engine.errors import ApprovalRefused, FundRefused
from madang.fund.engine.ledger.accounts import Account
from madang.fund.web.models import Act, Entry, Posting
from madang.fund.web.services import acts, book
from madang.kernel.evidence.statement import Statement
from madang.portal.models import LogEntry
from tests.fund.web import hands

pytestmark = pytest.mark.django_db


def predicate(index: int | None) -> dict[str, object]:
    """What an entry of the evidence log says."""
    row = LogEntry.objects.get(index=index)
    return dict(Statement.decode(bytes(row.content)).predicate)


def test_what_is_approved_stands_in_the_ledger_and_in_the_log() -> None:
    house = hands.house()
    hands.funded(house)
    held = book.book(house.fund)
    act = Act.objects.filter(kind="pay").get()

    assert held.cash() == 50_000_000
    assert act.head == held.journal.head
    assert predicate(act.log_entry)["head"] == held.journal.head
    assert Entry.objects.filter(fund=house.fund).count() == 3


def test_one_person_cannot_do_both() -> None:
    house = hands.house()
    act = hands.asked(
        house,
        {
            "act": "call",
            "on": "2025-01-02",
            "due": "2025-01-03",
            "purposes": {"investment": 1_000},
        },
    )
    with pytest.raises(ApprovalRefused, match="approval of another person"):
        acts.approve(act, by=house.maker)
    with pytest.raises(ApprovalRefused):
        acts.refuse(act, by=house.maker, reason="no")
    acts.refuse(act, by=house.checker, reason="no")
    with pytest.raises(ApprovalRefused, match="one that awaits approval"):
        acts.approve(act, by=house.checker)

    assert book.book(house.fund).journal.balance(Account("called", 1)) == 0


def test_what_no_longer_holds_is_not_approved_and_nothing_of_it_stays() -> None:
    house = hands.house()
    hands.funded(house)
    hands.company(house)
    asks = [
        hands.asked(
            house,
            {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 30_000_000},
        )
        for _ in range(2)
    ]
    acts.approve(asks[0], by=house.checker)
    before = book.book(house.fund).journal.head
    with pytest.raises(FundRefused, match="Cash"):
        acts.approve(asks[1], by=house.checker)

    asks[1].refresh_from_db()
    assert asks[1].state == "waiting"
    assert book.book(house.fund).journal.head == before


def test_the_database_itself_takes_no_posting_that_does_not_balance() -> None:
    house = hands.house()
    entry = Entry.objects.first()
    for bad in (
        {"debit": "cash", "credit": "cash", "amount_krw": 5},
        {"debit": "cash", "credit": "audit", "amount_krw": 0},
        {"debit": "cash", "credit": "audit", "amount_krw": -5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.create(entry=entry, place=99, **bad)
    assert house.fund.entries.count() == 1


def test_terms_are_amended_by_their_next_version_alone() -> None:
    house = hands.house()
    manager = house.fund.manager
    second = hands.term_file(id="small", version=2, effective_on="2026-01-01", late__rate="10%")
    act = acts.put_terms_forward(second, manager=manager, by=house.maker)
    acts.approve(act, by=house.checker)

    assert [each.version for each in book.book(house.fund).agreements] == [1, 2]
    for wrong in (second, hands.term_file(id="small", version=4, effective_on="2026-01-01")):
        with pytest.raises(FundRefused):
            acts.put_terms_forward(wrong, manager=manager, by=house.maker)


def test_a_fund_belongs_to_who_registered_it() -> None:
    hands.house()
    other = hands.house(name="other")

    with pytest.raises(FundRefused, match="taken"):
        acts.put_terms_forward(
            hands.term_file(id="small", version=2, effective_on="2026-01-01"),
            manager=other.fund.manager,
            by=other.maker,
        )
