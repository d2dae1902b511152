"""What may a person see and change of their own account?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from madang.kernel.words import words
from madang.portal import organisations, people
from madang.portal.access import needs, signed_in
from madang.portal.forms.people import AccountForm
from madang.portal.models import Membership, User
from madang.portal.views.front import spoken
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("signed-in")
def account(request: HttpRequest) -> HttpResponse:
    """Name, language, ways to sign in, memberships, and what is recorded."""
    user = signed_in(request)
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        people.change(user, **form.cleaned_data, by=user)
        tell(request, "저장했습니다.", "Saved.")
        return spoken(HttpResponseRedirect(reverse("account")), user.language)
    memberships = Membership.objects.filter(user=user).select_related("organisation", "role")
    context = {
        "form": form,
        "has_password": user.has_usable_password(),
        "has_second_factor": is_mfa_enabled(user),
        "has_providers": bool(get_adapter().list_providers(request)),
        "session_count": UserSession.objects.filter(user=user).count(),
        "memberships": [
            {"row": each, "state": organisations.state(each.organisation)} for each in memberships
        ],
        "recorded": people.recorded_of(user),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/account/account.html", context, status=status)


@needs("signed-in")
def leave(request: HttpRequest, membership: int) -> HttpResponse:
    """Lay down a role."""
    user = signed_in(request)
    found = get_object_or_404(
        Membership.objects.select_related("organisation", "role", "user"),
        pk=membership,
        user=user,
    )
    if request.method == "POST":
        people.take_role(found, by=user)
        tell(request, "역할을 내려놓았습니다.", "You laid the role down.")
        return HttpResponseRedirect(reverse("account"))
    name, role = found.organisation.name, found.role.title
    context = {
        "title": words("역할 내려놓기", "Lay down a role"),
        "sentence": words(
            f"{name.ko}의 {role.ko} 역할을 내려놓습니다. 다시 받으려면 그 기관이 초대해야 합니다.",
            f"You will no longer be {role.en} at {name.en}. To become so again, it must invite"
            " you.",
        ),
        "act": words("내려놓기", "Lay it down"),
        "back": reverse("account"),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@needs("signed-in")
def erase(request: HttpRequest) -> HttpResponse:
    """Erase what the record holds of oneself."""
    user = signed_in(request)
    if request.method == "POST":
        count = people.erase_values(user, by=user)
        tell(request, f"값 {count}개를 지웠습니다.", f"{count} value(s) were erased.")
        return HttpResponseRedirect(reverse("account"))
    count = people.recorded_of(user)
    context = {
        "title": words("나에 관한 기록 지우기", "Erase what is recorded of me"),
        "sentence": words(
            f"감사 기록에 남은 나에 관한 값 {count}개를 지웁니다. 기록에는 값의 지문만 남고,"
            " 지문으로는 값을 알 수 없습니다. 되돌릴 수 없습니다.",
            f"This erases the {count} value(s) of the audit trail that speak of you. Their digests"
            " stay, from which nothing of them can be learned. It cannot be undone.",
        ),
        "act": words("지우기", "Erase"),
        "back": reverse("account"),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@needs("signed-in")
def close(request: HttpRequest) -> HttpResponse:
    """Close one's account."""
    user = signed_in(request)
    if request.method == "POST":
        people.close(user, by=user)
        logout(request)
        tell(request, "계정을 닫았습니다.", "The account is closed.")
        return HttpResponseRedirect(reverse("home"))
    context = {
        "title": words("계정 닫기", "Close my account"),
        "sentence": words(
            "역할과 API 토큰이 모두 없어지고, 이름과 이메일과 나에 관한 기록의 값을 지웁니다."
            " 기관을 위해 한 일은 이름 없이 남습니다. 되돌릴 수 없습니다.",
            "Every role and API token ends, and your name, address and the recorded values that"
            " speak of you are erased. What you did for an organisation stays, without your"
            " name. It cannot be undone.",
        ),
        "act": words("계정 닫기", "Close it"),
        "back": reverse("account"),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)
