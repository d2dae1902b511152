"""Books are read as they grow: what was read goes on, what was changed is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from madang.fund.engine.errors import PostingRefused
from madang.fund.web.models import Entry, Posting
from madang.fund.web.services import acts, book
from tests.fund.web import hands

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

CALL = {"act": "call", "on": "2025-01-02", "due": "2025-01-16", "purposes": {"expense": 7_000}}


def test_books_are_read_once_and_go_on_after_a_change(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    house = hands.house()
    first = book.book(house.fund)
    with django_assert_num_queries(1):
        again = book.book(house.fund)
    assert again is first
    hands.done(house, CALL)
    gone_on, anew = book.book(house.fund), book.read(house.fund)

    assert len(first.journal) == 1
    assert gone_on.journal.entries[0] is first.journal.entries[0]
    assert gone_on.journal.entries == anew.journal.entries
    assert gone_on.journal.head == anew.journal.head
    for name in ("unfunded", "called", "cash"):
        assert gone_on.journal.total(name) == anew.journal.total(name)


def test_an_act_approved_while_books_are_read_is_no_false_alarm() -> None:
    house = hands.house()
    act = hands.asked(house, CALL)
    seen: list[str] = []

    def between(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if not seen and sql.startswith("SELECT") and 'FROM "fund_' in sql and "number" in sql:
            seen.append(sql)
            acts.approve(act, by=house.checker)
        return found

    with connection.execute_wrapper(between):
        held = book.read(house.fund)

    assert seen
    assert len(held.journal) in (1, 2)
    assert len(book.book(house.fund).journal) == 2


def test_what_was_taken_back_after_it_was_read_is_forgotten() -> None:
    house = hands.house()
    before = book.book(house.fund).journal.head
    with transaction.atomic():
        hands.done(house, CALL)
        assert len(book.book(house.fund).journal) == 2
        transaction.set_rollback(True)
    hands.done(house, CALL | {"purposes": {"expense": 9_000}})
    held = book.book(house.fund)

    assert held.journal.entries[0].digest == before
    assert held.journal.entries[1].facts["purposes"] == {"expense": 9_000}


def test_a_row_that_was_changed_is_noticed() -> None:
    house = hands.house()
    Posting.objects.filter(amount_krw=60_000_000).update(amount_krw=60_000_001)

    with pytest.raises(PostingRefused, match="changed at 1"):
        book.read(house.fund)


def test_an_entry_put_behind_the_last_one_is_noticed_when_books_go_on() -> None:
    house = hands.house()
    book.book(house.fund)
    hands.done(house, CALL)
    Entry.objects.filter(number=2).update(memo="another")

    with pytest.raises(PostingRefused, match="changed at 2"):
        book.book(house.fund)
