"""A file is read as far as it can be; what cannot is told with its line and place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.fhir_cohort import as_lines, cohort
from madang.prognosis.engine.fhir.intake import Intake, read_file, read_lines
from madang.prognosis.engine.fhir.strict_json import write_json
from tests.prognosis.engine.fhir.valid import BUNDLE, CONDITION, OBSERVATION, PATIENT, changed

if TYPE_CHECKING:
    from pathlib import Path


def line(resource: Any) -> bytes:
    return f"{write_json(resource)}\n".encode()


def test_a_cohort_is_kept_whole() -> None:
    read = read_lines(as_lines(cohort(5)))

    assert read.issues == []
    assert read.kept["Observation"] == 5 * 6 * 6 == len(read.record.measured)
    assert read.counts()["kept"] == read.lines


def test_a_line_that_breaks_off_is_refused_and_the_rest_is_kept() -> None:
    cut, last = line(OBSERVATION)[:120], line(OBSERVATION)[:-30]
    rows = [line(PATIENT), cut, b"\n", b"  \n", line(CONDITION), last]

    read = read_lines(rows)

    assert [(each.line, each.rule, each.code) for each in read.issues] == [
        (2, "madang-truncated", "incomplete"),
        (6, "madang-truncated", "incomplete"),
    ]
    assert read.counts()["kept_by_type"] == {"Condition": 1, "Patient": 1}
    assert read.counts()["refused"] == 2
    assert read.lines == 4


@pytest.mark.parametrize("raw", [b"no json\n", b"\xff\xfe\n", b'{"a": 1} x\n', b'{"a":}\n'])
def test_a_line_that_is_no_json_is_refused(raw: bytes) -> None:
    read = read_lines([line(PATIENT), raw])

    assert [(each.line, each.rule) for each in read.issues] == [(2, "madang-json")]
    assert len(read.record.persons) == 1


def test_a_breach_refuses_its_own_line_alone() -> None:
    bad = changed(OBSERVATION, "status", to="foo")

    read = read_lines([line(PATIENT), line(bad), line(OBSERVATION)])

    assert [(each.line, each.path) for each in read.issues] == [(2, "Observation.status")]
    assert read.refused == {"Observation": 1}
    assert len(read.record.measured) == 1


def test_types_that_are_not_read_are_counted() -> None:
    read = read_lines([line({"resourceType": "Encounter", "status": "finished"})])

    assert read.counts()["not_read_by_type"] == {"Encounter": 1}
    assert read.issues == []


def test_an_entry_that_breaks_a_rule_leaves_the_others() -> None:
    made = changed(BUNDLE, "entry", 0, "resource", "gender", to="f")

    read = Intake()
    read.take(made, 1)

    assert [each.path for each in read.issues] == ["Bundle.entry[0].resource.gender"]
    assert read.refused == {"Patient": 1}
    assert read.kept == {"Condition": 1}


def test_the_answer_to_a_batch_of_searches_is_read() -> None:
    inner = {"resourceType": "Bundle", "type": "searchset"}
    bad = changed(OBSERVATION, "status", to="foo")
    found = inner | {"entry": [{"resource": each} for each in (OBSERVATION, bad)]}
    answer = {"status": "200"}
    entries = [{"resource": each, "response": answer} for each in (PATIENT, found, inner)]

    read = Intake()
    read.take({"resourceType": "Bundle", "type": "batch-response", "entry": entries})

    assert [each.path for each in read.issues] == [
        "Bundle.entry[1].resource.entry[1].resource.status"
    ]
    assert read.kept == {"Patient": 1, "Observation": 1}
    assert read.refused == {"Observation": 1}


def test_references_by_address_find_the_patient_of_the_bundle() -> None:
    read = Intake()
    read.take(changed(BUNDLE, "entry", 0, "resource", "id", to="p9"))

    assert read.record.coded[0].patient == "p9"
    assert read.record.coded[0].place.path == "Bundle.entry[1].resource"


def test_a_file_may_be_lines_or_one_bundle_written_over_many(tmp_path: Path) -> None:
    bundle = json.loads(write_json(BUNDLE))
    forms = {
        "lines": line(PATIENT) + line(CONDITION),
        "bundle": line(BUNDLE),
        "pretty": json.dumps(bundle, indent=2).encode(),
        "marked": b"\xef\xbb\xbf" + line(BUNDLE),
        "odd-first": b"{ broken\n" + line(PATIENT) + line(CONDITION),
    }
    for name, content in forms.items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(content)

        read = read_file(path)

        assert read.kept == {"Patient": 1, "Condition": 1}, name
        assert [each.file for each in read.issues] == ["odd-first.json"] * (name == "odd-first")
