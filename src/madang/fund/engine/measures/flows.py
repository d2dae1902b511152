"""What did an investor pay and receive, and when? Dated amounts with the investor's sign."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Flow(NamedTuple):
    """One amount of one day."""

    on: date
    won: int
    """Below 0 what is paid in, above 0 what is received."""


def merged(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """One flow a day, in order, those of 0 left out: the order of the rows does not matter."""
    sums: dict[date, int] = defaultdict(int)
    for on, won in flows:
        sums[on] += won
    return tuple(Flow(on, won) for on, won in sorted(sums.items()) if won)


def paid(flows: Iterable[Flow]) -> int:
    """All that was paid in, as a positive number."""
    return -sum(won for _, won in flows if won < 0)


def received(flows: Iterable[Flow]) -> int:
    """All that was received."""
    return sum(won for _, won in flows if won > 0)
