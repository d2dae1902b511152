"""What did the partners agree, and what would another rule mean?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header

from madang.fund.engine import what_if as asking
from madang.fund.engine.terms.agreement import NATURE_NAMES, PAY_NAMES
from madang.fund.web.models import Terms
from madang.fund.web.services import book, desk
from madang.fund.web.services.shown import Names
from madang.fund.web.views.reach import fund_of, managers, room
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.access import needs
from madang.portal.limits import limited

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.fund.engine.book import Book

QUESTIONS = "60/m"


@needs("fund.see", owners=managers)
def terms(request: HttpRequest, fund: str) -> HttpResponse:
    """Every rule of the version in force, with its source, and the versions there are."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    agreement = held.latest
    context = room(request, row) | {
        "agreement": agreement,
        "natures": NATURE_NAMES,
        "partners": [(each, NATURE_NAMES[each.nature]) for each in agreement.partners],
        "tiers": [
            (place + 1, PAY_NAMES[each.pay], each)
            for place, each in enumerate(agreement.distribution.tiers)
        ],
        "versions": row.terms.select_related("act"),
        "places": places(agreement.text),
    }
    return render(request, "fund/terms.html", context)


def places(text: Any, before: str = "") -> list[tuple[str, Any]]:
    """Every place of a term file that holds one value, such as `distribution.tiers.1.rate`."""
    if isinstance(text, dict):
        pairs = list(text.items())
    elif isinstance(text, list):
        pairs = list(enumerate(text))
    else:
        return [(before, text)]
    hidden = ("sources", "partners", "title", "id", "version", "effective_on", "parent")
    return [
        found
        for key, value in pairs
        if before or key not in hidden
        for found in places(value, f"{before}.{key}" if before else str(key))
    ]


@needs("fund.see", owners=managers)
def file(request: HttpRequest, fund: str, version: int) -> HttpResponse:
    """A version's term file, as it was handed in."""
    row = Terms.objects.select_related("content").filter(fund=fund, version=version).first()
    if row is None:
        raise Http404
    content = objects.objects().get(row.content.digest)
    response = HttpResponse(content, content_type="application/yaml")
    name = f"{fund}-{version}.yaml"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@needs("fund.see", owners=managers)
@limited("fund-what-if", QUESTIONS)
def what_if(request: HttpRequest, fund: str) -> HttpResponse:
    """Who would have had what, with one rule changed."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    place, value = request.GET.get("place", ""), request.GET.get("value", "")
    context = room(request, row) | {
        "place": place,
        "value": value,
        "places": places(held.latest.text),
    }
    status = 200
    if place:
        try:
            context |= _compared(held, row, place, value)
        except InputError as refused:
            context["fault"], status = str(refused), 409
    return render(request, "fund/what_if.html", context, status=status)


def _compared(held: Book, row: Any, place: str, value: str) -> dict[str, Any]:
    on = desk.shown_on(held, book.today())
    found = asking.compare(held, {place: _read(value)}, on=on)
    names = Names(held, row)
    titles = {
        "carry": words("성과보수", "Carried interest"),
        "fees": words("관리보수", "Management fee"),
    }
    rows = []
    for key, change in asking.difference(found).items():
        title = titles[key] if key in titles else names.partner(int(key))
        before, after = asking.sides(found, key)
        rows.append((title, before, after, change))
    return {"rows": rows, "on": on, "was": dict(places(held.latest.text)).get(place)}


def _read(value: str) -> Any:
    """What a term file would hold: a truth value, a whole number, or text such as `8%`."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.lstrip("-").isdigit() and len(value) < 18 else value
