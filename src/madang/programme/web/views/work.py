"""What is late, why, and what is to be done by when? An officer runs the year from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import needs, of
from madang.programme.web.services import book, duties
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("programme.see", everywhere=True)
def work(request: HttpRequest) -> HttpResponse:
    """What waits, and every line that lies behind, with what may still be done."""
    shown, access = picture(), of(request)
    waiting = sorted(duties.waiting(access), key=lambda each: (each.due is None, each.due))
    context = {
        "picture": shown,
        "waiting": waiting,
        "late": [(row, duties.late_reason(row)) for row in shown.late],
        "deadlines": [(each, each.days_left(book.today())) for each in shown.deadlines],
        "may_book": access.everywhere("programme.book"),
    }
    return render(request, "programme/work.html", context)
