"""How are authorisations changed? Lines of a draft, a page that shows what they do, the deed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell
from madang.rpki.engine.routes import whatif
from madang.rpki.web.forms.changes import AspaForm, BulkForm, ConfirmForm, RoaForm
from madang.rpki.web.services import authority, drafts, lines, observed
from madang.rpki.web.views.reach import member_of, owners, posted, room

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.rpki.web.models import Draft, Member

COMMITS = "60/h"
STEPS = (
    words("초안 담기", "Collect"),
    words("영향 확인", "Check"),
    words("서명과 공개", "Publish"),
)
_MOST_SHOWN = 300


@needs("rpki.publish", owners=owners)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, member: str) -> HttpResponse:
    """Add lines to a draft, or take them out; nothing is signed here."""
    row = member_of(member)
    act = request.POST.get("act", "")
    roa = RoaForm(posted(request) if act == "roa" else None)
    aspa = AspaForm(posted(request) if act == "aspa" else None, prefix="aspa")
    context = room(request, row) | {"roa": roa, "aspa": aspa, "steps": STEPS}
    status = 200
    if request.method == "POST":
        try:
            if _changed(request, row, {"roa": roa, "aspa": aspa}):
                return HttpResponseRedirect(reverse("rpki:draft", args=[row.pk]))
        except InputError as refused:
            context["fault"] = str(refused)
        status = 422
    context |= _collected(drafts.draft(row))
    context["held"] = _lines(lines.of(authority.wanted(row.pk)), context["removed"])
    return render(request, "rpki/draft.html", context, status=status)


def _changed(request: HttpRequest, row: Member, forms: dict[str, Any]) -> bool:
    """Do what a button of the page asks for; whether it could be done."""
    user, act = signed_in(request), request.POST.get("act", "")
    if act in forms:
        form = forms[act]
        if not form.is_valid():
            return False
        line = lines.of_vrp(form.vrp()) if act == "roa" else lines.of_aspa(form.aspa())
        drafts.change(row, by=user, add=[line])
        return True
    present = lines.of(authority.wanted(row.pk))
    kept = drafts.draft(row)
    drafted = [*kept.add, *kept.remove] if kept else []
    named = request.POST.get("line", "")
    known = {json.dumps(each): each for each in (present if act == "remove" else drafted)}
    if act not in ("remove", "drop") or named not in known:
        return False
    drafts.change(row, by=user, **{act: [known[named]]})
    return True


def _collected(found: Draft | None) -> dict[str, Any]:
    removed = found.remove if found else []
    return {
        "draft": found,
        "added": _lines(found.add if found else []),
        "removed": removed,
        "taken": _lines(removed),
    }


def _lines(found: list[Any], gone: list[Any] | tuple[()] = ()) -> list[dict[str, Any]]:
    return [
        {"told": lines.told(each), "value": json.dumps(each), "is_gone": each in gone}
        for each in found
    ]


@needs("rpki.publish", owners=owners)
@require_http_methods(["GET", "POST"])
@limited("rpki-publish", COMMITS)
def preview(request: HttpRequest, member: str) -> HttpResponse:
    """What exactly would be signed and withdrawn, and which routes would turn; then the deed."""
    row = member_of(member)
    kept = drafts.draft(row)
    if kept is None or not kept.count:
        return HttpResponseRedirect(reverse("rpki:draft", args=[row.pk]))
    context = room(request, row) | _collected(kept)
    context |= {"steps": STEPS, "routes": observed.newest()}
    status = 200
    if request.method == "POST":
        try:
            drafts.commit(
                row,
                mark=request.POST.get("mark", ""),
                confirmed=_number(request.POST.get("confirmed", "")),
                by=signed_in(request),
            )
        except InputError as refused:
            context["fault"], status = str(refused), 409
        else:
            tell(request, "서명하고 공개했습니다.", "Signed and published.")
            return HttpResponseRedirect(row.get_absolute_url())
    try:
        context |= _seen(row, kept)
    except InputError as refused:
        context["fault"], status = str(refused), 409
    return render(request, "rpki/preview.html", context, status=status)


def _seen(row: Member, kept: Draft) -> dict[str, Any]:
    found = drafts.seen(row, kept)
    impact = found.impact
    return {
        "seen": found,
        "form": ConfirmForm(harm=found.harm, mark=found.mark),
        "sentence": impact.sentence,
        "invalid": [whatif.told(each) for each in impact.to("invalid")[:_MOST_SHOWN]],
        "valid": [whatif.told(each) for each in impact.to("valid")[:_MOST_SHOWN]],
        "unknown": [whatif.told(each) for each in impact.to("not-found")[:_MOST_SHOWN]],
        "paths": [str(each.path) for each in impact.paths_to("invalid")[:_MOST_SHOWN]],
        "counts": {
            "invalid": len(impact.to("invalid")),
            "valid": len(impact.to("valid")),
            "unknown": len(impact.to("not-found")),
        },
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@needs("rpki.publish", owners=owners)
@require_http_methods(["POST"])
def discard(request: HttpRequest, member: str) -> HttpResponse:
    """Forget the draft."""
    row = member_of(member)
    drafts.discard(row)
    tell(request, "초안을 버렸습니다.", "The draft is gone.")
    return HttpResponseRedirect(row.get_absolute_url())


@needs("rpki.publish", owners=owners)
@require_http_methods(["GET", "POST"])
@limited("rpki-bulk", "120/h")
def bulk(request: HttpRequest, member: str) -> HttpResponse:
    """Draft a whole file in the place of all authorisations of a kind."""
    row = member_of(member)
    form = BulkForm(posted(request), request.FILES or None)
    context = room(request, row) | {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = drafts.replace(
                    row, form.cleaned_data["table"], kind=form.kind, by=signed_in(request)
                )
            except InputError as refused:
                context["fault"] = str(refused)
            else:
                if made.count:
                    return HttpResponseRedirect(reverse("rpki:preview", args=[row.pk]))
                tell(request, "파일이 지금의 인가와 같습니다.", "The file says what stands.")
                return HttpResponseRedirect(row.get_absolute_url())
    return render(request, "rpki/bulk.html", context, status=status)
