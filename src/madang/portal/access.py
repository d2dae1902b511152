"""Who may do what with whose things? Rights are words, roles are data, every view names its need.

A right such as `trials.submit` is held *for an organisation*, through a membership, or
*everywhere* (a role's `rights_everywhere`). A view says which right it needs and, where it shows
one thing, whose thing that is; who does not hold the right there gets "not found", so that
identifiers tell nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import resolve_url

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.portal import ways
from madang.portal.models import Membership, Organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.portal.models import ApiToken, User

View = TypeVar("View", bound="Callable[..., HttpResponseBase]")

PORTAL_RIGHTS = {
    "portal.people": words("구성원과 역할 관리", "Manage members and roles"),
    "portal.organisations": words("기관 등록과 정지", "Register and suspend organisations"),
    "portal.roles": words("역할마다 권한 정하기", "Say what each role may do"),
    "portal.tokens": words("API 토큰과 웹훅 관리", "Manage API tokens and webhooks"),
    "portal.audit": words("감사 기록 열람", "Read the audit trail"),
    "portal.runs": words("작업 목록과 취소", "See and cancel jobs"),
}


def rights() -> Mapping[str, Words]:
    """Every right of the house → what it allows."""
    found = dict(PORTAL_RIGHTS)
    for system in systems.installed():
        for name, (ko, en) in system.rights.items():
            found[f"{system.name}.{name}"] = words(ko, en)
    return found


@dataclass(frozen=True)
class Access:
    """What one person, or one program, may do."""

    user: User | None
    token: ApiToken | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def memberships(self) -> list[Membership]:
        """For whom they act, in which roles; one question for the whole request."""
        if self.user is None:
            return []
        found = Membership.objects.filter(
            user=self.user, organisation__is_active=True
        ).select_related("organisation", "role")
        if self.token is not None:
            found = found.filter(organisation=self.token.organisation_id)
        return list(found)

    @cached_property
    def organisations(self) -> list[Organisation]:
        """The organisations they act for."""
        return list(
            {each.organisation_id: each.organisation for each in self.memberships}.values()
        )

    @property
    def is_known(self) -> bool:
        """Whether anybody is signed in."""
        return self.user is not None

    def everywhere(self, right: str) -> bool:
        """Whether they hold the right whoever owns the thing."""
        return self._granted(right) and any(
            right in each.role.rights_everywhere for each in self.memberships
        )

    def holding(self, right: str) -> set[int]:
        """Numbers of the organisations for which they hold the right."""
        if not self._granted(right):
            return set()
        return {
            each.organisation_id
            for each in self.memberships
            if right in each.role.rights or right in each.role.rights_everywhere
        }

    def may(self, right: str, *owners: Organisation | int | None) -> bool:
        """Whether they hold the right for one of these owners; for anybody where none is named."""
        if self.everywhere(right):
            return True
        held = self.holding(right)
        if not owners:
            return bool(held)
        return bool(held & {_number(owner) for owner in owners})

    def acting_for(self, right: str) -> list[Organisation]:
        """The organisations for which they may do this, by name."""
        held = self.holding(right)
        return [each for each in self.organisations if each.pk in held]

    def _granted(self, right: str) -> bool:
        return self.token is None or not self.token.rights or right in self.token.rights


NOBODY = Access(None)


def _number(owner: Organisation | int | None) -> int | None:
    return owner.pk if isinstance(owner, Organisation) else owner


def of(request: HttpRequest) -> Access:
    """The access of a request, as its middleware or its token gave it."""
    access: Access = getattr(request, "access", NOBODY)
    return access


def signed_in(request: HttpRequest) -> User:
    """The person who asks, in a view that needs one.

    Raises:
        PermissionDenied: Nobody is signed in.
    """
    user = of(request).user
    if user is None:
        raise PermissionDenied
    return user


def public(view: View) -> View:
    """A view that anybody may see."""
    view.needs = ""  # type: ignore[attr-defined]
    return view


def needs(
    right: str,
    *,
    owners: Callable[..., Iterable[Organisation | int | None]] | None = None,
    everywhere: bool = False,
) -> Callable[[View], View]:
    """A view that needs a right.

    Args:
        right: `<system>.<right>`, or `signed-in` where it is enough to be known.
        owners: owners(**address) → whose thing the address names; raises `Http404` where there is
            no such thing. Without it, holding the right for any organisation is enough.
        everywhere: Whether the right must be held whoever owns the thing: for what belongs to the
            house itself.

    Raises:
        Http404: From the view: the thing belongs to others; its existence is not told.
        PermissionDenied: From the view: signed in, but without the right for anybody.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **address: Any) -> HttpResponseBase:
            access = of(request)
            if not access.is_known:
                return _to_sign_in(request)
            if everywhere and not access.everywhere(right):
                raise PermissionDenied(right)
            if right != "signed-in":
                check(access, right, None if owners is None else list(owners(**address)))
            return view(request, *args, **address)

        checked.needs = right  # type: ignore[attr-defined]
        checked.owners = owners  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the page where one signs in, and from there back to where one was."""
    target = request.get_full_path()
    if request.method not in ("GET", "HEAD") or "HX-Request" in request.headers:
        # What was sent is not sent again: back to the page that it was sent from.
        target = ways.before(request)
    answer = redirect_to_login(target or resolve_url(settings.LOGIN_REDIRECT_URL))
    if "HX-Request" in request.headers:
        # Followed by a script, the page would end up inside a part of another.
        return HttpResponse(headers={"HX-Redirect": answer.url})
    return answer


def check(
    access: Access, right: str, owners: list[Organisation | int | None] | None = None
) -> None:
    """Let pass who holds the right for one of the owners.

    Raises:
        Http404: They hold it, but not for this thing, or may not know of it.
        PermissionDenied: They do not hold it at all, and the address names no one thing.
    """
    if owners is None:
        if not access.may(right):
            raise PermissionDenied(right)
    elif not owners or not access.may(right, *owners):
        raise Http404
