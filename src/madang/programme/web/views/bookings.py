"""What does an officer book by hand, and what would it do?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell
from madang.programme.engine.ledger import KIND_NAMES
from madang.programme.web.forms.bookings import BookForm
from madang.programme.web.models import Booking
from madang.programme.web.services import by_hand, intake
from madang.programme.web.services.book import programme
from madang.programme.web.views.acts import room
from madang.programme.web.views.imports import UPLOADS

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.programme.web.services.intake import Draft

_KEPT = (
    *("kind", "line", "to_line", "amount", "day", "recipient", "voucher", "award"),
    *("corrects", "needs_days", "note"),
)


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
@limited("programme-upload", UPLOADS)
def book(request: HttpRequest) -> HttpResponse:
    """Type a booking, see what was understood, put it forward."""
    if request.method == "POST":
        return _put_forward(request) if "put" in request.POST else _typed(request)
    if "draft" not in request.GET:
        return _form(request, BookForm(initial=_correction(request.GET.get("corrects", ""))))
    found = _draft(request, request.GET["draft"])
    if before := intake.put_before(found):
        return HttpResponseRedirect(before.get_absolute_url())
    if "edit" in request.GET:
        kept = {name: found.given[name] for name in _KEPT}
        return _form(request, BookForm(initial={**kept, "earlier": found.id}), earlier=found)
    return _confirm(request, found)


def _draft(request: HttpRequest, name: str) -> Draft:
    """The reader's own booking of that name; another's is not found."""
    found = intake.draft(name, by=signed_in(request))
    if found is None or "kind" not in found.given:
        raise Http404
    return found


def _correction(name: str) -> dict[str, Any]:
    """What the correction of an entry begins with: the same, with the sign turned."""
    row = None if "\x00" in name else Booking.objects.filter(id=name).first()
    if row is None:
        return {}
    return {
        **{"kind": row.kind, "line": row.line, "to_line": row.to_line},
        "amount": f"{-row.amount_krw:,}",
        **{"recipient": row.recipient, "voucher": row.voucher, "award": row.award},
        "corrects": row.id,
    }


def _form(
    request: HttpRequest,
    form: BookForm,
    *,
    earlier: Draft | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {**room(request), "form": form, "along": earlier.files if earlier else ()}
    return render(request, "programme/booking.html", context, status=status)


def _typed(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    earlier = intake.draft(str(request.POST.get("earlier", "")), by=user)
    form = BookForm(request.POST, request.FILES, earlier=earlier)
    if not form.is_valid():
        return _form(request, form, earlier=earlier, status=422)
    name = intake.keep(
        {**form.plain(), "batch": ids.new("entry")},
        by=user,
        files=form.cleaned_data["evidence"],
        earlier=earlier,
    )
    return HttpResponseRedirect(f"{reverse('programme:book')}?{urlencode({'draft': name})}")


def _confirm(
    request: HttpRequest, found: Draft, *, fault: str = "", status: int = 200
) -> HttpResponse:
    told = by_hand.understood(found, by=signed_in(request))
    titles = {each.id: each.title for each in programme().lines}
    refusal = str(told.refusal) if told.refusal else ""
    context = {
        **room(request),
        "draft": found,
        "entry": told.entry,
        "typed": found.given["amount"],
        "line": titles[told.entry.line],
        "to_line": titles.get(told.entry.to_line, ""),
        "kind": KIND_NAMES[told.entry.kind],
        "warnings": told.warnings,
        "changes": told.changes,
        "seen": told.seen,
        "refusal": refusal,
        "fault": "" if fault == refusal else fault,
    }
    return render(request, "programme/booking_confirm.html", context, status=status)


def _put_forward(request: HttpRequest) -> HttpResponse:
    found = _draft(request, request.POST.get("draft", ""))
    try:
        act = by_hand.put_forward(found, by=signed_in(request), seen=request.POST.get("seen", ""))
    except InputError as refused:
        return _confirm(request, found, fault=str(refused), status=409)
    tell(
        request,
        "기록을 올렸습니다. 다른 사람이 승인하면 반영됩니다.",
        "Put forward; it counts once another person approves.",
    )
    return HttpResponseRedirect(act.get_absolute_url())
