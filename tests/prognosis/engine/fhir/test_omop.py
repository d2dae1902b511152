"""A folder of OMOP tables gives the same tables as FHIR."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.fhir.omop import read_omop
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.tables import KCD, tables

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = {
    "person": """\
person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth
1,8532,1950,2,3
2,8507,1960,,
3,8507,abcd,,
""",
    "death": "person_id,death_date\n1,2021-05-01\n2,soon\n",
    "measurement": """\
measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,unit_concept_id,operator_concept_id,unit_source_value
10,1,3024128,2020-01-01,1.5,8840,,
11,1,3006140,2020-02-01,34.2,8749,4172703,
12,1,3024561,2020-02-01 00:00:00,41,8636,,
13,1,3024128,2020-03-01,0.1,8840,4171756,
14,1,3024128,2020-04-01,two,8840,,
15,1,3024128,2020-13-01,2,8840,,
16,2,3024128,2020-04-01,2,0,,mg/dL
17,2,999,2020-04-01,2,8840,,
18,9,3024128,2020-04-01,2,8840,,
19,2,3024929,2020-05-01,200,8848,,
""",
    "condition_occurrence": """\
condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_source_value,condition_source_concept_id
1,1,192675,2020-01-01,,K74.3,500
""",
    "drug_exposure": """\
person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_source_value
2,0,2020-04-02,2020-09-01,645100100
""",
    "observation_period": """\
person_id,observation_period_start_date,observation_period_end_date
2,2020-01-01,2020-12-31
""",
    "concept": "concept_id,vocabulary_id,concept_code\n500,KCD8,K74.3\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_tables_of_omop_become_patients_and_visits(folder: Path) -> None:
    found = tables(usable(read_omop(folder).record, NOW))

    rows = found.patients.select("patient", "sex", "time", "event").rows()
    assert rows == [("1", "female", 486, 1), ("2", "male", 244, 0)]
    first = found.visits.filter(patient="1")
    assert first["day"].to_list() == [date(2020, 1, 1), date(2020, 2, 1)]
    assert first["bilirubin_mg_dl"].to_list() == pytest.approx([1.5, 2.0])
    assert first["albumin_g_dl"].to_list() == [None, pytest.approx(4.1)]
    assert found.conditions.select("system", "code", "kcd").row(0) == (KCD[0], "K74.3", True)
    assert found.treatments["code"].to_list() == ["645100100"]


def test_cells_that_cannot_be_read_are_told_with_file_and_line(folder: Path) -> None:
    read = read_omop(folder)

    assert [(each.file, each.line, each.path) for each in read.issues] == [
        ("death.csv", 3, "death.death_date"),
        ("person.csv", 4, "person.year_of_birth"),
        ("measurement.csv", 6, "measurement.value_as_number"),
        ("measurement.csv", 7, "measurement.measurement_date"),
    ]
    assert read.counts()["refused"] == 4


def test_values_that_cannot_be_used_are_told(folder: Path) -> None:
    found = usable(read_omop(folder).record, NOW)

    assert {each.rule: each.line for each in found.issues} == {
        "madang-comparator": 5,
        "madang-unit": 8,
        "madang-unknown-code": 9,
        "madang-no-patient": 10,
    }


def test_a_folder_without_persons_or_a_table_without_its_columns_is_refused(folder: Path) -> None:
    (folder / "death.csv").write_text("person_id\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match="death_date"):
        read_omop(folder)
    (folder / "person.csv").unlink()
    with pytest.raises(InputError, match="person"):
        read_omop(folder)
