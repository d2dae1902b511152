"""What has each partner promised, paid and received? For the manager, and for the partner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.fund.engine import telling
from madang.fund.engine.flows import calls
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.reports import capital_account, notices
from madang.fund.web.forms.stakes import StakeForm
from madang.fund.web.models import Entry, Stake
from madang.fund.web.services import book, desk, roster
from madang.fund.web.services.sheets import tables
from madang.fund.web.services.shown import Names
from madang.fund.web.views.ledger import asked, found
from madang.fund.web.views.reach import fund_of, holders, managers, posted, room
from madang.kernel.report.pdf import pdf
from madang.kernel.words import language, words
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.fund.engine.ledger.entry import Entry as Value


@needs("fund.see", owners=managers)
def partners(request: HttpRequest, fund: str) -> HttpResponse:
    """Every partner of a fund."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    on = desk.shown_on(held, book.today())
    names = Names(held, row)
    stakes = dict(row.stakes.values_list("partner", "organisation__name_ko"))
    facts = telling.standing_facts(held, on)
    rows = [
        each | {"name": names.partner(each["partner"]), "who": stakes.get(each["partner"], "")}
        for each in facts["partners"]
    ]
    return render(
        request,
        "fund/partners.html",
        room(request, row) | {"rows": rows, "on": on, "facts": facts},
    )


@needs("fund.see", owners=holders)
def partner(request: HttpRequest, fund: str, partner: int) -> HttpResponse:
    """One partner: what is to be paid, the capital account, every notice."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements or partner not in held.partners():
        raise Http404
    on = desk.shown_on(held, book.today())
    until = held.journal.closed_through or on
    report = capital_account.partner(held.terms(on), held.journal, partner, until=until)
    # A partner follows a figure to its own postings; the ledger of all is the manager's.
    is_manager = of(request).may("fund.see", row.manager_id)
    context = room(request, row) | {
        "partner": partner,
        "name": Names(held, row).partner(partner),
        "on": on,
        "until": until,
        "due": [
            (each, won)
            for each in calls.open_calls(held).values()
            if (won := each.unpaid.get(partner, 0))
        ],
        "tables": tables(report, row, partner=0 if is_manager else partner),
        "notices": _notices(held.journal.entries, partner),
        "is_manager": is_manager,
        "stake": Stake.objects.filter(fund=row, partner=partner).first(),
        "figures": _figures(held, partner, on),
    }
    return render(request, "fund/partner.html", context)


@needs("fund.see", owners=holders)
def ledger(request: HttpRequest, fund: str, partner: int) -> HttpResponse:
    """The postings behind one of a partner's own figures; other partners are not named."""
    row = fund_of(fund)
    parts = asked(request)
    if not parts or any(part.partner != partner for part in parts):
        raise Http404
    held = book.book(row)
    context = found(held, row, parts, request, reader=partner) | {
        "fund": row,
        "partner": partner,
        "name": Names(held, row).partner(partner),
    }
    return render(request, "fund/ledger.html", context)


def _figures(held: Any, partner: int, on: Any) -> dict[str, int]:
    rows = telling.standing_facts(held, on)["partners"]
    found: dict[str, int] = next((each for each in rows if each["partner"] == partner), {})
    return found | {"unfunded": held.unfunded(partner, on)}


def _notices(entries: list[Value], partner: int) -> list[tuple[Value, int]]:
    """Calls and distributions that concern a partner, the newest first."""
    found = []
    for entry in entries:
        if entry.kind is Kind.CALL:
            won = int(entry.facts["partners"].get(str(partner), 0))
        elif entry.kind in (Kind.DISTRIBUTION, Kind.IN_KIND):
            won = sum(
                each.amount_krw
                for each in entry.postings
                if each.debit.partner == partner and each.debit.name.startswith("distributed")
            )
        else:
            continue
        if won:
            found.append((entry, won))
    return found[::-1]


@needs("fund.see", owners=holders)
def notice(request: HttpRequest, fund: str, partner: int, number: int) -> HttpResponse:
    """The notice of a call or a distribution to one partner, as PDF with the entry's digest."""
    row = fund_of(fund)
    held = book.book(row)
    if not Entry.objects.filter(fund=row, number=number).exists():
        raise Http404
    entry = held.journal.entries[number - 1]
    terms = held.terms(entry.on)
    if partner not in {each.number for each in terms.partners}:
        raise Http404
    if not any(each.number == number for each, _ in _notices([entry], partner)):
        raise Http404
    write = notices.call if entry.kind is Kind.CALL else notices.distribution
    content = pdf(write(terms, held.journal, entry, partner), languages=(language(),))
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{row.pk}-{entry.kind.value}-{number}-{partner}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def stake(request: HttpRequest, fund: str, partner: int) -> HttpResponse:
    """Say which organisation stands behind a partner's number."""
    row = fund_of(fund)
    held = book.book(row)
    if not held.agreements or partner not in {each.number for each in held.latest.partners}:
        raise Http404
    form = StakeForm(posted(request))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            roster.give_stake(
                row, partner, form.cleaned_data["organisation"], by=signed_in(request)
            )
            tell(request, "출자자를 연결했습니다.", "The partner is connected.")
            return HttpResponseRedirect(reverse("fund:partner", args=[row.pk, partner]))
        status = 422
    context = room(request, row) | {
        "form": form,
        "stake": Stake.objects.filter(fund=row, partner=partner).first(),
        "partner": partner,
        "name": Names(held, row).partner(partner),
    }
    return render(request, "fund/stake.html", context, status=status)


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, fund: str, partner: int) -> HttpResponse:
    """Let the organisation behind a partner's number see the fund no longer."""
    row = fund_of(fund)
    held = Stake.objects.filter(fund=row, partner=partner).select_related("organisation").first()
    if held is None:
        raise Http404
    back = reverse("fund:partner", args=[row.pk, partner])
    if request.method == "POST":
        roster.take_stake(held, by=signed_in(request))
        tell(request, "연결을 끊었습니다.", "The partner is no longer connected.")
        return HttpResponseRedirect(back)
    verb = words("연결 끊기", "Disconnect it")
    context = {
        "title": verb,
        "act": verb,
        "is_danger": True,
        "sentence": words(
            "이 기관의 구성원은 조합원의 금액과 통지서를 더는 볼 수 없습니다. "
            "장부는 바뀌지 않습니다.",
            "Its members will no longer see the partner's figures and notices. The books stay.",
        ),
        "facts": [
            (words("기관", "Organisation"), held.organisation),
            (words("조합원 번호", "Partner number"), partner),
        ],
        "back": back,
    }
    return render(request, "fund/publish.html", context)
