"""Of which postings does a figure consist, and what stands behind one entry?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from madang.fund.engine.ledger.entry import KIND_NAMES
from madang.fund.engine.ledger.query import Query
from madang.fund.web.forms.ledger import LedgerForm
from madang.fund.web.models import Entry, Paper
from madang.fund.web.services import book, desk, listing
from madang.fund.web.services.shown import Names, rows_of, tag
from madang.fund.web.views.reach import fund_of, managers, room
from madang.kernel.errors import InputError
from madang.portal import files, objects
from madang.portal.access import needs, of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.fund.engine.book import Book
    from madang.fund.web.models import Fund

A_PAGE = 100
_MOST_PARTS = 60


@needs("fund.see", owners=managers)
def ledger(request: HttpRequest, fund: str) -> HttpResponseBase:
    """The postings behind one figure (`?part=`, once for each part), or all entries."""
    row = fund_of(fund)
    parts = asked(request)
    held = book.book(row)
    if not parts:
        return _entries(request, row, held)
    return render(
        request, "fund/ledger.html", room(request, row) | found(held, row, parts, request)
    )


def _entries(request: HttpRequest, row: Fund, held: Book) -> HttpResponseBase:
    """The entries that a reader asks for, the latest first; `?format=` gives their postings."""
    form = LedgerForm(request.GET, names=Names(held, row))
    wanted = form.asked()
    wide = request.GET.get("format", "")
    if wide == "csv":
        rows = listing.plain(listing.postings(held, wanted))
        return files.as_csv(rows, columns=listing.COLUMNS, name=f"{row.pk}-ledger")
    if wide == "json":
        return files.as_json(
            listing.plain(listing.postings(held, wanted)), name=f"{row.pk}-ledger"
        )
    numbers = listing.entries(held, wanted)[::-1]
    page = Paginator(numbers, A_PAGE).get_page(request.GET.get("page"))
    shown = row.entries.filter(number__in=list(page.object_list)).order_by("-number")
    context = {
        "form": form,
        "page": page,
        "rows": desk.told_entries(row, form.names, shown),
        "is_narrowed": wanted.is_narrowed,
    }
    return render(request, "fund/entries.html", room(request, row) | context)


def asked(request: HttpRequest) -> list[Query]:
    """The parts of the figure that an address asks for (`?part=`, once for each).

    Raises:
        Http404: One is no question to the ledger.
    """
    try:
        return [Query.read(each) for each in request.GET.getlist("part")[:_MOST_PARTS]]
    except InputError as fault:
        raise Http404 from fault


def found(
    held: Book, row: Fund, parts: list[Query], request: HttpRequest, *, reader: int = 0
) -> dict[str, Any]:
    """What the parts of a figure add up, posting by posting.

    Args:
        held: The books.
        row: The fund.
        parts: What is added up.
        request: Whose page and label are shown.
        reader: The partner who reads it, to whom no other partner is named; 0 for who may see all.
    """
    names = Names(held, row, reader=reader)
    rows = [
        {
            "number": each.entry.number,
            "on": each.entry.on,
            "memo": KIND_NAMES[each.entry.kind]
            if reader
            else names.about(each.entry.kind.value, each.entry.memo, each.entry.facts),
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
        "reader": reader,
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
