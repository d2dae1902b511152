"""Which table of patients and which table of visits does a model read from a record?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from madang.prognosis.engine.fhir.laboratory import ANALYTES
from madang.prognosis.engine.fhir.moments import day_of
from madang.prognosis.engine.fhir.plausibility import age_years
from madang.prognosis.engine.fhir.record import DEATH_UNDATED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import polars as pl

    from madang.prognosis.engine.fhir.plausibility import Usable, Value
    from madang.prognosis.engine.fhir.record import Coded, Person

KCD = (
    "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8",
    "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-9",
)
"""The Korean classification of diseases, as KR Core names it (hl7korea.or.kr, KR Core 1.0.2)."""

CENSORED, DIED, COMPETING = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """A record as a model reads it.

    Attributes:
        patients: One row a patient: `patient`, `sex`, `birth_date`, `first_day`, `last_day`,
            `age` (years, on the first day), `time` (days from the first day to the end) and
            `event` (0 censored, 1 died, 2 the competing event). A patient without any day, or
            whose death has none, has no `time` and no `event`.
        visits: One row a patient and day with laboratory values: `patient`, `day`, `time` (days
            from the first day), `age`, then a column for each analyte, its unit in its name.
            Of several values of one day the latest stands.
        conditions: One row a Condition: `patient`, `day`, `end`, `system`, `code`, `text`,
            `kcd` (whether the code is of the Korean classification).
        treatments: The same of procedures and medications, with their `kind`.
    """

    patients: pl.DataFrame
    visits: pl.DataFrame
    conditions: pl.DataFrame
    treatments: pl.DataFrame


def tables(found: Usable, *, competing: Collection[str] = ()) -> Tables:
    """The tables of what may be used.

    Args:
        found: As `plausibility.usable` judged it.
        competing: Codes of procedures that end the observation as a competing event, such as
            that of a transplant.
    """
    import polars as pl

    visits = _visits(found.values)
    spans = _spans(found, visits)
    ended = {
        each.patient: day
        for each in sorted(found.coded, key=lambda each: each.when, reverse=True)
        if each.code in competing and each.kind == "Procedure" and (day := day_of(each.when))
    }
    people = [_patient(each, spans, ended) for each in found.persons.values()]
    return Tables(
        patients=pl.DataFrame(people, schema=_PATIENT(pl), orient="row").sort("patient"),
        visits=_aged(visits, found, spans),
        conditions=_coded(each for each in found.coded if each.kind == "Condition").drop("kind"),
        treatments=_coded(each for each in found.coded if each.kind != "Condition").drop("kcd"),
    )


def _PATIENT(pl: Any) -> dict[str, Any]:  # noqa: N802 - a schema, made where polars is at hand
    return {
        "patient": pl.String,
        "sex": pl.String,
        "birth_date": pl.String,
        "first_day": pl.Date,
        "last_day": pl.Date,
        "age": pl.Float64,
        "time": pl.Int64,
        "event": pl.Int8,
    }


def _visits(values: list[Value]) -> dict[tuple[str, date], dict[str, float]]:
    """Patient and day → the latest value of each analyte on that day."""
    found: dict[tuple[str, date], dict[str, float]] = {}
    for each in sorted(values, key=lambda each: each.when):
        day = date.fromisoformat(each.when[:10])
        found.setdefault((each.patient, day), {})[each.name] = each.value
    return found


def _spans(found: Usable, visits: Iterable[tuple[str, date]]) -> dict[str, tuple[date, date]]:
    """The first and the last day of each patient's record."""
    spans: dict[str, tuple[date, date]] = {}
    for patient, day in visits:
        first, last = spans.get(patient, (day, day))
        spans[patient] = (min(first, day), max(last, day))
    for each in found.coded:
        coded = day_of(each.when)
        if coded is not None:
            # A diagnosis may be older than the first visit; the observation begins with values.
            first, last = spans.get(each.patient, (coded, coded))
            spans[each.patient] = (first, max(last, coded))
    for patient, until in found.followed.items():
        if patient in spans:
            spans[patient] = (spans[patient][0], max(spans[patient][1], until))
    return spans


def _patient(
    one: Person, spans: dict[str, tuple[date, date]], ended: dict[str, date]
) -> tuple[Any, ...]:
    first, last = spans.get(one.id, (None, None))
    dated = one.death not in {"", DEATH_UNDATED}
    death = day_of(one.death) if dated else None
    event: int | None = CENSORED
    if one.id in ended:
        last, event = ended[one.id], COMPETING
    elif one.death:
        last, event = (death, DIED) if death else (last, None)
    if first is None or last is None or last < first:
        return one.id, one.sex or None, one.birth or None, first, last, None, None, None
    time = (last - first).days if event is not None else None
    age = age_years(one.birth, first)
    return one.id, one.sex or None, one.birth or None, first, last, age, time, event


def _aged(
    visits: dict[tuple[str, date], dict[str, float]],
    found: Usable,
    spans: dict[str, tuple[date, date]],
) -> pl.DataFrame:
    """The table of visits: days and years are told from the patient's own first day and birth."""
    import polars as pl

    names = [each.name for each in ANALYTES]
    rows = [
        (
            patient,
            day,
            (day - spans[patient][0]).days,
            age_years(found.persons[patient].birth, day),
            *map(row.get, names),
        )
        for (patient, day), row in sorted(visits.items(), key=lambda each: each[0])
    ]
    schema: dict[str, Any] = {"patient": pl.String, "day": pl.Date, "time": pl.Int64}
    schema |= dict.fromkeys(("age", *names), pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _coded(rows: Iterable[Coded]) -> pl.DataFrame:
    import polars as pl

    told = [
        (
            each.patient,
            each.kind,
            each.when[:10] or None,
            each.end[:10] or None,
            each.system,
            each.code,
            each.text,
            each.system in KCD,
        )
        for each in rows
    ]
    text = dict.fromkeys(("patient", "kind", "day", "end", "system", "code", "text"), pl.String)
    return pl.DataFrame(told, schema={**text, "kcd": pl.Boolean}, orient="row").sort(
        "patient", "day"
    )
