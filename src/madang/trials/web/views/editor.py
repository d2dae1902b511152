"""The editor of a demand: step after step, each saved as it is left and checked as it is typed.

Nothing that was typed is lost: what cannot be read comes back with its sentence, what can be read
is saved even where it is not right yet, and what somebody else changed meanwhile is not
overwritten unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms import RadioSelect
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.trials.engine.demand_text import examine
from madang.trials.web.forms.columns import DataStep, TableForm
from madang.trials.web.forms.demands import NewDemandForm, ProblemStep, TextStep
from madang.trials.web.forms.own_metric import EXAMPLE, OwnMetricStep
from madang.trials.web.forms.parts import PartsStep
from madang.trials.web.forms.schedule import ScheduleStep
from madang.trials.web.forms.tasks import TaskStep
from madang.trials.web.services import demands, drafts, intake, reviews
from madang.trials.web.views.demand import owners_of
from madang.trials.web.views.editor_frame import (
    STEPS,
    address,
    draft_of,
    following,
    frame,
    run_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from madang.trials.engine.schema import Fault
    from madang.trials.web.forms.demands import Step
    from madang.trials.web.models import Demand

FORMS: Mapping[str, type[Step]] = {
    "problem": ProblemStep,
    "data": DataStep,
    "task": TaskStep,
    "parts": PartsStep,
    "schedule": ScheduleStep,
    "metric": OwnMetricStep,
    "text": TextStep,
}


@needs("trials.post")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a demand."""
    form = NewDemandForm(request.POST if request.method == "POST" else None, access=of(request))
    if form.is_valid():
        try:
            begun = demands.draft(
                by=of(request).user,  # type: ignore[arg-type]
                agency=form.cleaned_data["agency"],
                ministry=form.cleaned_data["ministry"],
                name=form.cleaned_data["name"],
                plain=form.plain(),
                sector=form.cleaned_data["sector"],
            )
        except InputError as fault:
            form.add_error("name", str(fault))
        else:
            return HttpResponseRedirect(reverse("trials:edit-step", args=[begun.name, "data"]))
    context = {"form": form, "titles": list(STEPS.values())}
    return render(request, "trials/editor_new.html", context)


@needs("trials.post", owners=owners_of)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, demand: str, step: str = "") -> HttpResponse:
    """One step of the editor."""
    found = draft_of(demand)
    if found.state != "draft":
        return HttpResponseRedirect(address(found, "preview"))
    step = step or "problem"
    if step not in FORMS:
        raise Http404
    if request.method == "POST":
        return _saved(request, found, step)
    return _step_page(request, found, step, _form(found, step, request))


def _form(demand: Demand, step: str, request: HttpRequest, data: Any = None) -> Step:
    if step == "data":
        page = request.GET.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
        return DataStep(data, demand=demand, page=number)
    return FORMS[step](data, demand=demand)


def _saved(request: HttpRequest, demand: Demand, step: str) -> HttpResponse:
    """Save a step and go on, or say what is wrong with it."""
    form = _form(demand, step, request, request.POST)
    if not form.is_valid():
        return _step_page(request, demand, step, form)
    if form.is_stale:
        return _overtaken(request, demand, step, form)
    try:
        demand = _keep(request, demand, step, form)
    except InputError as fault:
        form.add_error(None, str(fault))
        return _step_page(request, demand, step, form)
    faults = faults_of(demand, _form(demand, step, request), step)
    stays = "save" in request.POST or "apply" in request.POST or step == "text"
    if faults or stays:
        messages.success(request, str(words("저장했습니다.", "Saved.")))
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponseRedirect(address(demand, following(step)))


def _keep(request: HttpRequest, demand: Demand, step: str, form: Step) -> Demand:
    by: Any = of(request).user
    if step == "text":
        return demands.change(demand, by=by, text=form.cleaned_data["text"])
    plain, columns = form.merged()
    changed = demands.change(demand, by=by, plain=plain, **columns)
    if step == "task" and changed.table and plain.get("task"):
        return demands.check(changed, by=by)  # it finds the metrics that can be chosen
    return changed


def _overtaken(request: HttpRequest, demand: Demand, step: str, form: Step) -> HttpResponse:
    """Somebody else saved this step meanwhile: show both, overwrite only when asked again."""
    typed = request.POST.copy()
    typed["seen"] = form.mark
    again = _form(demand, step, request, typed)
    again.is_valid()
    return _step_page(request, demand, step, again, overtaken=_form(demand, step, request))


def _step_page(
    request: HttpRequest, demand: Demand, step: str, form: Step, **more: Any
) -> HttpResponse:
    context = {
        **frame(demand, step),
        "form": form,
        "faults": faults_of(demand, form, step) if not form.is_bound else [],
        "table_form": TableForm() if step == "data" else None,
        "run": run_of(demand),
        **(_metric(demand, request) if step == "metric" else {}),
        **more,
    }
    table: TableForm | None = context["table_form"]
    refused = form.is_refused or bool(table and table.is_bound and table.errors)
    status = 422 if refused else 200
    return render(request, f"trials/editor_{step}.html", context, status=status)


def _metric(demand: Demand, request: HttpRequest) -> dict[str, Any]:
    """The metric of a draft's own, and who may confirm it."""
    user = of(request).user
    return {
        "metric": reviews.own_metric(demand),
        "is_reviewed": reviews.is_reviewed(demand),
        "is_writer": user is not None and reviews.is_writer(demand, user),
        "example": EXAMPLE,
    }


@needs("trials.post", owners=owners_of)
@require_POST
def review(request: HttpRequest, demand: str) -> HttpResponse:
    """Confirm the metric that somebody else wrote."""
    found = draft_of(demand)
    try:
        reviews.review(found, by=of(request).user)  # type: ignore[arg-type]
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(address(found, "metric"))


def faults_of(demand: Demand, form: Step, step: str) -> list[tuple[str, str]]:
    """What is wrong with this step, by its fields: identifier of the field, and a sentence."""
    if step == "text":
        return [("id_text", str(fault.error)) for fault in _examined(demand.text)]
    found = []
    for fault in _examined(drafts.as_yaml(demand.plain)):
        field = form.field_at(fault.place)
        if field:
            found.append((_anchor(form, field), str(fault.error)))
    return found


def _anchor(form: Step, field: str) -> str:
    """The identifier of a field's first control."""
    asked = form.fields.get(field)
    is_many = asked is not None and isinstance(asked.widget, RadioSelect)  # boxes are such too
    return f"id_{field}_0" if is_many else f"id_{field}"


def _examined(text: str) -> list[Fault]:
    return list(examine(text.encode("utf-8", "surrogatepass")).faults) if text else []


@needs("trials.post", owners=owners_of)
@require_POST
def look(request: HttpRequest, demand: str, step: str) -> HttpResponse:
    """What would be wrong with a step as it is typed now; nothing is saved."""
    found = draft_of(demand)
    if step not in FORMS or found.state != "draft":
        raise Http404
    form = _form(found, step, request, request.POST)
    faults: list[tuple[str, str]] = []
    if form.is_valid():
        if step == "text":
            found.text = form.cleaned_data["text"]
        else:
            found.plain, columns = form.merged()
            for name, value in columns.items():
                setattr(found, name, value)
        faults = faults_of(found, form, step)
    return render(request, "trials/_editor_findings.html", {"form": form, "faults": faults})


@needs("trials.post", owners=owners_of)
@require_POST
def upload(request: HttpRequest, demand: str) -> HttpResponse:
    """Take the agency's table into the intake."""
    found = draft_of(demand)
    form = TableForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["table"]
        try:
            table = intake.take(given.chunks(), name=given.name)
            demands.give_table(found, table, by=of(request).user)  # type: ignore[arg-type]
        except InputError as fault:
            form.add_error("table", str(fault))
        else:
            return HttpResponseRedirect(address(found, "data"))
    step = _form(found, "data", request)
    return _step_page(request, found, "data", step, table_form=form)
