"""A booking needs two hands, lands whole or not at all, and proves itself afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from madang.kernel import clock
from madang.programme.engine.errors import ApprovalRefused, BookingRefused, MonthClosed
from madang.programme.engine.intake.batch import entries_of
from madang.programme.engine.ledger import Kind
from madang.programme.web.models import Act, Booking, Close
from madang.programme.web.services import acts, book
from tests.programme.web.hands import AUTUMN, booked, entry, spent, two

pytestmark = pytest.mark.django_db


def test_what_one_puts_forward_counts_once_another_has_approved_it() -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        act = acts.put_forward(spent(maker), kind="booking", title="기록", by=maker)
        before = book.ledger().entries

        done = acts.approve(act, by=checker)

    assert before == ()
    assert [each.amount_krw for each in book.ledger().entries] == [100_000_000] * 3
    assert {each.approved_by for each in book.ledger().entries} == {acts.hand(checker)}
    assert done.state == "booked"
    assert acts.look(done) == "whole"


def test_nobody_approves_or_refuses_what_is_their_own() -> None:
    maker, _ = two()
    with clock.stopped_at(AUTUMN):
        act = acts.put_forward([entry("a", 1000)], kind="booking", title="기록", by=maker)

        with pytest.raises(ApprovalRefused):
            acts.approve(act, by=maker)
        with pytest.raises(ApprovalRefused):
            acts.refuse(act, by=maker, reason="")

    assert not Booking.objects.exists()
    assert Act.objects.get().state == "waiting"


def test_a_refused_or_withdrawn_act_is_never_booked() -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        made = [
            acts.put_forward([entry(name, 1000)], kind="booking", title=name, by=maker)
            for name in ("a", "b")
        ]
        acts.refuse(made[0], by=checker, reason="증빙이 다릅니다.")
        acts.withdraw(made[1], by=maker)

        for act in made:
            with pytest.raises(ApprovalRefused):
                acts.approve(act, by=checker)

    assert not Booking.objects.exists()


def test_what_may_not_be_booked_is_not_put_forward() -> None:
    maker, _ = two()
    too_much = entry("a", 3_000_000_001)

    with clock.stopped_at(AUTUMN), pytest.raises(BookingRefused):
        acts.put_forward([too_much], kind="booking", title="기록", by=maker)

    assert not Act.objects.exists()


def test_two_acts_that_each_fit_do_not_both_land_where_together_they_do_not() -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        first, second = (
            acts.put_forward([entry(name, 2_000_000_000)], kind="booking", title=name, by=maker)
            for name in ("a", "b")
        )
        acts.approve(first, by=checker)

        with pytest.raises(BookingRefused):
            acts.approve(second, by=checker)

    assert Booking.objects.count() == 1
    assert Act.objects.get(pk=second.pk).state == "waiting"


def test_a_row_that_was_changed_in_the_database_is_found() -> None:
    maker, checker = two()
    done = booked(spent(maker), maker, checker)
    Booking.objects.filter(id="e-3").update(amount_krw=99_999_999)

    assert acts.look(done) == "changed"


def test_a_digest_that_was_changed_with_its_rows_is_found_by_the_log() -> None:
    maker, checker = two()
    done = booked(spent(maker), maker, checker)
    Booking.objects.filter(id="e-3").update(amount_krw=99_999_999)
    rows = Booking.objects.filter(act=done).order_by("number")
    done.digest = acts.digest_of([book.entry_of(each) for each in rows])

    assert acts.look(done) == "changed"


def test_a_closed_month_takes_nothing_more_in() -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        act = acts.put_close_forward(date(2025, 9, 15), by=maker)
        with pytest.raises(ApprovalRefused):
            acts.put_close_forward(date(2025, 9, 1), by=maker)
        acts.approve(act, by=checker)

        with pytest.raises(MonthClosed):
            acts.put_forward([entry("a", 1000)], kind="booking", title="기록", by=maker)

    assert Close.objects.get().month == date(2025, 9, 1)


def test_an_import_is_taken_back_as_a_whole() -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        act = acts.put_forward(
            spent(maker, prefix="import-1"),
            kind="import",
            title="9월.xlsx",
            by=maker,
            batch="import-1",
        )
        acts.approve(act, by=checker)
        back = acts.undo("import-1", by=maker, reason="잘못 올림")
        acts.approve(back, by=checker)

    sums = book.summed(on=date(2025, 12, 31))
    assert len(entries_of(book.ledger(), "import-1")) == 3
    assert sum(each.amount_krw for each in sums.entries) == 0


def test_sums_by_day_are_those_of_the_whole_ledger() -> None:
    from madang.programme.engine.balances import balances

    maker, checker = two()
    booked(spent(maker, prefix="a"), maker, checker)
    booked(
        [
            *spent(maker, 50_000_000, prefix="b"),
            entry("move", 300_000_000, Kind.TRANSFER, to_line="npu", line="ai-fund"),
        ],
        maker,
        checker,
    )

    day = date(2025, 10, 31)
    assert balances(book.summed(on=day)) == balances(book.ledger(), on=day)
    assert book.summed(on=date(2025, 8, 31)).entries == ()


def test_the_ledger_that_is_held_grows_and_forgets_what_was_rolled_back() -> None:
    from django.db import transaction

    maker, checker = two()
    booked([entry("a", 1000)], maker, checker)
    held = book.ledger()
    try:
        with transaction.atomic():
            booked([entry("b", 1000)], maker, checker)
            inside = book.ledger()
            raise RuntimeError
    except RuntimeError:
        pass

    assert [each.id for each in inside.entries] == ["a", "b"]
    assert book.ledger() == held
    booked([entry("c", 1000)], maker, checker)
    assert [each.id for each in book.ledger().entries] == ["a", "c"]


def test_an_example_can_be_looked_at_and_never_put_forward() -> None:
    maker, _ = two()
    with clock.stopped_at(AUTUMN):
        for invented in (entry("example-1", 1000), entry("a", 1000, voucher="예시-1")):
            with pytest.raises(BookingRefused, match="예시|example"):
                acts.put_forward([invented], kind="import", title="예시", by=maker)

    assert not Act.objects.exists()
