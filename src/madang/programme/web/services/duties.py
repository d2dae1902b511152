"""What has an officer to do now, why, and until when?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from madang.kernel.units import money
from madang.kernel.words import Words, words
from madang.portal.frame import Waiting
from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import KOREA, last_day
from madang.programme.web import models
from madang.programme.web.services import book
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.portal.access import Access
    from madang.programme.engine.lines import Line
    from madang.programme.web.services.picture import Row

APPROVE_WITHIN = timedelta(days=3)
"""How long what was put forward should wait for its second hand."""
CLOSE_WITHIN_DAYS = 10
"""Days after the end of a month in which it should be closed."""
MOST = 50


def sought(line: Line) -> str:
    """The words by which a line is found."""
    texts = [line.title, *(each.sentence for each in line.deliverables)]
    return " ".join(f"{each.ko} {each.en}" for each in texts).casefold()


def waiting(access: Access) -> Iterator[Waiting]:
    """What waits for this reader: approvals, lines that are late, papers, months to close."""
    if access.everywhere("programme.approve") and access.user is not None:
        yield from _to_approve(access.user.pk)
    if access.everywhere("programme.plan"):
        yield from _late()
        yield from _milestones()
    if access.everywhere("programme.book"):
        yield from _months()
    if access.everywhere("programme.see"):
        yield from _broken()


def _to_approve(user: int) -> Iterator[Waiting]:
    found = models.Act.objects.filter(state="waiting").exclude(by=user).order_by("at")
    for act in found[:MOST]:
        yield Waiting(
            title=act.title,
            reason=words(
                f"{act.kind_title.ko}: 다른 사람의 승인을 기다립니다.",
                f"{act.kind_title.en}: it needs a second hand.",
            ),
            act=words("살펴보고 승인하기", "Look and approve"),
            url=act.get_absolute_url(),
            due=act.at + APPROVE_WITHIN,
        )


def _late() -> Iterator[Waiting]:
    """Lines behind their plan about which nobody has said why, or whose day to act has come."""
    shown = picture()
    if shown.is_example or shown.is_closed:
        return
    for row in shown.late:
        standing = row.standing
        if standing.is_confirmed and standing.act_until and standing.act_until > book.today():
            continue
        yield Waiting(
            title=row.line.title,
            reason=late_reason(row),
            act=words("사유와 조치 적기", "Say why and what is done"),
            url=reverse("programme:cause", args=[row.line.id]),
            due=_end_of(_until(row, shown.on)),
        )


def late_reason(row: Row) -> Words:
    """What is late about a line, why, and what its outlook says."""
    gap, cause = money(row.behind_krw), row.standing
    said_ko, said_en = (
        (cause.reason.ko, cause.reason.en) if cause.reason.ko else (cause.title.ko, cause.title.en)
    )
    return words(
        f"실집행이 계획보다 {gap.ko} 적습니다. {cause.title.ko}: {said_ko}",
        f"Confirmed spending is {gap.en} below plan. {cause.title.en}: {said_en}",
    )


def _until(row: Row, on: date) -> date:
    """By when something has to be done: while moved money can still be spent, else by year end."""
    if row.outlook is not None and row.outlook.reallocate_until >= on:
        return row.outlook.reallocate_until
    return year_ends(book.programme().fiscal_year)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(18), KOREA)


def _milestones() -> Iterator[Waiting]:
    soon = book.today() + timedelta(days=14)
    for each in models.Milestone.objects.filter(reached_on=None, due__lte=soon)[:MOST]:
        yield Waiting(
            title=each.title,
            reason=words(
                f"{book.programme().line(each.line).title.ko}의 이정표입니다.",
                f"A milestone of {book.programme().line(each.line).title.en}.",
            ),
            act=words("이룬 날 적기", "Say when it was reached"),
            url=reverse("programme:plan", args=[each.line]),
            due=_end_of(each.due),
        )


def _months() -> Iterator[Waiting]:
    """The earliest month that is over and open, once there are records."""
    if not book.has_records():
        return
    closed = {each.month for each in book.closes()}
    month = book.programme().approved_on.replace(day=1)
    end = year_ends(book.programme().fiscal_year)
    asked = set(
        models.Act.objects.filter(kind="close", state="waiting").values_list("month", flat=True)
    )
    while month <= end and last_day(month) < book.today():
        if month not in closed and month not in asked:
            due = last_day(month) + timedelta(days=CLOSE_WITHIN_DAYS)
            yield Waiting(
                title=words(f"{month:%Y년 %m월} 마감", f"Close {month:%Y-%m}"),
                reason=words(
                    "끝난 달의 기록을 확정하지 않았습니다.",
                    "The month is over and its bookings are not settled.",
                ),
                act=words("마감 요청하기", "Ask to close it"),
                url=reverse("programme:months"),
                due=_end_of(due),
            )
            return
        month = last_day(month) + timedelta(days=1)


def _broken() -> Iterator[Waiting]:
    for paper in models.Paper.objects.exclude(state="whole").order_by("name")[:MOST]:
        yield Waiting(
            title=paper.name,
            reason=words(
                "증빙 파일이 등록한 내용과 다르거나 없습니다.",
                "The evidence file was changed since it was handed in, or is missing.",
            ),
            act=words("기록 살펴보기", "Look at its bookings"),
            url=reverse("programme:entries"),
        )
