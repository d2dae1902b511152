"""The public catalogue of demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import public
from madang.trials.web.models import Demand

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every demand that was posted."""
    found = Demand.objects.exclude(state__in=["draft", "sealing"]).select_related("agency")[:20]
    return render(request, "trials/catalogue.html", {"demands": found})
