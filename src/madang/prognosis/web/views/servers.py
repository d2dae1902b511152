"""With which servers of records does a hospital speak, and who comes from a chart there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.prognosis.web.forms.servers import FetchForm, ServerForm, TokenForm
from madang.prognosis.web.models import FhirServer
from madang.prognosis.web.services import servers
from madang.prognosis.web.views.reach import for_a_purpose, hospital, patient_of, posted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest


def known(request: HttpRequest, right: str) -> list[FhirServer]:
    """The servers of the organisations for which the reader has a right."""
    rows = FhirServer.objects.select_related("owner")
    return list(rows.filter(owner__in=of(request).holding(right)))


def server_of(server: int) -> FhirServer:
    """The server of an address.

    Raises:
        Http404: There is none.
    """
    found = FhirServer.objects.select_related("owner").filter(pk=server).first()
    if found is None:
        raise Http404
    return found


def whose(server: int) -> Iterable[int]:
    """Whose server it is."""
    return (server_of(server).owner_id,)


@needs("prognosis.connect")
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The servers, and one more."""
    form = ServerForm(posted(request), owners=of(request).acting_for("prognosis.connect"))
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("title", "address", "client")}
        try:
            servers.add(form.owner(), by=signed_in(request), **told)
        except InputError as fault:
            form.add_error("address", str(fault))
        else:
            tell(request, "서버를 등록했습니다.", "The server is known.")
            return HttpResponseRedirect(reverse("prognosis:servers"))
    context = {
        "form": form,
        "rows": known(request, "prognosis.connect"),
        "launch": request.build_absolute_uri(reverse("prognosis:launch")),
        "launched": request.build_absolute_uri(reverse("prognosis:launched")),
    }
    return render(request, "prognosis/servers.html", context, status=422 if form.errors else 200)


@needs("prognosis.connect", owners=whose)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, server: int) -> HttpResponse:
    """Speak with a server no longer."""
    row = server_of(server)
    if request.method == "POST":
        servers.remove(row, by=signed_in(request))
        tell(request, "서버를 지웠습니다.", "The server was removed.")
        return HttpResponseRedirect(reverse("prognosis:servers"))
    context = {
        "title": words("병원 서버 지우기", "Remove a server"),
        "sentence": words(
            f"{row.title} 서버와 더는 자료를 주고받지 않습니다.",
            f"Nothing will pass between this site and {row.title} any more.",
        ),
        "act": words("지우기", "Remove"),
        "back": reverse("prognosis:servers"),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@needs("prognosis.keep")
@require_http_methods(["GET", "POST"])
def fetch(request: HttpRequest) -> HttpResponse:
    """Take a patient in from one of the hospital's servers."""
    own = known(request, "prognosis.keep")
    form = FetchForm(posted(request), servers=own)
    if form.is_valid():
        told = form.cleaned_data
        try:
            row = servers.fetched(
                form.server(), told["patient"], token=told["token"], by=signed_in(request)
            )
        except (InputError, Unavailable) as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "진료기록을 가져왔습니다.", "The records were taken in.")
            return HttpResponseRedirect(row.get_absolute_url())
    status = 422 if form.errors else 200
    context = {"form": form, "is_known": bool(own)}
    return render(request, "prognosis/fetch.html", context, status=status)


@needs("prognosis.keep", owners=hospital)
@for_a_purpose
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, patient: str) -> HttpResponse:
    """Put a patient's prognosis on one of the hospital's servers."""
    row = patient_of(patient)
    own = [each for each in known(request, "prognosis.keep") if each.owner_id == row.owner_id]
    form = TokenForm(posted(request), servers=own)
    if form.is_valid():
        token = form.cleaned_data["token"]
        try:
            servers.sent(row, form.server(), token=token, by=signed_in(request))
        except (InputError, Unavailable) as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "예측을 병원 서버로 보냈습니다.", "The prognosis was sent.")
            return HttpResponseRedirect(row.get_absolute_url())
    context = {"patient": row, "form": form, "is_known": bool(own)}
    return render(request, "prognosis/send.html", context, status=422 if form.errors else 200)


@needs("prognosis.keep")
@require_GET
def launch(request: HttpRequest) -> HttpResponse:
    """A chart opens this product (SMART App Launch 2.0): to the server, to be let in."""
    redirect = request.build_absolute_uri(reverse("prognosis:launched"))
    try:
        begun = servers.began(
            request.GET.dict(), known(request, "prognosis.keep"), redirect=redirect
        )
    except (InputError, Unavailable) as fault:
        return _not_launched(request, fault)
    request.session[servers.STATE] = begun.kept
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        # Out of a form of this site, such as that of signing in, a browser follows no redirection
        # to another site (the policy's form-action): a link it does follow.
        return render(request, "prognosis/go_on.html", {"address": begun.address})
    return HttpResponseRedirect(begun.address)


@needs("prognosis.keep")
@require_GET
def launched(request: HttpRequest) -> HttpResponse:
    """Back from the server: to the patient's page."""
    redirect = request.build_absolute_uri(reverse("prognosis:launched"))
    try:
        patient = servers.came_back(
            request.GET.dict(),
            request.session,
            known(request, "prognosis.keep"),
            redirect=redirect,
            by=signed_in(request),
        )
    except (InputError, Unavailable) as fault:
        return _not_launched(request, fault)
    return HttpResponseRedirect(patient.get_absolute_url())


def _not_launched(request: HttpRequest, fault: Exception) -> HttpResponse:
    return render(request, "prognosis/not_launched.html", {"fault": str(fault)}, status=422)
