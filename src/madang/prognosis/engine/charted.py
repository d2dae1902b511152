"""How does a hospital's record of one patient become a chart?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.prognosis.engine.chart import Chart, Visit

if TYPE_CHECKING:
    from datetime import date

    from madang.prognosis.engine.fhir.tables import Tables

_OF_NO_VALUE = frozenset({"patient", "day", "time", "age"})


class Charted(NamedTuple):
    """A chart, the day from which its days count, and whether the follow-up has ended."""

    chart: Chart
    first_day: date
    has_ended: bool


def charted(made: Tables, patient: str) -> Charted | None:
    """The chart of a patient of a record; None where the record has no day of the patient.

    Args:
        made: As `fhir.tables.tables` reads a record.
        patient: The patient's id in it.
    """
    rows = made.patients.filter(made.patients["patient"] == patient)
    if not rows.height or rows["first_day"][0] is None:
        return None
    row = rows.row(0, named=True)
    fixed = {name: row[name] for name in ("sex", "age") if row[name] is not None}
    seen = made.visits.filter(made.visits["patient"] == patient)
    visits = [
        Visit(
            float(each["time"]),
            {
                name: value
                for name, value in each.items()
                if value is not None and name not in _OF_NO_VALUE
            },
        )
        for each in seen.iter_rows(named=True)
    ]
    return Charted(Chart.of(fixed, visits), row["first_day"], bool(row["event"]))
