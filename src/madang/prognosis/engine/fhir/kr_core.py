"""Does a Patient keep what KR Core asks, and which of the identifiers may be kept at all?

A Patient that declares the profile of KR Core must have an identifier with its system and value,
a whole name, and a birth date; one that falls short is good R4 and is kept, with a warning.

The resident registration number may be processed by those only whom a law allows to (Personal
Information Protection Act, article 24-2). It is therefore never kept: within one reading it is
replaced by a digest under a key of that process alone, which still shows two patients of one
number, and nothing else.

Sources: KR Core 1.0.2 (HL7 Korea), StructureDefinition krcore-patient; HL7 v2 table 0203 for the
types of identifiers (MR, NNKOR).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = "http://www.hl7korea.or.kr/fhir/krcore/StructureDefinition/krcore-patient"
RESIDENT_SYSTEM = "https://mois.go.kr/rrn"
_RESIDENT_TYPE, _RECORD_TYPE = "NNKOR", "MR"
_RESIDENT = re.compile(r"\d{6}-?[1-8]\d{6}")
_KEY = secrets.token_bytes(32)


def identifiers(patient: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """System and value of each identifier: the hospital's own number first, no resident number.

    A resident registration number comes last, as a digest that holds within this process alone.
    """
    found = []
    for each in patient.get("identifier", ()):
        if "value" not in each:
            continue
        if is_resident(each):
            digits = each["value"].replace("-", "")
            mark = hashlib.blake2b(digits.encode(), key=_KEY, digest_size=16).hexdigest()
            found.append((2, RESIDENT_SYSTEM, mark))
        else:
            rank = 0 if _RECORD_TYPE in _types(each) else 1
            found.append((rank, each.get("system", ""), each["value"]))
    return tuple((system, value) for _, system, value in sorted(found, key=lambda row: row[0]))


def is_resident(identifier: dict[str, Any]) -> bool:
    """Whether an identifier is a resident registration number, by its system, type or form."""
    return (
        identifier.get("system") == RESIDENT_SYSTEM
        or _RESIDENT_TYPE in _types(identifier)
        or _RESIDENT.fullmatch(str(identifier.get("value", ""))) is not None
    )


def _types(identifier: dict[str, Any]) -> set[str]:
    codings = identifier.get("type", {}).get("coding", ())
    return {each.get("code", "") for each in codings}


def breaches(
    resource: dict[str, Any], path: str, *, line: int = 0, file: str = ""
) -> Iterator[Issue]:
    """What a Patient lacks of the profile that it declares.

    Args:
        resource: The Patient, good R4.
        path: Its FHIRPath.
        line: Of the file, or 0.
        file: Its name, or empty.
    """
    declared = resource.get("meta", {}).get("profile", ())
    # A profile may be declared with its version behind a bar.
    if not any(str(each).partition("|")[0] == PROFILE for each in declared):
        return
    missing = []
    given = resource.get("identifier", ())
    if not any("system" in each and "value" in each for each in given):
        missing.append((".identifier", "system과 value가 있는 식별자", "an identifier, whole"))
    if not any(each.get("text") for each in resource.get("name", ())):
        missing.append((".name.text", "전체 성명(name.text)", "a whole name (name.text)"))
    if "birthDate" not in resource:
        missing.append((".birthDate", "생년월일", "a birth date"))
    for step, ko, en in missing:
        yield Issue(
            severity="warning",
            code="required",
            path=path + step,
            rule="krcore-patient",
            said=words(
                f"KR Core 환자 프로파일에 필요한 {ko} 없음", f"KR Core Patient asks for {en}"
            ),
            line=line,
            file=file,
        )
