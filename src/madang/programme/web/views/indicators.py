"""What has the money achieved, and what proves it? From the number down to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from madang.portal import files
from madang.portal.access import of, public
from madang.portal.log import signing_key
from madang.programme.engine import indicators as facts
from madang.programme.engine import lines
from madang.programme.web.models import CountedStatement
from madang.programme.web.services import indicators, proofs

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.programme.engine.indicators import Indicator
    from madang.programme.web.services.indicators import Shown
    from madang.programme.web.services.proofs import SeenStatement

A_PAGE = 20
_COLUMNS = ("line", "indicator", "title", "value", "unit", "target", "state", "proof")


@public
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every indicator by its line."""
    found = indicators.of_lines()
    wanted = request.GET.get("format", "")
    if wanted in ("csv", "json"):
        rows = (_plain(each) for line in found.values() for each in line)
        if wanted == "csv":
            return files.as_csv(rows, columns=_COLUMNS, name="indicators")
        return files.as_json(rows, name="indicators")
    by_line = [(line, found[line.id]) for line in lines.load().lines if found[line.id]]
    context = {
        "by_line": by_line,
        "count": sum(len(each) for _, each in by_line),
        "bare": [line for line in lines.load().lines if not found[line.id]],
    }
    return render(request, "programme/indicators.html", context)


def _plain(each: Shown) -> dict[str, Any]:
    return {
        "line": each.line,
        "indicator": each.id,
        "title": str(each.title),
        "value": None if each.state == "not_built" else each.value,
        "unit": str(each.unit),
        "target": each.target,
        "state": each.state,
        "proof": each.last_entry,
    }


@public
def indicator(request: HttpRequest, indicator: str) -> HttpResponse:
    """One indicator: its number, the statements that it counts, their proofs and their files."""
    asked = _asked(indicator)
    sees = proofs.sees_all(of(request))
    rows = CountedStatement.objects.filter(indicator=asked.id)
    standing, broken = None, []
    if asked.is_built:
        broken = list(rows.filter(holds=False)[: indicators.NAMED])
        shown_first = Paginator(rows, A_PAGE).get_page(request.GET.get("page")).object_list
        standing = indicators.look_now(asked, {each.entry for each in [*broken, *shown_first]})
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    seen = proofs.seen(asked, list(page), sees=sees)
    context = {
        "asked": asked,
        "shown": indicators.shown(asked, standing),
        "line": lines.load().line(asked.line),
        "page": page,
        "seen": seen,
        "faults": proofs.faults(standing.broken if standing else [], sees=sees),
        "sees": sees,
        "command": _command(seen),
    }
    return render(request, "programme/indicator.html", context)


def _command(seen: list[SeenStatement]) -> str:
    """What verifies the first proof that the reader may download; empty where there is none."""
    for each in (proof for statement in seen for proof in statement.proofs if proof.is_open):
        key = signing_key().verifier.text
        return f"madang evidence verify entry-{each.entry}.json --key '{key}'"
    return ""


@public
def proof(request: HttpRequest, indicator: str, index: int) -> HttpResponse:
    """The proof of a statement as a file, for those who may read the statement whole."""
    asked = _asked(indicator)
    counted = request.GET.get("for", str(index))
    if not counted.isascii() or not counted.isdigit() or len(counted) > 18:
        raise Http404
    found = proofs.proof(asked, index, counted=int(counted), sees=proofs.sees_all(of(request)))
    if found is None:
        raise Http404
    response = HttpResponse(found, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="entry-{index}.json"'
    return response


def _asked(name: str) -> Indicator:
    found = facts.of(name)
    if found is None:
        raise Http404
    return found
