"""A forecast knows how far the books are, which calls it does not know, and what is put off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from madang.kernel.words import words
from madang.programme.engine.booked_year import booked
from madang.programme.engine.booking import append
from madang.programme.engine.forecast.outlook import foresee
from madang.programme.engine.forecast.paths import courses, ends
from madang.programme.engine.forecast.seen import Contract, Seen, of_ledger
from madang.programme.engine.histories import invent
from madang.programme.engine.ledger import Entry, Kind, Ledger
from madang.programme.engine.lines import load
from madang.programme.engine.pace import Milestone
from tests.programme.engine.bookings import chain, empty, entry

OCTOBER_1, NOVEMBER_20 = date(2025, 10, 1), date(2025, 11, 20)
SIGNATURE = Milestone(line="rpki", title=words("협약", "agreement"), due=NOVEMBER_20, signs=True)
CALL = Contract(amount_krw=3_000_000_000, announced=60)


def rpki(*milestones: Milestone) -> Seen:
    """The RPKI line on 1 October, all of its money under a call of day 60."""
    seen = of_ledger(empty(), OCTOBER_1, calls={"rpki": [CALL]}, milestones=milestones)
    return next(each for each in seen if each.line == "rpki")


def test_an_expected_signature_waits_for_its_milestone() -> None:
    """20 November is day 137 after the vote on 6 July."""
    found = rpki(SIGNATURE)

    assert found.signs_from == 137
    free, held = (
        courses(seen, np.random.default_rng(1), days=[137, 178], paths=300)
        for seen in (rpki(), found)
    )
    assert held[0].max() == 0
    assert 0 < held[1].mean() < free[1].mean()


def test_the_first_of_several_signatures_counts() -> None:
    assert rpki(replace(SIGNATURE, due=date(2025, 12, 1)), SIGNATURE).signs_from == 137


@pytest.mark.parametrize(
    "milestone",
    [
        replace(SIGNATURE, line="npu"),
        replace(SIGNATURE, signs=False),
        replace(SIGNATURE, reached_on=OCTOBER_1),
    ],
)
def test_other_lines_other_milestones_and_reached_ones_put_nothing_off(
    milestone: Milestone,
) -> None:
    assert rpki(milestone).signs_from == 0


def test_one_reached_after_the_day_of_the_forecast_was_still_open_then() -> None:
    assert rpki(replace(SIGNATURE, reached_on=date(2025, 10, 2))).signs_from == 137


def test_a_late_one_changes_no_course() -> None:
    late = rpki(replace(SIGNATURE, due=date(2025, 9, 1)))
    found, free = (
        courses(seen, np.random.default_rng(1), days=[178], paths=300) for seen in (late, rpki())
    )

    np.testing.assert_array_equal(found, free)


def spends(line: str, on: date) -> Entry:
    return entry(f"{line}-{on}", Kind.SPENDING, 1_000_000, on, line=line)


def known(*spending: Entry) -> Ledger:
    """A ledger with enough granted and disbursed on two lines, and then this spent."""
    paid = [each for line in ("rpki", "npu") for each in chain(line, 10**9, 10**9, 0)]
    return append(empty(), [*paid, *spending])


def test_books_that_are_behind_are_no_standstill() -> None:
    """Spent on 1 September and booked no further by 20 September: the books end on day 57."""
    ledger = known(spends("rpki", date(2025, 9, 1)))
    rpki, npu = (
        next(each for each in of_ledger(ledger, date(2025, 9, 20)) if each.line == line)
        for line in ("rpki", "npu")
    )

    assert rpki.booked_by(76) == npu.booked_by(76) == 57
    assert rpki.booked_by(57) == 57


def test_a_line_that_rests_while_others_are_booked_stands_still() -> None:
    both = known(spends("rpki", date(2025, 9, 1)), spends("npu", date(2025, 9, 20)))

    assert {each.booked_by(76) for each in of_ledger(both, date(2025, 9, 20))} == {76}


def test_books_are_taken_to_be_a_month_behind_at_most() -> None:
    ledger = known(spends("rpki", date(2025, 9, 1)))

    assert of_ledger(ledger, date(2025, 12, 1))[0].booked_by(148) == 148 - 31


def test_a_forecast_from_books_that_are_behind_is_near_that_of_their_last_day() -> None:
    """Without this a month behind costs some forty points of the sum."""
    september_30, october_20 = date(2025, 9, 30), date(2025, 10, 20)
    ledger = booked(load(), invent(load(), np.random.default_rng([38, 1])), until=september_30)
    then, later = (
        foresee(of_ledger(ledger, on), np.random.default_rng(1), paths=300)
        for on in (september_30, october_20)
    )
    middle = [each.outlooks[-1].middle_krw / load().total_krw for each in (then, later)]

    assert middle[1] == pytest.approx(middle[0], abs=0.1)
    assert later.fans[-1].low_krw[0] == later.fans[-1].high_krw[0] == later.outlooks[-1].spent_krw
    for fan in later.fans:
        assert min(np.diff(edge).min() for edge in (fan.low_krw, fan.high_krw)) >= 0


def test_money_whose_call_is_not_known_is_signed_sooner_than_money_without_one() -> None:
    """Where a ledger says nothing of calls, what is not signed may be called for already."""
    means = []
    for calls in (None, {"npu": [CALL]}, {"rpki": []}):
        seen = of_ledger(empty(), OCTOBER_1, calls=calls)
        rpki = next(each for each in seen if each.line == "rpki")
        assert rpki.calls_known == ("rpki" in (calls or {}))
        means.append(ends(rpki, np.random.default_rng(1), paths=2000).mean())
    unknown, of_another_line, none = means

    assert of_another_line == unknown
    assert none < 0.9 * unknown
