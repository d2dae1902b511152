"""Entries and ledgers as the tests of this room need them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from madang.programme.engine.ledger import Entry, Kind, Ledger
from madang.programme.engine.lines import load

PAPER = "a" * 64
LATER = datetime(2026, 1, 20, tzinfo=UTC)
"""After every day of 2025 has ended in Korea."""


def entry(id_: str, kind: Kind, amount_krw: int, on: date, **given: Any) -> Entry:
    """An entry on the RPKI line that two persons stand behind, with evidence where it needs it."""
    values: dict[str, Any] = {
        "id": id_,
        "line": "rpki",
        "kind": kind,
        "amount_krw": amount_krw,
        "booked_on": on,
        "recorded_at": LATER,
        "by": "maker",
        "approved_by": "checker",
        "evidence": (PAPER,) if kind is Kind.SPENDING and amount_krw > 0 else (),
    }
    return Entry(**values | given)


def empty() -> Ledger:
    """The programme of 2025 before anything is booked."""
    return Ledger(programme=load())


def chain(line: str, granted: int, disbursed: int, spent: int, **given: Any) -> list[Entry]:
    """Grant in August, disbursement in September, spending in October."""
    amounts = {
        Kind.GRANT: (granted, date(2025, 8, 1)),
        Kind.DISBURSEMENT: (disbursed, date(2025, 9, 1)),
        Kind.SPENDING: (spent, date(2025, 10, 1)),
    }
    return [
        entry(f"{line}-{kind}", kind, amount, on, **{"line": line} | given)
        for kind, (amount, on) in amounts.items()
        if amount
    ]
