"""Which entries stand in the ledger, and what proves each one, down to the paper itself?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from madang.kernel import clock
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.portal import files, objects
from madang.portal.access import needs, of
from madang.portal.models import User
from madang.programme.engine.ledger import last_day
from madang.programme.engine.receipts import STATES
from madang.programme.web.forms.bookings import Asked, EntriesForm
from madang.programme.web.models import Booking, Paper, Recipient
from madang.programme.web.services import book, papers
from madang.programme.web.views.acts import handed_out, room, with_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.programme.engine.receipts import State

A_PAGE = 50
_COLUMNS = (
    *("id", "line", "kind", "amount_krw", "booked_on", "recorded_at", "to_line", "voucher"),
    *("award", "recipient", "evidence", "corrects", "note", "by", "approved_by", "act"),
)
_SORTS = {"day": "booked_on", "amount": "amount_krw"}
_HAND = re.compile(r"user/(\d{1,18})")


@needs("programme.see", everywhere=True)
def listing(request: HttpRequest) -> HttpResponseBase:
    """The entries of the ledger, the latest first."""
    form = EntriesForm(request.GET)
    asked = form.asked()
    rows = _ordered(_narrowed(asked), request.GET.get("sort", ""))
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return files.as_csv(map(_line, _plain(rows)), columns=_COLUMNS, name="entries")
    if wanted == "json":
        return files.as_json(_plain(rows), name="entries")
    # Numbers first: to skip whole rows on late pages takes long.
    numbers = rows.values_list("pk", flat=True)
    page = Paginator(numbers, A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    found = {each.pk: each for each in Booking.objects.filter(pk__in=shown)}
    context = {
        **room(request),
        "form": form,
        "page": page,
        "rows": with_names([found[number] for number in shown if number in found]),
        "is_narrowed": asked.is_narrowed,
        "has_records": bool(shown) or asked.is_narrowed or book.has_records(),
    }
    return render(request, "programme/entries.html", context)


def _narrowed(asked: Asked) -> QuerySet[Booking]:
    rows = Booking.objects.all()
    if asked.line:
        rows = rows.filter(line=asked.line) | rows.filter(to_line=asked.line)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.month:
        rows = rows.filter(booked_on__range=(asked.month, last_day(asked.month)))
    if asked.text:
        has_it = Q(voucher__icontains=asked.text) | Q(recipient__icontains=asked.text)
        known = Recipient.objects.filter(name__icontains=asked.text).values("pk")
        rows = rows.filter(has_it | Q(recipient__in=known))
    return rows


def _ordered(rows: QuerySet[Booking], sort: str) -> QuerySet[Booking]:
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        return rows.order_by("-number")
    sign = "-" if sort.startswith("-") else ""
    return rows.order_by(f"{sign}{column}", f"{sign}number")


def _plain(rows: QuerySet[Booking]) -> Iterable[dict[str, Any]]:
    names = [name for name in _COLUMNS if name != "act"]
    for each in rows.values(*names, "act_id").iterator(chunk_size=2_000):
        act = each.pop("act_id")
        yield {
            **each,
            "booked_on": each["booked_on"].isoformat(),
            "recorded_at": clock.stamp(each["recorded_at"]),
            "act": act,
        }


def _line(plain: dict[str, Any]) -> dict[str, Any]:
    """A row of a CSV file, in which several papers share a cell."""
    return {**plain, "evidence": " ".join(plain["evidence"])}


def hands(*names: str) -> list[str]:
    """What people are called whom the ledger names `user/<number>`; who is gone stays a number."""
    numbers = {name: int(found[1]) for name in names if (found := _HAND.fullmatch(name))}
    known = {each.pk: str(each) for each in User.objects.filter(pk__in=numbers.values())}
    return [known.get(numbers.get(name, -1), name) for name in names]


@needs("programme.see", everywhere=True)
def entry(request: HttpRequest, entry: str) -> HttpResponse:
    """One entry: its amounts, its hands, its papers as they stand now, and its proof."""
    # NUL is no character of a name, and some databases fail on it.
    rows = Booking.objects.select_related("act")
    row = None if "\x00" in entry else rows.filter(id=entry).first()
    if row is None:
        raise Http404
    access = of(request)
    chain = Booking.objects.filter(corrects=row.id).order_by("number")
    context = {
        **with_names([row])[0],
        "hands": hands(row.by, row.approved_by),
        "corrects": Booking.objects.filter(id=row.corrects).first() if row.corrects else None,
        "corrected_by": chain,
        "left_krw": row.amount_krw + sum(each.amount_krw for each in chain),
        "standings": _standings(row.evidence),
        "may_audit": access.everywhere("portal.audit"),
        "may_book": access.everywhere("programme.book"),
    }
    return render(request, "programme/entry.html", context)


def _standings(digests: list[str]) -> list[dict[str, Any]]:
    """Each paper of an entry as it stands now: its content is read and compared."""
    known = {each.sha256: each for each in Paper.objects.filter(sha256__in=digests)}
    papers.look(list(known.values()))
    found = []
    for digest in digests:
        paper = known.get(digest)
        state: State = "missing" if paper is None else paper.state  # type: ignore[assignment]
        found.append(
            {
                "sha256": digest,
                "paper": paper,
                "holds": state == "whole",
                "state": STATES[state],
            }
        )
    return found


@needs("programme.see", everywhere=True)
def paper(request: HttpRequest, sha256: str) -> HttpResponse:
    """An evidence file, verified; one that does not hold is named and never served."""
    row = Paper.objects.filter(sha256=sha256).first()
    if row is None:
        raise Http404
    papers.look([row])
    try:
        content = objects.objects().get(sha256)
    except ObjectMissing:
        return _not_served(request, row, "missing")
    except ObjectCorrupt as fault:
        return _not_served(request, row, "changed", found=fault.found)
    return handed_out(content, row.name)


def _not_served(request: HttpRequest, row: Paper, state: State, found: str = "") -> HttpResponse:
    """What was found in place of a paper, and what was expected."""
    leaning = Booking.objects.filter(evidence__icontains=row.sha256).order_by("number")[:A_PAGE]
    context = {"paper": row, "state": STATES[state], "found": found, "entries": leaning}
    return render(request, "programme/entry_paper.html", context, status=409)
