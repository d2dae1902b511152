"""What was recorded, and does it still prove itself? For auditors and operators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel import ids
from madang.kernel.evidence.note import Checkpoint, read
from madang.kernel.evidence.proof import prove
from madang.kernel.jobs.record import TERMINAL
from madang.portal import audit, files
from madang.portal.access import needs, signed_in
from madang.portal.forms.audit import AuditForm
from madang.portal.log import log, remember, signing_key, text_of
from madang.portal.models import JobRun, LogEntry, LogHead
from madang.portal.queue import enqueue

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

A_PAGE = 50
CHECK = "portal.check_log"
_COLUMNS = ("index", "at", "type", "thing", "by", "facts", *audit.VALUES)


@needs("portal.audit", everywhere=True)
def listing(request: HttpRequest) -> HttpResponseBase:
    """The log, newest first."""
    form = AuditForm(request.GET)
    asked = form.asked()
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        rows = map(audit.flat, audit.lines(asked))
        return files.as_csv(rows, columns=_COLUMNS, name="audit")
    if wanted == "json":
        return files.as_json(audit.lines(asked), name="entries")
    page = audit.Pages(asked, a_page=A_PAGE).get_page(request.GET.get("page"))
    row = LogHead.objects.filter(pk=1).first()
    head = Checkpoint.parse(read(bytes(row.checkpoint)).text) if row and row.checkpoint else None
    context = {
        "form": form,
        "page": page,
        "rows": audit.told(page.object_list),
        "head": head,
        "root": text_of(head.root) if head else "",
        "checked": JobRun.objects.filter(job=CHECK, state="done").order_by("-arrival").first(),
    }
    return render(request, "portal/audit/log.html", context)


@needs("portal.audit", everywhere=True)
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry: what it says, by whom, and what proves it."""
    row = LogEntry.objects.select_related("by").filter(index=index).first()
    if row is None:
        raise Http404
    (told,) = audit.told([row])
    found = prove(log(), index)
    context = {
        "told": told,
        "text": _lines(told.statement.to_json()),
        "values": [
            (audit.VALUES[name], _lines(value), value is None)
            for name, value in told.values.items()
        ],
        "steps": len(found.entry.proof),
        "size": Checkpoint.parse(read(found.checkpoint).text).size,
        "key": signing_key().verifier.text,
        "command": f"madang evidence verify entry-{index}.json --key '{found.signer.text}'",
    }
    return render(request, "portal/audit/entry.html", context)


@needs("portal.audit", everywhere=True)
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The proof of one entry as a file, which `madang evidence verify` checks offline."""
    if not 0 <= index < len(log()):
        raise Http404
    return _attached(prove(log(), index).encode(), f"entry-{index}.json", "application/json")


@needs("portal.audit", everywhere=True)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The last signed checkpoint, to be kept elsewhere and compared later."""
    return _attached(log().checkpoint(), "checkpoint.txt", "text/plain; charset=utf-8")


@needs("portal.audit", everywhere=True)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Have the whole log checked, entry by entry."""
    run = ids.new("check")
    remember("log-check-asked", f"run/{run}", by=signed_in(request))
    enqueue(run, CHECK, {}, attempts=2)
    return HttpResponseRedirect(reverse("log-check", args=[run]))


@needs("portal.audit", everywhere=True)
def verdict(request: HttpRequest, run: str) -> HttpResponse:
    """What came of a check of the whole log."""
    row = JobRun.objects.filter(id=run, job=CHECK).first()
    if row is None:
        raise Http404
    context = {"run": row, "is_over": row.state in TERMINAL, "percent": 100 * row.share}
    is_part = bool(request.headers.get("HX-Request"))
    name = "portal/audit/_verdict.html" if is_part else "portal/audit/verdict.html"
    return render(request, name, context)


def _attached(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
