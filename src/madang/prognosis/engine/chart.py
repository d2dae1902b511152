"""What is known of one patient at a moment? What does not change, and the values of each visit.

Times are days since the patient entered (the first visit, a diagnosis, an operation: whatever the
model counts from).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT, PATIENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    Value = float | str


class Visit(NamedTuple):
    """One visit: the day, and what was measured."""

    day: float
    values: Mapping[str, Value]


class Measured(NamedTuple):
    """A value, and the day on which it was measured."""

    value: Value
    day: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One patient; `visits` in order of their days."""

    fixed: Mapping[str, Value] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()

    @classmethod
    def of(cls, fixed: Mapping[str, Value], visits: Iterable[Visit]) -> Chart:
        """From visits in any order."""
        return cls(fixed=dict(fixed), visits=tuple(sorted(visits, key=lambda each: each.day)))

    def until(self, day: float) -> Chart:
        """As it was known on a day."""
        return Chart(
            fixed=self.fixed, visits=tuple(each for each in self.visits if each.day <= day)
        )

    @property
    def last_day(self) -> float | None:
        """Of the last visit; None before the first."""
        return self.visits[-1].day if self.visits else None

    def last(self, name: str) -> Measured | None:
        """The last value of a column."""
        for each in reversed(self.visits):
            if name in each.values:
                return Measured(each.values[name], each.day)
        return self._fixed(name)

    def first(self, name: str) -> Measured | None:
        """The first value of a column."""
        for each in self.visits:
            if name in each.values:
                return Measured(each.values[name], each.day)
        return self._fixed(name)

    def _fixed(self, name: str) -> Measured | None:
        return Measured(self.fixed[name], 0.0) if name in self.fixed else None

    def snapshot(self, declared: Iterable[Mapping[str, Any]], day: float) -> pl.DataFrame:
        """One row as `Visits.snapshot` gives it: the last values, how old, and how many visits.

        Args:
            declared: `name` and `kind` of each column.
            day: The moment; what is known later is not looked at.
        """
        import polars as pl

        known = self.until(day)
        values: dict[str, Any] = {PATIENT: ["this"]}
        schema: dict[str, Any] = {PATIENT: pl.String}
        for each in declared:
            found = known.last(each["name"])
            values[each["name"]] = [None if found is None else found.value]
            schema[each["name"]] = pl.String if each["kind"] == "category" else pl.Float64
        last = known.last_day
        values |= {
            AGE: [day if last is None else day - last],
            COUNT: [float(len(known.visits))],
            AT: [float(day)],
        }
        return pl.DataFrame(values, schema=schema | dict.fromkeys((AGE, COUNT, AT), pl.Float64))
