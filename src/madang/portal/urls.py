"""Where does each page of the site stand? The portal's own, then each system's below its name."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from madang.kernel import systems
from madang.portal import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("work", views.worklist, name="worklist"),
    path("language", views.language, name="language"),
    path("theme", views.theme, name="theme"),
    *(
        path(f"{system.name}/", include((system.urls, system.name), namespace=system.name))
        for system in systems.installed()
        if system.urls
    ),
    path("account/", include("allauth.urls")),
]

if settings.SIGN_IN_LINKS:
    urlpatterns.append(path("style", views.style, name="style"))

handler400 = "madang.portal.views.bad_request"
handler403 = "madang.portal.views.forbidden"
handler404 = "madang.portal.views.missing"
handler500 = "madang.portal.views.broken"
