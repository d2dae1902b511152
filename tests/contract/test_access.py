"""Every page names the right it needs, and no form is taken without its token."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from madang.portal.access import rights
from madang.portal.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Route(NamedTuple):
    """One address of the site."""

    path: str
    name: str
    view: Callable[..., Any]


OTHERS = {
    "allauth": "signing in, up and out are for everybody; the rest asks for a session itself",
    "django.views.generic.base": "allauth's old addresses, which lead to its new ones",
}
"""Module of a view that names no right → why it does not."""

OLD = re.compile(r"account/social/")


def routes() -> Iterator[Route]:
    """Every address of the site, the systems' too."""
    yield from _below(get_resolver().url_patterns, "")


def _below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _below(each.url_patterns, path)
        else:
            yield Route(path, each.name or "", each.callback)


def home_of(view: Callable[..., Any]) -> str:
    """The module that a view was written in."""
    inner = inspect.unwrap(view, stop=lambda each: hasattr(each, "view_class"))
    return str(getattr(inner, "view_class", inner).__module__)


def of_others(route: Route) -> bool:
    """Whether a page comes from a library."""
    home = home_of(route.view)
    if home == "django.views.generic.base":
        return bool(OLD.match(route.path))
    return any(home == each or home.startswith(f"{each}.") for each in OTHERS)


ROUTES = sorted(routes(), key=lambda each: each.path)
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.path or "/")


def test_the_site_has_pages_of_the_portal_and_of_every_system_that_has_any() -> None:
    names = {each.name for each in ROUTES}

    assert {"home", "account", "organisation", "roles", "account_login", "mfa_index"} <= names
    assert len(ROUTES) > 60


@each_route
def test_every_page_names_the_right_it_needs(route: Route) -> None:
    if of_others(route):
        return
    needed = getattr(route.view, "needs", None)

    assert needed is not None, f"{route.path} has neither @needs(...) nor @public"
    # Programs are known by their token; what it may do, the door of the API asks.
    known = {"token"} if route.path.startswith("api/") else {"signed-in", *rights()}
    assert needed in {"", *known}, f"{route.path} needs an unknown {needed!r}"


@each_route
def test_no_form_is_taken_without_its_token(route: Route) -> None:
    if not route.path.startswith("api/"):
        assert not getattr(route.view, "csrf_exempt", False), route.path


def test_every_exception_from_a_rule_still_has_its_reason() -> None:
    used = {home_of(each.view) for each in ROUTES if of_others(each)}

    for reason in OTHERS:
        assert any(each == reason or each.startswith(f"{reason}.") for each in used), reason


@pytest.mark.django_db
def test_every_right_is_given_by_some_role_of_a_new_site() -> None:
    given = {
        right for each in Role.objects.all() for right in (*each.rights, *each.rights_everywhere)
    }

    assert set(rights()) == given
