"""What does the whole house show? Front page, search, worklist, and how it looks and speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from madang.portal import frame, organisations
from madang.portal.access import needs, of, public

if TYPE_CHECKING:
    from django.http import HttpRequest

YEAR_S = 365 * 86_400


@public
def home(request: HttpRequest) -> HttpResponse:
    """The programme in one picture."""
    context = {"fronts": frame.fronts(request), "groups": frame.tile_groups()}
    return render(request, "portal/home.html", context)


@public
def search(request: HttpRequest) -> HttpResponse:
    """What every system finds."""
    # A NUL is no character of any word, and PostgreSQL refuses to compare it.
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    groups = frame.search(text, of(request)) if text else []
    count = sum(len(found) for _, found in groups)
    context = {"text": text, "groups": groups, "count": count}
    return render(request, "portal/search.html", context)


@needs("signed-in")
def worklist(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the reader."""
    access = of(request)
    waiting = frame.worklist(access)
    context = {
        "waiting": waiting,
        # Whose only organisation is not active yet has nothing to do but to wait.
        "unconfirmed": not waiting
        and not access.organisations
        and [each.name for each in organisations.seen_by(access) if not each.is_active],
    }
    return render(request, "portal/worklist.html", context)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the site for this reader."""
    return spoken(HttpResponseRedirect(_back(request)), request.POST.get("language", ""))


def spoken(response: HttpResponse, chosen: str) -> HttpResponse:
    """An answer after which the site speaks the chosen language, where it knows it."""
    if chosen in ("ko", "en"):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark."""
    response = HttpResponseRedirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in ("light", "dark"):
        _keep(response, "theme", chosen)
    else:
        response.delete_cookie("theme")
    return response


def _back(request: HttpRequest) -> str:
    """The page the reader came from, on this site only."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return target
    return "/"


ROBOTS = """User-agent: *
Disallow: /account/
Disallow: /audit/
Disallow: /invitations/
Disallow: /organisations/
Disallow: /programs/
Disallow: /roles/
Disallow: /runs/
Disallow: /search
Disallow: /work
"""
"""What search engines leave out: pages of single people, and those without end."""


@public
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines leave out."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@public
def icon(request: HttpRequest) -> HttpResponse:
    """The site's sign, for browsers that ask for it by its old name."""
    return HttpResponseRedirect(static("portal/logo.svg"))


@public
def style(request: HttpRequest) -> HttpResponse:
    """Every part of the site's look on one page; in development only."""
    return render(request, "portal/style.html")
