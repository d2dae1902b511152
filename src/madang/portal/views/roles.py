"""What may the holders of each role do? Data that operators change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from madang.kernel.words import words
from madang.portal import roles
from madang.portal.access import needs, signed_in
from madang.portal.forms.people import RoleForm
from madang.portal.models import Membership, Organisation, Role
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("portal.roles", everywhere=True)
def listing(request: HttpRequest) -> HttpResponse:
    """Every role, who may have it, and how far it reaches."""
    counts = Membership.objects.order_by().values_list("role").annotate(Count("pk"))
    holders: dict[int, int] = dict(counts)
    rows = [
        {
            "role": role,
            "holders": holders.get(role.pk, 0),
            "kinds": [Organisation.KINDS[kind] for kind in role.kinds],
            "own": len(set(role.rights) - set(role.rights_everywhere)),
            "everywhere": len(role.rights_everywhere),
        }
        for role in Role.objects.all()
    ]
    return render(request, "portal/people/roles.html", {"rows": rows})


@needs("portal.roles", everywhere=True)
def change(request: HttpRequest, code: str = "") -> HttpResponse:
    """Change a role, or make one."""
    role = get_object_or_404(Role, code=code) if code else None
    form = RoleForm(request.POST or None, instance=role)
    if request.method == "POST" and form.is_valid():
        saved = roles.save(form.cleaned_data, code=code, by=signed_in(request))
        tell(request, f"{saved.title_ko}: 저장했습니다.", f"{saved.title_en}: saved.")
        return HttpResponseRedirect(reverse("roles"))
    context = {
        "form": form,
        "title": role.title if role else words("역할 만들기", "Make a role"),
        "sentence": words(
            "바꾸면 이 역할을 가진 모든 사람에게 바로 적용됩니다.",
            "A change holds at once for everybody who has the role.",
        ),
        "act": words("저장하기", "Save"),
        "back": reverse("roles"),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/people/form.html", context, status=status)
