"""What does the registry's office do? Members, resources, keys, routes, renewals, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, signed_in
from madang.portal.files import as_csv, as_json
from madang.portal.limits import limited
from madang.portal.views.saying import tell
from madang.rpki.web.forms.office import FoundForm, MemberForm, ResourcesForm, RoutesForm
from madang.rpki.web.models import Alarm, Member, RouteSet
from madang.rpki.web.services import authority, members, observed
from madang.rpki.web.views.reach import member_of, page, posted

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.kernel.words import Words


@needs("rpki.see", everywhere=True)
def index(request: HttpRequest) -> HttpResponseBase:
    """The members with what they hold."""
    holdings = authority.holdings()
    rows = [
        (each, holdings.get(each.pk)) for each in Member.objects.select_related("organisation")
    ]
    columns = ("handle", "organisation", "resources")
    plain = (
        {
            "handle": row.pk,
            "organisation": str(row.organisation.name),
            "resources": str(held or ""),
        }
        for row, held in rows
    )
    if request.GET.get("format") == "csv":
        return as_csv(plain, columns=columns, name="rpki-members")
    if request.GET.get("format") == "json":
        return as_json(plain, name="rpki-members")
    context = _context(request) | {"rows": rows, "place": authority.place()}
    return render(request, "rpki/office.html", context)


def _context(request: HttpRequest) -> dict[str, Any]:
    return {"may_operate": request.access.everywhere("rpki.operate")}  # type: ignore[attr-defined]


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """Found the registry of this site."""
    if authority.is_founded():
        return HttpResponseRedirect(reverse("rpki:office"))

    def do(form: Form) -> None:
        said = form.cleaned_data
        members.found(
            authority.Place(said["web"], said["module"]), said["resources"],
            by=signed_in(request),
        )  # fmt: skip

    return _filled(
        request, FoundForm(posted(request)), do,
        title=words("등록기관 열기", "Found the registry"), done=words("열었습니다.", "Founded."),
    )  # fmt: skip


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Certify resources to another organisation."""

    def do(form: Form) -> None:
        said = form.cleaned_data
        members.add(
            said["handle"], said["organisation"], resources=said["resources"],
            by=signed_in(request),
        )  # fmt: skip

    return _filled(
        request, MemberForm(posted(request)), do,
        title=words("회원 등록하기", "Add a member"), done=words("등록했습니다.", "Added."),
    )  # fmt: skip


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
def resources(request: HttpRequest, member: str) -> HttpResponse:
    """Certify other resources to a member."""
    row = member_of(member)
    standing = members.standing(row.pk)
    initial = {"resources": str(standing.entitled) if standing else ""}
    return _filled(
        request,
        ResourcesForm(posted(request), initial=initial),
        lambda form: members.set_resources(
            row, form.cleaned_data["resources"], by=signed_in(request)
        ),
        title=words(f"{row}의 자원 바꾸기", f"Change the resources of {row}"),
        done=words("바꾸었습니다.", "Changed."),
        lead=words(
            "빠진 자원으로 서명한 인가는 곧바로 철회됩니다.",
            "What was signed for numbers that are taken away is withdrawn at once.",
        ),
    )


def _filled(
    request: HttpRequest,
    form: Form,
    do: Callable[[Any], None],
    *,
    title: Words,
    done: Words,
    lead: Words | str = "",
) -> HttpResponse:
    """A form of the office: shown, refused with its reason, or done."""
    fault, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                do(form)
            except InputError as refused:
                fault = str(refused)
            else:
                tell(request, done.ko, done.en)
                return HttpResponseRedirect(reverse("rpki:office"))
    context = {"form": form, "fault": fault, "title": title, "lead": lead}
    return render(request, "rpki/office_form.html", context, status=status)


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
def key(request: HttpRequest, member: str) -> HttpResponse:
    """The next step of a change of a member's keys."""
    row = member_of(member)
    standing = members.standing(row.pk)
    step = members.next_step(standing) if standing else "begin"
    return _confirmed(
        request,
        lambda: members.roll(row, step, by=signed_in(request)),
        {
            "title": words(f"{row}의 키 교체", f"Change the key of {row}"),
            "act": members.STEPS[step],
            "sentence": words(
                "준비, 서명, 폐기의 세 단계이며, 준비한 뒤 24시간을 기다립니다.",
                "Three steps: prepare, sign, revoke; after the first, validators get 24 hours.",
            ),
            "facts": [(words("다음 단계", "Next step"), members.STEPS[step])],
        },
    )


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, member: str) -> HttpResponse:
    """Revoke a member's certificates and let it go."""
    row = member_of(member)
    standing = members.standing(row.pk)
    return _confirmed(
        request,
        lambda: members.remove(row, by=signed_in(request)),
        {
            "title": words(f"{row} 회원 등록 해지", f"Remove the member {row}"),
            "act": words("인증서 폐기하고 해지하기", "Revoke and remove"),
            "sentence": words(
                "인증서를 폐기하고 서명한 인가를 모두 철회합니다. 되돌릴 수 없습니다.",
                "Its certificates and all it signed are revoked. There is no way back.",
            ),
            "facts": [
                (words("자원", "Resources"), str(standing.entitled) if standing else "–"),
                (words("공개된 파일", "Published files"), standing.objects if standing else 0),
            ],
            "is_danger": True,
        },
    )


def _confirmed(
    request: HttpRequest, do: Callable[[], None], context: dict[str, Any]
) -> HttpResponse:
    """A question with its facts; the deed once it is confirmed."""
    fault, status = "", 200
    if request.method == "POST":
        try:
            do()
        except InputError as refused:
            fault, status = str(refused), 409
        else:
            tell(request, "반영했습니다.", "Done.")
            return HttpResponseRedirect(reverse("rpki:office"))
    shown = {"back": reverse("rpki:office"), "fault": fault} | context
    return render(request, "rpki/confirm.html", shown, status=status)


@needs("rpki.operate", everywhere=True)
@require_http_methods(["GET", "POST"])
@limited("rpki-routes", "30/h")
def routes(request: HttpRequest) -> HttpResponse:
    """The files of seen routes; hand in another."""
    form = RoutesForm(posted(request), request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            table = form.cleaned_data["table"]
            observed.take(table.read(), name=str(table.name), by=signed_in(request))
            tell(request, "받았습니다. 작업자가 읽습니다.", "Taken; a worker reads it.")
            return HttpResponseRedirect(reverse("rpki:routes"))
        status = 422
    rows = page(request, RouteSet.objects.select_related("by"))
    context = _context(request) | {"form": form, "page": rows}
    return render(request, "rpki/routes.html", context, status=status)


@needs("rpki.see", everywhere=True)
def due(request: HttpRequest) -> HttpResponse:
    """What ends soonest, and is renewed by the clock."""
    context = _context(request) | {"rows": members.due()}
    return render(request, "rpki/due.html", context)


@needs("rpki.see", everywhere=True)
def alarms(request: HttpRequest) -> HttpResponse:
    """What somebody must be told, open alarms first."""
    rows = Alarm.objects.select_related("member__organisation").order_by("closed_at", "-opened_at")
    if request.GET.get("state") == "open":
        rows = rows.filter(closed_at=None)
    context = _context(request) | {"page": page(request, rows), "count": rows.count()}
    return render(request, "rpki/alarms.html", context)
