"""Where does each page of the site stand? The portal's own, then each system's below its name."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from madang.kernel import systems
from madang.portal import programs
from madang.portal.api import site
from madang.portal.views import account, audit, front, links, machines, organisations, roles, runs

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.home, name="home"),
    path("search", front.search, name="search"),
    path("work", front.worklist, name="worklist"),
    path("healthz", machines.lives, name="healthz"),
    path("readyz", machines.ready, name="readyz"),
    path("metrics", machines.numbers, name="metrics"),
    path("robots.txt", front.robots, name="robots"),
    path("favicon.ico", front.icon, name="icon"),
    path("language", front.language, name="language"),
    path("theme", front.theme, name="theme"),
    *(
        path(f"{system.name}/", include((system.urls, system.name), namespace=system.name))
        for system in systems.installed()
        if system.urls
    ),
    path("account/", account.account, name="account"),
    path("account/leave/<int:membership>", account.leave, name="leave"),
    path("account/erase", account.erase, name="erase-me"),
    path("account/close", account.close, name="close-account"),
    path("account/company", organisations.register, name="register-company"),
    path("invitations/<str:secret>", organisations.invitation, name="invitation"),
    path("organisations/", organisations.listing, name="organisations"),
    path("organisations/new", organisations.create, name="new-organisation"),
    path("organisations/<slug:slug>/", organisations.organisation, name="organisation"),
    path("organisations/<slug:slug>/edit", organisations.change, name="change-organisation"),
    path("organisations/<slug:slug>/activate", organisations.activate, name="activate"),
    path("organisations/<slug:slug>/suspend", organisations.suspend, name="suspend"),
    path("organisations/<slug:slug>/delete", organisations.delete, name="delete-organisation"),
    path("organisations/<slug:slug>/invite", organisations.invite, name="invite"),
    path(
        "organisations/<slug:slug>/invitations/<int:invitation>/withdraw",
        organisations.withdraw,
        name="withdraw-invitation",
    ),
    path(
        "organisations/<slug:slug>/members/<int:membership>/remove",
        organisations.remove,
        name="remove-member",
    ),
    path("audit/", audit.listing, name="audit"),
    path("audit/<int:index>", audit.entry, name="log-entry"),
    path("audit/<int:index>/proof.json", audit.proof, name="log-proof"),
    path("audit/checkpoint", audit.checkpoint, name="checkpoint"),
    path("audit/check", audit.check, name="check-log"),
    path("audit/checks/<str:run>", audit.verdict, name="log-check"),
    path("runs/", runs.listing, name="runs"),
    path("runs/<str:id>", runs.run, name="run"),
    path("runs/<str:id>/progress", runs.progress, name="run-progress"),
    path("runs/<str:id>/cancel", runs.cancel, name="cancel-run"),
    path("runs/<str:id>/again", runs.repeat, name="repeat-run"),
    path("roles/", roles.listing, name="roles"),
    path("roles/new", roles.change, name="new-role"),
    path("roles/<slug:code>", roles.change, name="role"),
    path("account/links/<str:secret>", links.sign_in_link, name="sign-in-link"),
    path("programs/", include(programs.urlpatterns)),
    path(site.PREFIX, site.URLS),
    path("account/", include("allauth.urls")),
]

if settings.SIGN_IN_LINKS:
    urlpatterns.append(path("style", front.style, name="style"))

handler400 = "madang.portal.views.problems.bad_request"
handler403 = "madang.portal.views.problems.forbidden"
handler429 = "madang.portal.views.problems.busy"
handler404 = "madang.portal.views.problems.missing"
handler500 = "madang.portal.views.problems.broken"
