"""Which table of patients and which table of visits does a model read from a record?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.prognosis.engine.fhir.laboratory import ANALYTES
from madang.prognosis.engine.fhir.moments import day_of
from madang.prognosis.engine.fhir.plausibility import age_years
from madang.prognosis.engine.fhir.record import DEATH_UNDATED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

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


def _visits(values: list[Value]) -> pl.DataFrame:
    """The latest value of each analyte on each day of a patient."""
    import polars as pl

    columns = list(zip(*values, strict=True)) or [(), (), (), ()]
    names = [each.name for each in ANALYTES]
    frame = pl.DataFrame(
        columns,
        schema={
            "patient": pl.String,
            "when": pl.String,
            "name": pl.Enum(names),
            "value": pl.Float64,
        },
    )
    frame = frame.with_columns(day=pl.col("when").str.slice(0, 10).str.to_date())
    picked = frame.sort("patient", "when", maintain_order=True).group_by(
        "patient", "day", maintain_order=True
    )
    return picked.agg(
        pl.col("value").filter(pl.col("name") == name).last().alias(name) for name in names
    )


def _spans(found: Usable, visits: pl.DataFrame) -> dict[str, tuple[date, date]]:
    """The first and the last day of each patient's record."""
    import polars as pl

    spans: dict[str, tuple[date, date]] = {
        patient: (first, last)
        for patient, first, last in visits.group_by("patient")
        .agg(first=pl.col("day").min(), last=pl.col("day").max())
        .iter_rows()
    }
    for each in found.coded:
        day = day_of(each.when)
        if day is None:
            continue
        first, last = spans.get(each.patient, (day, day))
        # A diagnosis may be older than the first visit; the observation begins with values.
        spans[each.patient] = (first, max(last, day))
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
    visits: pl.DataFrame, found: Usable, spans: dict[str, tuple[date, date]]
) -> pl.DataFrame:
    import polars as pl

    rows = visits.select("patient", "day").iter_rows()
    added = [
        ((day - spans[patient][0]).days, age_years(found.persons[patient].birth, day))
        for patient, day in rows
    ]
    extra = pl.DataFrame(added, schema={"time": pl.Int64, "age": pl.Float64}, orient="row")
    joined = pl.concat([visits, extra], how="horizontal")
    order = ["patient", "day", "time", "age", *(each.name for each in ANALYTES)]
    return joined.select(order).sort("patient", "day")


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
