"""What would a naive forecast say? Three rules that are in use, for comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.programme.engine.forecast.seen import Seen


def all_spent(seen: Seen) -> float:
    """Everything will be spent."""
    return float(seen.amount_krw)


def as_of_now(seen: Seen) -> float:
    """Nothing more will be spent."""
    return float(seen.spent[-1])


def extrapolated_disbursement(seen: Seen) -> float:
    """What is disbursed goes on at its mean pace since the vote, and counts as spent."""
    pace = float(seen.disbursed[-1]) / max(seen.day, 1)
    return min(pace * seen.last_day, float(seen.amount_krw))


PEERS: dict[str, Callable[[Seen], float]] = {
    "all will be spent": all_spent,
    "as of now": as_of_now,
    "extrapolated disbursement": extrapolated_disbursement,
}
