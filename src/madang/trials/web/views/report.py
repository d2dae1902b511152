"""The signed report of a decision, and the key with which anybody checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404, HttpResponse

from madang.portal import objects
from madang.portal.access import of, public
from madang.trials.web.services import reports
from madang.trials.web.views.demand import visible

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@public
def report(request: HttpRequest, demand: str, kind: str) -> HttpResponseBase:
    """One rendering of the report, byte for byte as it was signed."""
    found = reports.report(visible(demand, of(request)), kind)
    if found is None:
        raise Http404
    answer = FileResponse(
        objects.objects().open(found.digest),
        as_attachment=True,
        filename=found.name,
        content_type=found.media_type,
    )
    answer["ETag"] = f'"{found.digest}"'
    return answer


@public
def key(request: HttpRequest, demand: str) -> HttpResponse:
    """The public key of the site's log, as `madang evidence verify --key` reads it."""
    visible(demand, of(request))
    answer = HttpResponse(reports.public_key() + "\n", content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="evidence.pub"'
    return answer
