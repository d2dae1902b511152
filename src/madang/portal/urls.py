"""Where does each page of the site stand? The portal's own, then each system's below its name."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from madang.kernel import systems
from madang.portal import programs
from madang.portal.api import site
from madang.portal.views import front, links

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.home, name="home"),
    path("search", front.search, name="search"),
    path("work", front.worklist, name="worklist"),
    path("language", front.language, name="language"),
    path("theme", front.theme, name="theme"),
    *(
        path(f"{system.name}/", include((system.urls, system.name), namespace=system.name))
        for system in systems.installed()
        if system.urls
    ),
    path("account/links/<str:secret>", links.sign_in_link, name="sign-in-link"),
    path("programs/", include(programs.urlpatterns)),
    path(site.PREFIX, site.URLS),
    path("account/", include("allauth.urls")),
]

if settings.SIGN_IN_LINKS:
    urlpatterns.append(path("style", front.style, name="style"))

handler400 = "madang.portal.views.problems.bad_request"
handler403 = "madang.portal.views.problems.forbidden"
handler404 = "madang.portal.views.problems.missing"
handler500 = "madang.portal.views.problems.broken"
