"""Can this measured value be used, and how much is it in the unit of the model?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from madang.kernel.words import Words, words
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.fhir.invariants_of_types import UCUM
from madang.prognosis.engine.fhir.laboratory import BY_LOINC, Analyte, converted, is_ucum

if TYPE_CHECKING:
    from madang.prognosis.engine.fhir.issues import Severity
    from madang.prognosis.engine.fhir.record import Measured

    Breach: TypeAlias = tuple[str, str, str, Words, Severity]
    """Rule, code of the issue, step of the path, sentence, severity."""


def judge(one: Measured) -> tuple[str | None, float | None, Breach | None]:
    """The column of a value, the value in that column's unit, and what stands against it.

    The column is None where the code is none that a model reads; the value is None where the
    record has none, or where a breach tells why it cannot be used.
    """
    analyte = BY_LOINC.get(one.loinc)
    if analyte is None:
        return None, None, None
    if one.value is None:
        return analyte.name, None, None
    if one.comparator:
        return analyte.name, None, _bounded(one)
    if one.unit_system != UCUM or not one.unit:
        return analyte.name, None, _unitless(one)
    try:
        value = converted(analyte, float(one.value), one.unit)
    except OverflowError:
        value = float("inf")
    if value is None:
        return analyte.name, None, _other_unit(one, analyte)
    if not analyte.least <= value <= analyte.most:
        return analyte.name, None, _impossible(one, analyte)
    return analyte.name, value, None


def _bounded(one: Measured) -> Breach:
    said = words(
        f"'{one.comparator}' 기호가 붙은 값은 한계만 알려 주므로 쓰지 않습니다.",
        f"With '{one.comparator}' the value is only a bound and is not used.",
    )
    return "madang-comparator", "business-rule", ".value.comparator", said, "warning"


def _unitless(one: Measured) -> Breach:
    if not one.unit_system and not one.unit:
        said = words("UCUM 단위가 없습니다.", "It has no UCUM unit.")
    else:
        system, unit = shown(one.unit_system), shown(one.unit)
        said = words(
            f"단위가 UCUM이 아닙니다: {system} {unit}.", f"The unit is not UCUM: {system} {unit}."
        )
    return "madang-unit", "value", ".value.code", said, "warning"


def _other_unit(one: Measured, analyte: Analyte) -> Breach:
    unit = shown(one.unit)
    if not is_ucum(one.unit):
        said = words(f"UCUM에 없는 단위입니다: {unit}.", f"UCUM has no unit {unit}.")
    else:
        said = words(
            f"{unit}을(를) {analyte.unit}(으)로 바꿀 수 없습니다.",
            f"{unit} cannot be converted to {analyte.unit}.",
        )
    return "madang-unit", "value", ".value.code", said, "warning"


def _impossible(one: Measured, analyte: Analyte) -> Breach:
    said = words(
        f"{one.value} {one.unit}은 있을 수 없는 값입니다({analyte.least:g}~{analyte.most:g} "
        f"{analyte.unit}). 단위를 확인하십시오.",
        f"{one.value} {one.unit} cannot be ({analyte.least:g} to {analyte.most:g} "
        f"{analyte.unit}); see whether the unit is right.",
    )
    return "madang-impossible", "value", ".value", said, "warning"
