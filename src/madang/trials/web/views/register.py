"""The public register of adopted solutions: for people, files and open contracting data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render

from madang.kernel import clock
from madang.portal.access import of, public
from madang.trials.engine.register_ocds import package
from madang.trials.web.forms.diffusion import RegisterForm
from madang.trials.web.models import Demand
from madang.trials.web.services import registers
from madang.trials.web.views.catalogue import as_csv
from madang.trials.web.views.demand import STATE_KINDS, visible

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

A_PAGE = 30
IN_A_PACKAGE = 100
LICENCE = "https://www.kogl.or.kr/info/license.do#01-tab"
"""공공누리 제1유형: free use with the source named."""


@public
def register(request: HttpRequest) -> HttpResponseBase:
    """Solutions that public bodies have adopted."""
    form = RegisterForm(request.GET)
    found = registers.adopted(form.wish())
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return as_csv((registers.line(each) for each in found.iterator(500)), name="adopted")
    if wanted == "json":
        return JsonResponse({"adopted": [registers.line(each) for each in found]})
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = [(each, STATE_KINDS[each.demand.state]) for each in page.object_list]
    context = {"form": form, "page": page, "count": page.paginator.count, "rows": rows}
    return render(request, "trials/register.html", context)


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


@public
def ocds(request: HttpRequest, demand: str) -> HttpResponse:
    """The open contracting release of one demand."""
    found = visible(demand, of(request))
    if not found.is_public or found.posted is None:
        raise Http404
    made = registers.ocds(found, base=_base(request))
    return _packed(request, [made])


@public
def ocds_all(request: HttpRequest) -> HttpResponse:
    """The releases of the demands, a hundred to a page, newest first."""
    found = Demand.objects.filter(state__in=registers.PUBLIC, posted__isnull=False)
    related = found.select_related(
        *("agency", "origin", "adoption__agency", "adoption__company", "adoption__submission"),
        *("decision__adopted__company", "decision__report_pdf"),
    )
    page = Paginator(related.order_by("-posted", "pk"), IN_A_PACKAGE).get_page(
        request.GET.get("page")
    )
    base = _base(request)
    return _packed(request, [registers.ocds(each, base=base) for each in page.object_list])


def _packed(request: HttpRequest, releases: list[dict[str, object]]) -> JsonResponse:
    made = package(
        releases,
        kind="releases",
        uri=request.build_absolute_uri(),
        publisher=settings.SITE_NAME[0],
        licence=LICENCE,
        at=clock.now(),
    )
    return JsonResponse(made, json_dumps_params={"ensure_ascii": False})
