"""How much of each line is granted, disbursed and really spent, on any day?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.programme.engine import columns
from madang.programme.engine.money import share

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from madang.programme.engine.ledger import Ledger


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The amounts of one line, or of all together, in won."""

    line: str
    """Empty for the sum of lines."""
    voted_krw: int
    appropriation_krw: int
    """What was voted, plus and minus transfers."""
    granted_krw: int
    """교부."""
    disbursed_krw: int
    """집행."""
    spent_krw: int
    """실집행, confirmed by evidence."""
    carried_over_krw: int = 0
    """이월."""
    lapsed_krw: int = 0
    """불용."""

    @property
    def parked_krw(self) -> int:
        """Handed out and not yet shown to be spent: it lies somewhere on the way."""
        return self.granted_krw - self.spent_krw

    @property
    def unproved_krw(self) -> int:
        """Disbursed, and no evidence of spending yet."""
        return self.disbursed_krw - self.spent_krw

    @property
    def open_krw(self) -> int:
        """Neither spent, nor carried over, nor given back."""
        return self.appropriation_krw - self.spent_krw - self.carried_over_krw - self.lapsed_krw

    @property
    def granted_share(self) -> float:
        """교부율."""
        return share(self.granted_krw, self.appropriation_krw)

    @property
    def disbursed_share(self) -> float:
        """집행률."""
        return share(self.disbursed_krw, self.appropriation_krw)

    @property
    def spent_share(self) -> float:
        """실집행률."""
        return share(self.spent_krw, self.appropriation_krw)


def balances(
    ledger: Ledger, *, on: date | None = None, known_at: datetime | None = None
) -> tuple[Balance, ...]:
    """The balance of every line, in the programme's order.

    Args:
        ledger: What was booked.
        on: At the end of this day; after all bookings if None.
        known_at: By what had been recorded at this moment; by all that is known now if None.
    """
    seen = ledger.entries
    if on is not None:
        seen = ledger.as_of(on, known_at=known_at).entries
    elif known_at is not None:
        seen = tuple(entry for entry in seen if entry.recorded_at <= known_at)
    found = columns.totals(ledger.programme, seen).tolist()
    return tuple(
        Balance(
            line=line.id,
            voted_krw=line.amount_krw,
            appropriation_krw=row[0],
            granted_krw=row[1],
            disbursed_krw=row[2],
            spent_krw=row[3],
            carried_over_krw=row[4],
            lapsed_krw=row[5],
        )
        for line, row in zip(ledger.programme.lines, found, strict=True)
    )


def total(each: Iterable[Balance]) -> Balance:
    """The sum of balances."""
    rows = tuple(each)
    return Balance(
        line="",
        voted_krw=sum(row.voted_krw for row in rows),
        appropriation_krw=sum(row.appropriation_krw for row in rows),
        granted_krw=sum(row.granted_krw for row in rows),
        disbursed_krw=sum(row.disbursed_krw for row in rows),
        spent_krw=sum(row.spent_krw for row in rows),
        carried_over_krw=sum(row.carried_over_krw for row in rows),
        lapsed_krw=sum(row.lapsed_krw for row in rows),
    )
