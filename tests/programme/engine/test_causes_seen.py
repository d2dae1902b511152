"""The facts that speak for a cause are counted from bookings, contracts and transfers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from madang.programme.engine.booked_year import booked
from madang.programme.engine.booking import append
from madang.programme.engine.causes import Cause, suggest
from madang.programme.engine.causes_seen import facts_by_line, facts_of, facts_seen
from madang.programme.engine.errors import BookingRefused
from madang.programme.engine.forecast.seen import Contract, of_year
from madang.programme.engine.histories import invent
from madang.programme.engine.ledger import Kind
from madang.programme.engine.lines import load
from tests.programme.engine import spent_year
from tests.programme.engine.bookings import empty, entry

OCTOBER_9, OCTOBER_31 = date(2025, 10, 9), date(2025, 10, 31)


def test_amounts_are_shares_of_what_the_line_may_spend_on_that_day() -> None:
    """30억 voted; 20억 granted, 1.3억 paid, 0.7억 proved; 5억 moved away on 10 October."""
    ledger = spent_year.ledger()
    before = facts_of(ledger, "rpki", on=OCTOBER_9)
    after = facts_of(ledger, "rpki", on=OCTOBER_31)

    assert (before.day, after.day, after.last_day) == (95, 117, 178)
    assert before.granted == pytest.approx(20 / 30)
    assert (after.granted, after.disbursed) == pytest.approx((20 / 25, 1.3 / 25))
    assert after.spent == pytest.approx(0.7 / 25)
    assert after.announced == after.signed == pytest.approx(10 / 25)


def test_days_run_from_vote_to_call_to_signature() -> None:
    """6 July, 20 July, 20 August."""
    found = facts_of(spent_year.ledger(), "rpki", on=OCTOBER_31)

    assert (found.announced_after, found.signed_after) == (14, 31)


def test_a_contract_should_be_proved_evenly_until_it_is_to_be_done() -> None:
    """Signed on day 45, due on day 167; the books end on day 92, and proof takes 25 days more."""
    found = facts_of(spent_year.ledger(), "rpki", on=OCTOBER_31)

    assert found.due == pytest.approx(10 / 25 * 22 / 122)
    assert facts_of(spent_year.ledger(), "rpki", on=date(2025, 9, 10)).due == 0


def test_a_line_without_contracts_has_no_days() -> None:
    found = facts_of(empty(), "rpki", on=OCTOBER_31)

    assert found.announced_after is found.signed_after is None
    assert suggest(found).cause is Cause.UNPREPARED


def test_an_open_call_is_announced_and_not_signed() -> None:
    call = Contract(amount_krw=1_500_000_000, announced=20)
    found = facts_of(empty(), "rpki", on=OCTOBER_31, calls=[call])

    assert (found.announced, found.signed) == (0.5, 0)
    assert (found.announced_after, found.signed_after) == (20, None)
    assert suggest(found).cause is Cause.LATE_PROCEDURE


def test_a_contract_whose_call_is_not_known_counts_from_the_vote() -> None:
    known = spent_year.ledger()
    award = replace(spent_year.AWARD, announced_on=None)
    found = facts_of(replace(known, awards=(award,)), "rpki", on=OCTOBER_31)

    assert (found.announced_after, found.signed_after) == (45, 0)


def test_three_tenths_of_what_was_voted_moved_or_asked_to_be_bar_a_line() -> None:
    """5억 are moved already; 4억 more are 9 of 30."""
    ledger = spent_year.ledger()

    def barred(asked_krw: int) -> bool:
        asked = entry("t2", Kind.TRANSFER, asked_krw, OCTOBER_31, to_line="npu")
        return facts_of(ledger, "rpki", on=OCTOBER_31, asked=[asked]).barred

    assert barred(400_000_000)
    assert not barred(399_999_999)


def test_a_transfer_bars_a_line_from_its_own_day_on() -> None:
    half = entry("t", Kind.TRANSFER, 1_500_000_000, OCTOBER_31, to_line="npu")
    ledger = append(empty(), [half])

    assert facts_of(ledger, "rpki", on=OCTOBER_31).barred
    assert not facts_of(ledger, "rpki", on=OCTOBER_9).barred
    assert not facts_of(ledger, "npu", on=OCTOBER_31).barred


def test_what_comes_later_is_not_known() -> None:
    facts = facts_of(spent_year.ledger(), "rpki", on=date(2025, 8, 19))

    assert (facts.spent, facts.disbursed, facts.signed) == (0, 0, 0)


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(BookingRefused):
        facts_of(empty(), "no-such", on=OCTOBER_31)


def test_most_invented_causes_are_found_again_on_31_october() -> None:
    """A small sample of what `python -m bench programme` measures; the goal is 70 %."""
    found, seen_alike = [], []
    for seed in range(8):
        year = invent(load(), np.random.default_rng([55, seed]))
        facts = facts_by_line(booked(load(), year, until=OCTOBER_31), on=OCTOBER_31)
        for line, seen in zip(year.lines, of_year(year, OCTOBER_31), strict=True):
            if line.cause is not Cause.NONE:
                found.append(suggest(facts[line.line]).cause is line.cause)
            signed = tuple(each for each in seen.contracts if each.signed is not None)
            seen_alike.append(facts[line.line] == facts_seen(replace(seen, contracts=signed)))

    assert np.mean(found) > 0.7
    assert all(seen_alike)
