"""What did the applicant's solutions show in trials? Read from the evidence log, beside the pitch.

Only statements of the trials are read: `submission`, `comparison`, `decision` and
`confirmation-measured`. One that was not verified is shown as such, with nothing made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Outcome: TypeAlias = Literal["adopted", "not-adopted", "no-decision"]
OUTCOMES: dict[Outcome, Words] = {
    "adopted": words("도입 판정", "Adopted"),
    "not-adopted": words("도입하지 않음", "Not adopted"),
    "no-decision": words("판정 없음", "No decision yet"),
}
NOUNS = ("submission", "comparison", "decision", "confirmation-measured")
_TYPE = re.compile(r"\S*/([a-z-]+)/v[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Told:
    """A statement of the evidence log, as the caller read it."""

    predicate_type: str
    """Its URI, such as `…/decision/v1`; a bare noun is taken too."""
    predicate: Mapping[str, Any]
    index: int
    """Its place in the log."""
    is_verified: bool
    """Whether signature and inclusion were checked and hold."""


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One solution of the applicant in one demand."""

    demand: str
    solution: str
    title: Words
    outcome: Outcome
    difference: float | None
    """Against the baseline, in the measure of the demand; None where it was not compared."""
    confirmed_by: tuple[str, ...]
    """Agencies on whose own data the adopted solution was measured."""
    entries: tuple[int, ...]
    """Places in the log that it is read from."""
    unverified: tuple[int, ...]
    """Places of statements that were not verified; they are in no other field."""

    @property
    def is_proved(self) -> bool:
        """Whether all that bears on it was verified."""
        return bool(self.entries) and not self.unverified


def rows(statements: Iterable[Told], *, organisation: str) -> tuple[TrialRow, ...]:
    """The applicant's solutions, one row each, by demand and name.

    Args:
        statements: Of the evidence log; others than those of trials are left aside. Later ones
            (by their place) replace earlier ones of the same demand.
        organisation: The applicant's slug, the `firm` of its submissions.
    """
    by_place = sorted(statements, key=lambda each: each.index)
    told = [(noun, each) for each in by_place if (noun := _noun(each.predicate_type))]
    own: dict[tuple[str, str], list[Told]] = {}
    for noun, each in told:
        if noun == "submission" and each.predicate.get("firm") == organisation:
            key = (str(each.predicate.get("demand")), str(each.predicate.get("name")))
            own.setdefault(key, []).append(each)
    return tuple(_row(key, own[key], told) for key in sorted(own))


def _noun(predicate_type: str) -> str:
    found = _TYPE.fullmatch(predicate_type)
    noun = found[1] if found else predicate_type
    return noun if noun in NOUNS else ""


def _row(key: tuple[str, str], submissions: list[Told], told: list[tuple[str, Told]]) -> TrialRow:
    demand, name = key
    about = [(n, each) for n, each in told if n != "submission" and _of(n, each) == demand]
    found = [("submission", each) for each in submissions] + about
    sound = [(noun, each) for noun, each in found if each.is_verified]
    last = dict(sound)
    outcome, adopted = _outcome(last.get("decision"), name)
    measured = [each for noun, each in sound if noun == "confirmation-measured"]
    agencies = {str(_inside(each.predicate, "result", "agency")) for each in measured}
    return TrialRow(
        demand=demand,
        solution=name,
        title=_title(last.get("submission"), name),
        outcome=outcome,
        difference=_difference(last.get("comparison"), name),
        # Other agencies confirm the solution that was adopted, and no other.
        confirmed_by=tuple(sorted(agencies)) if adopted else (),
        entries=tuple(sorted(each.index for _, each in sound)),
        unverified=tuple(sorted(each.index for _, each in found if not each.is_verified)),
    )


def _of(noun: str, told: Told) -> str:
    field = "origin" if noun == "confirmation-measured" else "demand"
    return str(told.predicate.get(field))


def _outcome(decision: Told | None, name: str) -> tuple[Outcome, bool]:
    if decision is None:
        return "no-decision", False
    is_adopted = decision.predicate.get("adopted") == name
    return ("adopted" if is_adopted else "not-adopted"), is_adopted


def _difference(comparison: Told | None, name: str) -> float | None:
    if comparison is None:
        return None
    path = ("comparison", "primary", "against_baseline", name, "difference")
    found = _inside(comparison.predicate, *path)
    return float(found) if isinstance(found, (int, float)) else None


def _title(submission: Told | None, name: str) -> Words:
    title = submission.predicate.get("title") if submission else None
    if not isinstance(title, dict):
        return words(name, name)
    return words(str(title.get("ko", name)), str(title.get("en", name)))


def _inside(plain: Any, *path: str) -> Any:
    """What stands at a path of plain JSON; None where nothing does."""
    for name in path:
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain
