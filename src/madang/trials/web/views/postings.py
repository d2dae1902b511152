"""Acts that change where a demand stands: post it, put off a date, withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.trials.engine.period import korean_time
from madang.trials.web.forms.demands import PostponeForm, ReasonForm
from madang.trials.web.services import demands, timing
from madang.trials.web.views.demand import owners_of, visible

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def post(request: HttpRequest, demand: str) -> HttpResponse:
    """Post a sealed demand."""
    found = visible(demand, of(request))
    fault = ""
    if request.method == "POST":
        try:
            demands.post(found, by=of(request).user)  # type: ignore[arg-type]
        except InputError as refused:
            fault = str(refused)
        else:
            return HttpResponseRedirect(found.get_absolute_url())
    dates = (
        (words("접수 시작", "Submissions open"), found.opens),
        (words("질의 마감", "Questions end"), found.questions_until),
        (words("접수 마감", "Submissions close"), found.closes),
        (words("판정 예정", "Decision expected"), found.decide_by),
    )
    context = {
        "title": words("수요를 공고합니다", "Post this demand"),
        "sentence": words(
            "공고하면 누구나 이 수요와 공개 표본을 보고, 기업이 질문하고 제출할 수 있습니다. "
            "봉인한 규칙과 자료는 바꿀 수 없습니다. 날짜는 늦출 수만 있습니다.",
            "Anybody will see it and its open sample; firms may ask and hand in. The sealed rule "
            "and data cannot be changed, and dates can only be put off.",
        ),
        "facts": [(title, korean_time(at) if at else "–") for title, at in dates],
        "act": words("공고하기", "Post"),
        "back": found.get_absolute_url(),
        "fault": fault,
    }
    return render(request, "trials/demand_act.html", context, status=422 if fault else 200)


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, demand: str) -> HttpResponse:
    """Withdraw a demand."""
    found = visible(demand, of(request))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            demands.withdraw(found, by=of(request).user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            return HttpResponseRedirect(
                found.get_absolute_url() if found.posted else reverse("trials:own")
            )
    context = {
        "title": words("수요를 철회합니다", "Withdraw this demand"),
        "sentence": words(
            "철회하면 되돌릴 수 없습니다. 공고한 수요는 철회 사유와 함께 목록에 남고, "
            "올린 표는 지워집니다.",
            "This cannot be undone. A posted demand stays in the list with the reason; "
            "the uploaded table is erased.",
        ),
        "act": words("철회하기", "Withdraw"),
        "is_danger": True,
        "back": found.get_absolute_url(),
        "form": form,
    }
    return render(request, "trials/demand_act.html", context, status=422 if form.errors else 200)


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def put_off(request: HttpRequest, demand: str) -> HttpResponse:
    """Put off one date of a posted demand."""
    found = visible(demand, of(request))
    form = PostponeForm(
        request.POST if request.method == "POST" else None, initial={"which": "closes"}
    )
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        owner = found.ministry or found.agency
        try:
            timing.put_off(
                found,
                given["which"],
                given["to"],
                reason=given["reason"],
                by=of(request).user,
                name=owner.slug,
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            return HttpResponseRedirect(found.get_absolute_url())
    context = {
        "title": words("날짜를 늦춥니다", "Put off a date"),
        "sentence": words(
            "날짜는 지나기 전에 늦출 수만 있으며, 사유와 함께 기록에 남습니다. "
            f"지금 시각은 {korean_time(clock.now())}입니다.",
            "A date can only be put off, before it has passed, and with a reason on record. "
            f"It is now {korean_time(clock.now())}.",
        ),
        "act": words("늦추기", "Put off"),
        "back": found.get_absolute_url(),
        "form": form,
    }
    return render(request, "trials/demand_act.html", context, status=422 if form.errors else 200)
