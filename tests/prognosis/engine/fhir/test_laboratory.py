"""Units as UCUM reckons them, values as a model reads them."""

from __future__ import annotations

import pytest

from madang.prognosis.engine.fhir.laboratory import (
    ANALYTES,
    BY_LOINC,
    converted,
    is_loinc,
    is_ucum,
)
from madang.prognosis.engine.fhir.ucum import factor, read_unit

# Conversions of the AMA Manual of Style (11th edition) and of UCUM itself.
KNOWN = [
    ("1975-2", 17.1, "umol/L", 1.0),
    ("14631-6", 34.2, "umol/L", 2.0),
    ("14631-6", 0.0171, "mmol/L", 1.0),
    ("1975-2", 1.2, "mg/dL", 1.2),
    ("1975-2", 12, "mg/L", 1.2),
    ("1751-7", 41, "g/L", 4.1),
    ("1751-7", 4100, "mg/dL", 4.1),
    ("6768-6", 2, "ukat/L", 120),
    ("6768-6", 120, "[IU]/L", 120),
    ("1920-8", 0.05, "U/mL", 50),
    ("1920-8", 50, "mU/mL", 50),
    ("777-3", 250, "10*9/L", 250),
    ("777-3", 250000, "/uL", 250),
    ("777-3", 250, "10*3/mm3", 250),
    ("777-3", 250, "10*3{cells}/uL", 250),
    ("5902-2", 11000, "ms", 11),
    ("2160-0", 88.4, "umol/L", 1),
    ("2093-3", 2.586, "mmol/L", 100),
]


@pytest.mark.parametrize(("loinc", "value", "unit", "expected"), KNOWN)
def test_a_value_is_converted_to_the_unit_of_its_column(
    loinc: str, value: float, unit: str, expected: float
) -> None:
    assert converted(BY_LOINC[loinc], value, unit) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("loinc", "unit"),
    [
        ("1751-7", "umol/L"),
        ("1975-2", "g"),
        ("5902-2", "%"),
        ("777-3", "g/L"),
        ("6768-6", "mol/L"),
    ],
)
def test_what_measures_something_else_is_not_converted(loinc: str, unit: str) -> None:
    assert converted(BY_LOINC[loinc], 1, unit) is None


@pytest.mark.parametrize(
    "unit", ["mg/dl ", "mcg", "㎎/dL", "", "mg//dL", "mg/", "10*", "IU/L", "gm%"]
)
def test_what_ucum_does_not_know_has_no_size(unit: str) -> None:
    assert read_unit(unit) is None
    assert not is_ucum(unit)


def test_a_stroke_divides_the_next_term_only() -> None:
    assert read_unit("mg/dL.s") == read_unit("mg.s/dL")
    assert factor("m/s2", "cm/s2") == pytest.approx(100)


def test_every_code_of_the_table_has_loincs_check_digit() -> None:
    assert all(is_loinc(code) for code in BY_LOINC)
    assert not any(is_loinc(code) for code in ("1975-3", "1975", "19752", "A-1", "1975-22", "-2"))
    assert len({each.name for each in ANALYTES}) == len(ANALYTES)
