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
from madang.kernel.words import Words, words
from madang.portal.access import needs, of
from madang.portal.models import JobRun
from madang.trials.engine.demand_text import examine
from madang.trials.web.forms.columns import DataStep, TableForm
from madang.trials.web.forms.demands import NewDemandForm, ProblemStep, TextStep
from madang.trials.web.forms.schedule import AcceptForm, PartsStep, ScheduleStep
from madang.trials.web.forms.tasks import TaskStep
from madang.trials.web.models import Demand
from madang.trials.web.services import demands, drafts, intake, sealing
from madang.trials.web.views.checked import outlook
from madang.trials.web.views.demand import STATE_KINDS, facts, owners_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from madang.trials.engine.schema import Fault
    from madang.trials.web.forms.demands import Step

STEPS: Mapping[str, Words] = {
    "problem": words("문제", "Problem"),
    "data": words("자료", "Data"),
    "task": words("과제와 판정", "Task and rule"),
    "parts": words("나누기와 제한", "Parts and limits"),
    "schedule": words("일정과 평가표", "Dates and rubric"),
    "check": words("점검", "Check"),
    "preview": words("확인과 봉인", "Preview and seal"),
}
FORMS: Mapping[str, type[Step]] = {
    "problem": ProblemStep,
    "data": DataStep,
    "task": TaskStep,
    "parts": PartsStep,
    "schedule": ScheduleStep,
    "text": TextStep,
}
_OF_DRAFT = ("draft", "sealing", "sealed")


def draft_of(name: str) -> Demand:
    """A demand that is not posted yet.

    Raises:
        Http404: It is posted or withdrawn: its editor is gone.
    """
    found = Demand.objects.select_related("agency", "ministry").get(name=name)
    if found.state not in _OF_DRAFT:
        raise Http404
    return found


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
        return _sealing(request, found)
    step = step or "problem"
    if step == "check":
        return _check(request, found)
    if step == "preview":
        return _preview(request, found)
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


def address(demand: Demand, step: str) -> str:
    """Where a step of a demand's editor stands."""
    return reverse("trials:edit-step", args=[demand.name, step])


def following(step: str) -> str:
    """The step after this one."""
    names = list(STEPS)
    return names[names.index(step) + 1] if step in names[:-1] else names[-1]


def _step_page(
    request: HttpRequest, demand: Demand, step: str, form: Step, **more: Any
) -> HttpResponse:
    context = {
        **_frame(demand, step),
        "form": form,
        "faults": faults_of(demand, form, step) if not form.is_bound else [],
        "table_form": TableForm() if step == "data" else None,
        "run": _run(demand),
        **more,
    }
    refused = [each for each in (form, context["table_form"]) if each and each.is_bound]
    status = 422 if any(each.errors for each in refused) else 200
    return render(request, f"trials/editor_{step}.html", context, status=status)


def _frame(demand: Demand, step: str) -> dict[str, Any]:
    """What every page of the editor shows."""
    names = list(STEPS)
    return {
        "demand": demand,
        "state_kind": STATE_KINDS[demand.state],
        "step": step,
        "steps": [(title, address(demand, name), name == step) for name, title in STEPS.items()],
        "titles": list(STEPS.values()),
        "number": names.index(step) + 1 if step in names else 0,
        "back": address(demand, names[names.index(step) - 1]) if step in names[1:] else "",
        "is_text_read": _is_read(demand),
    }


def _is_read(demand: Demand) -> bool:
    """Whether the forms show what the text says."""
    try:
        return not demand.text or drafts.as_plain(demand.text) == demand.plain
    except InputError:
        return False


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


def _check(request: HttpRequest, demand: Demand) -> HttpResponse:
    """What the scorer found; leaks are accepted here."""
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
        **_frame(demand, "check"),
        **outlook(checked),
        "form": form,
        "checked": checked,
        "is_current": sealing.is_checked(demand),
        "findings": [_placed(demand, each) for each in checked.get("findings", [])],
        "leaks": _leaks(form, checked.get("leaks", [])),
        "is_leaking": bool(sealing.unaccepted(demand)),
        "run": _run(demand),
    }
    return render(request, "trials/editor_check.html", context)


def _placed(demand: Demand, finding: dict[str, str]) -> dict[str, Any]:
    """A finding with the step in which it is mended."""
    top = finding["place"].partition(".")[0]
    steps = {"title": "problem", "problem": "problem", "data": "data", "task": "task"}
    steps |= {"decision": "task", "parts": "parts", "tiers": "parts", "limits": "parts"}
    steps |= {"quota": "parts", "seed": "parts", "subgroups": "parts", "minimum_cell": "parts"}
    step = steps.get(top, "data" if finding["column"] else "text")
    return {
        **finding,
        "text": words(finding["ko"], finding["en"]),
        "step": STEPS.get(step, words("문서", "Text")),
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


def _preview(request: HttpRequest, demand: Demand) -> HttpResponse:
    """The last page: what it says in plain words, and exactly what sealing does."""
    if request.method == "POST":
        try:
            demands.seal(demand, by=of(request).user)  # type: ignore[arg-type]
        except InputError as fault:
            messages.error(request, str(fault))
        return HttpResponseRedirect(request.path)
    checked = demand.findings.get("check", {})
    context = {
        **_frame(demand, "preview"),
        "paragraphs": [words(each["ko"], each["en"]) for each in checked.get("preview", [])],
        "checked": checked,
        "hindrances": sealing.hindrances(demand),
        "run": _run(demand),
    }
    return render(request, "trials/editor_preview.html", context)


def _sealing(request: HttpRequest, demand: Demand) -> HttpResponse:
    """A demand that is being sealed, or is sealed and waits to be posted."""
    if request.method == "POST":
        raise Http404
    context = {
        **_frame(demand, "preview"),
        "run": _run(demand),
        "facts": facts(demand),
    }
    return render(request, "trials/editor_sealing.html", context)


def _run(demand: Demand) -> dict[str, Any] | None:
    """The job that works on a draft now, as its page shows it."""
    row = JobRun.objects.filter(id=demand.run).first() if demand.run else None
    if row is None:
        return None
    title = {
        "trials.suggest": words("표의 열을 살펴봅니다", "Looking at the table's columns"),
        "trials.check": words("수요와 자료를 점검합니다", "Checking the demand and its data"),
        "trials.register": words("자료를 봉인합니다", "Sealing the data"),
    }
    return {
        "title": title.get(row.job, words("처리합니다", "Working")),
        "percent": 100 * row.share if row.state == "running" else None,
        "note": words(row.saying_ko, row.saying_en),
        "url": reverse("trials:edit-progress", args=[demand.name]),
    }


@needs("trials.post", owners=owners_of)
def progress(request: HttpRequest, demand: str) -> HttpResponse:
    """How far the job of a draft is; once it has ended, the page itself is shown anew."""
    found = draft_of(demand)
    run = _run(found)
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "trials/_editor_run.html", {"run": run})
        if run is None:
            answer["HX-Refresh"] = "true"
        return answer
    if run is None:
        return HttpResponseRedirect(reverse("trials:edit", args=[found.name]))
    return render(request, "trials/editor_progress.html", {**_frame(found, "check"), "run": run})
