"""Which reports are there, up to which day, and where does each figure come from?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header

from madang.fund.engine.reports import (
    capital_account,
    ilpa,
    paper,
    performance,
    plain,
    quarterly,
    workbook,
)
from madang.fund.web.services import book, desk, measured
from madang.fund.web.services.sheets import tables
from madang.fund.web.services.shown import Names
from madang.fund.web.views.reach import fund_of, managers, room
from madang.kernel.report.pdf import pdf
from madang.kernel.words import Words, language, words
from madang.portal.access import needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from madang.fund.engine.book import Book
    from madang.fund.engine.reports.cell import Report
    from madang.fund.web.models import Fund

REPORTS: dict[str, tuple[Words, Words]] = {
    "ilpa": (
        words("ILPA 보고 양식", "ILPA Reporting Template"),
        words(
            "분기·연간·누적의 순자산 변동, 보수와 비용을 국제 양식의 항목으로 봅니다.",
            "Net assets, fees and expenses by the template's rows.",
        ),
    ),
    "partners": (
        words("조합원 자본계정", "Capital accounts"),
        words(
            "조합원마다 납입·분배·손익 몫과 순자산을 봅니다.",
            "Paid in, received, results and net assets of every partner.",
        ),
    ),
    "performance": (
        words("ILPA 성과 양식", "ILPA Performance Template"),
        words(
            "출자와 분배의 날짜별 흐름, 총·순 수익률과 배수를 차입을 넣고 뺀 두 가지로 봅니다.",
            "Dated flows, gross and net rates and multiples, with and without the line.",
        ),
    ),
    "quarterly": (
        words("부처 분기 보고", "Quarterly report to the ministry"),
        words(
            "약정과 집행, 투자기업, 공공·민간 재원, 의무투자, 비용을 봅니다.",
            "Commitments, companies, public and private money, quotas and costs.",
        ),
    ),
}
_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@needs("fund.see", owners=managers)
def reports(request: HttpRequest, fund: str) -> HttpResponse:
    """Every report of a fund, with the days up to which it can be asked for."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    context = room(request, row) | {
        "reports": [(name, *said) for name, said in REPORTS.items()],
        "until": _until(request, held),
        "formats": list(_TYPES),
    }
    return render(request, "fund/reports.html", context)


def _until(request: HttpRequest, held: Book) -> date:
    """The day that was asked for; the last that is closed, or today's, where none was."""
    said = request.GET.get("until", "")
    try:
        return date.fromisoformat(said)
    except ValueError:
        return held.journal.closed_through or desk.shown_on(held, book.today())


@needs("fund.see", owners=managers)
def measures(request: HttpRequest, fund: str) -> HttpResponse:
    """How the fund has done: multiples and every rate, by group, and the J-curve."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    on = _until(request, held)
    context = room(request, row) | {"on": on} | measured.measured(held, on)._asdict()
    return render(request, "fund/measures.html", context)


@needs("fund.see", owners=managers)
def report(request: HttpRequest, fund: str, name: str) -> HttpResponse:
    """One report, each figure leading to its postings; `?format=` for files."""
    row = fund_of(fund)
    held = book.book(row)
    if name not in REPORTS or not held.agreements:
        raise Http404
    until = _until(request, held)
    found = _WRITE[name](held, row, until)
    form = request.GET.get("format", "")
    if form in _TYPES:
        return _file(found, row, name, until, form, request)
    context = room(request, row) | {
        "name": name,
        "title": REPORTS[name][0],
        "tables": tables(found, row),
        "until": until,
        "report": found,
        "formats": list(_TYPES),
    }
    return render(request, "fund/report.html", context)


def _file(
    found: Report, row: Fund, name: str, until: date, form: str, request: HttpRequest
) -> HttpResponse:
    address = request.build_absolute_uri(f"/fund/{row.pk}/ledger")
    content: bytes
    if form == "pdf":
        content = pdf(paper.document(found), languages=(language(),))
    elif form == "xlsx":
        content = workbook.xlsx(found, address=address)
    else:
        content = plain.csv_text(found).encode("utf-8-sig")
    file = f"{row.pk}-{name}-{until}.{form}"
    shown = content_disposition_header(form != "pdf", file) or "attachment"
    return HttpResponse(content, content_type=_TYPES[form], headers={"Content-Disposition": shown})


def _ilpa(held: Book, row: Any, until: date) -> Report:
    return ilpa.reporting(held.terms(until), held.journal, until=until)


def _partners(held: Book, row: Any, until: date) -> Report:
    return capital_account.partners(held.terms(until), held.journal, until=until)


def _quarterly(held: Book, row: Any, until: date) -> Report:
    names = Names(held, row).companies
    return quarterly.quarterly(held.terms(until), held.journal, until=until, companies=names)


def _performance(held: Book, row: Any, until: date) -> Report:
    return performance.performance(held.terms(until), held.journal, until=until)


_WRITE: dict[str, Callable[[Any, Any, date], Report]] = {
    "ilpa": _ilpa,
    "partners": _partners,
    "performance": _performance,
    "quarterly": _quarterly,
}
