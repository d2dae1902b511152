"""Of which postings does a figure consist, and what stands behind one entry?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from madang.fund.engine.ledger.query import Query
from madang.fund.web.models import Entry, Paper
from madang.fund.web.services import book, desk
from madang.fund.web.services.shown import Names, rows_of, tag
from madang.fund.web.views.reach import fund_of, managers, room
from madang.kernel.errors import InputError
from madang.portal import objects
from madang.portal.access import needs, of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

A_PAGE = 100
_MOST_PARTS = 60


@needs("fund.see", owners=managers)
def ledger(request: HttpRequest, fund: str) -> HttpResponse:
    """The postings behind one figure (`?q=`, once for each part), or all entries."""
    row = fund_of(fund)
    asked = request.GET.getlist("q")[:_MOST_PARTS]
    if not asked:
        every = Paginator(row.entries.order_by("-number"), A_PAGE)
        page = every.get_page(request.GET.get("page"))
        names = Names(book.book(row), row)
        context = {"page": page, "rows": desk.told_entries(row, names, page.object_list)}
        return render(request, "fund/entries.html", room(request, row) | context)
    try:
        parts = [Query.read(each) for each in asked]
    except InputError as fault:
        raise Http404 from fault
    held = book.book(row)
    return render(
        request, "fund/ledger.html", room(request, row) | found(held, row, parts, request)
    )


def found(held: Any, row: Any, parts: list[Query], request: HttpRequest) -> dict[str, Any]:
    """What the parts of a figure add up, posting by posting."""
    names = Names(held, row)
    rows = [
        {
            "number": each.entry.number,
            "on": each.entry.on,
            "memo": names.about(each.entry.kind.value, each.entry.memo, each.entry.facts),
            "debit": names.account(each.posting.debit),
            "credit": names.account(each.posting.credit),
            "tag": tag(each.posting.tag, names.companies),
            "amount": each.amount_krw,
        }
        for part in parts
        for each in part.postings(held.journal)
    ]
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": page.object_list,
        "sum": sum(part.of(held.journal) for part in parts),
        "label": request.GET.get("label", "")[:200],
    }


@needs("fund.see", owners=managers)
def entry(request: HttpRequest, fund: str, number: int) -> HttpResponse:
    """One entry: its postings, its hands, its papers and its place in both chains."""
    row = fund_of(fund)
    one = Entry.objects.select_related("act").filter(fund=row, number=number).first()
    if one is None:
        raise Http404
    held = book.book(row)
    entries = held.journal.entries
    value = entries[number - 1]
    context = room(request, row) | {
        "entry": one,
        "rows": rows_of([value], held, row),
        "about": Names(held, row).about(one.kind, one.memo, one.facts),
        "facts": [(key, said) for key, said in value.facts.items() if key not in ("exact",)],
        "exact": exact(held, value),
        "before": entries[number - 2].digest if number > 1 else "",
        "papers": Paper.objects.filter(fund=row, sha256__in=value.evidence),
        "may_audit": of(request).everywhere("portal.audit"),
    }
    return render(request, "fund/entry.html", context)


def exact(held: Any, value: Any) -> list[dict[str, Any]]:
    """Of a distribution: the exact part of each taker in each tier, beside the won posted."""
    from fractions import Fraction

    from madang.fund.engine.terms.agreement import PAY_NAMES
    from madang.fund.engine.waterfall.standing import Lot
    from madang.fund.engine.waterfall.tiers import Part, settled

    told = value.facts.get("exact")
    if not told:
        return []
    tiers = held.terms(value.on).distribution.tiers
    parts = {
        Part(tier, Lot(partner, deal), carry): Fraction(text)
        for tier, partner, deal, carry, text in told
    }
    won = settled(parts)
    return [
        {
            "tier": part.tier + 1,
            "pay": PAY_NAMES[tiers[part.tier].pay],
            "partner": part.lot.partner,
            "deal": part.lot.deal,
            "is_carry": part.carry,
            "exact": amount,
            "won": won[part],
        }
        for part, amount in sorted(parts.items())
    ]


@needs("fund.see", owners=managers)
def paper(request: HttpRequest, fund: str, sha256: str) -> HttpResponseBase:
    """An evidence file, verified by its digest, as nothing that a browser would run."""
    row = Paper.objects.select_related("kept").filter(fund=fund, sha256=sha256).first()
    if row is None:
        raise Http404
    content = objects.objects().get(row.kept.digest)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, row.name)
    return response
