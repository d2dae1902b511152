"""Two hands stand behind every act, and a closed month stays closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from madang.programme.engine.balances import balances, total
from madang.programme.engine.booking import append
from madang.programme.engine.closing import approve, close, is_year_closed, propose
from madang.programme.engine.errors import ApprovalRefused, BookingRefused, MonthClosed
from madang.programme.engine.ledger import Kind, Ledger
from tests.programme.engine.bookings import LATER, chain, empty, entry

AUGUST, DECEMBER = date(2025, 8, 1), date(2025, 12, 1)


def closed(month: date, ledger: Ledger | None = None) -> Ledger:
    given = ledger or empty()
    return close(given, month, by="maker", approved_by="checker", at=LATER)


def test_what_one_proposes_counts_once_another_approves() -> None:
    proposal = propose(chain("rpki", 100, 80, 50), by="kim")

    ledger = approve(empty(), proposal, by="lee", at=LATER)

    assert total(balances(ledger)).spent_krw == 50
    assert {(each.by, each.approved_by) for each in ledger.entries} == {("kim", "lee")}
    assert {each.recorded_at for each in ledger.entries} == {LATER}


@pytest.mark.parametrize("by", ["kim", ""])
def test_nobody_approves_what_is_their_own(by: str) -> None:
    proposal = propose(chain("rpki", 100, 80, 50), by="kim")

    with pytest.raises(ApprovalRefused):
        approve(empty(), proposal, by=by, at=LATER)


def test_a_forged_approval_in_a_proposal_does_not_count() -> None:
    forged = entry("g", Kind.GRANT, 1, AUGUST, by="lee", approved_by="park")

    assert propose([forged], by="kim").entries[0].approved_by == ""
    assert propose([forged], by="kim").entries[0].by == "kim"


def test_an_empty_or_nameless_proposal_is_refused() -> None:
    with pytest.raises(ApprovalRefused):
        propose([], by="kim")
    with pytest.raises(ApprovalRefused):
        propose(chain("rpki", 1, 0, 0), by="")


def test_approval_does_not_book_what_may_not_be_booked() -> None:
    with pytest.raises(BookingRefused):
        approve(empty(), propose(chain("rpki", 1, 2, 0), by="kim"), by="lee", at=LATER)


def test_a_correction_of_a_closed_month_goes_into_the_open_one() -> None:
    ledger = closed(AUGUST, append(empty(), chain("rpki", 100, 80, 50)))
    late = entry("c", Kind.GRANT, -10, AUGUST, corrects="rpki-grant")

    with pytest.raises(MonthClosed) as refusal:
        append(ledger, [late])
    right = entry("c", Kind.GRANT, -10, date(2025, 9, 1), corrects="rpki-grant")

    assert "2025-09-01 or later" in refusal.value.sentence("en")
    assert total(balances(append(ledger, [right]))).granted_krw == 90


def test_closing_a_month_closes_those_before_it() -> None:
    ledger = closed(AUGUST)

    assert ledger.closed_through == date(2025, 8, 31)
    with pytest.raises(MonthClosed):
        append(ledger, [entry("g", Kind.GRANT, 1, date(2025, 7, 10))])
    for month in (AUGUST, date(2025, 7, 31)):
        with pytest.raises(MonthClosed):
            closed(month, ledger)


@pytest.mark.parametrize("month", [date(2025, 6, 1), date(2026, 1, 1)])
def test_a_month_outside_the_programme_cannot_be_closed(month: date) -> None:
    with pytest.raises(MonthClosed):
        close(
            empty(),
            month,
            by="maker",
            approved_by="checker",
            at=LATER + timedelta(days=400),
        )


def test_a_month_that_is_not_over_cannot_be_closed() -> None:
    # 23:59 of 31 December in Korea, and one minute later.
    last = LATER.replace(year=2025, month=12, day=31, hour=14, minute=59)

    with pytest.raises(MonthClosed):
        close(empty(), DECEMBER, by="maker", approved_by="checker", at=last)
    after = close(
        empty(), DECEMBER, by="maker", approved_by="checker", at=last + timedelta(minutes=1)
    )

    assert is_year_closed(after)


def test_one_person_alone_cannot_close() -> None:
    with pytest.raises(ApprovalRefused):
        close(empty(), AUGUST, by="maker", approved_by="maker", at=LATER)


def test_the_year_is_closed_with_december_and_not_before() -> None:
    assert not is_year_closed(empty())
    assert not is_year_closed(closed(date(2025, 11, 1)))
    assert is_year_closed(closed(DECEMBER))
