"""Between which values does a quantity lie, and with which confidence?"""

from __future__ import annotations

from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate with its confidence limits."""

    estimate: float
    low: float
    high: float
    level: float
    """Share of repetitions of the trial in which [low, high] holds the truth, such as .95."""

    def covers(self, value: float) -> bool:
        """Does the value lie between the limits, limits included?"""
        return self.low <= value <= self.high
