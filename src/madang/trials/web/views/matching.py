"""Which open demands fit a company, and which companies fit a demand, each with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from madang.portal.access import needs, of
from madang.trials.engine.matching import NEWCOMERS
from madang.trials.web.models import Demand
from madang.trials.web.services import matching as fitting
from madang.trials.web.views.room import lists

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.portal.access import Access
    from madang.portal.models import Organisation

MOST_OWN = 200


@needs("signed-in")
def matching(request: HttpRequest) -> HttpResponse:
    """Demands for the reader's company, or companies for the reader's demand."""
    access = of(request)
    companies, demands = access.acting_for("trials.submit"), own_open(access)
    company, demand = _chosen(request, companies, demands)
    context = {
        "room": lists(access),
        "companies": companies,
        "demands": demands,
        "company": company,
        "demand": demand,
        "found": _found(company, demand),
        "note": NEWCOMERS,
    }
    return render(request, "trials/matching.html", context)


def own_open(access: Access) -> list[Demand]:
    """The reader's own demands that firms can still join."""
    held = access.holding("trials.post")
    if not held:
        return []
    mine = Q(agency__in=held) | Q(ministry__in=held)
    found = Demand.objects.filter(mine, state__in=fitting.OPEN).order_by("-posted", "-pk")
    return list(found.only("name", "title_ko", "title_en")[:MOST_OWN])


def _chosen(
    request: HttpRequest, companies: list[Organisation], demands: list[Demand]
) -> tuple[Organisation | None, Demand | None]:
    """The company or the demand that the address names, else the first.

    Raises:
        Http404: It is not the reader's.
    """
    slug, name = request.GET.get("company", ""), request.GET.get("demand", "")
    if name:
        if name not in {each.name for each in demands}:
            raise Http404
        return None, Demand.objects.get(name=name)
    if slug:
        chosen = next((each for each in companies if each.slug == slug), None)
        if chosen is None:
            raise Http404
        return chosen, None
    if companies:
        return companies[0], None
    return None, Demand.objects.get(pk=demands[0].pk) if demands else None


def _found(company: Organisation | None, demand: Demand | None) -> list[fitting.Fitting]:
    if company:
        return fitting.demands_of(company)
    return fitting.companies_of(demand) if demand else []
