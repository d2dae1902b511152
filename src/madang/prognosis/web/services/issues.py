"""How is an OperationOutcome read by people?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERITIES = {
    "fatal": ("danger", words("거절", "Refused")),
    "error": ("danger", words("거절", "Refused")),
    "warning": ("late", words("쓰지 않음", "Not used")),
    "information": ("plain", words("참고", "Note")),
}


class Told(NamedTuple):
    """One refusal."""

    badge: str
    severity: Words
    path: str
    said: Words


def told(outcome: Mapping[str, Any]) -> list[Told]:
    """Each issue, in its order."""
    return [_one(each) for each in outcome.get("issue", [])]


def _one(issue: Mapping[str, Any]) -> Told:
    badge, severity = SEVERITIES.get(issue["severity"], SEVERITIES["information"])
    english = issue.get("details", {}).get("text", "")
    return Told(
        badge,
        severity,
        ", ".join(issue.get("expression", [])),
        words(_korean(issue, english), english),
    )


def _korean(issue: Mapping[str, Any], english: str) -> str:
    """The translation that stands beside the text (the standard extension)."""
    for outer in issue.get("details", {}).get("_text", {}).get("extension", []):
        for inner in outer.get("extension", []):
            if inner.get("url") == "content":
                return str(inner.get("valueString") or inner.get("valueMarkdown") or english)
    return english
