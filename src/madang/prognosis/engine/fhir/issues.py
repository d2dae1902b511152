"""What is wrong with a resource, where in it, and how is that told? (FHIR R4 OperationOutcome)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.kernel.words import Words

Severity = Literal["fatal", "error", "warning", "information"]

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


@dataclass(slots=True, kw_only=True)
class Issue:
    """One breach of a rule, or one thing that needs a look.

    A resource with an issue of severity `fatal` or `error` is refused; with a warning it is kept
    and the warning stands beside it.

    Attributes:
        severity: As in OperationOutcome.issue.severity.
        code: As in OperationOutcome.issue.code, such as `required` or `code-invalid`.
        path: FHIRPath of the place, such as `Observation.component[1].code`.
        rule: The key of the rule, such as `obs-6` or `max`; ours begin with `madang-`.
        said: The sentence for the reader.
        line: The line of the file, from 1; 0 where the resource came from no file.
        file: The name of the file, or empty.
    """

    severity: Severity
    code: str
    path: str
    rule: str
    said: Words
    line: int = 0
    file: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the resource cannot be kept."""
        return self.severity in {"fatal", "error"}

    def facts(self) -> dict[str, Any]:
        """The issue for programs, in both languages."""
        return {
            "severity": self.severity,
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "path": self.path,
            "rule": self.rule,
            "ko": self.said.ko,
            "en": self.said.en,
        }


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The OperationOutcome that tells of the issues.

    The English sentence is `details.text`; the Korean one stands beside it as the standard
    translation extension. Where nothing is wrong, one issue of severity `information` says so,
    because R4 asks for at least one.
    """
    told = [_told(each) for each in issues]
    if not told:
        told = [_issue("information", "informational", "All OK", "이상이 없습니다.")]
    return {"resourceType": "OperationOutcome", "issue": told}


def _told(issue: Issue) -> dict[str, Any]:
    told = _issue(issue.severity, issue.code, issue.said.en, issue.said.ko)
    where = f"{issue.file}:{issue.line}: " if issue.line else ""
    told["diagnostics"] = f"{where}{issue.rule}"
    if issue.path:
        told["expression"] = [issue.path]
    return told


def _issue(severity: str, code: str, english: str, korean: str) -> dict[str, Any]:
    translated = {
        "url": TRANSLATION,
        "extension": [
            {"url": "lang", "valueCode": "ko"},
            {"url": "content", "valueString": korean},
        ],
    }
    details = {"text": english, "_text": {"extension": [translated]}}
    return {"severity": severity, "code": code, "details": details}
