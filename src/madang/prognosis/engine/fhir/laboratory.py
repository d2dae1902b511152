"""Which laboratory values does a model read, in which unit, and from which codes?

LOINC codes and names: LOINC is copyright of Regenstrief Institute, Inc. and the LOINC Committee,
free of charge under its licence (loinc.org/license). The codes of serum chemistry stand so in the
clinical worksheet of HCUP (AHRQ, `Appendix K, LOINC codes map`).
Conversions: bilirubin 1 mg/dL = 17.1 µmol/L, cholesterol 1 mg/dL = 0.02586 mmol/L, creatinine
1 mg/dL = 88.4 µmol/L (AMA Manual of Style, 11th edition, SI conversion factors); the others follow
from UCUM alone. Limits are those beyond which no living patient has been described: they find a
wrong unit, not illness.
"""

from __future__ import annotations

from dataclasses import dataclass

from madang.prognosis.engine.fhir.ucum import factor, read_unit

LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """One value that a model reads.

    Attributes:
        name: The column of the visit table.
        unit: The UCUM unit of that column.
        loinc: The codes by which laboratories send it.
        least: Below this, in `unit`, no value is possible.
        most: Above this, in `unit`, no value is possible.
        molar_mass_g: Grams a mole, where the amount may stand for the mass.
        also: Units outside UCUM's reckoning that mean the same as `unit`.
    """

    name: str
    unit: str
    loinc: tuple[str, ...]
    least: float
    most: float
    molar_mass_g: float = 0.0
    also: tuple[str, ...] = ()


ANALYTES = (
    Analyte(
        name="bilirubin_mg_dl",
        unit="mg/dL",
        loinc=("1975-2", "14631-6"),
        least=0.01,
        most=100,
        # 10 mg in a litre are 17.1 µmol.
        molar_mass_g=10_000 / 17.1,
    ),
    Analyte(
        name="cholesterol_mg_dl",
        unit="mg/dL",
        loinc=("2093-3", "14647-2"),
        least=5,
        most=3000,
        molar_mass_g=10 / 0.02586,
    ),
    Analyte(name="albumin_g_dl", unit="g/dL", loinc=("1751-7",), least=0.3, most=9),
    Analyte(
        name="creatinine_mg_dl",
        unit="mg/dL",
        loinc=("2160-0", "14682-9"),
        least=0.05,
        most=50,
        molar_mass_g=10_000 / 88.4,
    ),
    Analyte(name="alp_u_l", unit="U/L", loinc=("6768-6",), least=1, most=30_000, also=("[IU]/L",)),
    Analyte(name="ast_u_l", unit="U/L", loinc=("1920-8",), least=1, most=50_000, also=("[IU]/L",)),
    Analyte(
        name="platelets_10_3_ul", unit="10*3/uL", loinc=("777-3", "26515-7"), least=0.5, most=5000
    ),
    Analyte(name="prothrombin_s", unit="s", loinc=("5902-2",), least=5, most=300),
)

BY_LOINC = {code: each for each in ANALYTES for code in each.loinc}
"""LOINC code → what it measures."""


def converted(analyte: Analyte, value: float, unit: str) -> float | None:
    """The value in the analyte's own unit; None where the unit measures something else."""
    if unit == analyte.unit or unit in analyte.also:
        return value
    by = factor(unit, analyte.unit, molar_mass_g=analyte.molar_mass_g)
    return None if by is None else value * by


def is_ucum(unit: str) -> bool:
    """Whether this is a UCUM code that is known here, or one that some analyte takes."""
    return read_unit(unit) is not None or any(unit in each.also for each in ANALYTES)


def is_loinc(code: str) -> bool:
    """Whether a code has the form of LOINC and its check digit (Luhn's, modulus 10)."""
    digits, _, check = code.partition("-")
    if not (digits.isascii() and digits.isdigit() and len(check) == 1 and check.isdigit()):
        return False
    total = 0
    for place, sign in enumerate(reversed(digits)):
        figure = int(sign) * (2 if place % 2 == 0 else 1)
        total += figure - 9 if figure > 9 else figure
    return (total + int(check)) % 10 == 0
