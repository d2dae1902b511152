"""What may the years to come bring to a fund?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from madang.fund.web.services import book, desk, planned
from madang.fund.web.views.reach import fund_of, managers, room
from madang.kernel.errors import InputError
from madang.portal.access import needs

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("fund.see", owners=managers)
def plan(request: HttpRequest, fund: str) -> HttpResponse:
    """Scenarios side by side, with the chance of each quota and of being short of cash."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    on = desk.shown_on(held, book.today())
    context = room(request, row) | {"on": on}
    try:
        found = planned.plan(held, on)
    except InputError as refused:
        context["fault"] = str(refused)
    else:
        quotas = held.terms(on).quotas
        context |= {
            "plan": found,
            "quotas": [each.title for each in quotas],
            "rows": [(each, [each.reached[quota.id] for quota in quotas]) for each in found.rows],
            "paths": planned.PATHS,
        }
    return render(request, "fund/plan.html", context)
