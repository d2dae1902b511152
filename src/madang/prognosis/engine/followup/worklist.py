"""Whom does the clinic look at first? Those overdue, then those whose risk has grown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A patient under follow-up."""

    patient: str
    due: date
    """The next visit as it was planned."""
    risk: float
    """As of the last visit."""
    before: float | None
    """As of the visit before; None for a first one."""

    def overdue(self, today: date) -> int:
        """Days since the planned visit; 0 before it."""
        return max((today - self.due).days, 0)

    @property
    def growth(self) -> float:
        """By how much the risk has grown since the visit before; 0 for a first one."""
        return 0.0 if self.before is None else self.risk - self.before


def worklist(
    patients: Iterable[Followed], *, today: date, threshold: float, growth: float
) -> list[Followed]:
    """Patients who need somebody today, the most urgent first.

    Args:
        patients: All under follow-up.
        today: The day.
        threshold: The risk at which one acts.
        growth: The growth of the risk that is looked at whatever the risk is.

    Returns:
        Those overdue, at or above the threshold, or grown by so much: by whether they are at the
        threshold and overdue, then by days overdue times risk, then by growth; ties by name.
    """
    found = [
        each
        for each in patients
        if each.overdue(today) or each.risk >= threshold or each.growth >= growth
    ]

    def order(each: Followed) -> tuple[bool, float, float, str]:
        late = each.overdue(today)
        return (
            not (late and each.risk >= threshold),
            -late * each.risk,
            -each.growth,
            each.patient,
        )

    return sorted(found, key=order)
