"""Who calls, for whom, and may they do this with this demand? As on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from django.http import Http404
from pydantic import Field, StringConstraints

from madang.portal.access import check, of
from madang.trials.web.models import Demand, Team
from madang.trials.web.services import teams
from madang.trials.web.views.demand import owners_of, visible

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.portal.models import Organisation, User

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60),
    Field(description="수요의 이름 · The demand's name"),
]


class Caller(NamedTuple):
    """The person in whose name a program acts, and for which organisation."""

    user: User
    organisation: Organisation


def caller(request: HttpRequest, right: str) -> Caller:
    """Who calls, where they hold this right for their token's organisation.

    Raises:
        PermissionDenied: They do not.
    """
    access = of(request)
    check(access, right)
    assert access.token is not None, "rights come with a token"
    return Caller(access.token.user, access.token.organisation)


def seen(request: HttpRequest, name: str) -> Demand:
    """A demand that the caller may know of.

    Raises:
        Http404: There is none.
    """
    return visible(name, of(request))


def public(request: HttpRequest, name: str) -> Demand:
    """A posted demand.

    Raises:
        Http404: There is none.
    """
    found = seen(request, name)
    if not found.is_public:
        raise Http404
    return found


def owned(request: HttpRequest, name: str, right: str) -> tuple[Demand, Caller]:
    """A demand of the caller's organisation, with which it may do this.

    Raises:
        Http404: There is none such.
        PermissionDenied: The caller holds the right for nobody.
    """
    by = caller(request, right)
    check(of(request), right, list(owners_of(name)))
    return visible(name, of(request)), by


def own_team(demand: Demand, company: Organisation) -> Team:
    """The team in which a company is.

    Raises:
        Http404: It is in none.
    """
    found = teams.of(demand, company)
    if found is None:
        raise Http404
    return found
