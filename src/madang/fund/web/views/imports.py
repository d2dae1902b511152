"""What does a bank statement or a book from elsewhere become, and how is it taken back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from madang.fund.web.forms.imports import KINDS, ImportForm
from madang.fund.web.services import book, intake
from madang.fund.web.services.shown import rows_of
from madang.fund.web.views.reach import act_of, fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.fund.web.models import Fund

UPLOADS = "120/h"
_MOST_SHOWN = 300


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
@limited("fund-import", UPLOADS)
def import_(request: HttpRequest, fund: str) -> HttpResponse:
    """Hand a file in, see what it would become, put it forward."""
    row = fund_of(fund)
    if not book.book(row).agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    if "file" in request.GET:
        return _looked(request, row)
    form = ImportForm(posted(request), request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            table = form.cleaned_data["table"]
            kept = intake.keep(row, table.read(), name=str(table.name), by=signed_in(request))
            asked = urlencode({"file": kept.pk, "kind": form.cleaned_data["kind"]})
            return HttpResponseRedirect(f"{reverse('fund:import', args=[row.pk])}?{asked}")
        status = 422
    return render(request, "fund/import.html", room(request, row) | {"form": form}, status=status)


def _looked(request: HttpRequest, row: Fund) -> HttpResponse:
    """The preview of a file that was handed in, or the act that it becomes."""
    user, kind = signed_in(request), request.GET.get("kind", "")
    file = intake.kept(row, request.GET["file"], by=user)
    if file is None or kind not in KINDS:
        raise Http404
    context: dict[str, Any] = room(request, row) | {"file": file, "kind": KINDS[kind]}
    status = 200
    try:
        if request.method == "POST":
            act = intake.put_forward(row, file, kind, by=user)
            tell(request, "승인을 요청했습니다.", "Put forward for approval.")
            return HttpResponseRedirect(act.get_absolute_url())
        found = intake.seen(row, file, kind)
        context |= {
            "seen": found,
            "preview": rows_of(found.drafts, book.book(row), row)[:_MOST_SHOWN],
        }
    except InputError as refused:
        context["fault"] = str(refused)
        status = 409 if request.method == "POST" else 200
    return render(request, "fund/import_seen.html", context, status=status)


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, fund: str, act: str) -> HttpResponse:
    """Ask that an import be taken back as a whole."""
    row = act_of(fund, act)
    if not intake.is_undoable(row):
        raise Http404
    fault, status = "", 200
    if request.method == "POST":
        try:
            asked = intake.undo(row, by=signed_in(request))
        except InputError as refused:
            fault, status = str(refused), 409
        else:
            tell(request, "취소 승인을 요청했습니다.", "Asked to take it back.")
            return HttpResponseRedirect(asked.get_absolute_url())
    context = {
        "title": words("가져오기 취소하기", "Take the import back"),
        "act": words("가져오기 취소하기", "Take the import back"),
        "sentence": words(
            "이 파일에서 온 기록을 모두 되돌리는 정정을 올립니다. 다른 사람의 승인이 필요합니다.",
            "Corrections that reverse all its entries are put forward; another person approves.",
        ),
        "facts": [
            (words("파일", "File"), row.title),
            (words("기록 수", "Entries"), f"{row.count:,}"),
        ],
        "back": row.get_absolute_url(),
        "fault": fault,
        "fund": row.fund,
    }
    return render(request, "fund/confirm.html", context, status=status)
