"""Whose is the thing that an address names, and what do all pages of a member show?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404

from madang.portal.access import of
from madang.rpki.web.models import Member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.paginator import Page
    from django.http import HttpRequest

PER_PAGE = 50


def member_of(member: str) -> Member:
    """The member of an address.

    Raises:
        Http404: There is none.
    """
    found = Member.objects.select_related("organisation").filter(pk=member).first()
    if found is None:
        raise Http404
    return found


def owners(member: str, **_: Any) -> Iterable[int]:
    """The organisation behind the member of an address."""
    return (member_of(member).organisation_id,)


def room(request: HttpRequest, row: Member) -> dict[str, Any]:
    """What every page of a member shows beside its own."""
    access = of(request)
    return {
        "member": row,
        "may_publish": access.may("rpki.publish", row.organisation_id),
        "may_operate": access.everywhere("rpki.operate"),
    }


def page(request: HttpRequest, found: Any) -> Page[Any]:
    """The page of a list that is asked for."""
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))


def posted(request: HttpRequest) -> Any:
    """What was sent with a form; None where its page is only opened."""
    return request.POST if request.method == "POST" else None
