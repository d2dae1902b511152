"""Periods end in Korea as the Civil Act counts days."""

from datetime import UTC, date, datetime

import pytest

from madang.trials.engine.period import KOREA, end_of_days, korean_time


def korea(*parts):
    """A moment in Korea."""
    return datetime(*parts, tzinfo=KOREA)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        # Monday + 7 days ends with the next Monday.
        (korea(2026, 11, 23, 0, 0), 7, korea(2026, 12, 1)),
        (korea(2026, 11, 23, 23, 59), 7, korea(2026, 12, 1)),
        (korea(2026, 11, 23), 1, korea(2026, 11, 25)),
        # The last day is a Saturday, then a Sunday: it ends with the Monday.
        (korea(2026, 11, 23), 5, korea(2026, 12, 1)),
        (korea(2026, 11, 23), 6, korea(2026, 12, 1)),
        # In Korea it is already Tuesday.
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), 1, korea(2026, 11, 26)),
    ],
)
def test_the_first_day_does_not_count_and_the_last_one_is_a_working_day(start, days, end):
    assert end_of_days(start, days) == end


def test_a_holiday_puts_the_end_off():
    christmas, start = date(2026, 12, 25), korea(2026, 12, 18)

    assert end_of_days(start, 7) == korea(2026, 12, 26)
    # Friday the 25th is a holiday; a weekend follows it.
    assert end_of_days(start, 7, holidays=[christmas]) == korea(2026, 12, 29)


def test_people_in_korea_read_their_own_time():
    assert korean_time(datetime(2026, 11, 22, 15, 30, tzinfo=UTC)) == "2026-11-23 00:30"
