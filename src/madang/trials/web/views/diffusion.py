"""A solution on its way from agency to agency: who was asked, what each found, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel.report.charts import ForestRow
from madang.kernel.report.charts import forest as forest_chart
from madang.kernel.words import words
from madang.portal.access import needs, of, public
from madang.portal.models import Organisation
from madang.trials.web.forms.diffusion import InviteForm
from madang.trials.web.models import Confirmation
from madang.trials.web.services import diffusions, pictures, protocols
from madang.trials.web.views.demand import head, metric_title, owners_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import HttpRequest

    from madang.kernel.words import Words
    from madang.trials.engine.diffusion import Diffusion, Row
    from madang.trials.web.models import Demand

STATES = {
    "invited": ("unproved", words("답을 기다림", "Awaiting an answer")),
    "declined": ("plain", words("참여하지 않음", "Declined")),
    "accepted": ("info", words("준비 중", "Preparing")),
    "measured": ("good", words("측정 완료", "Measured")),
    "failed": ("danger", words("측정 실패", "Not measured")),
}


def asked(number: str) -> Iterable[int | None]:
    """Which agency a request went to, for `needs(owners=…)`.

    Raises:
        Http404: There is none.
    """
    found = Confirmation.objects.filter(pk=number).values_list("agency", flat=True)
    if not found:
        raise Http404
    return found


@public
def diffusion(request: HttpRequest, demand: str) -> HttpResponse:
    """Every agency's own result, what they say together, and what the next one may expect."""
    access = of(request)
    origin = visible(demand, access)
    if not origin.is_public or getattr(origin, "adoption", None) is None:
        raise Http404
    found = protocols.diffusion(origin)
    rows = origin.confirmations.select_related("agency", "demand").order_by("invited")
    is_owner = access.may("trials.adopt", *origin.owners)
    context = {
        **head(origin, access),
        "confirmations": [
            {
                "row": each,
                "state": STATES[each.state],
                "is_mine": access.may("trials.confirm", each.agency_id),
                "may_run": bool(each.demand and each.demand.state == "sealed"),
            }
            for each in rows
            if is_owner or each.state == "measured" or access.may("trials.confirm", each.agency_id)
        ],
        "form": InviteForm(origin=origin) if is_owner else None,
        "metric": metric_title(origin),
        **(_told(origin, found) if found else {}),
    }
    return render(request, "trials/diffusion.html", context)


def _told(origin: Demand, found: Diffusion) -> dict[str, Any]:
    names = {
        each.slug: each.name
        for each in Organisation.objects.filter(slug__in=[r.agency for r in found.confirmations])
    }
    rows, pooled, outlook = found.rows(), found.pooled(), found.outlook()
    return {
        "picture": _picture(origin, rows, names),
        "headers": HEADERS,
        "rows": [
            [
                names[each.agency],
                f"{each.cases:,}",
                f"{each.improvement:+.4f}",
                f"{each.low:+.4f} – {each.high:+.4f}",
            ]
            for each in rows
        ],
        "pooled": pooled,
        "outlook": outlook,
    }


HEADERS = (
    words("기관", "Agency"),
    words("사례", "Cases"),
    words("나아진 정도", "Improvement"),
    words("95 % 구간", "95 % interval"),
)


def _picture(origin: Demand, rows: Sequence[Row], names: Mapping[str, Words]) -> pictures.Picture:
    return pictures.Picture(
        name=f"{origin.name}-diffusion",
        numbers=[[names[r.agency], r.improvement, r.low, r.high] for r in rows],
        chart=lambda: forest_chart(
            [
                ForestRow(
                    label=names[each.agency],
                    estimate=each.improvement,
                    low=each.low,
                    high=each.high,
                )
                for each in rows
            ],
            reference=0.0,
            axis_title=words("기준보다 나아진 정도", "improvement over the baseline"),
            better="higher",
        ),
    )


@needs("trials.adopt", owners=owners_of)
@require_POST
def invite(request: HttpRequest, demand: str) -> HttpResponse:
    """Ask a further agency."""
    access = of(request)
    origin = visible(demand, access)
    form = InviteForm(request.POST, origin=origin)
    if not form.is_valid():
        raise Http404
    assert access.user is not None
    diffusions.invite(origin, form.cleaned_data["agency"], by=access.user)
    return HttpResponseRedirect(reverse("trials:diffusion", args=[demand]))


@needs("trials.confirm", owners=asked)
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Take part, or not."""
    row = get_object_or_404(Confirmation.objects.select_related("origin"), pk=number)
    user = of(request).user
    assert user is not None
    if request.POST.get("answer") == "accept":
        draft = diffusions.accept(row, by=user)
        return HttpResponseRedirect(reverse("trials:edit", args=[draft.name]))
    diffusions.decline(row, by=user)
    return HttpResponseRedirect(reverse("trials:diffusion", args=[row.origin.name]))


@needs("trials.confirm", owners=asked)
@require_POST
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Run the solution on the agency's sealed data."""
    found = Confirmation.objects.select_related(
        "origin__adoption__submission__company", "demand", "agency"
    )
    row = get_object_or_404(found, pk=number)
    user = of(request).user
    assert user is not None
    if row.demand is None:
        raise Http404
    diffusions.run(row, by=user)
    return HttpResponseRedirect(reverse("trials:diffusion", args=[row.origin.name]))
