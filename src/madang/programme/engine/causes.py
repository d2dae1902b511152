"""Why does a line lie behind? One cause code, suggested from the facts, with its reason.

The first four causes are those by which the Board of Audit sorted the projects of 2019. A code is
a suggestion until a person confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from madang.kernel.words import Words, words


class Cause(StrEnum):
    """Why a line spends less than it should."""

    UNPREPARED = "unprepared"
    LATE_PROCEDURE = "late_procedure"
    OVERESTIMATED_DEMAND = "overestimated_demand"
    WRONG_LINE = "wrong_line"
    GRANT_PARKED = "grant_parked"
    NONE = "none"


CAUSE_NAMES: dict[Cause, Words] = {
    Cause.UNPREPARED: words("사전 준비 부족", "insufficient preparation"),
    Cause.LATE_PROCEDURE: words("절차 지연", "late procedures"),
    Cause.OVERESTIMATED_DEMAND: words("수요 과다 예측", "demand overestimated"),
    Cause.WRONG_LINE: words("편성 부적정", "wrongly budgeted"),
    Cause.GRANT_PARKED: words("교부 후 미집행", "granted and left lying"),
    Cause.NONE: words("문제없음", "none"),
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a line on one day; shares are of its appropriation, days from the vote."""

    day: int
    last_day: int
    """The year's last day."""
    granted: float
    disbursed: float
    spent: float
    announced: float
    """Under a call that was published."""
    signed: float
    """Under contract."""
    announced_after: float | None = None
    """Days from the vote to the announcement, by amount; None while nothing is announced."""
    signed_after: float | None = None
    """Days from the announcement to the signature, by amount; None while nothing is signed."""
    overdue: float = 0.0
    """Under contracts that should be finished by now and are not fully spent: what is missing."""
    barred: bool = False
    """The purpose voted does not allow what has to be bought; a transfer was asked for."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A cause and the facts that speak for it."""

    cause: Cause
    reason: Words


LATE_ANNOUNCED_DAYS = 35
"""Later announcements speak for missing preparation."""
LATE_SIGNED_DAYS = 45
"""Longer procedures speak for a delay in them; a public tender takes 40 days at the least."""
PARKED_SHARE = 0.4
"""Handed out and unspent, of the appropriation."""
BEHIND = 0.12
"""Spending this much below even pace since the vote counts as being behind."""
STARTING_DAYS = 60
"""A line may take this long before its first spending without being behind."""


def expected_share(facts: Facts) -> float:
    """The share that even pace, after a start, would have spent by this day."""
    work_days = max(facts.last_day - STARTING_DAYS, 1)
    return min(max(facts.day - STARTING_DAYS, 0) / work_days, 1.0)


def suggest(facts: Facts) -> Suggestion:
    """The cause that the facts speak for, strongest sign first."""
    missing = expected_share(facts) - facts.spent
    if facts.barred:
        return _told(
            Cause.WRONG_LINE,
            words(
                "목적에 맞지 않아 전용을 요청한 항목입니다.", "A transfer of purpose is needed."
            ),
        )
    if missing <= BEHIND:
        return _told(Cause.NONE, words("제때 쓰고 있습니다.", "It is spent at its pace."))
    if facts.announced_after is None or facts.announced_after > LATE_ANNOUNCED_DAYS:
        return _told(Cause.UNPREPARED, _announced(facts))
    if facts.signed_after is None or facts.signed_after > LATE_SIGNED_DAYS:
        return _told(Cause.LATE_PROCEDURE, _signed(facts))
    if facts.overdue > BEHIND / 2 or facts.signed - facts.spent < BEHIND:
        return _told(
            Cause.OVERESTIMATED_DEMAND,
            words(
                f"끝났어야 할 계약에서 예산의 {facts.overdue:.0%}가 남았습니다.",
                f"{facts.overdue:.0%} of the money is unused in contracts that have run out.",
            ),
        )
    if facts.granted - facts.spent > PARKED_SHARE:
        return _told(
            Cause.GRANT_PARKED,
            words(
                f"예산의 {facts.granted - facts.spent:.0%}가 교부된 채 남아 있습니다.",
                f"{facts.granted - facts.spent:.0%} of the money is handed out and unspent.",
            ),
        )
    return _told(Cause.LATE_PROCEDURE, _signed(facts))


def _told(cause: Cause, reason: Words) -> Suggestion:
    return Suggestion(cause=cause, reason=reason)


def _announced(facts: Facts) -> Words:
    if facts.announced_after is None:
        return words(
            f"의결 후 {facts.day}일째 공고가 없습니다.",
            f"No call {facts.day} days after the vote.",
        )
    return words(
        f"의결부터 공고까지 {facts.announced_after:.0f}일 걸렸습니다.",
        f"The call came {facts.announced_after:.0f} days after the vote.",
    )


def _signed(facts: Facts) -> Words:
    if facts.signed_after is None:
        return words("공고 후 체결한 계약이 없습니다.", "Announced, and nothing is signed.")
    return words(
        f"공고부터 계약까지 {facts.signed_after:.0f}일 걸렸습니다.",
        f"From the call to the contract it took {facts.signed_after:.0f} days.",
    )
