"""What was booked, when, and since when is it known? An append-only ledger of three amounts.

    교부 grant          handed out by the ministry
    집행 disbursement   paid on by the body that carries the project
    실집행 spending      really spent, and confirmed by evidence

Every entry has two dates: the day it counts for (`booked_on`) and the moment since which it is
known (`recorded_at`). What was known at any past moment of any past day can be read again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.programme.engine.awards import Award, Recipient

if TYPE_CHECKING:
    from madang.programme.engine.lines import Programme

KOREA = timezone(timedelta(hours=9))
"""Korean standard time, by which a day begins; Korea has had no summer time since 1988."""


class Kind(StrEnum):
    """What an entry books."""

    GRANT = "grant"
    """교부."""
    DISBURSEMENT = "disbursement"
    """집행."""
    SPENDING = "spending"
    """실집행: needs evidence."""
    TRANSFER = "transfer"
    """전용: from `line` to `to_line`; the sum of all lines stays what it is."""
    CARRY_OVER = "carry_over"
    """이월 into the next year, booked on the last day of this one."""
    LAPSE = "lapse"
    """불용: given back unspent, booked on the last day of the year."""


KIND_NAMES: dict[Kind, Words] = {
    Kind.GRANT: words("교부", "grant"),
    Kind.DISBURSEMENT: words("집행", "disbursement"),
    Kind.SPENDING: words("실집행", "confirmed spending"),
    Kind.TRANSFER: words("전용", "transfer"),
    Kind.CARRY_OVER: words("이월", "carry-over"),
    Kind.LAPSE: words("불용", "lapse"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One booking. It is never changed; what was wrong is set right by another one."""

    id: str
    line: str
    kind: Kind
    amount_krw: int
    """Below 0 only where it corrects: then `corrects` or `note` says what."""
    booked_on: date
    recorded_at: datetime
    """With its offset from UTC."""
    by: str
    """Who proposed it."""
    approved_by: str
    """Who approved it: somebody else."""
    to_line: str = ""
    """Where a transfer goes; empty for every other kind."""
    voucher: str = ""
    """전표 번호: once for a line, kind and recipient."""
    award: str = ""
    recipient: str = ""
    evidence: tuple[str, ...] = ()
    """SHA-256 of each paper that proves it; 실집행 has one at least."""
    corrects: str = ""
    """The entry that it sets right."""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Close:
    """A month is closed: nothing is booked into it, or before it, from that moment on."""

    month: date
    """Its first day."""
    recorded_at: datetime
    by: str
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A programme's money and everything that was booked on it, in the order of recording.

    A value: `booking.append` and `closing.close` give a new one and leave this as it is.
    """

    programme: Programme
    entries: tuple[Entry, ...] = ()
    closes: tuple[Close, ...] = ()
    awards: tuple[Award, ...] = ()
    recipients: tuple[Recipient, ...] = field(default=())

    def as_of(self, on: date, *, known_at: datetime | None = None) -> Ledger:
        """The ledger as it stood at the end of a day.

        Args:
            on: The last day whose bookings count.
            known_at: Only what had been recorded by this moment; all that is known now if None.
        """
        return replace(
            self,
            entries=tuple(
                entry
                for entry in self.entries
                if entry.booked_on <= on and (known_at is None or entry.recorded_at <= known_at)
            ),
            closes=tuple(
                each for each in self.closes if known_at is None or each.recorded_at <= known_at
            ),
            awards=tuple(award for award in self.awards if award.signed_on <= on),
        )

    @property
    def closed_through(self) -> date | None:
        """The last day of the latest closed month; None while every month is open."""
        return max((last_day(close.month) for close in self.closes), default=None)


def last_day(month: date) -> date:
    """The last day of the month in which a day lies."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
