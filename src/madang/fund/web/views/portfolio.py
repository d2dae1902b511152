"""What is held, at what cost and value, and what has become of each company?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.fund.engine.ledger.entry import KIND_NAMES
from madang.fund.engine.reports import tags
from madang.fund.web.forms.terms import CompanyForm, PriceForm, RecordForm
from madang.fund.web.services import book, desk, records, roster
from madang.fund.web.services.shown import Names
from madang.fund.web.views.reach import fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from madang.fund.engine.book import Book
    from madang.fund.web.models import Company


@needs("fund.see", owners=managers)
def portfolio(request: HttpRequest, fund: str) -> HttpResponse:
    """Every company that was ever invested in, and those that are looked at."""
    row = fund_of(fund)
    held = book.book(row)
    names = Names(held, row)
    on = desk.shown_on(held, book.today())
    sums = _sums(held, on)
    rows = [
        _line(held, account.company, names, on, sums)
        for account in held.journal.accounts("investments")
    ]
    told = {each["code"] for each in rows}
    context = room(request, row) | {
        "rows": rows,
        "others": [each for each in row.companies.all() if each.code not in told],
        "on": on,
    }
    return render(request, "fund/portfolio.html", context)


def _sums(held: Book, on: date) -> dict[str, list[int]]:
    """What went into each company and what came back, in one pass over the ledger."""
    found: dict[str, list[int]] = {}
    for entry in held.journal.entries:
        if entry.on > on:
            continue
        for posting in entry.postings:
            debit, credit = posting.debit, posting.credit
            if debit.name == "investments":
                found.setdefault(debit.company, [0, 0])[0] += posting.amount_krw
            elif credit.company and debit.name in ("cash", "receivable"):
                found.setdefault(credit.company, [0, 0])[1] += posting.amount_krw
    return found


def _line(
    held: Book, code: str, names: Names, on: date, sums: dict[str, list[int]]
) -> dict[str, Any]:
    invested, back = sums.get(code, [0, 0])
    fair = held.fair_value(code, on)
    return {
        "code": code,
        "name": names.company(code),
        "invested": invested,
        "cost": held.cost(code, on),
        "fair": fair,
        "back": back,
        "multiple": (fair + back) / invested if invested else None,
    }


@needs("fund.see", owners=managers)
def company(request: HttpRequest, fund: str, company: str) -> HttpResponse:
    """One company: its facts, every entry about it, and how its value moved."""
    row = fund_of(fund)
    held = book.book(row)
    names = Names(held, row)
    known = row.companies.filter(code=company).first()
    entries = [each for each in held.journal.entries if each.facts.get("company") == company]
    if known is None and not entries:
        raise Http404
    on = desk.shown_on(held, book.today())
    context = room(request, row) | {
        "code": company,
        "name": names.company(company),
        "known": known,
        "region": tags.REGIONS.get(known.region, known.region) if known else "",
        "field": tags.FIELDS.get(known.field, known.field) if known else "",
        "line": _line(held, company, names, on, _sums(held, on)),
        **_recorded(request, known),
        "entries": [(each, KIND_NAMES[each.kind]) for each in entries],
        "on": on,
    }
    return render(request, "fund/company.html", context)


def _recorded(request: HttpRequest, known: Company | None) -> dict[str, Any]:
    """The company's record, and what a sale at the asked price would bring to whom."""
    found = records.latest(known) if known else None
    if found is None:
        return {}
    form = PriceForm(request.GET or None)
    price = form.cleaned_data.get("price") if form.is_bound and form.is_valid() else None
    return {
        "record": records.shown(found),
        "price_form": form,
        "price": price,
        "sold": records.sold(found, price) if price else [],
    }


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
@limited("fund-record", "120/h")
def record(request: HttpRequest, fund: str, company: str) -> HttpResponse:
    """Hand in a company's record; the newest one counts."""
    row = fund_of(fund)
    known = row.companies.filter(code=company).first()
    if known is None:
        raise Http404
    form = RecordForm(posted(request), request.FILES or None)
    fault, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                records.keep(known, form.cleaned_data["record"].read(), by=signed_in(request))
            except InputError as refused:
                fault, status = str(refused), 409
            else:
                tell(request, "기업 이력을 보관했습니다.", "The record is kept.")
                return HttpResponseRedirect(known.get_absolute_url())
    context = room(request, row) | {"form": form, "fault": fault, "company": known}
    return render(request, "fund/record.html", context, status=status)


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, fund: str, company: str) -> HttpResponse:
    """Name a company on the fund's public page, or no longer."""
    row = fund_of(fund)
    known = row.companies.filter(code=company).first()
    if known is None:
        raise Http404
    if request.method == "POST":
        roster.show_company(known, by=signed_in(request), is_published=not known.is_published)
        tell(request, "공개 여부를 바꾸었습니다.", "Changed who may see it.")
        return HttpResponseRedirect(known.get_absolute_url())
    context = _naming(known) | {
        "facts": [(words("기업", "Company"), known.name), (words("펀드", "Fund"), row.title)],
        "back": known.get_absolute_url(),
    }
    return render(request, "fund/publish.html", context)


def _naming(known: Company) -> dict[str, Any]:
    """What is asked before a company is named to everybody, or no longer."""
    verb = words("이름 공개 중지하기", "Stop naming it")
    sentence = words(
        "공개 화면에서 이 기업의 이름이 사라집니다.", "The public page names it no more."
    )
    if not known.is_published:
        verb = words("이름 공개하기", "Name it to everybody")
        sentence = words(
            "펀드가 공개되어 있으면 누구나 이 기업의 이름과 투자액을 볼 수 있습니다. "
            "기업의 동의를 받은 뒤에 공개하십시오.",
            "Everybody will see its name and what was invested, once the fund itself is shown. "
            "Do it only with the company's consent.",
        )
    return {"title": verb, "act": verb, "sentence": sentence}


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, fund: str) -> HttpResponse:
    """Enter a company that the fund looks at."""
    row = fund_of(fund)
    form = CompanyForm(posted(request))
    fault, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found = roster.add_company(row, by=signed_in(request), **form.cleaned_data)
            except InputError as refused:
                fault, status = str(refused), 409
            else:
                tell(request, "기업을 등록했습니다.", "The company is entered.")
                return HttpResponseRedirect(found.get_absolute_url())
    context = room(request, row) | {"form": form, "fault": fault}
    return render(request, "fund/company_form.html", context, status=status)
