"""How do a line's plan, milestones and causes change? Through one door, and in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import remember
from madang.programme.web import models
from madang.programme.web.services import book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.portal.models import User


def set_plan(line: str, months: Mapping[date, int], *, by: User) -> None:
    """Plan a line's months anew."""
    with book.writing():
        before = _planned(line)
        models.Plan.objects.filter(line=line).delete()
        models.Plan.objects.bulk_create(
            [models.Plan(line=line, month=month, amount_krw=krw) for month, krw in months.items()]
        )
        _tell("plan-changed", line, by, before=before or None, after=_planned(line))


def _planned(line: str) -> dict[str, int]:
    rows = models.Plan.objects.filter(line=line).order_by("month")
    return {f"{each.month:%Y-%m}": each.amount_krw for each in rows}


def add_milestone(
    line: str, *, by: User, title_ko: str, title_en: str, due: date, signs: bool
) -> models.Milestone:
    """Say what a line has to reach, and by when."""
    with book.writing():
        made = models.Milestone.objects.create(
            line=line, title_ko=title_ko, title_en=title_en, due=due, signs=signs
        )
        _tell("milestone-set", line, by, after={"title": title_ko, "due": due.isoformat()})
    return made


def reach_milestone(
    line: str, number: int, reached_on: date | None, *, by: User
) -> models.Milestone:
    """Say on which day a milestone was reached; None where it was not after all.

    Raises:
        InputError: The line has no such milestone, or the day lies in the future.
    """
    with book.writing():
        row = models.Milestone.objects.filter(pk=number, line=line).first()
        if row is None:
            raise InputError(
                words(f"이정표 {number}", f"milestone {number}"),
                words("이 항목의 이정표", "a milestone of this line"),
            )
        if reached_on is not None and reached_on > book.today():
            raise InputError(
                words(f"이룬 날 {reached_on}", f"reached on {reached_on}"),
                words("오늘이나 그 전", "today or before"),
            )
        row.reached_on = reached_on
        row.save()
        _tell("milestone-reached", line, by, on=reached_on and reached_on.isoformat())
    return row


def say_why(
    line: str, *, by: User, cause: str, reason: str, act_until: date | None
) -> models.CauseNote:
    """Say why a line lies behind, and until when something is done."""
    with book.writing():
        note = models.CauseNote.objects.create(
            line=line, cause=cause, reason=reason, act_until=act_until, by=by
        )
        _tell("cause-said", line, by, after={"reason": reason}, cause=cause)
    return note


def _tell(noun: str, line: str, by: User, **facts: Any) -> None:
    remember(noun, f"programme/lines/{line}", by=by, **facts)
