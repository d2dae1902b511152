"""Who are the patients of a record, and what was measured, found and done, resource by resource?

Rows are taken from resources that `checking.check` accepts; nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.prognosis.engine.fhir.kr_core import identifiers
from madang.prognosis.engine.fhir.laboratory import LOINC

if TYPE_CHECKING:
    from collections.abc import Mapping

DEATH_UNDATED = "?"
"""Stands for the day of a death of which the record only says that it happened."""


class Place(NamedTuple):
    """Where a row came from: the line of its file, the FHIRPath of its resource, the file."""

    line: int
    path: str
    file: str = ""


class Person(NamedTuple):
    """One Patient. `birth` and `death` are as written, empty where not told."""

    id: str
    sex: str
    birth: str
    death: str
    identifiers: tuple[tuple[str, str], ...]
    name: str
    place: Place


class Measured(NamedTuple):
    """One value of an Observation, or of one component. `value` is None where there is none."""

    id: str
    patient: str
    status: str
    loinc: str
    value: Any
    comparator: str
    unit_system: str
    unit: str
    when: str
    place: Place


class Coded(NamedTuple):
    """One Condition, Procedure or MedicationStatement with its first code."""

    kind: str
    id: str
    patient: str
    status: str
    system: str
    code: str
    text: str
    when: str
    end: str
    place: Place


@dataclass(slots=True)
class Record:
    """All rows that were read, in the order of the file."""

    persons: list[Person] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    coded: list[Coded] = field(default_factory=list)
    followed: dict[str, str] = field(default_factory=dict)
    """Patient → the last day of an observation period, where the record tells of one."""

    def add(
        self, resource: dict[str, Any], place: Place, addresses: Mapping[str, str] | None = None
    ) -> None:
        """Take the rows of a resource that keeps the rules; none of a type that is not read.

        Args:
            resource: The resource.
            place: Where it stands.
            addresses: In a Bundle: `fullUrl` → the id of the resource, for references by `urn:`.
        """
        kind = resource["resourceType"]
        if kind == "Observation":
            self._observation(resource, place, addresses)
        elif kind == "Patient":
            self.persons.append(_person(resource, place))
        elif kind in _DATED:
            self.coded.append(_coded(resource, place, addresses))

    def _observation(
        self, one: dict[str, Any], place: Place, addresses: Mapping[str, str] | None
    ) -> None:
        patient = _patient(one.get("subject"), addresses)
        when = one.get("effectiveDateTime") or one.get("effectiveInstant") or ""
        if not when and "effectivePeriod" in one:
            when = one["effectivePeriod"].get("end") or one["effectivePeriod"].get("start", "")
        name, status = one.get("id", ""), one.get("status", "unknown")
        self.measured.append(_measured(one, name, patient, status, when, place))
        for index, each in enumerate(one.get("component", ())):
            inner = place._replace(path=f"{place.path}.component[{index}]")
            self.measured.append(_measured(each, name, patient, status, when, inner))


def _measured(
    one: dict[str, Any], name: str, patient: str, status: str, when: str, place: Place
) -> Measured:
    quantity = one.get("valueQuantity", {})
    get = quantity.get
    return Measured(
        name,
        patient,
        status,
        _loinc(one["code"]) if "code" in one else "",
        get("value"),
        get("comparator", ""),
        get("system", ""),
        get("code", ""),
        when,
        place,
    )


def _loinc(concept: dict[str, Any]) -> str:
    """The LOINC code of a concept; its first code in another system as `system|code`."""
    other = ""
    for each in concept.get("coding", ()):
        if each.get("system") == LOINC and "code" in each:
            return str(each["code"])
        other = other or f"{each.get('system', '')}|{each.get('code', '')}"
    return other or f"|{concept.get('text', '')}"


@lru_cache(maxsize=65536)
def _last_step(reference: str) -> str:
    return reference.partition("/_history/")[0].rpartition("/")[2]


def _patient(subject: dict[str, Any] | None, addresses: Mapping[str, str] | None) -> str:
    reference = (subject or {}).get("reference", "")
    if addresses and reference in addresses:
        return addresses[reference]
    return _last_step(reference) if reference else ""


def _person(one: dict[str, Any], place: Place) -> Person:
    death = one.get("deceasedDateTime") or (DEATH_UNDATED if one.get("deceasedBoolean") else "")
    names = one.get("name", ({},))
    official = next((each for each in names if each.get("use") == "official"), names[0])
    given = " ".join(each for each in official.get("given", ()) if each)
    full = official.get("text") or f"{official.get('family', '')} {given}".strip()
    return Person(
        id=one.get("id", ""),
        sex=one.get("gender", ""),
        birth=one.get("birthDate", ""),
        death=death,
        identifiers=identifiers(one),
        name=full,
        place=place,
    )


_DATED = {
    "Condition": ("onset", "code", "subject", ("recordedDate",)),
    "Procedure": ("performed", "code", "subject", ()),
    "MedicationStatement": (
        "effective",
        "medicationCodeableConcept",
        "subject",
        ("dateAsserted",),
    ),
}
"""Type → the choice that dates it, its code, its patient, and other dates in their order."""


def _coded(one: dict[str, Any], place: Place, addresses: Mapping[str, str] | None) -> Coded:
    kind = one["resourceType"]
    dated, code, subject, others = _DATED[kind]
    period = one.get(f"{dated}Period", {})
    when = one.get(f"{dated}DateTime") or period.get("start", "")
    for other in others:
        when = when or one.get(other, "")
    concept = one.get(code, {})
    codings = concept.get("coding", ({},))
    chosen: dict[str, Any] = next((each for each in codings if "code" in each), {})
    return Coded(
        kind=kind,
        id=one.get("id", ""),
        patient=_patient(one.get(subject), addresses),
        status=_status(one),
        system=chosen.get("system", ""),
        code=chosen.get("code", ""),
        text=concept.get("text") or chosen.get("display", ""),
        when=when,
        end=one.get("abatementDateTime") or period.get("end", ""),
        place=place,
    )


def _status(one: dict[str, Any]) -> str:
    """The status; of a Condition, whether it was verified, else how it stands."""
    if "status" in one:
        return str(one["status"])
    for name in ("verificationStatus", "clinicalStatus"):
        for each in one.get(name, {}).get("coding", ()):
            if each.get("code") in {"entered-in-error", "refuted"} or name == "clinicalStatus":
                return str(each.get("code", ""))
    return ""
