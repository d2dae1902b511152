"""How does each run stand? For operators all of them, for everybody those of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.portal import files, runs
from madang.portal.access import needs, of, signed_in
from madang.portal.forms.audit import RunsForm
from madang.portal.models import JobRun, SeenWorker
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

A_PAGE = 50


@needs("portal.runs", everywhere=True)
def listing(request: HttpRequest) -> HttpResponseBase:
    """All runs, the last to arrive first."""
    form = RunsForm(request.GET)
    found = runs.found(form.asked())
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return files.as_csv(runs.plain(found.iterator()), columns=runs.COLUMNS, name="runs")
    if wanted == "json":
        return files.as_json(runs.plain(found.iterator()), name="runs")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [_row(each) for each in page.object_list],
        "workers": SeenWorker.objects.order_by("name"),
    }
    return render(request, "portal/runs/runs.html", context)


def _row(run: JobRun) -> dict[str, Any]:
    return {
        "run": run,
        "title": runs.STATES[run.state],
        "kind": runs.KINDS[run.state],
        "cause": runs.cause_words(run.cause),
        "enqueued": runs.moment(run.enqueued_s),
        "ended": runs.moment(run.ended_s),
        "ending": getattr(run, "jobending", None),
    }


@needs("signed-in")
def run(request: HttpRequest, id: str) -> HttpResponse:
    """One run: how far it is, what happened to it, and what can be done."""
    found = _seen(request, id)
    sees_all = of(request).everywhere("portal.runs")
    context = {
        **_shown(found),
        "events": runs.history(found) if sees_all else [],
        "sees_all": sees_all,
        "may_cancel": not found.cancel_asked and found.state in ("queued", "running"),
        "may_repeat": sees_all and runs.may_repeat(found),
    }
    return render(request, "portal/runs/run.html", context)


@needs("signed-in")
def progress(request: HttpRequest, id: str) -> HttpResponse:
    """How far a run is, as a part of its page; without htmx, the page itself."""
    found = _seen(request, id)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("run", args=[id]))
    response = render(request, "portal/runs/_progress.html", _shown(found))
    if found.state in ("done", "failed", "cancelled"):
        # The whole page has more to say now than the part that waited.
        response["HX-Refresh"] = "true"
    return response


def _shown(found: JobRun) -> dict[str, Any]:
    return {
        **_row(found),
        "is_over": found.state in ("done", "failed", "cancelled"),
        "percent": runs.percent(found),
        "silent_since": runs.silent_since(found),
        "started": runs.moment(found.started_s or None),
    }


@needs("signed-in")
@require_POST
def cancel(request: HttpRequest, id: str) -> HttpResponse:
    """Ask for the end of a run."""
    found = _seen(request, id)
    if runs.cancel(found, by=signed_in(request)):
        tell(request, "취소를 요청했습니다.", "Its end was asked for.")
    return HttpResponseRedirect(reverse("run", args=[id]))


@needs("portal.runs", everywhere=True)
@require_POST
def repeat(request: HttpRequest, id: str) -> HttpResponse:
    """Have what the platform failed done anew."""
    again = runs.repeat(_seen(request, id), by=signed_in(request))
    tell(request, "새 작업으로 다시 실행합니다.", "It is done anew, as this run.")
    return HttpResponseRedirect(reverse("run", args=[again]))


def _seen(request: HttpRequest, id: str) -> JobRun:
    """The run, where this reader may know of it.

    Raises:
        Http404: There is none such, or it is others'.
    """
    found = JobRun.objects.select_related("owner", "jobending").filter(id=id).first()
    if found is None or not runs.may_see(found, of(request)):
        raise Http404
    return found
