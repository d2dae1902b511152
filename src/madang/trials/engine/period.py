"""When does a period of so many days end in Korea?

The first day does not count, the last one counts to its end, and where it falls on a Saturday or
on a public holiday the period ends with the next working day.

Source: Civil Act of Korea (민법), articles 157, 159 and 161. Korea keeps UTC+9 all year.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

KOREA = timezone(timedelta(hours=9), "KST")
_SATURDAY = 5


def end_of_days(start: datetime, days: int, *, holidays: Collection[date] = ()) -> datetime:
    """The moment at which a period of days is over, in Korean time.

    Args:
        start: When the period is set going.
        days: How many days it lasts.
        holidays: Public holidays; Sundays need not be named.
    """
    last = start.astimezone(KOREA).date() + timedelta(days=days)
    while last.weekday() >= _SATURDAY or last in holidays:
        last += timedelta(days=1)
    return datetime.combine(last + timedelta(days=1), time(), KOREA)


def korean_time(moment: datetime) -> str:
    """A moment as people in Korea read it, such as `2026-11-22 18:00`."""
    return f"{moment.astimezone(KOREA):%Y-%m-%d %H:%M}"
