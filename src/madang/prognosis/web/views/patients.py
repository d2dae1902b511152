"""Who is under follow-up, and what is known and expected of one patient?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.prognosis.engine.fhir.strict_json import write_json
from madang.prognosis.web.forms.patients import (
    EndForm,
    FindForm,
    LookForm,
    RegisterForm,
    VisitForm,
)
from madang.prognosis.web.forms.registry import ReasonForm
from madang.prognosis.web.models import Patient
from madang.prognosis.web.services import people, registry, sending, shown
from madang.prognosis.web.services.answers import today
from madang.prognosis.web.views.reach import for_a_purpose, hospital, patient_of, posted

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from madang.portal.models import Organisation

A_PAGE = 50


def _own(request: HttpRequest) -> list[Organisation]:
    return of(request).acting_for("prognosis.see")


def _patients(request: HttpRequest) -> QuerySet[Patient]:
    rows = Patient.objects.filter(owner__in=of(request).holding("prognosis.see"))
    if request.GET.get("state") == "ended":
        return rows.exclude(ended_on=None).order_by("-ended_on", "pk")
    return rows.filter(ended_on=None).order_by("entered_on", "pk")


@needs("prognosis.see")
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The patients of the reader's hospitals; one is found by the hospital's number."""
    form = FindForm(posted(request))
    if form.is_valid():
        for owner in _own(request):
            found = people.find_any(owner, form.cleaned_data["number"])
            if found is not None:
                return HttpResponseRedirect(found.get_absolute_url())
        told = words("이 번호의 환자가 없습니다.", "There is no patient of this number.")
        form.add_error("number", str(told))
    page = Paginator(_patients(request), A_PAGE).get_page(request.GET.get("page"))
    owners = _own(request)
    model = registry.live(owners[0]) if owners else None
    context = {
        "form": form,
        "page": page,
        "rows": shown.listed(page.object_list, model),
        "model": model,
        "is_ended": request.GET.get("state") == "ended",
        "may_keep": of(request).may("prognosis.keep"),
    }
    return render(request, "prognosis/patients.html", context, status=422 if form.errors else 200)


@needs("prognosis.keep")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Take a patient under follow-up."""
    form = RegisterForm(posted(request), owners=of(request).acting_for("prognosis.keep"))
    if form.is_valid():
        told = form.cleaned_data
        try:
            row = people.register(
                form.owner(),
                told["number"],
                identity={"name": told["name"]},
                entered_on=told["entered_on"],
                fixed={"sex": told["sex"], "age": told["age"]},
                by=signed_in(request),
            )
        except InputError as fault:
            form.add_error("number", str(fault))
        else:
            people.look(row, by=signed_in(request), purpose="care")
            tell(request, "환자를 등록했습니다.", "The patient is under follow-up.")
            return HttpResponseRedirect(row.get_absolute_url())
    status = 422 if form.errors else 200
    return render(request, "prognosis/register.html", {"form": form}, status=status)


@needs("prognosis.see", owners=hospital)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, patient: str) -> HttpResponse:
    """Tell the purpose for which a patient is opened."""
    row = patient_of(patient)
    form = LookForm(posted(request), initial={"purpose": "care"})
    if form.is_valid():
        told = form.cleaned_data
        people.look(row, by=signed_in(request), purpose=told["purpose"], note=told["note"])
        return HttpResponseRedirect(_next(request, row))
    status = 422 if form.errors else 200
    return render(request, "prognosis/look.html", {"patient": row, "form": form}, status=status)


def _next(request: HttpRequest, row: Patient) -> str:
    target = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if target.startswith("/prognosis/") and is_ours else row.get_absolute_url()


@needs("prognosis.see", owners=hospital)
@for_a_purpose
def patient(request: HttpRequest, patient: str) -> HttpResponse:
    """The clinician's page."""
    row = patient_of(patient)
    context = shown.patient(row, registry.live(row.owner_id)) | _frame(request, row)
    return render(request, "prognosis/patient.html", context)


def _frame(request: HttpRequest, row: Patient) -> dict[str, Any]:
    access = of(request)
    return {
        "patient": row,
        "identity": people.identity(row),
        "may_keep": access.may("prognosis.keep", row.owner_id) and row.ended_on is None,
        "may_erase": access.may("prognosis.privacy", row.owner_id),
        "looks": row.looks.select_related("user")[:10],
    }


@needs("prognosis.keep", owners=hospital)
@for_a_purpose
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, patient: str) -> HttpResponse:
    """Record what was measured on a day."""
    row = patient_of(patient)
    model = registry.live(row.owner_id)
    fixed = set(row.fixed)
    columns = [each for each in (model.columns if model else []) if each["name"] not in fixed]
    form = VisitForm(posted(request), columns=columns, initial={"on": today()})
    if form.is_valid():
        try:
            people.record(row, form.cleaned_data["on"], form.values(), by=signed_in(request))
        except InputError as fault:
            form.add_error("on", str(fault))
        else:
            tell(request, "방문을 기록했습니다.", "The visit is recorded.")
            return HttpResponseRedirect(row.get_absolute_url())
    context = {"patient": row, "form": form, "model": model}
    return render(request, "prognosis/visit.html", context, status=422 if form.errors else 200)


@needs("prognosis.keep", owners=hospital)
@for_a_purpose
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, patient: str) -> HttpResponse:
    """Record how the follow-up ended."""
    row = patient_of(patient)
    model = registry.live(row.owner_id)
    causes = {0: words("사건 없이 추적 종료", "Ended without the event")}
    if model is not None:
        causes |= {1: model.outcome} | ({2: model.other} if model.other_ko else {})
    form = EndForm(posted(request), causes=causes, initial={"on": today()})
    if form.is_valid():
        told = form.cleaned_data
        try:
            people.end(row, told["on"], told["cause"], by=signed_in(request))
        except InputError as fault:
            form.add_error("on", str(fault))
        else:
            tell(request, "추적을 마쳤습니다.", "The follow-up has ended.")
            return HttpResponseRedirect(row.get_absolute_url())
    context = {"patient": row, "form": form}
    return render(request, "prognosis/end.html", context, status=422 if form.errors else 200)


@needs("prognosis.see", owners=hospital)
@for_a_purpose
def fhir(request: HttpRequest, patient: str) -> HttpResponse:
    """The prognosis as a transaction of FHIR R4: RiskAssessment, CarePlan, ServiceRequest."""
    row = patient_of(patient)
    model = registry.live(row.owner_id)
    bundle = sending.bundle(row, model) if model else None
    if bundle is None:
        tell(request, "보낼 예측이 없습니다.", "There is no prognosis to send.")
        return HttpResponseRedirect(row.get_absolute_url())
    return _file(write_json(bundle), f"{row.short}.fhir.json", "application/fhir+json")


@needs("prognosis.privacy", owners=hospital)
@for_a_purpose
@require_POST
def export(request: HttpRequest, patient: str) -> HttpResponse:
    """All that the site holds of a patient, for the patient."""
    row = patient_of(patient)
    told = people.handed_out(row, by=signed_in(request))
    text = json.dumps(told, ensure_ascii=False, indent=1)
    return _file(text, f"{row.short}.json", "application/json")


def _file(text: str, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@needs("prognosis.privacy", owners=hospital)
@for_a_purpose
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, patient: str) -> HttpResponse:
    """Erase a patient, for good."""
    row = patient_of(patient)
    form = ReasonForm(posted(request))
    if form.is_valid():
        people.erase(row, by=signed_in(request), reason=form.cleaned_data["reason"])
        tell(request, "환자를 삭제했습니다.", "The patient was erased.")
        return HttpResponseRedirect(reverse("prognosis:patients"))
    context = {
        "title": words("환자 삭제하기", "Erase a patient"),
        "sentence": words(
            f"{row.short} 환자의 신원, 방문, 예측을 모두 지웁니다. 되돌릴 수 없습니다.",
            f"Identity, visits and prognoses of {row.short} go for good.",
        ),
        "act": words("삭제하기", "Erase"),
        "back": row.get_absolute_url(),
        "is_danger": True,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "portal/parts/confirm.html", context, status=status)
