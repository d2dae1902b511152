"""The directory of companies, each one's page, and what a company says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.portal.access import needs, of, public
from madang.portal.models import Organisation
from madang.portal.views.saying import tell
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.forms.companies import DirectoryForm, ProfileForm
from madang.trials.web.services import companies as known
from madang.trials.web.services import kinds
from madang.trials.web.views.catalogue import as_csv
from madang.trials.web.views.room import lists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.trials.web.models import Profile

A_PAGE = 20


@public
def companies(request: HttpRequest) -> HttpResponseBase:
    """Companies that show themselves and fit the address."""
    form = DirectoryForm(request.GET)
    wish = form.wish()
    found = known.listed(**wish)
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return as_csv(map(_line, found.iterator()), name="companies")
    if wanted == "json":
        return JsonResponse({"companies": [_line(each) for each in found.iterator()]})
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "room": lists(of(request)),
        "form": form,
        "page": page,
        "count": page.paginator.count,
        "rows": [(each, _tasks(each), _sectors(each)) for each in page.object_list],
        "own": of(request).acting_for("trials.submit"),
    }
    return render(request, "trials/companies.html", context)


def _line(profile: Profile) -> dict[str, Any]:
    return {
        "company": profile.company.slug,
        "name_ko": profile.company.name_ko,
        "name_en": profile.company.name_en,
        "tasks": " ".join(profile.tasks),
        "sectors": " ".join(profile.sectors),
        "keywords": profile.keywords,
    }


def _tasks(profile: Profile) -> list[str]:
    return [str(kinds.title(each)) for each in profile.tasks]


def _sectors(profile: Profile) -> list[str]:
    return [str(SECTORS[each]) for each in profile.sectors if each in SECTORS]


def _company(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug, kind="company", is_active=True).first()
    if found is None:
        raise Http404
    return found


def owners_of(company: str) -> Iterable[int]:
    """The company that an address names, for `needs(owners=…)`.

    Raises:
        Http404: There is none.
    """
    return [_company(company).pk]


@public
def company(request: HttpRequest, company: str) -> HttpResponse:
    """One company: what it says of itself, and its public record."""
    found = _company(company)
    profile = known.of(found)
    is_own = of(request).may("trials.submit", found)
    is_hidden = profile._state.adding or not profile.is_public
    if is_hidden and not is_own:
        raise Http404
    context = {
        "company": found,
        "profile": profile,
        "is_own": is_own,
        "is_hidden": is_hidden,
        "tasks": _tasks(profile),
        "sectors": _sectors(profile),
        "record": [(part.demand, known.RESULTS[part.result]) for part in known.record(found)],
    }
    return render(request, "trials/companies_one.html", context)


@needs("trials.submit", owners=owners_of)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, company: str) -> HttpResponse:
    """What a company says of itself."""
    found = _company(company)
    profile = known.of(found)
    initial = {name: getattr(profile, name) for name in known.FIELDS}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            known.change(found, by=of(request).user, **form.cleaned_data)  # type: ignore[arg-type]
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "소개를 저장했습니다.", "The profile was saved.")
            return HttpResponseRedirect(reverse("trials:company", args=[found.slug]))
    context = {"company": found, "form": form}
    return render(
        request, "trials/companies_edit.html", context, status=422 if form.errors else 200
    )
