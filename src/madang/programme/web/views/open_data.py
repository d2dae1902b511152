"""What may anybody take home? Open data in the standards' forms, and one sheet of paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render

from madang.kernel import clock
from madang.kernel.report.pdf import pdf
from madang.kernel.words import language, words
from madang.portal.access import public
from madang.portal.log import log, text_of
from madang.programme.web.services import book, brief, indicators, open_files
from madang.programme.web.views.overview import looked

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

TITLES = {
    "releases.json": words("계약 공개(OCDS 1.1.5 release)", "Contracting releases (OCDS 1.1.5)"),
    "records.json": words("계약 공개(OCDS 1.1.5 record)", "Contracting records (OCDS 1.1.5)"),
    "projects.json": words("사업 공개(OC4IDS 0.9.5)", "Projects (OC4IDS 0.9.5)"),
    "lines.csv": words("항목별 금액", "Amounts by line"),
    "records.csv": words("집행 기록", "Bookings"),
    "datapackage.json": words("재정 자료 묶음 설명서", "Fiscal Data Package"),
    "manifest.json": words("모든 파일의 지문", "Digests of all files"),
}
KINDS = {".json": "application/json", ".csv": "text/csv; charset=utf-8"}


def _folder(request: HttpRequest) -> Path:
    base = request.build_absolute_uri("/").rstrip("/")
    return open_files.folder(base, on=book.day_shown(None, is_example=False))


@public
def listing(request: HttpRequest) -> HttpResponse:
    """Which files there are, with their digests."""
    place = _folder(request)
    context = {
        "files": [(each, TITLES[each.name]) for each in open_files.listed(place)],
        "has_records": book.has_records(),
        "lines": book.programme().lines,
    }
    return render(request, "programme/open_data.html", context)


@public
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the open data."""
    if name not in TITLES:
        raise Http404
    found = _folder(request) / name
    kind = KINDS[found.suffix]
    return FileResponse(found.open("rb"), content_type=kind, as_attachment=True, filename=name)


@public
def sheet(request: HttpRequest) -> HttpResponse:
    """The programme on one page of paper, in the reader's language."""
    _, shown = looked(request)
    made = brief.document(
        shown,
        indicators.of_lines(),
        address=request.build_absolute_uri("/programme/"),
        root=text_of(log().head().root),
        made_at=clock.now(),
    )
    response = HttpResponse(pdf(made, languages=[language()]), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="programme-{shown.on}.pdf"'
    return response
