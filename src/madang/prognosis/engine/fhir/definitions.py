"""Which elements, codes and resource types does R4 know? (HL7 FHIR 4.0.1, CC0).

The tables under `facts` are made from the published definitions by `tools/fhir_tables.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

READ = (
    "Patient",
    "Observation",
    "Condition",
    "Procedure",
    "MedicationStatement",
    "Bundle",
    "RiskAssessment",
    "CarePlan",
    "ServiceRequest",
    "OperationOutcome",
)
"""The resource types whose every rule is checked; others are kept out with a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a type, as the table writes it.

    Attributes:
        name: Without `[x]`.
        least: 0 or 1.
        many: Whether it repeats.
        choice: Whether its JSON name carries its type (`value[x]`).
        types: Names of types, of which it has one.
        targets: Resource types to which a Reference may point; empty where any.
        binding: The value set that is required, or empty.
    """

    name: str
    least: int
    many: bool
    choice: bool
    types: tuple[str, ...]
    targets: frozenset[str]
    binding: str


@cache
def elements() -> dict[str, tuple[Element, ...]]:
    """The elements of every type and of every inner block, by its name."""
    found: dict[str, list[Element]] = {}
    owner = ""
    for line in lines("elements.txt"):
        if line.startswith("  "):
            found[owner].append(_element(line.split()))
        else:
            owner = line
            found[owner] = []
    return {name: tuple(each) for name, each in found.items()}


def _element(parts: list[str]) -> Element:
    name, counts, types, *more = parts
    marks = {part[0]: part[1:] for part in more}
    return Element(
        name=name.removesuffix("[x]"),
        least=int(counts[0]),
        many=counts.endswith("*"),
        choice=name.endswith("[x]"),
        types=tuple(types.split("|")),
        targets=frozenset(marks[">"].split(",")) if ">" in marks else frozenset(),
        binding=marks.get("!", ""),
    )


@cache
def codes() -> dict[str, dict[str, frozenset[str]]]:
    """The codes of every required value set: its name, then system → codes."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    owner = ""
    for line in lines("codes.txt"):
        if line.startswith("  "):
            system, *members = line.split()
            found[owner][system] = frozenset(members)
        else:
            owner = line
            found[owner] = {}
    return found


@cache
def resource_types() -> frozenset[str]:
    """The name of every resource type of R4."""
    return frozenset(lines("resource_types.txt"))


def lines(name: str) -> list[str]:
    """The lines of one table of facts."""
    return (files(__package__) / "facts" / name).read_text(encoding="utf-8").splitlines()
