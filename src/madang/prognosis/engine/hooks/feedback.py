"""What did the clinician do with a card? (CDS Hooks 2.0, Feedback)."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.moments import is_instant
from madang.prognosis.engine.fhir.strict_json import read_json
from madang.prognosis.engine.hooks.errors import HookError

COMMENT_AT_MOST = 2000
"""Characters of a comment that are kept."""


class Feedback(NamedTuple):
    """What became of one card.

    Attributes:
        card: The card's uuid.
        outcome: `accepted` or `overridden`.
        at: When, as sent (RFC 3339).
        suggestions: Ids of accepted suggestions.
        reason: Code of the reason to set it aside, or empty.
        comment: What the clinician wrote, or empty.
    """

    card: str
    outcome: str
    at: str
    suggestions: tuple[str, ...]
    reason: str
    comment: str


def read_feedback(body: bytes) -> list[Feedback]:
    """Read the body of `POST {base}/cds-services/madang-prognosis/feedback`.

    Raises:
        HookError: It is malformed; nothing of it is kept.
    """
    try:
        sent = read_json(body.decode())
    except (UnicodeDecodeError, InputError) as fault:
        raise _malformed("", "JSON") from fault
    rows = sent.get("feedback") if type(sent) is dict else None
    if type(rows) is not list or not rows:
        raise _malformed("feedback", "a list")
    return [_one(each, f"feedback[{row}]") for row, each in enumerate(rows)]


def _one(sent: Any, place: str) -> Feedback:
    if type(sent) is not dict:
        raise _malformed(place, "an object")
    outcome, at = sent.get("outcome"), sent.get("outcomeTimestamp")
    if outcome not in {"accepted", "overridden"}:
        raise _malformed(f"{place}.outcome", "accepted, overridden")
    if type(at) is not str or not is_instant(at):
        raise _malformed(f"{place}.outcomeTimestamp", "RFC 3339")
    reason, comment = _reason(sent.get("overrideReason", {}), f"{place}.overrideReason")
    return Feedback(
        card=_uuid(sent.get("card"), f"{place}.card"),
        outcome=str(outcome),
        at=at,
        suggestions=_suggestions(sent, outcome == "accepted", place),
        reason=reason,
        comment=comment,
    )


def _suggestions(sent: dict[str, Any], accepted: bool, place: str) -> tuple[str, ...]:  # noqa: FBT001 - a private predicate
    rows = sent.get("acceptedSuggestions", [])
    place = f"{place}.acceptedSuggestions"
    if type(rows) is not list or not all(type(each) is dict for each in rows):
        raise _malformed(place, "a list of objects")
    if rows and not accepted:
        raise _malformed(place, "only with accepted")
    return tuple(_uuid(each.get("id"), f"{place}.id") for each in rows)


def _reason(sent: Any, place: str) -> tuple[str, str]:
    if type(sent) is not dict:
        raise _malformed(place, "an object")
    coded, comment = sent.get("reason", {}), sent.get("userComment", "")
    code = coded.get("code", "") if type(coded) is dict else None
    if type(code) is not str or type(comment) is not str or len(code) > 64:
        raise _malformed(place, "reason.code, userComment")
    return code, comment[:COMMENT_AT_MOST]


def _uuid(value: Any, place: str) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError) as fault:
        raise _malformed(place, "a UUID") from fault


def _malformed(place: str, expected: str) -> HookError:
    return HookError(
        words(f"잘못된 의견 항목 '{place}'", f"a malformed '{place}'"), words(expected, expected)
    )
