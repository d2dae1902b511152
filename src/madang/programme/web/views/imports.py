"""What would a file of records change, and what is to be mended before it may?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.kernel.sheets.amounts import unit_name
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.words import language
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell
from madang.programme.engine.intake.batch import new_batch
from madang.programme.engine.intake.roles import TITLES
from madang.programme.engine.ledger import KIND_NAMES, Kind
from madang.programme.web.forms.imports import STEPS, ImportForm
from madang.programme.web.services import book, intake
from madang.programme.web.views.acts import room

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.datastructures import MultiValueDict

    from madang.kernel.words import Words
    from madang.programme.engine.intake.batch import Preview
    from madang.programme.web.services.intake import Draft, Looked

MOST_FAULTS_SHOWN = 200
UPLOADS = "120/h"
_MOST_ROWS = 2_000
SAMPLE = """\
집행 기록 예시: 지어낸 값입니다
사업코드,전표번호,집행일자,구분,금액(원),지급처,적요
rpki,예시-1,2025-08-05,교부,"300,000,000",예시 수행기관,예시
rpki,예시-2,2025-08-20,집행,"120,000,000",예시 장비업체,예시
rpki,예시-3,2025.9.3,집행,"80,000,000",예시 구축업체,예시
npu,예시-4,2025-08-05,교부,"500,000,000",예시 수행기관,예시
npu,예시-5,25/09/10,집행,"150,000,000",예시 설계업체,예시
npu,예시-5,25/09/17,집행,"-10,000,000",예시 설계업체,예시: 잘못 낸 금액의 정정
합계,,,,"1,140,000,000",,
"""


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
@limited("programme-upload", UPLOADS)
def import_(request: HttpRequest) -> HttpResponse:
    """Hand a file in, see what it would change, put it forward."""
    if request.method == "POST":
        if "put" in request.POST:
            return _put_forward(request)
        return _handed_in(request)
    if "draft" in request.GET:
        found = _draft(request, request.GET["draft"])
        if before := intake.put_before(found):
            return HttpResponseRedirect(before.get_absolute_url())
        return _preview(request, found, _rows(request.GET))
    return _form(request, ImportForm())


def _draft(request: HttpRequest, name: str) -> Draft:
    """The reader's own import of that name; another's is not found."""
    found = intake.draft(name, by=signed_in(request))
    if found is None or found.table is None:
        raise Http404
    return found


def _rows(given: MultiValueDict[str, str]) -> frozenset[int]:
    """The rows that were ticked; what is no row ticks none."""
    said = given.getlist("row")[:_MOST_ROWS]
    return frozenset(int(each) for each in said if each.isdecimal() and len(each) < 8)


def _handed_in(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    user = signed_in(request)
    earlier = intake.draft(str(form.data.get("earlier", "")), by=user)
    if not form.is_valid():
        return _form(request, form, earlier=earlier, status=422)
    given = form.cleaned_data
    name = intake.keep(
        {"step": given["step"], "mapping": given["mapping"], "batch": new_batch()},
        by=user,
        files=given["evidence"],
        table=given["file"],
        earlier=earlier,
    )
    return HttpResponseRedirect(f"{reverse('programme:import')}?{urlencode({'draft': name})}")


def _form(
    request: HttpRequest,
    form: ImportForm,
    *,
    earlier: Draft | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **room(request),
        **{"form": form, "fault": fault},
        "along": earlier.files if earlier else (),
        "lines": book.programme().lines,
    }
    return render(request, "programme/imports.html", context, status=status)


def _again(found: Draft) -> ImportForm:
    """The form once more, with all that need not be chosen anew."""
    kept = {name: found.given[name] for name in ("step", "mapping")}
    return ImportForm(initial={**kept, "earlier": found.id})


def _preview(
    request: HttpRequest,
    found: Draft,
    rows: frozenset[int],
    *,
    looked: Looked | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    try:
        looked = looked or intake.look(found, by=signed_in(request), looked_at=rows)
    except FileRefused as refused:
        return _form(request, _again(found), earlier=found, fault=str(refused), status=422)
    preview = looked.preview
    shown = preview.faults[:MOST_FAULTS_SHOWN]
    context = {
        **room(request),
        "draft": found,
        "preview": preview,
        "seen": looked.seen,
        "ticked": sorted(rows),
        "columns": _columns(preview),
        "changes": _changes(preview),
        "faults": [(each, each.plain(language())) for each in shown],
        "more": len(preview.faults) - len(shown),
        "may_tick": any(each.may_be_meant for each in shown),
        "twins": intake.twins(found),
        "step": STEPS[found.given["step"]],
        "form": _again(found),
        "fault": fault,
    }
    return render(request, "programme/imports_preview.html", context, status=status)


def _columns(preview: Preview) -> list[dict[str, Any]]:
    amounts = preview.headings.amounts
    return [
        {
            "heading": each.heading,
            "title": TITLES[each.role],
            "unit": unit_name(each.unit_krw) if each in amounts else "",
            "is_said": each.unit_said,
        }
        for each in preview.headings.columns
    ]


def _changes(preview: Preview) -> list[tuple[Words, Words, int, int, int]]:
    titles = {each.id: each.title for each in book.programme().lines}
    found = []
    for each in preview.changes:
        for kind, before, after in (
            (Kind.GRANT, each.granted_before_krw, each.granted_after_krw),
            (Kind.DISBURSEMENT, each.disbursed_before_krw, each.disbursed_after_krw),
            (Kind.SPENDING, each.spent_before_krw, each.spent_after_krw),
        ):
            if before != after:
                name = titles[each.line]
                found.append((name, KIND_NAMES[kind], before, after, after - before))
    return found


def _put_forward(request: HttpRequest) -> HttpResponse:
    found, rows = _draft(request, request.POST.get("draft", "")), _rows(request.POST)
    try:
        act = intake.put_forward(
            found,
            by=signed_in(request),
            looked_at=rows,
            seen=request.POST.get("seen", ""),
        )
    except InputError as refused:
        return _preview(request, found, rows, fault=str(refused), status=409)
    tell(
        request,
        f"기록 {act.count:,}건을 올렸습니다. 다른 사람이 승인하면 반영됩니다.",
        f"Put {act.count:,} bookings forward; they count once another person approves.",
    )
    return HttpResponseRedirect(act.get_absolute_url())


@needs("programme.book", everywhere=True)
def sample(request: HttpRequest) -> HttpResponse:
    """A small invented file that fits."""
    response = HttpResponse("\ufeff" + SAMPLE, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="example-records.csv"'
    return response
