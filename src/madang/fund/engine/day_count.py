"""How much of a year lies between two days? By the rule that the partners agreed on.

    actual/365     days by 365 (ICMA; the spreadsheets' XIRR)
    actual/actual  days of leap years by 366, of others by 365 (ISDA 2006, 4.16(b))
    30/360         months of 30 days (bond basis, ISDA 2006, 4.16(f))

A fraction of a year is a whole number of units, `PER_YEAR[rule]` of which make the year.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from madang.fund.engine.errors import TermsRefused
from madang.kernel.words import words

PER_YEAR = {"actual/365": 365, "actual/actual": 365 * 366, "30/360": 360}
"""Units of a year by rule."""


def units(rule: str, start: date, end: date) -> int:
    """The units from one day to another.

    Args:
        rule: One of `PER_YEAR`.
        start: The first day, which counts.
        end: The day behind the last one that counts; not before `start`.

    Raises:
        TermsRefused: Another rule.
    """
    if rule == "actual/365":
        return end.toordinal() - start.toordinal()
    if rule == "actual/actual":
        return _by_calendar(start, end)
    if rule == "30/360":
        first = min(start.day, 30)
        last = 30 if end.day == 31 and first == 30 else end.day
        return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first
    raise TermsRefused(
        words(f"일수 계산 방식 {rule!r}", f"the day count {rule!r}"),
        words(f"{', '.join(PER_YEAR)} 가운데 하나", f"one of {', '.join(PER_YEAR)}"),
    )


def _by_calendar(start: date, end: date) -> int:
    total = 0
    for year in range(start.year, end.year + 1):
        first = max(start.toordinal(), date(year, 1, 1).toordinal())
        last = min(end.toordinal(), date(year, 12, 31).toordinal() + 1)
        leap = date(year, 12, 31).timetuple().tm_yday == 366
        total += max(last - first, 0) * (365 if leap else 366)
    return total


def year_fraction(rule: str, start: date, end: date) -> Fraction:
    """The part of a year from one day to another; above 1 where it is longer.

    Raises:
        TermsRefused: An unknown rule.
    """
    return Fraction(units(rule, start, end), PER_YEAR[rule])
