"""What was the money for, how much is really spent, what did it achieve, and what proves it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import public
from madang.programme.web.forms.looks import DayForm
from madang.programme.web.services import telling
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
def overview(request: HttpRequest) -> HttpResponse:
    """The whole programme on one page, on any day of its year."""
    form = DayForm(request.GET)
    shown = picture(form.day(), known_at=form.known_at())
    context = {
        **telling.context(shown),
        "form": form,
        "deadlines": [(each, each.days_left(shown.on)) for each in shown.deadlines],
    }
    return render(request, "programme/overview.html", {"front": context, **context})
