"""What does a file of FHIR resources hold, what of it must be refused, and where?

A file is NDJSON, one resource a line, or one Bundle. A line or an entry that breaks a rule is
refused with its place; all others are kept.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir import kr_core
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.definitions import READ
from madang.prognosis.engine.fhir.issues import Issue
from madang.prognosis.engine.fhir.record import Place, Record
from madang.prognosis.engine.fhir.strict_json import (
    FAILURES,
    decode,
    place,
    uncollected,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(slots=True)
class Intake:
    """What was read of one or more files.

    Attributes:
        record: The rows of all resources that were kept.
        issues: Every refusal and every warning, in the order of the file.
        kept: Resource type → how many were kept.
        refused: Resource type → how many were refused; `?` where the type cannot be told.
        not_read: Types that R4 knows and the engine does not use → how many.
        lines: Lines with anything on them.
        file: The name of the file that is being read.
    """

    record: Record = field(default_factory=Record)
    issues: list[Issue] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    not_read: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    file: str = ""

    def take(self, resource: Any, line: int = 0) -> None:
        """Check one resource, or all those of a Bundle, and keep what holds.

        Args:
            resource: As the strict reader gave it.
            line: The line of the file, from 1.
        """
        found = check(resource)
        kind = resource.get("resourceType") if type(resource) is dict else None
        for issue in found:
            issue.line, issue.file = line, self.file
        self.issues += found
        if kind == "Bundle" and type(resource.get("entry", [])) is list:
            self._bundle(resource, found, line)
        elif any(each.refuses for each in found):
            self.refused[kind if type(kind) is str and not _odd(found) else "?"] += 1
        else:
            self._keep(resource, Place(line, str(kind), self.file), None)

    def refuse(self, line: int, fault: Exception) -> None:
        """Tell of a line that is no JSON."""
        told = place(fault) if not isinstance(fault, UnicodeDecodeError) else "UTF-8"
        said = words(f"JSON이 아닙니다({told}).", f"This is no JSON ({told}).")
        cut = _breaks_off(fault)
        if cut:
            said = words(f"줄이 중간에 끊겼습니다({told}).", f"The line breaks off ({told}).")
        self.issues.append(
            Issue(
                severity="fatal",
                code="incomplete" if cut else "structure",
                path="",
                rule="madang-truncated" if cut else "madang-json",
                said=said,
                line=line,
                file=self.file,
            )
        )
        self.refused["?"] += 1

    def counts(self) -> dict[str, Any]:
        """How many lines and resources there were, by what became of them."""
        return {
            "lines": self.lines,
            "kept": sum(self.kept.values()),
            "refused": sum(self.refused.values()),
            "not_read": sum(self.not_read.values()),
            "warnings": sum(not each.refuses for each in self.issues),
            "kept_by_type": dict(sorted(self.kept.items())),
            "refused_by_type": dict(sorted(self.refused.items())),
            "not_read_by_type": dict(sorted(self.not_read.items())),
        }

    def _bundle(
        self, bundle: dict[str, Any], found: list[Issue], line: int, path: str = "Bundle"
    ) -> None:
        entries = bundle.get("entry", [])
        broken = _broken(found, f"{path}.entry[")
        addresses = _addresses(each for row, each in enumerate(entries) if row not in broken)
        for row, each in enumerate(entries):
            resource: Any = each.get("resource") if type(each) is dict else None
            kind = resource.get("resourceType") if type(resource) is dict else None
            here = f"{path}.entry[{row}].resource"
            if row in broken:
                self.refused[kind if type(kind) is str and kind in READ else "?"] += 1
            elif kind == "Bundle" and type(resource.get("entry", [])) is list:
                # The answer to a batch of searches holds a Bundle for each of them.
                self._bundle(resource, found, line, here)
            elif resource is not None:
                self._keep(resource, Place(line, here, self.file), addresses)

    def _keep(
        self, resource: dict[str, Any], where: Place, addresses: Mapping[str, str] | None
    ) -> None:
        kind = resource["resourceType"]
        if kind not in READ:
            self.not_read[kind] += 1
            return
        self.kept[kind] += 1
        if kind == "Patient":
            self.issues += kr_core.breaches(resource, where.path, line=where.line, file=where.file)
        self.record.add(resource, where, addresses)


def _broken(found: list[Issue], prefix: str) -> set[int]:
    """The entries that are refused; a Bundle inside is not, for a breach of its own entries."""
    rows = set()
    for each in found:
        if each.refuses and each.path.startswith(prefix):
            row, _, rest = each.path[len(prefix) :].partition("]")
            if not rest.startswith(".resource.entry["):
                rows.add(int(row))
    return rows


def _breaks_off(fault: Exception) -> bool:
    """Whether the text ended before its JSON did."""
    if not isinstance(fault, json.JSONDecodeError):
        return False
    return fault.msg.startswith("Unterminated") or fault.pos >= len(fault.doc.rstrip())


def _odd(found: list[Issue]) -> bool:
    """Whether not even the type of a resource can be believed."""
    return any(each.rule == "madang-resource-type" for each in found)


def _addresses(entries: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The address of each entry → the id of its resource; the address itself where it has none."""
    found = {}
    for each in entries:
        address = each.get("fullUrl")
        if address is not None and "resource" in each:
            found[address] = each["resource"].setdefault("id", address.rpartition(":")[2])
    return found


def read_lines(rows: Iterable[bytes], into: Intake | None = None, *, start: int = 1) -> Intake:
    """Read NDJSON: one resource a line, empty lines aside.

    Args:
        rows: The lines as bytes of UTF-8, each with its end of line; the last may lack it.
        into: What was read before, to go on from.
        start: The number of the first line.
    """
    intake = into or Intake()
    take = intake.take
    for line, raw in enumerate(rows, start=start):
        if raw.isspace() or not raw:
            continue
        intake.lines += 1
        try:
            value = decode(raw.decode())
        except FAILURES as fault:
            intake.refuse(line, fault)
        else:
            take(value, line)
    return intake


def read_file(path: Path, into: Intake | None = None) -> Intake:
    """Read a file of NDJSON, or one that is a single JSON text, such as a Bundle.

    Raises:
        OSError: The file cannot be read.
    """
    intake = into or Intake()
    intake.file = path.name
    with path.open("rb") as file:
        first = file.readline().removeprefix(_MARK)
        if _taken(first, intake):
            return read_lines(file, intake, start=2)
        # A JSON text over several lines begins with a line that is no JSON by itself.
        whole = first + file.read()
        if not _taken(whole, intake):
            read_lines(whole.splitlines(keepends=True), intake)
        return intake


_MARK = b"\xef\xbb\xbf"
"""The mark of byte order, which some systems put before UTF-8."""


def _taken(text: bytes, intake: Intake) -> bool:
    """Whether this is one JSON text; then it is read."""
    # One stretch for reading and checking: in between, the collector would visit the whole text.
    with uncollected():
        try:
            value = decode(text.decode())
        except FAILURES:
            return False
        intake.lines += 1
        intake.take(value, 1)
    return True
