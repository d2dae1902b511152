"""What would the ledger hold if a year had gone like this? An invented year as bookings.

For demonstrations and tests alone: whoever shows such a ledger marks it as an example.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from madang.kernel import ids
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.engine.booking import append, with_awards
from madang.programme.engine.ledger import Entry, Kind, Ledger

if TYPE_CHECKING:
    from datetime import date

    from madang.programme.engine.histories import LineYear, Year
    from madang.programme.engine.lines import Programme

NOTE = "예시 자료: 지어낸 기록입니다 · Example: an invented booking"
EVERY_DAYS = 10


def booked(programme: Programme, year: Year, *, until: date) -> Ledger:
    """The ledger of an invented year at the end of a day.

    Args:
        programme: The lines that the year was invented for.
        year: How it went.
        until: The last day that is booked.

    Raises:
        BookingRefused: The day is not within the fiscal year.
    """
    awards, recipients = _awards(year, until)
    entries = [entry for line in year.lines for entry in _entries(line, year.first_day, until)]
    entries.sort(key=lambda entry: (entry.recorded_at, entry.id))
    return append(with_awards(Ledger(programme=programme), awards, recipients), entries)


def _awards(year: Year, until: date) -> tuple[list[Award], list[Recipient]]:
    awards, recipients = [], []
    for line in year.lines:
        for number, project in enumerate(line.projects, start=1):
            signed_on = year.first_day + timedelta(days=project.signed)
            if signed_on > until or not project.amount_krw:
                continue
            name = f"{line.line}-{number}"
            recipients.append(
                Recipient(id=f"example-{name}", name=f"예시 수행기관 {name}", nature=Nature.OTHER)
            )
            awards.append(
                Award(
                    id=f"award-{name}",
                    line=line.line,
                    recipient=f"example-{name}",
                    amount_krw=project.amount_krw,
                    announced_on=year.first_day + timedelta(days=project.announced),
                    signed_on=signed_on,
                    spendable_by=year.first_day + timedelta(days=project.due),
                )
            )
    return awards, recipients


def _entries(line: LineYear, first: date, until: date) -> list[Entry]:
    """Bookings every ten days, and on the last day."""
    last = (until - first).days
    days = np.unique(np.r_[np.arange(EVERY_DAYS, last, EVERY_DAYS), last])
    found = []
    for kind, amounts in (
        (Kind.GRANT, line.granted),
        (Kind.DISBURSEMENT, line.disbursed),
        (Kind.SPENDING, line.spent),
    ):
        changes = np.diff(amounts[days], prepend=0)
        for day, change in zip(days.tolist(), changes.tolist(), strict=True):
            if change:
                found.append(_entry(line.line, kind, change, first + timedelta(days=day)))
    return found


def _entry(line: str, kind: Kind, amount_krw: int, on: date) -> Entry:
    name = f"{line}-{kind}-{on}"
    proved = kind is Kind.SPENDING and amount_krw > 0
    return Entry(
        id=name,
        line=line,
        kind=kind,
        amount_krw=amount_krw,
        booked_on=on,
        # Noon of the same day in Korea.
        recorded_at=datetime.combine(on, time(3), tzinfo=UTC),
        by="example-maker",
        approved_by="example-checker",
        evidence=(ids.digest(name.encode()),) if proved else (),
        note=NOTE,
    )
