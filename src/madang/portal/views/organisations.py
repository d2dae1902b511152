"""How are organisations and their members managed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from madang.kernel.words import words
from madang.portal import files, mails, organisations, people
from madang.portal.access import needs, of, public, signed_in
from madang.portal.forms.people import (
    AboutForm,
    CompanyForm,
    FilterForm,
    InviteForm,
    NewOrganisationForm,
    SuspendForm,
)
from madang.portal.limits import limited
from madang.portal.models import Invitation, Membership, Organisation
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

PAGE = 50


def _itself(slug: str, **_: object) -> Iterable[Organisation]:
    """The organisation that an address names."""
    return [get_object_or_404(Organisation, slug=slug)]


@needs("signed-in")
def listing(request: HttpRequest) -> HttpResponseBase:
    """The organisations that one manages or acts for."""
    access = of(request)
    form = FilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = organisations.found(
        organisations.seen_by(access),
        text=asked.get("q", ""),
        kind=asked.get("kind", ""),
        state=asked.get("state", ""),
        sort=request.GET.get("sort", ""),
    )
    wanted = request.GET.get("format", "")
    plain = (organisations.plain(each) for each in rows.iterator())
    if wanted == "csv":
        return files.as_csv(plain, columns=organisations.COLUMNS, name="organisations")
    if wanted == "json":
        return files.as_json(plain, name="organisations")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [{"row": each, "state": organisations.state(each)} for each in page],
        "may_create": access.everywhere("portal.organisations"),
    }
    return render(request, "portal/people/organisations.html", context)


@needs("portal.organisations", everywhere=True)
def create(request: HttpRequest) -> HttpResponse:
    """Make an organisation."""
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = organisations.create(form.cleaned_data, by=signed_in(request))
        return HttpResponseRedirect(reverse("organisation", args=[made.slug]))
    context = {
        "form": form,
        "title": words("기관 만들기", "Make an organisation"),
        "sentence": words(
            "만든 뒤 첫 관리자를 초대합니다.", "Then you invite its first administrator."
        ),
        "act": words("만들기", "Make it"),
        "back": reverse("organisations"),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/people/form.html", context, status=status)


@needs("signed-in")
@limited("registration", "5/d")
def register(request: HttpRequest) -> HttpResponse:
    """Register a company."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organisations.register(form.cleaned_data, by=signed_in(request))
        tell(
            request,
            "등록했습니다. 운영자가 확인하면 제출할 수 있습니다.",
            "Registered. Once an operator has confirmed it, you can hand in solutions.",
        )
        return HttpResponseRedirect(reverse("account"))
    context = {
        "form": form,
        "title": words("기업 등록", "Register a company"),
        "sentence": words(
            "등록한 사람이 이 기업의 첫 관리자가 됩니다. 운영자가 등록 번호를 확인하기 전에는"
            " 아무 권한도 생기지 않습니다.",
            "Whoever registers it becomes its first administrator. It gives no right before an"
            " operator has confirmed the registration number.",
        ),
        "act": words("등록하기", "Register"),
        "back": reverse("account"),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/people/form.html", context, status=status)


@needs("signed-in")
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """One organisation: what it says of itself, its members, and what may be done with it."""
    access = of(request)
    found = get_object_or_404(organisations.seen_by(access), slug=slug)
    manages = access.may("portal.people", found)
    members = [
        {"row": each, "may_take": people.may_take(each, access)} for each in people.members(found)
    ]
    context = {
        "organisation": found,
        "state": organisations.state(found),
        "state_title": organisations.STATES[organisations.state(found)],
        "members": members,
        "manages": manages,
        "may_govern": access.everywhere("portal.organisations"),
        "has_programs": access.may("portal.tokens", found),
        "invitations": (
            Invitation.objects.filter(organisation=found).select_related("role") if manages else []
        ),
        "form": InviteForm(roles=people.offered_roles(found, access)) if manages else None,
    }
    return render(request, "portal/people/organisation.html", context)


@needs("portal.people", owners=_itself)
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what an organisation says of itself."""
    found = get_object_or_404(Organisation, slug=slug)
    back = reverse("organisation", args=[slug])
    form = AboutForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        fresh = Organisation.objects.get(pk=found.pk)
        organisations.change(fresh, form.cleaned_data, by=signed_in(request))
        tell(request, "저장했습니다.", "Saved.")
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "title": words("기관 정보 바꾸기", "Change what it says of itself"),
        "act": words("저장하기", "Save"),
        "back": back,
    }
    status = 422 if form.errors else 200
    return render(request, "portal/people/form.html", context, status=status)


@needs("portal.organisations", everywhere=True)
@require_POST
def activate(request: HttpRequest, slug: str) -> HttpResponse:
    """Let an organisation's people act."""
    found = get_object_or_404(Organisation, slug=slug)
    organisations.activate(found, by=signed_in(request))
    tell(request, f"{found.name_ko}: 활동을 시작합니다.", f"{found.name_en} is active.")
    return HttpResponseRedirect(reverse("organisation", args=[slug]))


@needs("portal.organisations", everywhere=True)
def suspend(request: HttpRequest, slug: str) -> HttpResponse:
    """Take from an organisation's people every right."""
    found = get_object_or_404(Organisation, slug=slug)
    organisations.refuse_if_held(found)
    form = SuspendForm(request.POST or None)
    back = reverse("organisation", args=[slug])
    if request.method == "POST" and form.is_valid():
        organisations.suspend(found, **form.cleaned_data, by=signed_in(request))
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "title": words(f"{found.name_ko} 정지", f"Suspend {found.name_en}"),
        "sentence": words(
            "구성원의 권한이 모두 멈춥니다. 다시 활동하게 할 수 있습니다.",
            "Its members' rights all cease. It can be activated again.",
        ),
        "act": words("정지하기", "Suspend it"),
        "back": back,
        "is_danger": True,
    }
    return render(
        request, "portal/parts/confirm.html", context, status=422 if form.errors else 200
    )


@needs("portal.organisations", everywhere=True)
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove an organisation that never did anything here."""
    found = get_object_or_404(Organisation, slug=slug)
    organisations.refuse_if_held(found)
    if request.method == "POST":
        organisations.delete(found, by=signed_in(request))
        return HttpResponseRedirect(reverse("organisations"))
    context = {
        "title": words(f"{found.name_ko} 지우기", f"Delete {found.name_en}"),
        "sentence": words(
            "기관과 구성원의 역할을 지웁니다. 남긴 기록이 있으면 지울 수 없습니다.",
            "This removes it and its members' roles. It is refused where it has left records.",
        ),
        "act": words("지우기", "Delete it"),
        "back": reverse("organisation", args=[slug]),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@needs("portal.people", owners=_itself)
@require_POST
@limited("invitation", "60/h")
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer a role to an address."""
    found = get_object_or_404(Organisation, slug=slug)
    user = signed_in(request)
    form = InviteForm(request.POST, roles=people.offered_roles(found, of(request)))
    if not form.is_valid():
        context = {
            "form": form,
            "title": words("구성원 초대", "Invite a member"),
            "act": words("초대하기", "Invite"),
            "back": reverse("organisation", args=[slug]),
        }
        return render(request, "portal/people/form.html", context, status=422)
    role = form.cleaned_data["role"]
    secret, email = people.invite(found, form.cleaned_data["email"], role, by=user)
    about = {
        "organisation_ko": found.name_ko,
        "organisation_en": found.name_en,
        "role_ko": role.title_ko,
        "role_en": role.title_en,
        "by": str(user),
        "url": request.build_absolute_uri(reverse("invitation", args=[secret])),
    }
    mails.in_both("invitation", email, about).send()
    tell(request, f"{email}에 초대 메일을 보냈습니다.", f"An invitation went to {email}.")
    return HttpResponseRedirect(reverse("organisation", args=[slug]))


@needs("portal.people", owners=_itself)
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation: int) -> HttpResponse:
    """Take an offer back."""
    found = get_object_or_404(
        Invitation.objects.select_related("organisation", "role"),
        pk=invitation,
        organisation__slug=slug,
    )
    people.withdraw(found, by=signed_in(request))
    tell(request, "초대를 거두었습니다.", "The invitation is withdrawn.")
    return HttpResponseRedirect(reverse("organisation", args=[slug]))


@needs("portal.people", owners=_itself)
def remove(request: HttpRequest, slug: str, membership: int) -> HttpResponse:
    """Take a role from a member."""
    found = get_object_or_404(
        Membership.objects.select_related("user", "role", "organisation"),
        pk=membership,
        organisation__slug=slug,
    )
    if not people.may_take(found, of(request)):
        raise Http404
    back = reverse("organisation", args=[slug])
    if request.method == "POST":
        people.take_role(found, by=signed_in(request))
        tell(request, "역할을 거두었습니다.", "The role is taken back.")
        return HttpResponseRedirect(back)
    name, role = found.organisation.name, found.role.title
    context = {
        "title": words("역할 거두기", "Take a role back"),
        "sentence": words(
            f"{found.user} 님에게서 {name.ko}의 {role.ko} 역할을 거둡니다.",
            f"{found.user} will no longer be {role.en} at {name.en}.",
        ),
        "act": words("거두기", "Take it back"),
        "back": back,
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@public
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What is offered to whom; taken up by a button, once signed in."""
    access = of(request)
    if request.method == "POST" and access.user is not None:
        organisation = people.accept(secret, by=access.user)
        tell(
            request,
            f"{organisation.name_ko}의 구성원이 되었습니다.",
            f"You act for {organisation.name_en} now.",
        )
        return HttpResponseRedirect(reverse("worklist"))
    found = people.invitation(secret)
    context = {"invitation": found, "back": urlencode({"next": request.path})}
    status = 200 if found else 410
    return render(request, "portal/people/invitation.html", context, status=status)
