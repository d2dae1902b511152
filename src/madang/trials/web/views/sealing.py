"""The end of a demand's editor: what the check found, the preview, the sealing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.trials.web.forms.accepted import AcceptForm
from madang.trials.web.services import demands, sealing
from madang.trials.web.views.checked import outlook
from madang.trials.web.views.demand import facts, owners_of
from madang.trials.web.views.editor_frame import STEPS, address, draft_of, frame, run_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.trials.web.models import Demand


MENDED_IN = {
    **dict.fromkeys(("title", "problem"), "problem"),
    "data": "data",
    **dict.fromkeys(("task", "decision"), "task"),
    **dict.fromkeys(("parts", "tiers", "limits", "quota", "seed"), "parts"),
    **dict.fromkeys(("subgroups", "minimum_cell", "environment"), "parts"),
    **dict.fromkeys(("phases", "rubric"), "schedule"),
    "own_metric": "metric",
}
"""Section of a demand → the step in which it is mended."""
ASIDE = {"metric": words("자체 지표", "Own metric"), "text": words("문서", "Text")}
"""Pages of the editor that are no step of their own."""


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, demand: str) -> HttpResponse:
    """What the scorer found; leaks are accepted here."""
    found = draft_of(demand)
    if found.state != "draft":
        return HttpResponseRedirect(address(found, "preview"))
    return _check(request, found)


def _check(request: HttpRequest, demand: Demand) -> HttpResponse:
    form = AcceptForm(request.POST if request.method == "POST" else None, demand=demand)
    if request.method == "POST" and form.is_valid():
        by: Any = of(request).user
        changed = demands.change(demand, by=by, accepted_leaks=form.accepted())
        if "again" in request.POST:
            demands.check(changed, by=by)
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(address(demand, "preview"))
    checked = demand.findings.get("check", {})
    context = {
        **frame(demand, "check"),
        **outlook(checked),
        "form": form,
        "checked": checked,
        "is_current": sealing.is_checked(demand),
        "findings": [_placed(demand, each) for each in checked.get("findings", [])],
        "leaks": _leaks(form, checked.get("leaks", [])),
        "is_leaking": bool(sealing.unaccepted(demand)),
        "run": run_of(demand),
    }
    return render(request, "trials/editor_check.html", context)


def _placed(demand: Demand, finding: dict[str, str]) -> dict[str, Any]:
    """A finding with the step in which it is mended."""
    top = finding["place"].partition(".")[0]
    step = MENDED_IN.get(top, "data" if finding["column"] else "text")
    return {
        **finding,
        "text": words(finding["ko"], finding["en"]),
        "step": ASIDE.get(step) or STEPS[step],
        "url": address(demand, step),
    }


def _leaks(form: AcceptForm, leaks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each column that gives the outcome away, with what was measured and its two fields."""
    return [
        {
            "column": column,
            "found": [words(each["ko"], each["en"]) for each in leaks if each["column"] == column],
            "accept": form[f"accept{number}"],
            "reason": form[f"reason{number}"],
        }
        for number, column in enumerate(form.columns)
    ]


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, demand: str) -> HttpResponse:
    """The last page: what it says in plain words, exactly what sealing does, and how it went."""
    found = draft_of(demand)
    if found.state == "draft":
        return _preview(request, found)
    context = {**frame(found, "preview"), "run": run_of(found), "facts": facts(found)}
    return render(request, "trials/editor_sealing.html", context)


def _preview(request: HttpRequest, demand: Demand) -> HttpResponse:
    if request.method == "POST":
        try:
            demands.seal(demand, by=of(request).user)  # type: ignore[arg-type]
        except InputError as fault:
            messages.error(request, str(fault))
        return HttpResponseRedirect(request.path)
    checked = demand.findings.get("check", {})
    context = {
        **frame(demand, "preview"),
        "paragraphs": [words(each["ko"], each["en"]) for each in checked.get("preview", [])],
        "checked": checked,
        "hindrances": sealing.hindrances(demand),
        "run": run_of(demand),
    }
    return render(request, "trials/editor_preview.html", context)


@needs("trials.post", owners=owners_of)
def progress(request: HttpRequest, demand: str) -> HttpResponse:
    """How far the job of a draft is; once it has ended, the page itself is shown anew."""
    found = draft_of(demand)
    run = run_of(found)
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "trials/_editor_run.html", {"run": run})
        if run is None:
            answer["HX-Refresh"] = "true"
        return answer
    if run is None:
        return HttpResponseRedirect(reverse("trials:edit", args=[found.name]))
    return render(request, "trials/editor_progress.html", {**frame(found, "check"), "run": run})
