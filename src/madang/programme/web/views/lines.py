"""One appropriation line: its money, its year, its promises and what proves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render

from madang.kernel.words import words
from madang.portal.access import of, public
from madang.programme.engine.awards import REGIONS
from madang.programme.engine.forecast.said import NOT_FORESEEN, NOT_FORESEEN_TITLE
from madang.programme.web import models
from madang.programme.web.services import bars, book, telling
from madang.programme.web.services.year_chart import year_chart
from madang.programme.web.views.overview import looked

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from madang.kernel.words import Words
    from madang.programme.web.services.picture import Picture, Row

A_FEW = 8


@public
def line(request: HttpRequest, line: str) -> HttpResponse:
    """One line, on any day of its year."""
    form, shown = looked(request)
    row = shown.row(line)
    if row is None:
        raise Http404
    access = of(request)
    may_see = access.everywhere("programme.see")
    context: dict[str, Any] = {
        "form": form,
        "picture": shown,
        "row": row,
        "one": telling.shown(row),
        "bar": bars.bar(row.balance, row.planned_krw),
        "year": year_chart(shown, row.line.id),
        "pillar": next(
            (each for each in book.programme().pillars if each.id == row.line.pillar), None
        ),
        "milestones": _milestones(row, shown),
        "not_foreseen": (NOT_FORESEEN_TITLE, NOT_FORESEEN),
        "may_book": access.everywhere("programme.book"),
        "may_plan": access.everywhere("programme.plan"),
        "may_see": may_see,
        "latest": _latest(row) if may_see and not shown.is_example else [],
        **_reached(row),
    }
    return render(request, "programme/line.html", context)


def _milestones(row: Row, shown: Picture) -> list[dict[str, Any]]:
    found = models.Milestone.objects.filter(line=row.line.id)
    return [
        {
            "row": each,
            "is_reached": each.reached_on is not None and each.reached_on <= shown.on,
            "is_late": each.value.is_late(shown.on),
        }
        for each in found
    ]


def _latest(row: Row) -> list[models.Booking]:
    found = models.Booking.objects.filter(line=row.line.id).order_by("-number")
    return list(found[:A_FEW])


def _reached(row: Row) -> dict[str, Any]:
    """Whom the line's awards reach, and how long it took to get there."""
    return {
        "days_contract": _days(row.pace.to_contract),
        "days_spending": _days(row.pace.to_spending),
        "award_count": row.award_count,
        "reach": [(REGIONS.get(each.region), each) for each in row.reach],
    }


def _days(days: int | None) -> Words | None:
    return None if days is None else words(f"{days:,}일", f"{days:,} days")
