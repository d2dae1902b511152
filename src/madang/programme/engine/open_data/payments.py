"""What was paid to whom in which month? The sums that stand for single payments in the open.

Every booking is in the tables (`records.csv`); the contracting standards get one transaction a
line, award, recipient and month, so that a line of a hundred thousand vouchers stays readable.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.programme.engine.ledger import Kind, last_day
from madang.programme.engine.open_data import publisher as by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from madang.programme.engine.ledger import Ledger

MINISTRY = "ministry"
"""The identifier of the payer in each package."""


class Payment(NamedTuple):
    """All that was disbursed under one award, or none, to one recipient in one month."""

    line: str
    award: str
    """Empty where no award is known."""
    recipient: str
    """Empty where it is not published."""
    month: date
    """Its first day."""
    amount_krw: int


def payments(ledger: Ledger) -> list[Payment]:
    """What was disbursed (집행), by line, award, recipient and month; sums of zero left out."""
    public = by.named(ledger)
    sums: dict[tuple[str, str, str, date], int] = defaultdict(int)
    for entry in ledger.entries:
        if entry.kind is Kind.DISBURSEMENT:
            who = entry.recipient if entry.recipient in public else ""
            sums[entry.line, entry.award, who, entry.booked_on.replace(day=1)] += entry.amount_krw
    return [Payment(*key, amount) for key, amount in sorted(sums.items()) if amount]


def transactions(
    found: Iterable[Payment], ledger: Ledger, publisher: by.Publisher
) -> list[dict[str, Any]]:
    """The payments as transactions of OCDS and OC4IDS."""
    public = by.named(ledger)
    made = []
    for each in found:
        name = "-".join(
            part for part in (each.line, each.award, each.recipient, f"{each.month:%Y-%m}") if part
        )
        transaction = {
            "id": name,
            "date": by.moment(last_day(each.month), at_end=True),
            "value": by.money(each.amount_krw),
            "payer": {"id": MINISTRY, "name": ledger.programme.ministry.ko},
            "uri": publisher.line(each.line),
        }
        if each.recipient:
            transaction["payee"] = {"id": each.recipient, "name": public[each.recipient].name}
        made.append(transaction)
    return made
