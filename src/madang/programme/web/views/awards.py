"""Where an officer keeps the calls and agreements of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import render

from madang.kernel.errors import InputError
from madang.portal.access import needs, signed_in
from madang.portal.views.saying import tell
from madang.programme.engine.awards import REGIONS
from madang.programme.web import models
from madang.programme.web.forms.awards import AwardForm, CallForm, EndForm
from madang.programme.web.services import awards as keeping
from madang.programme.web.views.plans import line_named

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse


@needs("programme.book", everywhere=True)
def awards(request: HttpRequest, line: str) -> HttpResponse:
    """Calls, agreements, and whom they reach."""
    found = line_named(line)
    sent = request.POST if request.method == "POST" else None
    act = request.POST.get("act", "")
    calls = models.Call.objects.filter(line=found.id)
    still_open = calls.filter(outcome="")
    call = CallForm(sent if act == "call" else None, prefix="call")
    award = AwardForm(sent if act == "award" else None, calls=still_open, prefix="award")
    ended = EndForm(sent if act == "end" else None)
    form = {"call": call, "award": award, "end": ended}.get(act)
    if sent is not None and form is not None and _done(request, found.id, act, form):
        return HttpResponseRedirect(request.path)
    signed = models.Award.objects.filter(line=found.id).select_related("recipient")
    context = {
        **{"line": found, "call": call, "award": award, "form": form, "calls": calls},
        "outcomes": [(name, title) for name, title in models.Call.OUTCOMES.items() if name],
        "signed": [
            (each, REGIONS.get(each.recipient.region)) for each in signed.order_by("signed_on")
        ],
    }
    return render(request, "programme/awards.html", context, status=422 if form else 200)


def _done(request: HttpRequest, line: str, act: str, form: forms.Form) -> bool:
    """Whether what was sent has been remembered; the form says why not."""
    if not form.is_valid():
        return False
    given, by = dict(form.cleaned_data), signed_in(request)
    try:
        if act == "call":
            keeping.announce(line, by=by, **given)
            tell(request, "공고를 등록했습니다.", "The call was registered.")
        elif act == "end":
            keeping.end(line, given.pop("call"), by=by, **given)
            tell(request, "공고의 결과를 적었습니다.", "The call's outcome was written down.")
        else:
            number = given.pop("call")
            keeping.sign(line, by=by, call=int(number) if number else None, **given)
            tell(request, "협약을 등록했습니다.", "The agreement was registered.")
    except InputError as fault:
        form.add_error(None, str(fault))
        return False
    return True
