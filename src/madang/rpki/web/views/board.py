"""How well is the country's routing protected, and why is one announcement what it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from madang.portal.access import of, public
from madang.rpki.web.forms.asking import WhyForm
from madang.rpki.web.models import Alarm, Member
from madang.rpki.web.services import authority, charts, days, observed, reasons, world

if TYPE_CHECKING:
    from django.http import HttpRequest

_RUNS = 500


@public
def index(request: HttpRequest) -> HttpResponse:
    """Coverage, states and payloads; whether anything is in trouble; the reader's own members."""
    access, meta = of(request), world.meta()
    known = {each.pk: each for each in Member.objects.select_related("organisation")}
    log = world.history()
    held = access.holding("rpki.see")
    counted = days.whole()
    context: dict[str, Any] = {
        "form": WhyForm(),
        "meta": meta,
        "looked": world.moment(meta["at"]) if meta else None,
        "figures": [
            each
            for each in (
                charts.coverage(days.latest(), known),
                charts.states(counted),
                charts.payloads(log.totals(limit=_RUNS), _told) if log else None,
            )
            if each is not None
        ],
        "whole": counted[-1] if counted else None,
        "routes": observed.newest(),
        "trouble": _count("point", "refused > 0 or code <> ''"),
        "failing": _count("repository", "failure_en <> ''"),
        "is_example": any(each.is_example for each in known.values()),
        "own": [each for each in known.values() if each.organisation_id in held],
        "may_operate": access.everywhere("rpki.operate"),
        "open_alarms": Alarm.objects.filter(closed_at=None).count()
        if access.everywhere("rpki.see")
        else None,
        "tal": authority.tal(),
    }
    return render(request, "rpki/index.html", context)


def _count(table: str, where: str) -> int:
    found = world.asked(f"select count(*) from {table} where {where}")  # noqa: S608 - ours
    return int(found[0][0]) if found else 0


def _told(second: int) -> str:
    return timezone.localtime(world.moment(second)).strftime("%Y-%m-%d %H:%M")


@public
def why(request: HttpRequest) -> HttpResponse:
    """The state of one announcement, with the proof."""
    given = {"prefix", "asn"} <= set(request.GET)
    form = WhyForm(request.GET if given else None)
    context: dict[str, Any] = {"form": form, "looked": world.meta().get("at")}
    status = 200
    if given and not form.is_valid():
        status = 422
    elif given:
        found = reasons.why(form.cleaned_data["prefix"], form.cleaned_data["asn"])
        if request.GET.get("format") == "json":
            return JsonResponse(found.plain())
        log = world.history()
        context |= {
            "found": found,
            "began": world.moment(began) if log and (began := log.began()) else None,
            "moment": world.moment,
        }
    return render(request, "rpki/why.html", context, status=status)
