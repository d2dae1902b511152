"""How does each month stand, and which one is to be closed next?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.programme.engine.ledger import KIND_NAMES
from madang.programme.web.forms.months import MonthForm
from madang.programme.web.services import acts, book
from madang.programme.web.services.months import next_to_close, of_year
from madang.programme.web.views.acts import posted, room

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.kernel.words import Words
    from madang.programme.web.services.months import Month


@needs("programme.see", everywhere=True)
def listing(request: HttpRequest) -> HttpResponse:
    """Every month of the fiscal year from the vote on."""
    found = of_year()
    context = {
        **room(request),
        "months": found,
        "kinds": list(KIND_NAMES.values()),
        "next": next_to_close(found),
        "has_records": book.has_records() or any(each.close for each in found),
        "may_approve": of(request).everywhere("programme.approve"),
    }
    return render(request, "programme/months.html", context)


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Ask that the earliest open month that is over be closed."""
    found = next_to_close(of_year())
    if request.method == "GET" and found is None:
        return HttpResponseRedirect(reverse("programme:months"))
    form = MonthForm(posted(request), initial={"month": found.first if found else book.today()})
    fault, status = "", 200
    if request.method == "POST":
        status = 409
        # What was read on the page is what is asked for, even where another month is next by now.
        if form.is_valid() and found and form.cleaned_data["month"] == found.first:
            try:
                act = acts.put_close_forward(found.first, by=signed_in(request))
            except InputError as refused:
                fault = str(refused)
            else:
                tell(request, "마감을 요청했습니다.", "Asked to close it.")
                return HttpResponseRedirect(act.get_absolute_url())
        else:
            fault = str(
                words(
                    "그 사이에 마감할 달이 바뀌었습니다. 월 마감 목록을 다시 확인하십시오.",
                    "Another month is next by now. Look at the list of months again.",
                )
            )
    name = f"{found.first:%Y-%m}" if found else ""
    context = {
        "title": words(f"{name} 마감 요청하기", f"Ask to close {name}"),
        "act": words("마감 요청하기", "Ask to close it"),
        "sentence": words(
            "다른 사람이 승인하면 이 달과 그 앞의 달에는 더 기록할 수 없습니다."
            " 정정은 열린 달에 합니다.",
            "Once another person approves, nothing more is booked into this month or those before"
            " it. Corrections go into an open month.",
        ),
        "facts": _facts(found),
        "form": form,
        "fault": fault,
        "back": reverse("programme:months"),
    }
    return render(request, "programme/act_confirm.html", context, status=status)


def _facts(month: Month | None) -> list[tuple[Words, str]]:
    """What was booked in a month."""
    if month is None:
        return []
    sums = [
        (words(f"{title.ko}(원)", f"{title.en.capitalize()} (won)"), f"{month.sums[kind]:,}")
        for kind, title in KIND_NAMES.items()
        if month.sums[kind]
    ]
    return [(words("기록 수", "Entries"), f"{month.count:,}"), *sums]
