"""The consultation of an agency and a company: minutes, signatures, conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.portal.models import StoredObject, User
from madang.portal.objects import objects
from madang.trials.web.forms.adoption import MinutesForm, item_sets, minutes_content
from madang.trials.web.models import Adoption, Demand
from madang.trials.web.services import adoptions, consultations
from madang.trials.web.views.demand import head, owners_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from madang.portal.access import Access
    from madang.portal.models import Organisation
    from madang.trials.engine.consultation import Consultation

STATE_KINDS = {"open": "unproved", "met": "good", "waived": "info"}


def parties_of(demand: str, **_: Any) -> Iterable[int | None]:
    """Whose adoption an address names, for `needs(owners=…)`: owners and company.

    Raises:
        Http404: There is none.
    """
    company = Adoption.objects.filter(demand__name=demand).values_list("company", flat=True)
    if not company:
        raise Http404
    return [*owners_of(demand), *company]


def adoption_of(demand: str) -> Adoption:
    """The adoption of an address."""
    found = Adoption.objects.select_related(
        "demand", "demand__agency", "demand__ministry", "agency", "company", "submission"
    )
    return get_object_or_404(found, demand__name=demand)


def side(adoption: Adoption, access: Access) -> Organisation | None:
    """The party for which the reader acts; None for who only looks on."""
    held = access.holding("trials.adopt")
    parties = (adoption.agency, adoption.company)
    return next((each for each in parties if each.pk in held), None)


def required_side(adoption: Adoption, access: Access) -> Organisation:
    """The party for which the reader acts.

    Raises:
        Http404: They act for neither.
    """
    found = side(adoption, access)
    if found is None:
        raise Http404
    return found


@needs("trials.adopt", owners=owners_of)
def begin(request: HttpRequest, demand: str) -> HttpResponse:
    """Say what a consultation is; open it when confirmed."""
    access = of(request)
    assert access.user is not None
    found = get_object_or_404(Demand.objects.select_related("agency", "decision"), name=demand)
    if request.method == "POST":
        adoptions.begin(found, by=access.user)
        return HttpResponseRedirect(reverse("trials:consultation", args=[demand]))
    solution = adoptions.adoptable(found)
    context = {
        "title": words("도입 협의 시작", "Begin the consultation"),
        "sentence": words(
            "채택한 해법의 기업과 조건, 비용, 운영 의무를 정합니다. 시작한 뒤에는 되돌릴 수 없고 "
            "도입을 종료할 수만 있습니다.",
            "Conditions, costs and duties are agreed with the company of the adopted solution. "
            "Once begun it can only be ended.",
        ),
        "facts": [
            (words("해법", "Solution"), solution.title),
            (words("기업", "Company"), solution.company.name),
            (words("도입할 기관", "Adopting agency"), found.agency.name),
        ],
        "act": words("협의 시작하기", "Begin"),
        "back": found.get_absolute_url(),
    }
    return render(request, "portal/parts/confirm.html", context)


@needs("trials.adopt", owners=parties_of)
def consultation(request: HttpRequest, demand: str, fault: str = "") -> HttpResponse:
    """Minutes, signatures and conditions, with what this reader may do."""
    access, adoption = of(request), adoption_of(demand)
    found = adoptions.consultation(adoption)
    mine = side(adoption, access)
    context = {
        **head(visible(demand, access), access),
        **{"adoption": adoption, "side": mine, "fault": fault, "found": found},
        **(_told(adoption, found, mine) if found else {}),
    }
    return render(request, "trials/consultation.html", context, status=422 if fault else 200)


def _told(adoption: Adoption, found: Consultation, mine: Organisation | None) -> dict[str, Any]:
    minutes, names = found.minutes, _names(adoption)
    settled = {each.condition: each for each in found.settlements}
    files = _evidence(found)
    return {
        "minutes": minutes,
        "digest": minutes.digest,
        "conditions": [
            {
                "condition": each,
                "bearer": names[each.bearer],
                "state": found.state(each.name),
                "state_kind": STATE_KINDS[found.state(each.name)],
                "settlement": settled.get(each.name),
                "files": files.get(each.name, []),
                "may_settle": bool(mine and mine.slug == minutes.other(each.bearer)),
            }
            for each in minutes.conditions
        ],
        "costs": [(each, names[each.payer]) for each in minutes.costs],
        "duties": [(each, names[each.bearer]) for each in minutes.duties],
        "signatures": _signatures(found, names),
        "wanting": [adoptions.named(adoption, each) for each in found.wanting],
        "may_sign": bool(mine and mine.slug in found.unsigned),
    }


def _names(adoption: Adoption) -> dict[str, Any]:
    return {each.slug: each.name for each in (adoption.agency, adoption.company)}


def _signatures(found: Consultation, names: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = [each.by.removeprefix("user/") for each in found.signatures]
    people = User.objects.in_bulk([int(each) for each in numbers if each.isdigit()])
    signed = [
        {"of": names[each.organisation], "at": each.at, "by": people.get(int(number), "")}
        for each, number in zip(found.signatures, numbers, strict=True)
    ]
    return [*signed, *({"of": names[each]} for each in found.unsigned)]


def _evidence(found: Consultation) -> dict[str, list[StoredObject]]:
    """Condition → the files that were named for it."""
    wanted = {digest for each in found.settlements for digest in each.evidence}
    rows: dict[str, StoredObject] = {}
    for row in StoredObject.objects.filter(digest__in=wanted).order_by("created"):
        rows.setdefault(row.digest, row)
    return {
        each.condition: [rows[d] for d in each.evidence if d in rows] for each in found.settlements
    }


@needs("trials.adopt", owners=parties_of)
def edit(request: HttpRequest, demand: str) -> HttpResponse:
    """Write the minutes, or amend them; both sides sign anew."""
    access, adoption = of(request), adoption_of(demand)
    mine, data = required_side(adoption, access), request.POST or None
    assert access.user is not None
    before = (adoption.minutes or {}).get("minutes", {})
    initial = {"held": before.get("held", timezone.localdate()), "agenda": before.get("agenda")}
    form, sets = MinutesForm(data, initial=initial), item_sets(adoption, data)
    if data is not None and form.is_valid() and all(each.is_valid() for each in sets.values()):
        content = minutes_content(form, sets)
        try:
            consultations.write(adoption, content, by=access.user, at=mine)
            return HttpResponseRedirect(reverse("trials:consultation", args=[demand]))
        except InputError as fault:
            form.add_error(None, str(fault))
    context = {
        **head(visible(demand, access), access),
        **{"adoption": adoption, "form": form, "sets": sets.items(), "titles": TITLES},
        "is_amendment": bool(before),
        "sections": [(TITLES[kind], each) for kind, each in sets.items()],
    }
    return render(request, "trials/consultation_edit.html", context, status=_status(data, form))


TITLES = {
    "condition": words("조건", "Conditions"),
    "cost": words("비용", "Costs"),
    "duty": words("운영 의무", "Operating duties"),
}


def _status(data: Any, form: Any) -> int:
    return 200 if data is None and not form.errors else 422


@needs("trials.adopt", owners=parties_of)
@require_POST
def sign(request: HttpRequest, demand: str) -> HttpResponse:
    """Sign the minutes whose digest the page showed."""
    access, adoption = of(request), adoption_of(demand)
    mine = required_side(adoption, access)
    assert access.user is not None
    digest = request.POST.get("digest", "")
    return _done(
        request,
        demand,
        lambda: consultations.sign(adoption, digest=digest, by=access.user, at=mine),
    )


@needs("trials.adopt", owners=parties_of)
@require_POST
def settle(request: HttpRequest, demand: str, condition: str) -> HttpResponse:
    """Find a condition met, waive it, or open it again."""
    access, adoption = of(request), adoption_of(demand)
    mine = required_side(adoption, access)
    acts = {"meet": _meet, "waive": _waive, "reopen": _reopen}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    return _done(request, demand, lambda: act(request, adoption, condition, mine))


def _meet(request: HttpRequest, adoption: Adoption, condition: str, mine: Organisation) -> None:
    user = of(request).user
    assert user is not None
    files = [
        consultations.file_evidence(
            adoption, each.read(), name=each.name or "evidence", by=user, at=mine
        )
        for each in request.FILES.getlist("evidence")[:10]
    ]
    consultations.meet(adoption, condition, files, by=user, at=mine)


def _waive(request: HttpRequest, adoption: Adoption, condition: str, mine: Organisation) -> None:
    user, reason = of(request).user, request.POST.get("reason", "")[:2000]
    assert user is not None
    consultations.waive(adoption, condition, reason=reason, by=user, at=mine)


def _reopen(request: HttpRequest, adoption: Adoption, condition: str, mine: Organisation) -> None:
    user = of(request).user
    assert user is not None
    consultations.reopen(adoption, condition, by=user, at=mine)


def _done(request: HttpRequest, demand: str, act: Any) -> HttpResponse:
    """Do it, and show the consultation; a refusal stands on top of it."""
    try:
        act()
    except InputError as fault:
        shown: HttpResponse = consultation(request, demand=demand, fault=str(fault))
        return shown
    return HttpResponseRedirect(reverse("trials:consultation", args=[demand]))


@needs("trials.adopt", owners=parties_of)
def evidence(request: HttpRequest, demand: str, digest: str) -> FileResponse:
    """A file that shows a condition met; both parties may read it."""
    found = adoptions.consultation(adoption_of(demand))
    named = {each for s in (found.settlements if found else ()) for each in s.evidence}
    if digest not in named:
        raise Http404
    row = StoredObject.objects.filter(digest=digest).order_by("created").first()
    name = row.name if row else digest
    # Whoever uploaded it: the browser saves it and never shows it as a page of ours.
    return FileResponse(
        objects().open(digest),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
