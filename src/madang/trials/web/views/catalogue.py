"""The public catalogue of demands: searched, narrowed and ordered by its address, or as a file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import JsonResponse, StreamingHttpResponse
from django.shortcuts import render

from madang.kernel import clock
from madang.portal.access import needs, of, public
from madang.trials.web.forms.catalogue import CatalogueForm
from madang.trials.web.services import catalogue as found_by
from madang.trials.web.services import timing
from madang.trials.web.views.demand import STATE_KINDS
from madang.trials.web.views.room import lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from madang.trials.web.models import Demand

A_PAGE = 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@public
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """Every demand that was posted and fits the address."""
    form = CatalogueForm(request.GET)
    wish = form.wish()
    timing.advance_due()
    found = found_by.find(wish)
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return as_csv(found_by.lines(found), name="demands")
    if wanted == "json":
        return JsonResponse({"demands": list(found_by.lines(found))})
    page = Paginator(found_by.with_lists(found), A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "room": lists(of(request)),
        "form": form,
        "page": page,
        "count": page.paginator.count,
        "rows": [_row(each) for each in page.object_list],
        "is_narrowed": any(vars(wish)[name] for name in vars(wish) if name != "sort"),
        "may_post": of(request).may("trials.post"),
    }
    return render(request, "trials/catalogue.html", context)


@needs("trials.post")
def own(request: HttpRequest) -> HttpResponse:
    """The demands of the reader's own organisations, drafts among them."""
    access = of(request)
    timing.advance_due()
    page = Paginator(found_by.own(access), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "room": lists(access),
        "page": page,
        "count": page.paginator.count,
        "rows": [_row(each) for each in page.object_list],
    }
    return render(request, "trials/catalogue_own.html", context)


def _row(demand: Demand) -> dict[str, Any]:
    is_open = demand.state in ("posted", "open")
    return {
        "demand": demand,
        "state_kind": STATE_KINDS[demand.state],
        "about": found_by.described(demand),
        "due": demand.closes if is_open else None,
        "is_soon": bool(is_open and demand.closes and demand.closes <= timing.soon(clock.now())),
    }


class _Line:
    """A file that hands on what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[dict[str, Any]], *, name: str) -> StreamingHttpResponse:
    """Rows as CSV in UTF-8 with its mark, so that spreadsheets read Korean."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield "\ufeff"
        is_first = True
        for row in rows:
            if is_first:
                yield writer.writerow(row)
                is_first = False
            yield writer.writerow([_harmless(each) for each in row.values()])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
