"""What was the money for, how much is really spent, what did it achieve, and what proves it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
def overview(request: HttpRequest) -> HttpResponse:
    """The whole programme on one page."""
    return render(request, "programme/overview.html", {})
