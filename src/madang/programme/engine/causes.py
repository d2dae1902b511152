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
    """Under a call that was published, signed or not."""
    signed: float
    """Under contract."""
    due: float = 0.0
    """What its contracts should have proved by now, at an even pace until each is to be done."""
    announced_after: float | None = None
    """Days from the vote to the announcement, by amount; None while nothing is announced."""
    signed_after: float | None = None
    """Days from the announcement to the signature, by amount; None while nothing is signed.

    0 where no call is known: then `announced_after` counts to the signature.
    """
    barred: bool = False
    """Much of it was, or is to be, moved to another line."""

    @property
    def use(self) -> float | None:
        """Share of what should be proved by now that is; None while that is too little to tell."""
        return self.spent / self.due if self.due > _TELLING else None


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A cause and the facts that speak for it."""

    cause: Cause
    reason: Words


LATE_ANNOUNCED_DAYS = 30
"""Later announcements speak for missing preparation."""
LATE_SIGNED_DAYS = 43
"""Longer procedures speak for a delay in them; a public tender takes 40 days at the least."""
MISPLACED_DAYS, MISPLACED_USE = 24, 0.55
"""Called later than this, and used less than this: the money is not where it is needed."""
USED = 0.8
"""A lower share of what should be proved by now speaks for less demand than was expected."""
PARKED_SHARE = 0.4
"""Handed out and unspent, of the appropriation."""
BEHIND = 0.06
"""Spending this much below even pace since the vote counts as being behind."""
STARTING_DAYS = 60
"""A line may take this long before its first spending without being behind."""
_TELLING = 0.05
"""Less than this that should be proved by now tells nothing of the use of money.

The days and shares above were set on invented years whose seeds no measurement uses.
"""


def expected_share(facts: Facts) -> float:
    """The share that even pace, after a start, would have spent by this day."""
    work_days = max(facts.last_day - STARTING_DAYS, 1)
    return min(max(facts.day - STARTING_DAYS, 0) / work_days, 1.0)


def suggest(facts: Facts) -> Suggestion:
    """The cause that the facts speak for, strongest sign first."""
    missing = expected_share(facts) - facts.spent
    used = _at_least(facts.use, USED)
    if facts.barred:
        return _told(
            Cause.WRONG_LINE,
            words(
                "상당한 금액을 다른 항목으로 전용하려는 항목입니다.",
                "A transfer of much of it to another line was asked for.",
            ),
        )
    if missing <= BEHIND and used:
        return _told(Cause.NONE, words("제때 쓰고 있습니다.", "It is spent at its pace."))
    if _called_late(facts, MISPLACED_DAYS) and not _at_least(facts.use, MISPLACED_USE):
        return _told(Cause.WRONG_LINE, _misplaced(facts))
    if _called_late(facts, LATE_ANNOUNCED_DAYS):
        return _told(Cause.UNPREPARED, _announced(facts))
    if facts.signed_after is None or facts.signed_after > LATE_SIGNED_DAYS:
        return _told(Cause.LATE_PROCEDURE, _signed(facts))
    if not used:
        return _told(Cause.OVERESTIMATED_DEMAND, _unused(facts))
    if facts.signed - facts.spent < BEHIND:
        return _told(
            Cause.OVERESTIMATED_DEMAND,
            words(
                f"예산의 {facts.signed:.0%}만 계약했고 거의 다 썼습니다.",
                f"Only {facts.signed:.0%} of the money is under contract, and nearly all spent.",
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


def _called_late(facts: Facts, days: int) -> bool:
    """Whether the call came later than so many days; a procedure more where none is known."""
    if facts.announced_after is None:
        return True
    return facts.announced_after > days + (LATE_SIGNED_DAYS if facts.signed_after == 0 else 0)


def _at_least(use: float | None, share: float) -> bool:
    return use is None or use >= share


def _misplaced(facts: Facts) -> Words:
    late = _announced(facts)
    unused = _unused(facts)
    return words(f"{late.ko} {unused.ko}", f"{late.en} {unused.en}")


def _unused(facts: Facts) -> Words:
    return words(
        f"지금까지 썼어야 할 계약 금액의 {facts.use or 0:.0%}만 썼습니다.",
        f"Of what contracts should have spent by now, {facts.use or 0:.0%} is spent.",
    )


def _told(cause: Cause, reason: Words) -> Suggestion:
    return Suggestion(cause=cause, reason=reason)


def _announced(facts: Facts) -> Words:
    if facts.announced_after is None:
        return words(
            f"의결 후 {facts.day}일째 알려진 공고가 없습니다.",
            f"No call is known {facts.day} days after the vote.",
        )
    if facts.signed_after == 0:
        return words(
            f"의결부터 계약까지 {facts.announced_after:.0f}일 걸렸습니다.",
            f"The contract came {facts.announced_after:.0f} days after the vote.",
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
