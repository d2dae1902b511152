"""Which funds are there for this reader, and what is to be done in one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.fund.engine.acts import ACTS
from madang.fund.web.forms.terms import TermsForm
from madang.fund.web.models import Fund, Stake
from madang.fund.web.services import acts, book, desk, roster
from madang.fund.web.services.shown import Names
from madang.fund.web.views.reach import fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.portal.access import needs, of, public, signed_in
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
def index(request: HttpRequest) -> HttpResponse:
    """The reader's own funds and stakes, and the funds that everybody may see."""
    access = of(request)
    own = Fund.objects.select_related("manager")
    if not access.everywhere("fund.see"):
        own = own.filter(manager__in=access.holding("fund.see"))
    stakes = Stake.objects.filter(organisation__in=access.holding("fund.see"))
    published = [desk.told(each) for each in Fund.objects.filter(is_published=True)]
    context = {
        "own": [desk.summary(each) for each in own],
        "stakes": [desk.stake(each) for each in stakes.select_related("fund", "organisation")],
        "published": [each for each in published if each is not None],
        "may_register": access.may("fund.keep"),
        "may_oversee": access.everywhere("fund.see"),
    }
    return render(request, "fund/index.html", context)


@needs("fund.keep")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a fund, or amend its terms, with a term file."""
    owners = of(request).acting_for("fund.keep")
    form = TermsForm(posted(request), request.FILES or None, owners=owners)
    fault, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act = acts.put_terms_forward(
                    form.cleaned_data["terms"].read(),
                    manager=form.owner(),
                    by=signed_in(request),
                )
            except InputError as refused:
                fault = str(refused)
            else:
                tell(request, "승인을 요청했습니다.", "Put forward for approval.")
                return HttpResponseRedirect(act.get_absolute_url())
    context = {"form": form, "fault": fault}
    return render(request, "fund/register.html", context, status=status)


@needs("fund.see", owners=managers)
def fund(request: HttpRequest, fund: str) -> HttpResponse:
    """A fund's desk: how it stands, what waits and what can be done."""
    row = fund_of(fund)
    held = book.book(row)
    names = Names(held, row)
    context = room(request, row) | {
        "waiting": [
            (each, names.about(each.kind, each.title, each.asked))
            for each in row.acts.filter(state="waiting").select_related("by")
        ]
    }
    if held.agreements:
        context |= desk.desk(row, held, book.today()) | {
            "acts": [(name, each.title) for name, each in ACTS.items()]
        }
    return render(request, "fund/desk.html", context)


@public
def told(request: HttpRequest, fund: str) -> HttpResponse:
    """What everybody may know of a published fund."""
    row = fund_of(fund)
    found = desk.told(row) if row.is_published else None
    if found is None:
        raise Http404
    return render(request, "fund/told.html", {"fund": row, "told": found})


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, fund: str) -> HttpResponse:
    """Show a fund to everybody, or no longer."""
    row = fund_of(fund)
    if request.method == "POST":
        roster.publish(row, by=signed_in(request), is_published=not row.is_published)
        tell(request, "공개 여부를 바꾸었습니다.", "Changed who may see it.")
        return HttpResponseRedirect(row.get_absolute_url())
    return render(request, "fund/publish.html", desk.publishing(row))


@needs("fund.see", everywhere=True)
def oversight(request: HttpRequest) -> HttpResponse:
    """The ministry's view: public money, private money beside it, and the quotas of every fund."""
    rows = [desk.overseen(each) for each in Fund.objects.all()]
    shown = [each for each in rows if each is not None]
    return render(request, "fund/oversight.html", {"rows": shown, "whole": desk.whole(shown)})
