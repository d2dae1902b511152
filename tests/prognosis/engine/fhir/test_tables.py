"""From resources to the table of patients and the table of visits."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bench.fhir_cohort import as_lines, cohort
from madang.prognosis.engine.fhir.intake import Intake, read_lines
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.tables import KCD, Tables, tables
from tests.prognosis.engine.fhir.valid import OBSERVATION, PATIENT, PROCEDURE, concept

if TYPE_CHECKING:
    from collections.abc import Collection

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNDEAD = {key: value for key, value in PATIENT.items() if key != "deceasedBoolean"}


def made(*resources: dict[str, Any], competing: Collection[str] = ()) -> Tables:
    read = Intake()
    for each in resources:
        read.take(each)
    assert read.issues == []
    return tables(usable(read.record, NOW), competing=competing)


def value(day: str, number: float, unit: str = "mg/dL") -> dict[str, Any]:
    quantity = {**OBSERVATION["valueQuantity"], "value": number, "code": unit}
    return {**OBSERVATION, "effectiveDateTime": day, "valueQuantity": quantity}


def test_visits_are_days_with_the_latest_value_in_one_unit() -> None:
    found = made(
        UNDEAD,
        value("2020-01-10T16:00:00+09:00", 3.0),
        value("2020-01-10T08:00:00+09:00", 2.0),
        value("2020-03-10", 34.2, "umol/L"),
    ).visits

    assert found["day"].to_list() == [date(2020, 1, 10), date(2020, 3, 10)]
    assert found["time"].to_list() == [0, 60]
    assert found["bilirubin_mg_dl"].to_list() == pytest.approx([3.0, 2.0])
    assert found["albumin_g_dl"].null_count() == 2
    assert found["age"][0] == pytest.approx(69.87, abs=0.01)


def test_a_patient_is_watched_until_death() -> None:
    found = made({**UNDEAD, "deceasedDateTime": "2021-01-09"}, value("2020-01-10", 3.0)).patients

    assert found.select("time", "event").row(0) == (365, 1)


def test_a_patient_is_censored_at_the_last_day_of_the_record() -> None:
    found = made(UNDEAD, value("2020-01-10", 3.0), value("2020-02-10", 3.0)).patients

    assert found.select("time", "event").row(0) == (31, 0)


def test_a_transplant_may_compete() -> None:
    done = {**PROCEDURE, "performedPeriod": {"start": "2020-06-10"}}
    dead = {**UNDEAD, "deceasedDateTime": "2021-01-09"}

    found = made(dead, value("2020-01-10", 3.0), done, competing={"18027006"})

    assert found.patients.select("time", "event").row(0) == (152, 2)
    assert found.treatments["kind"].to_list() == ["Procedure"]


@pytest.mark.parametrize(
    "resources",
    [
        ({**UNDEAD, "deceasedBoolean": True}, value("2020-01-10", 3.0)),
        ({**UNDEAD, "deceasedDateTime": "2021"}, value("2020-01-10", 3.0)),
    ],
)
def test_a_death_without_a_day_leaves_the_outcome_open(resources: Any) -> None:
    assert made(*resources).patients.select("time", "event").row(0) == (None, None)


def test_a_patient_without_a_day_is_there_without_an_outcome() -> None:
    row = made(UNDEAD).patients.row(0, named=True)

    assert (row["patient"], row["sex"], row["time"], row["event"]) == ("p1", "female", None, None)


def test_korean_codes_of_diagnoses_are_kept_and_marked() -> None:
    read = read_lines(as_lines(cohort(3)))
    found = tables(usable(read.record, NOW)).conditions

    assert found["code"].to_list() == ["K74.3"] * 3
    assert found["system"].unique().to_list() == [KCD[0]]
    assert found["kcd"].all()


def test_a_cohort_is_read_as_it_was_made() -> None:
    read = read_lines(as_lines(cohort(30)))

    found = tables(usable(read.record, NOW))

    assert found.visits.height == 30 * 6
    sent = found.visits.drop("cholesterol_mg_dl", "creatinine_mg_dl")
    assert sent.null_count().sum_horizontal()[0] == 0
    assert found.visits["bilirubin_mg_dl"].max() < 20.1
    dead = sum(bool(each.death) for each in read.record.persons)
    assert found.patients["event"].sum() == dead > 5
    assert (found.patients["time"] > 0).all()


def test_medicines_by_code_are_treatments() -> None:
    dose = {
        "resourceType": "MedicationStatement",
        "status": "completed",
        "medicationCodeableConcept": concept("A05AA02", "http://www.whocc.no/atc"),
        "subject": {"reference": "Patient/p1"},
        "effectivePeriod": {"start": "2019-01-01", "end": "2022-01-01"},
    }

    row = made(UNDEAD, dose).treatments.row(0, named=True)

    assert (row["code"], row["day"], row["end"]) == ("A05AA02", "2019-01-01", "2022-01-01")
