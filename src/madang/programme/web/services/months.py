"""How does each month of the fiscal year stand: what was booked in it, and is it closed?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import Kind, last_day
from madang.programme.web import models
from madang.programme.web.services import book

if TYPE_CHECKING:
    from datetime import date


@dataclass(kw_only=True)
class Month:
    """One month of the year."""

    first: date
    is_over: bool
    close: models.Close | None = None
    """What closed it: its own close, or that of a later month."""
    waiting: models.Act | None = None
    """The act that asks for its close."""
    count: int = 0
    """How many entries were booked in it."""
    sums: dict[Kind, int]
    """Won of each kind that were booked in it."""

    @property
    def amounts(self) -> list[int]:
        """Won of each kind, in their order."""
        return [self.sums[each] for each in Kind]


def months() -> list[date]:
    """First days of the months of the fiscal year, from the vote on."""
    found = [book.programme().approved_on.replace(day=1)]
    end = year_ends(book.programme().fiscal_year)
    while (following := last_day(found[-1]) + timedelta(days=1)) <= end:
        found.append(following)
    return found


def of_year() -> list[Month]:
    """Every month from the vote on, with its sums."""
    today = book.today()
    found = {
        first: Month(first=first, is_over=last_day(first) < today, sums=dict.fromkeys(Kind, 0))
        for first in months()
    }
    rows = models.Booking.objects.order_by().values_list("booked_on", "kind")
    for on, kind, count, krw in rows.annotate(count=Count("pk"), krw=Sum("amount_krw")):
        month = found[on.replace(day=1)]
        month.count += count
        month.sums[Kind(kind)] += krw
    closes = models.Close.objects.select_related("act__by", "act__decided_by").order_by("month")
    waiting = models.Act.objects.filter(kind="close", state="waiting").select_related("by")
    asked = {each.month: each for each in waiting}
    for first, month in found.items():
        month.close = next((each for each in closes if each.month >= first), None)
        month.waiting = asked.get(first)
    return list(found.values())


def next_to_close(found: list[Month]) -> Month | None:
    """The earliest month that is over, open, and whose close nobody has asked for yet."""
    first = next((each for each in found if each.close is None), None)
    return first if first and first.is_over and first.waiting is None else None
