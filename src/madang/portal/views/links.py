"""A sign-in link that works once: looking at it changes nothing, pressing its button does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.signals import user_logged_in
from django.contrib.auth import login
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from madang.portal import links
from madang.portal.access import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@never_cache
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show whom the link signs in; sign them in on POST."""
    if not links.are_open_to(request):
        raise Http404
    if request.method == "POST":
        user = links.use(secret)
        if user is not None:
            login(request, user)
            user_logged_in.send(sender=type(user), request=request, user=user)
            return HttpResponseRedirect(reverse("worklist"))
    link = links.read(secret)
    status = 200 if link else 410
    return render(request, "portal/account/sign_in_link.html", {"link": link}, status=status)
