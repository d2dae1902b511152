"""Money is moved between the day on which it helps and the last on which it can be spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from madang.programme.engine.forecast.moving import (
    USUAL_DAYS,
    first_useful_day,
    last_useful_day,
    useful_days,
)
from madang.programme.engine.forecast.outlook import Outlook, outlooks
from madang.programme.engine.forecast.said import NOT_FORESEEN, day_words
from madang.programme.engine.forecast.seen import Contract, Seen

VOTE, LAST = date(2025, 7, 6), 178
OCTOBER_1, OCTOBER_17, OCTOBER_31 = date(2025, 10, 1), date(2025, 10, 17), date(2025, 10, 31)


def line(on: date, *contracts: Contract, paid_on: tuple[int, ...] = (), each: int = 100) -> Seen:
    """A line of 1,000 won which spends the same amount on each of some days."""
    day = (on - VOTE).days
    spent = np.array([each * sum(at <= when for at in paid_on) for when in range(day + 1)])
    return Seen(
        line="rpki",
        amount_krw=1000,
        first_day=VOTE,
        last_day=LAST,
        granted=spent,
        disbursed=spent,
        spent=spent,
        contracts=contracts,
    )


def idle(on: date) -> Seen:
    return line(on)


def told(*seen: Seen) -> tuple[Outlook, ...]:
    return outlooks(seen, np.random.default_rng(1), paths=500)


SIGNED = Contract(amount_krw=1000, announced=0, signed=10, due=80)


def test_before_anything_is_proved_money_is_taken_to_need_75_days() -> None:
    assert USUAL_DAYS == 75
    assert useful_days([idle(OCTOBER_1)]) == 75
    assert last_useful_day([idle(OCTOBER_1)]) == OCTOBER_17
    # 31 days of waiting for a first proof say nothing yet.
    assert useful_days([line(VOTE + timedelta(days=41), SIGNED)]) == 75


def test_once_all_is_proved_the_lines_own_days_count() -> None:
    """Ten parts proved on days 20, 30, …, 110 of a contract of day 10: half by day 60."""
    whole = line(OCTOBER_31, SIGNED, paid_on=tuple(range(20, 120, 10)))

    assert useful_days([whole]) == 50
    assert last_useful_day([whole]) == date(2025, 11, 11)


def test_what_is_proved_of_the_money_is_how_much_it_counts() -> None:
    """Six of ten parts are proved by day 70; the median of 50 days weighs 0.6, 75 days 0.4."""
    begun = line(VOTE + timedelta(days=75), SIGNED, paid_on=tuple(range(20, 80, 10)))

    assert useful_days([begun]) == 60


def test_a_long_wait_without_proof_is_held_against_moving() -> None:
    """Signed on day 10 and nothing proved by day 117: half waits for 107 days already."""
    assert useful_days([line(OCTOBER_31, SIGNED)]) == 107


def test_what_is_not_booked_yet_does_not_count_as_waiting() -> None:
    """The books end on day 86, thirty-one days before: half waits for 76 days."""
    waiting = line(OCTOBER_31, SIGNED)
    books = np.minimum(np.arange(118), 86)

    assert useful_days([replace(waiting, booked=books)]) == 76


def test_spending_without_a_contract_tells_nothing_of_contracts() -> None:
    assert useful_days([line(OCTOBER_31, paid_on=(20, 30))]) == 75


def test_an_idle_line_is_moved_from_today_while_it_can_be_spent() -> None:
    own, whole = told(idle(OCTOBER_1))

    assert (own.reallocate_from, own.reallocate_until) == (OCTOBER_1, OCTOBER_17)
    assert "today (1 October) to 17 October" in own.sentence.en
    assert "오늘(10월 1일)부터 10월 17일까지" in own.sentence.ko
    assert whole.reallocate_from == OCTOBER_1
    assert "between lines from 1 October to 17 October" in whole.sentence.en
    assert "by today (17 October)" in told(idle(OCTOBER_17))[0].sentence.en


def test_a_day_after_the_last_useful_one_it_is_too_late_and_said_so() -> None:
    own = told(idle(date(2025, 10, 18)))[0]

    assert own.unspent_chance > 0.5
    assert own.reallocate_from is None
    assert "too late" in own.sentence.en
    assert "10월 17일이 지나" in own.sentence.ko


def test_a_line_on_its_way_names_the_day_by_which_it_must_go_on() -> None:
    """Signed on day 10, due on day 120, and a tenth spent every eleven days."""
    slow = replace(SIGNED, due=120)
    on = VOTE + timedelta(days=66)
    own = told(line(on, slow, paid_on=(22, 33, 44, 55, 66)))[0]

    assert own.unspent_chance < 0.5
    assert own.reallocate_from is not None
    assert on < own.reallocate_from <= own.reallocate_until
    begin = day_words(own.reallocate_from)
    assert f"by {begin.en}, money" in own.sentence.en
    assert f"{begin.ko}까지 실집행이 늘지 않으면" in own.sentence.ko
    # On that day, if nothing was spent until then, moving helps at once.
    still = told(line(own.reallocate_from, slow, paid_on=(22, 33, 44, 55, 66)))[0]
    assert still.unspent_chance > 0.4


def test_the_day_by_which_a_line_must_go_on_is_the_first_one() -> None:
    going = line(VOTE + timedelta(days=66), replace(SIGNED, due=120), paid_on=(22, 33, 44, 55, 66))
    found = first_useful_day(going, OCTOBER_17, 1)

    assert found is not None
    assert first_useful_day(going, found, 1) == found
    assert first_useful_day(going, found - timedelta(days=1), 1) is None
    # Standing still means that books are kept and nothing is in them.
    kept = replace(going, booked=np.arange(going.day + 1))
    assert first_useful_day(kept, OCTOBER_17, 1) == found


def test_nothing_is_moved_away_from_a_line_that_is_spent() -> None:
    spent = line(OCTOBER_1, SIGNED, paid_on=(60,), each=1000)
    own, whole = told(spent)

    assert own.unspent_chance == 0
    assert own.reallocate_from is whole.reallocate_from is None
    assert "moved" not in own.sentence.en
    assert first_useful_day(spent, OCTOBER_17, 1) is None


def test_the_sum_begins_with_the_first_of_its_lines() -> None:
    spent = line(OCTOBER_1, SIGNED, paid_on=(60,), each=1000)
    found = told(spent, idle(OCTOBER_1))

    assert [each.reallocate_from for each in found] == [None, OCTOBER_1, OCTOBER_1]

    on = VOTE + timedelta(days=66)
    going = line(on, replace(SIGNED, due=120), paid_on=(22, 33, 44, 55, 66))
    later, today, whole = told(going, idle(on))
    assert later.reallocate_from is not None
    assert later.reallocate_from > today.reallocate_from == whole.reallocate_from == on


def test_what_is_not_foreseen_is_said_in_both_languages() -> None:
    assert len(NOT_FORESEEN) == 3
    assert all(each.ko and each.en for each in NOT_FORESEEN)
    assert str(day_words(date(2025, 5, 1)).en) == "1 May"
    assert day_words(date(2025, 12, 31)).en == "31 December"
