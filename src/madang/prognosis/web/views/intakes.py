"""How do a hospital's records come in, and what of them could not be used?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.prognosis.web.forms.patients import IntakeForm
from madang.prognosis.web.models import Intake
from madang.prognosis.web.services import intake as taking
from madang.prognosis.web.services import issues
from madang.prognosis.web.views.reach import intake_of, posted, taker

if TYPE_CHECKING:
    from django.http import HttpRequest

A_PAGE = 20


@needs("prognosis.keep")
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Take a file in; and the files that came before."""
    access = of(request)
    owners = access.acting_for("prognosis.keep")
    form = IntakeForm(posted(request), request.FILES or None, owners=owners)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = taking.take(
                taking.read(file.read(), file.name),
                owner=form.owner(),
                by=signed_in(request),
                name=file.name,
                competing=form.codes(),
            )
        except InputError as fault:
            form.add_error("file", str(fault))
        else:
            tell(request, "진료기록을 가져왔습니다.", "The records were taken in.")
            return HttpResponseRedirect(row.get_absolute_url())
    rows = Intake.objects.filter(owner__in=access.holding("prognosis.keep")).select_related("by")
    page = Paginator(rows.defer("outcome"), A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "prognosis/intakes.html", context, status=422 if form.errors else 200)


@needs("prognosis.keep", owners=taker)
def intake(request: HttpRequest, intake: int) -> HttpResponse:
    """What became of one file."""
    row = intake_of(intake)
    return render(
        request, "prognosis/intake.html", {"intake": row, "issues": issues.told(row.outcome)}
    )


@needs("prognosis.keep", owners=taker)
def outcome(request: HttpRequest, intake: int) -> HttpResponse:
    """The OperationOutcome, for the sending system."""
    row = intake_of(intake)
    text = json.dumps(row.outcome, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/fhir+json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="intake-{row.pk}.json"'
    return answer
