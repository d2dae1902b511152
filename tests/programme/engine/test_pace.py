"""A line's days, its plan and its grants are counted by the calendar, to the won."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from madang.kernel.words import words
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.engine.booking import append, with_awards
from madang.programme.engine.errors import BookingRefused, PlanRefused
from madang.programme.engine.ledger import Ledger
from madang.programme.engine.pace import Milestone, can_be_spent, pace, plan
from tests.programme.engine.bookings import chain, empty

AUGUST, OCTOBER = date(2025, 8, 1), date(2025, 10, 1)


def running() -> Ledger:
    """Voted on 6 July, signed on 1 August, first spent on 1 October."""
    award = Award(id="a", line="rpki", recipient="f", amount_krw=100, signed_on=AUGUST)
    firm = Recipient(id="f", name="가나", nature=Nature.FIRM)
    return append(with_awards(empty(), [award], [firm]), chain("rpki", 100, 80, 50))


def test_days_run_from_vote_to_contract_to_first_spending() -> None:
    found = pace(running(), "rpki", on=OCTOBER)

    # 6 July to 1 August; 1 August to 1 October.
    assert (found.to_contract, found.to_spending) == (26, 61)


def test_what_has_not_come_yet_is_not_counted() -> None:
    assert pace(running(), "rpki", on=date(2025, 7, 31)).to_contract is None
    assert pace(running(), "rpki", on=date(2025, 9, 30)).to_spending is None
    with pytest.raises(BookingRefused):
        pace(running(), "no-such", on=OCTOBER)


def test_a_grant_can_be_spent_to_the_last_day_of_december_and_no_later() -> None:
    """A line without spending is taken to need 30 days: 1 October + 30 + 61 is 31 December."""
    assert can_be_spent(empty(), "rpki", granted_on=OCTOBER, needs_days=61).spendable
    late = can_be_spent(empty(), "rpki", granted_on=OCTOBER, needs_days=62)

    assert not late.spendable
    assert "2026-01-01" in late.reason.en
    with pytest.raises(PlanRefused):
        can_be_spent(empty(), "rpki", granted_on=OCTOBER, needs_days=-1)


def test_a_line_that_has_shown_its_start_is_held_against_it() -> None:
    assert can_be_spent(running(), "rpki", granted_on=OCTOBER, needs_days=30).spendable
    assert not can_be_spent(running(), "rpki", granted_on=OCTOBER, needs_days=31).spendable


def test_the_months_of_a_plan_add_up_to_the_line() -> None:
    found = plan(empty(), "rpki", {date(2025, month, 1): 1 for month in range(7, 13)})

    assert sum(found.months.values()) == found.by(date(2025, 12, 31)) == 3_000_000_000
    assert found.by(date(2025, 7, 30)) == 0
    assert found.by(date(2025, 7, 31)) == found.by(date(2025, 8, 30)) == 500_000_000


@pytest.mark.parametrize(
    "weights",
    [
        {date(2025, 6, 1): 1},
        {date(2026, 1, 1): 1},
        {date(2025, 8, 2): 1},
        {AUGUST: 0},
        {AUGUST: -1, OCTOBER: 2},
        {},
    ],
)
def test_a_plan_that_does_not_fit_is_refused(weights: dict[date, int]) -> None:
    with pytest.raises(PlanRefused):
        plan(empty(), "rpki", weights)


def test_a_milestone_is_late_once_its_day_has_passed() -> None:
    signed = Milestone(line="rpki", title=words("계약", "contract"), due=AUGUST)

    assert not signed.is_late(AUGUST)
    assert signed.is_late(date(2025, 8, 2))
    assert not replace(signed, reached_on=AUGUST).is_late(OCTOBER)
    assert replace(signed, reached_on=date(2025, 8, 3)).is_late(OCTOBER)
