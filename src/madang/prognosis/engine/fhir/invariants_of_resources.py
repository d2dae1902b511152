"""Which invariants hold of the clinical resources of R4? Each takes one resource or block."""

from __future__ import annotations

from typing import Any

from madang.prognosis.engine.fhir.invariants_of_types import UCUM, has

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
VALUES = frozenset(
    f"value{kind}"
    for kind in (
        "Quantity CodeableConcept String Boolean Integer Range Ratio SampledData Time DateTime "
        "Period"
    ).split()
)
"""The JSON keys of Observation.value[x]."""
_OVER = frozenset({"resolved", "remission", "inactive"})


def codings(concept: dict[str, Any] | None) -> list[tuple[str | None, str | None]]:
    """The (system, code) pairs of a CodeableConcept."""
    if concept is None:
        return []
    return [(each.get("system"), each.get("code")) for each in concept.get("coding", ())]


def pat_1(value: dict[str, Any]) -> bool:
    """A contact has details or an organization."""
    return has(value, "name", "telecom", "address", "organization")


def obs_3(value: dict[str, Any]) -> bool:
    """A reference range has low, high or text."""
    return has(value, "low", "high", "text")


def _valued(value: dict[str, Any]) -> bool:
    return not VALUES.isdisjoint(key.lstrip("_") for key in value)


def obs_6(value: dict[str, Any]) -> bool:
    """A value, or the reason why there is none."""
    return "dataAbsentReason" not in value or not _valued(value)


def obs_7(value: dict[str, Any]) -> bool:
    """No value beside a component of the same code."""
    components = value.get("component")
    if components is None or not _valued(value):
        return True
    own = {pair for pair in codings(value["code"]) if pair[1] is not None}
    return all(own.isdisjoint(codings(each["code"])) for each in components)


def con_1(value: dict[str, Any]) -> bool:
    """A stage has a summary or an assessment."""
    return has(value, "summary", "assessment")


def con_2(value: dict[str, Any]) -> bool:
    """Evidence has a code or details."""
    return has(value, "code", "detail")


def _in_error(value: dict[str, Any]) -> bool:
    return (VERIFICATION, "entered-in-error") in codings(value.get("verificationStatus"))


def con_3(value: dict[str, Any]) -> bool:
    """An item of the problem list says how it stands."""
    if "clinicalStatus" in value or _in_error(value):
        return True
    listed = {code for each in value.get("category", ()) for _, code in codings(each)}
    return "problem-list-item" not in listed


def con_4(value: dict[str, Any]) -> bool:
    """What is over does not stand as active."""
    if not any(key.lstrip("_").startswith("abatement") for key in value):
        return True
    held = codings(value.get("clinicalStatus"))
    return any(system == CLINICAL and code in _OVER for system, code in held)


def con_5(value: dict[str, Any]) -> bool:
    """What was entered in error has no clinical status."""
    return "clinicalStatus" not in value or not _in_error(value)


def ras_1(value: dict[str, Any]) -> bool:
    """The ends of a range of probability are in percent."""
    ends = value.get("probabilityRange", {})
    return all(
        (end.get("code"), end.get("system")) == ("%", UCUM)
        for end in (ends.get("low"), ends.get("high"))
        if end is not None
    )


def ras_2(value: dict[str, Any]) -> bool:
    """A probability is at most 100."""
    return bool(value.get("probabilityDecimal", 0) <= 100)


def cpl_3(value: dict[str, Any]) -> bool:
    """A reference or a detail, not both."""
    return not ("detail" in value and "reference" in value)


def prr_1(value: dict[str, Any]) -> bool:
    """A detail of an order needs its code."""
    return "orderDetail" not in value or "code" in value
