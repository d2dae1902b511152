"""Which models are there, how good are they, how do they hold, and which one answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.prognosis.web.forms.registry import ReasonForm, RegisterModelForm
from madang.prognosis.web.models import Registered
from madang.prognosis.web.services import quality, registry, watching
from madang.prognosis.web.views.reach import holder, model_of, posted

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


def _seen(request: HttpRequest) -> QuerySet[Registered]:
    access, rows = of(request), Registered.objects.select_related("owner")
    if access.everywhere("prognosis.see"):
        return rows
    return rows.filter(owner__in=access.holding("prognosis.see"))


def _frame(request: HttpRequest, row: Registered) -> dict[str, Any]:
    return {
        "model": row,
        "may_lead": of(request).may("prognosis.lead", row.owner_id),
        "steps": registry.STEPS[row.state],
    }


@needs("prognosis.see")
def listing(request: HttpRequest) -> HttpResponse:
    """The models of the reader's organisations."""
    rows = [(each, quality.summary(each)) for each in _seen(request)]
    context = {"rows": rows, "may_lead": of(request).may("prognosis.lead")}
    return render(request, "prognosis/models.html", context)


@needs("prognosis.lead")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a model from its file."""
    owners = of(request).acting_for("prognosis.lead")
    form = RegisterModelForm(posted(request), request.FILES or None, owners=owners)
    if form.is_valid():
        try:
            row = registry.register(
                form.cleaned_data["file"].read(),
                owner=form.owner(),
                by=signed_in(request),
                name=form.cleaned_data["name"],
                rows=form.cleaned_data["rows"].read() if form.cleaned_data["rows"] else b"",
                **form.told(),
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "모형을 등록했습니다.", "The model is registered.")
            return HttpResponseRedirect(row.get_absolute_url())
    status = 422 if form.errors else 200
    return render(request, "prognosis/model_form.html", {"form": form}, status=status)


@needs("prognosis.see", owners=holder)
def model(request: HttpRequest, model: str) -> HttpResponse:
    """One model: its label, its quality on patients it had not seen, its limits."""
    row = model_of(model)
    context = _frame(request, row) | quality.page(row)
    return render(request, "prognosis/model.html", context)


@needs("prognosis.see")
def compare(request: HttpRequest) -> HttpResponse:
    """Models beside each other."""
    rows = list(_seen(request))
    chosen = [each for each in rows if each.pk in request.GET.getlist("model")] or rows[:3]
    context = {"rows": rows, "chosen": chosen, "table": quality.compared(chosen)}
    return render(request, "prognosis/compare.html", context)


@needs("prognosis.see", owners=holder)
def monitor(request: HttpRequest, model: str) -> HttpResponse:
    """How a model holds since it came into use."""
    row = model_of(model)
    context = _frame(request, row) | {
        "watch": watching.told(row),
        "alarms": row.alarms.all()[:50],
    }
    return render(request, "prognosis/monitor.html", context)


@needs("prognosis.lead", owners=holder)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, model: str, step: str) -> HttpResponse:
    """Take a model into use, stop it, take it up again, retire it."""
    row = model_of(model)
    found = registry.STEPS[row.state].get(step)
    if found is None:
        raise Http404
    form = ReasonForm(posted(request))
    if form.is_valid():
        try:
            registry.decide(row, step, by=signed_in(request), reason=form.cleaned_data["reason"])
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "모형의 상태를 바꾸었습니다.", "The model's state has changed.")
            return HttpResponseRedirect(row.get_absolute_url())
    context = {
        "title": found.title,
        "sentence": found.says,
        "facts": [(row.title, row.state_title)],
        "act": found.title,
        "back": row.get_absolute_url(),
        "is_danger": found.is_grave,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "portal/parts/confirm.html", context, status=status)


@needs("prognosis.see", owners=holder)
def dossier(request: HttpRequest, model: str) -> HttpResponse:
    """What an ethics board asks of a model, as a PDF in the reader's language."""
    row = model_of(model)
    answer = HttpResponse(quality.dossier(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{row.pk}-dossier.pdf"'
    return answer


@needs("prognosis.see", owners=holder)
def file(request: HttpRequest, model: str) -> HttpResponse:
    """The model's file."""
    row = model_of(model)
    answer = HttpResponse(quality.content(row), content_type=registry.MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{row.pk}.model"'
    return answer
