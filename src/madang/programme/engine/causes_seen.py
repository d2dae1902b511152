"""What do the bookings and contracts of a line say of why it lies behind?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.programme.engine.causes import Facts
from madang.programme.engine.forecast.seen import of_ledger
from madang.programme.engine.ledger import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from madang.programme.engine.forecast.seen import Contract, Seen
    from madang.programme.engine.ledger import Entry, Ledger

PROOF_DAYS = 25
"""Days that evidence may take to follow the work; set on invented years that nothing measures."""
SHORTEST_DAYS = 20
"""A contract with fewer days is taken to need as many."""
MOVED_SHARE = 0.3
"""Moved away, or asked to be, of what was voted: from here on the purpose seems not to fit.

An assumption. Less is moved where money is merely left over.
"""


def facts_of(
    ledger: Ledger,
    line: str,
    *,
    on: date,
    calls: Sequence[Contract] = (),
    asked: Iterable[Entry] = (),
) -> Facts:
    """What is known of one line at the end of a day.

    Args:
        ledger: Bookings and sub-awards.
        line: The line.
        on: The day, from the vote to the end of the year.
        calls: The line's calls that are open, as money that is announced and not signed.
        asked: Transfers that were proposed by that day and are not approved yet.

    Raises:
        BookingRefused: The programme has no such line.
    """
    ledger.programme.line(line)
    return facts_by_line(ledger, on=on, calls={line: calls}, asked=asked)[line]


def facts_by_line(
    ledger: Ledger,
    *,
    on: date,
    calls: dict[str, Sequence[Contract]] | None = None,
    asked: Iterable[Entry] = (),
) -> dict[str, Facts]:
    """What is known of every line at the end of a day; arguments as those of `facts_of`."""
    away: dict[str, int] = {}
    booked = (entry for entry in ledger.entries if entry.booked_on <= on)
    for entry in (*booked, *asked):
        if entry.kind is Kind.TRANSFER:
            away[entry.line] = away.get(entry.line, 0) + entry.amount_krw
    voted = {each.id: each.amount_krw for each in ledger.programme.lines}
    return {
        seen.line: facts_seen(
            seen, barred=away.get(seen.line, 0) >= MOVED_SHARE * voted[seen.line]
        )
        for seen in of_ledger(ledger, on, calls=calls)
    }


def facts_seen(seen: Seen, *, barred: bool = False) -> Facts:
    """What is known of a line, from what a forecast knows of it.

    Args:
        seen: The line; all shares are of what it may spend.
        barred: Much of it was, or is to be, moved to another line.
    """
    whole = max(seen.amount_krw, 1)
    signed = [each for each in seen.contracts if each.signed is not None]
    booked = seen.booked_by(seen.day)
    return Facts(
        day=seen.day,
        last_day=seen.last_day,
        granted=int(seen.granted[-1]) / whole,
        disbursed=int(seen.disbursed[-1]) / whole,
        spent=int(seen.spent[-1]) / whole,
        announced=sum(each.amount_krw for each in seen.contracts) / whole,
        signed=sum(each.amount_krw for each in signed) / whole,
        due=sum(each.amount_krw * _proved_by(each, booked) for each in signed) / whole,
        announced_after=_mean_days((each, each.announced) for each in seen.contracts),
        signed_after=_mean_days((each, (each.signed or 0) - each.announced) for each in signed),
        barred=barred,
    )


def _proved_by(contract: Contract, day: int) -> float:
    """The share of a contract that even pace would have worked off and proved by a day."""
    signed, due = contract.signed or 0, contract.due or 0
    since = day - PROOF_DAYS - signed
    return min(max(since / max(due - signed, SHORTEST_DAYS), 0.0), 1.0)


def _mean_days(each: Iterable[tuple[Contract, int]]) -> float | None:
    """The mean of days, by amount; None where there is no money."""
    known = [(contract.amount_krw, days) for contract, days in each]
    whole = sum(amount for amount, _ in known)
    return sum(amount * days for amount, days in known) / whole if whole else None
