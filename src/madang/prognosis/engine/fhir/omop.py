"""What does a hospital's OMOP database hold, told as the same rows as its FHIR record?

Read are `person`, `measurement`, `condition_occurrence`, `drug_exposure`, `procedure_occurrence`,
`death` and `observation_period` as CSV with the column names of the OMOP Common Data Model 5.4
(ohdsi.github.io/CommonDataModel/cdm54.html). Concepts are told by the vocabulary's `concept` table
where the folder has it, else by the few concepts below and by the codes of the sources.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.fhir.intake import Intake
from madang.prognosis.engine.fhir.invariants_of_types import UCUM
from madang.prognosis.engine.fhir.issues import Issue
from madang.prognosis.engine.fhir.laboratory import LOINC
from madang.prognosis.engine.fhir.moments import is_date
from madang.prognosis.engine.fhir.record import Coded, Measured, Person, Place
from madang.prognosis.engine.fhir.tables import KCD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.kernel.words import Words

    Row = dict[str, str]
    Concept = tuple[str, str]

CONCEPTS: dict[str, Concept] = {
    "3024128": ("LOINC", "1975-2"),
    "3006140": ("LOINC", "14631-6"),
    "3024561": ("LOINC", "1751-7"),
    "3035995": ("LOINC", "6768-6"),
    "3013721": ("LOINC", "1920-8"),
    "3024929": ("LOINC", "777-3"),
    "3034426": ("LOINC", "5902-2"),
    "3016723": ("LOINC", "2160-0"),
    "3027114": ("LOINC", "2093-3"),
    "8840": ("UCUM", "mg/dL"),
    "8713": ("UCUM", "g/dL"),
    "8636": ("UCUM", "g/L"),
    "8645": ("UCUM", "U/L"),
    "8923": ("UCUM", "[IU]/L"),
    "8749": ("UCUM", "umol/L"),
    "8753": ("UCUM", "mmol/L"),
    "8848": ("UCUM", "10*3/uL"),
    "9444": ("UCUM", "10*9/L"),
    "8555": ("UCUM", "s"),
}
"""Standard concepts of the OHDSI vocabularies → vocabulary and code."""

_SEX = {"8507": "male", "8532": "female"}
_OPERATORS = {"4171756": "<", "4171754": "<=", "4171755": ">=", "4172704": ">"}
_URI = {"LOINC": LOINC, "UCUM": UCUM, "KCD7": KCD[0].replace("kcd-8", "kcd-7"), "KCD8": KCD[0]}


def read_omop(folder: Path) -> Intake:
    """The rows of a folder of OMOP tables, one `<table>.csv` each; only `person` must be there.

    A row whose key, date or number cannot be read is refused with its line; the others are kept.

    Raises:
        InputError: There is no `person.csv`, or a table lacks a column.
    """
    if _file(folder, "person") is None:
        raise InputError(
            words(f"{folder}에 person.csv가 없음", f"no person.csv in {folder}"),
            words("OMOP CDM 표", "tables of the OMOP CDM"),
        )
    intake = Intake()
    concepts = dict(CONCEPTS)
    for _, row in _rows(folder, "concept", ("concept_id", "vocabulary_id", "concept_code")):
        concepts[row["concept_id"]] = (row["vocabulary_id"], row["concept_code"])
    _persons(folder, intake)
    _measurements(folder, intake, concepts)
    for table, kind, stem in (
        ("condition_occurrence", "Condition", "condition"),
        ("drug_exposure", "MedicationStatement", "drug"),
        ("procedure_occurrence", "Procedure", "procedure"),
    ):
        _occurrences(folder, intake, concepts, (table, kind, stem))
    columns = ("person_id", "observation_period_start_date", "observation_period_end_date")
    for line, row in _rows(folder, "observation_period", columns):
        if _dated(
            intake, Place(line, "observation_period", "observation_period.csv"), row, *columns[1:]
        ):
            last = intake.record.followed.get(row["person_id"], "")
            intake.record.followed[row["person_id"]] = max(last, row[columns[2]][:10])
            intake.kept["observation_period"] += 1
    return intake


def _file(folder: Path, table: str) -> Path | None:
    found = (each for each in sorted(folder.glob("*.csv")) if each.stem.lower() == table)
    return next(found, None)


def _rows(folder: Path, table: str, columns: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Each row of a table with its line; none where the folder has no such table."""
    path = _file(folder, table)
    if path is None:
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        mark = "\t" if "\t" in file.readline() else ","
        file.seek(0)
        reader = csv.DictReader(file, delimiter=mark)
        names = [each.lower() for each in reader.fieldnames or ()]
        reader.fieldnames = names
        missing = [each for each in columns if each not in names]
        if missing:
            told = ", ".join(missing)
            raise InputError(
                words(f"{path.name}: {told} 열이 없음", f"{path.name} without {told}"),
                words("OMOP CDM 5.4의 열", "the columns of OMOP CDM 5.4"),
            )
        for row in reader:
            yield reader.line_num, {key: value or "" for key, value in row.items() if key}


def _persons(folder: Path, intake: Intake) -> None:
    deaths = {}
    for line, row in _rows(folder, "death", ("person_id", "death_date")):
        if _dated(intake, Place(line, "death", "death.csv"), row, "death_date"):
            deaths[row["person_id"]] = row["death_date"][:10]
            intake.kept["death"] += 1
    columns = ("person_id", "gender_concept_id", "year_of_birth")
    for line, row in _rows(folder, "person", columns):
        intake.lines += 1
        birth = _birth(row)
        where = Place(line, "person", "person.csv")
        if not row["person_id"] or not is_date(birth):
            said = words(
                f"출생일을 알 수 없습니다: '{shown(birth)}'.",
                f"The birth cannot be read: '{shown(birth)}'.",
            )
            _refused(intake, where, "year_of_birth", said)
            continue
        sex = _SEX.get(row["gender_concept_id"], "unknown")
        death = deaths.get(row["person_id"], "")
        intake.record.persons.append(Person(row["person_id"], sex, birth, death, (), "", where))
        intake.kept["person"] += 1


def _birth(row: Row) -> str:
    """The birthday as far as the table tells it."""
    parts = [row["year_of_birth"].zfill(4)]
    for name in ("month_of_birth", "day_of_birth"):
        if not row.get(name):
            break
        parts.append(row[name].zfill(2))
    return "-".join(parts)


def _measurements(folder: Path, intake: Intake, concepts: dict[str, Concept]) -> None:
    columns = ("person_id", "measurement_concept_id", "measurement_date", "value_as_number")
    for line, row in _rows(folder, "measurement", columns):
        intake.lines += 1
        where = Place(line, "measurement", "measurement.csv")
        value = _number(row["value_as_number"])
        if not _dated(intake, where, row, "measurement_date"):
            continue
        if value is not None and value - value != 0:
            text = shown(row["value_as_number"])
            said = words(f"'{text}': 수가 아닙니다.", f"'{text}' is no number.")
            _refused(intake, where, "value_as_number", said)
            continue
        loinc = _code(concepts, row, "measurement", "LOINC")
        system, unit = concepts.get(row.get("unit_concept_id", ""), ("", ""))
        if not system:
            # A unit that no concept vouches for is told, and the value is not used.
            unit = row.get("unit_source_value", "")
        intake.record.measured.append(
            Measured(
                row.get("measurement_id", ""),
                row["person_id"],
                "final",
                loinc,
                value,
                _OPERATORS.get(row.get("operator_concept_id", ""), ""),
                _URI.get(system, system),
                unit,
                row["measurement_date"][:10],
                where,
            )
        )
        intake.kept["measurement"] += 1


def _code(concepts: dict[str, Concept], row: Row, stem: str, vocabulary: str) -> str:
    """The code of a row in a vocabulary, by its concept or as its source wrote it."""
    system, code = concepts.get(row[f"{stem}_concept_id"], ("", ""))
    if system == vocabulary:
        return code
    return row.get(f"{stem}_source_value", "") or f"{system}|{code}"


def _occurrences(
    folder: Path, intake: Intake, concepts: dict[str, Concept], what: tuple[str, str, str]
) -> None:
    table, kind, stem = what
    begin = {"drug": "drug_exposure_start_date", "procedure": "procedure_date"}.get(
        stem, f"{stem}_start_date"
    )
    end = begin.replace("start", "end")
    for line, row in _rows(folder, table, ("person_id", f"{stem}_concept_id", begin)):
        intake.lines += 1
        where = Place(line, table, f"{table}.csv")
        if not _dated(intake, where, row, begin, *((end,) if row.get(end) else ())):
            continue
        source = concepts.get(row.get(f"{stem}_source_concept_id", ""))
        system, code = source or concepts.get(row[f"{stem}_concept_id"], ("", ""))
        text = row.get(f"{stem}_source_value", "")
        intake.record.coded.append(
            Coded(
                kind,
                row.get(f"{table}_id", ""),
                row["person_id"],
                "",
                _URI.get(system, system),
                code or text,
                text,
                row[begin][:10],
                row.get(end, "")[:10] if end != begin else "",
                where,
            )
        )
        intake.kept[table] += 1


def _number(text: str) -> float | None:
    """A number; None where the cell is empty, infinite or NaN where it is none."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _dated(intake: Intake, where: Place, row: Row, *columns: str) -> bool:
    """Whether these cells are days; the row is refused where one is none."""
    for column in columns:
        text = row[column][:10]
        if len(text) != 10 or not is_date(text):
            said = words(f"'{shown(text)}': 날짜가 아닙니다.", f"'{shown(text)}' is no day.")
            _refused(intake, where, column, said)
            return False
    return True


def _refused(intake: Intake, where: Place, column: str, said: Words) -> None:
    issue: dict[str, Any] = {"severity": "error", "code": "value", "rule": "madang-omop-cell"}
    path = f"{where.path}.{column}"
    intake.issues.append(Issue(path=path, said=said, line=where.line, file=where.file, **issue))
    intake.refused[where.path] += 1
