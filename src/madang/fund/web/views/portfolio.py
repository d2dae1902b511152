"""What is held, at what cost and value, and what has become of each company?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.reports import tags
from madang.fund.web.forms.terms import CompanyForm
from madang.fund.web.services import acts, book, desk
from madang.fund.web.services.shown import Names
from madang.fund.web.views.reach import fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.portal.access import needs, signed_in
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("fund.see", owners=managers)
def portfolio(request: HttpRequest, fund: str) -> HttpResponse:
    """Every company that was ever invested in, and those that are looked at."""
    row = fund_of(fund)
    held = book.book(row)
    names = Names(held, row)
    on = desk.shown_on(held, book.today())
    rows = [
        _line(held, account.company, names, on) for account in held.journal.accounts("investments")
    ]
    told = {each["code"] for each in rows}
    context = room(request, row) | {
        "rows": rows,
        "others": [each for each in row.companies.all() if each.code not in told],
        "on": on,
    }
    return render(request, "fund/portfolio.html", context)


def _line(held: Any, code: str, names: Names, on: Any) -> dict[str, Any]:
    journal = held.journal
    invested = sum(
        posting.amount_krw
        for entry in journal.entries
        if entry.on <= on
        for posting in entry.postings
        if posting.debit == Account("investments", company=code)
    )
    back = sum(
        posting.amount_krw
        for entry in journal.entries
        if entry.on <= on
        for posting in entry.postings
        if posting.debit.name in ("cash", "receivable") and posting.credit.company == code
    )
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
        "line": _line(held, company, names, on),
        "entries": entries,
        "on": on,
    }
    return render(request, "fund/company.html", context)


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
                found = acts.add_company(row, by=signed_in(request), **form.cleaned_data)
            except InputError as refused:
                fault, status = str(refused), 409
            else:
                tell(request, "기업을 등록했습니다.", "The company is entered.")
                return HttpResponseRedirect(found.get_absolute_url())
    context = room(request, row) | {"form": form, "fault": fault}
    return render(request, "fund/company_form.html", context, status=status)
