"""What is this room, and what is to be done in it today?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from madang.portal.access import needs, of, public
from madang.prognosis.web.models import Registered
from madang.prognosis.web.services import shown

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MOST = 100
"""Patients of one list: whoever stands below is not the first to be looked at."""


@public
def index(request: HttpRequest) -> HttpResponse:
    """What the room does, and how well the models in use hold."""
    access = of(request)
    rows = Registered.objects.filter(state="live").select_related("owner")
    context = {
        "models": [
            (each, each.facts.get("quality", {}), access.may("prognosis.see", each.owner_id))
            for each in rows
        ],
        "may_see": access.may("prognosis.see"),
        "may_lead": access.may("prognosis.lead"),
        "may_connect": access.may("prognosis.connect"),
    }
    return render(request, "prognosis/index.html", context)


@needs("prognosis.see")
def worklist(request: HttpRequest) -> HttpResponse:
    """Who is to be looked at today, in each of the reader's hospitals."""
    access = of(request)
    rows = Registered.objects.filter(state="live").select_related("owner")
    if not access.everywhere("prognosis.see"):
        rows = rows.filter(owner__in=access.holding("prognosis.see"))
    lists = [
        (each, found[:MOST], max(len(found) - MOST, 0))
        for each in rows
        for found in [shown.to_do(each)]
    ]
    return render(request, "prognosis/worklist.html", {"lists": lists})
