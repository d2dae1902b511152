"""What was the money for, how much is really spent, what did it achieve, and what proves it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import of, public
from madang.programme.web.forms.looks import DayForm
from madang.programme.web.services import telling
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from madang.programme.web.services.picture import Picture


def looked(request: HttpRequest) -> tuple[DayForm, Picture]:
    """The day that a reader asks for, and the programme on it."""
    asked = DayForm(request.GET)
    # Every day as it was known on every other day would be a way to keep the site busy.
    may_see = of(request).everywhere("programme.see")
    shown = picture(asked.day(), known_at=asked.known_at() if may_see else None)
    return DayForm({**request.GET.dict(), "on": shown.on.isoformat()}), shown


@public
def overview(request: HttpRequest) -> HttpResponse:
    """The whole programme on one page, on any day of its year."""
    form, shown = looked(request)
    context = {
        **telling.context(shown),
        "form": form,
        "may_see": of(request).everywhere("programme.see"),
        "deadlines": [
            (each, each.days_left(telling.counted_from(shown))) for each in shown.deadlines
        ],
    }
    return render(request, "programme/overview.html", {"front": context, **context})
