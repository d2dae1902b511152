"""Whose is the patient or the model that an address names, and for what was it opened?"""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from madang.portal.access import signed_in
from madang.prognosis.web.models import Intake, Patient, Registered
from madang.prognosis.web.services import people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

View = TypeVar("View", bound="Callable[..., HttpResponseBase]")

OPEN_FOR = timedelta(hours=1)
"""How long a purpose that was told holds."""


def patient_of(patient: str) -> Patient:
    """The patient of an address.

    Raises:
        Http404: There is none.
    """
    found = Patient.objects.select_related("owner").filter(pk=patient).first()
    if found is None:
        raise Http404
    return found


def model_of(model: str) -> Registered:
    """The model of an address.

    Raises:
        Http404: There is none.
    """
    rows = Registered.objects.select_related("owner", "content")
    found = rows.filter(pk=model).first()
    if found is None:
        raise Http404
    return found


def intake_of(intake: int) -> Intake:
    """The intake of an address.

    Raises:
        Http404: There is none.
    """
    found = Intake.objects.select_related("owner", "by").filter(pk=intake).first()
    if found is None:
        raise Http404
    return found


def hospital(patient: str, **_: Any) -> Iterable[int]:
    """Whose patient it is."""
    return (patient_of(patient).owner_id,)


def holder(model: str, **_: Any) -> Iterable[int]:
    """Whose model it is."""
    return (model_of(model).owner_id,)


def taker(intake: int, **_: Any) -> Iterable[int]:
    """Whose records were taken in."""
    return (intake_of(intake).owner_id,)


def for_a_purpose(view: View) -> View:
    """A page of one patient: who opens it has told a purpose within the hour, or is asked."""

    @wraps(view)
    def opened(request: HttpRequest, patient: str, **address: Any) -> HttpResponseBase:
        row = patient_of(patient)
        if people.has_looked(row, by=signed_in(request), within=OPEN_FOR):
            return view(request, patient, **address)
        query = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{reverse('prognosis:look', args=[row.pk])}?{query}")

    return opened  # type: ignore[return-value]


def posted(request: HttpRequest) -> Any:
    """What was sent with a form; None where its page is only opened."""
    return request.POST if request.method == "POST" else None
