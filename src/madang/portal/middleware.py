"""What surrounds every request: its identifier, its reader's language, who acts, how it fails."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from madang.kernel import words
from madang.kernel.errors import MadangError
from madang.portal import acting
from madang.portal.access import NOBODY, Access

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

_IDENTIFIER = re.compile(r"[A-Za-z0-9-]{8,64}")


def requests(handle: Handler) -> Handler:
    """Each request has an identifier: the proxy's, where it is one, else a new one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identifier = given if _IDENTIFIER.fullmatch(given) else secrets.token_hex(8)
        with acting.as_(request=identifier):
            response = handle(request)
        response["X-Request-Id"] = identifier
        return response

    return middleware


def speaking(handle: Handler) -> Handler:
    """The house's own words follow the language that Django has found."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with words.speaking("en" if (get_language() or "ko").startswith("en") else "ko"):
            return handle(request)

    return middleware


def access(handle: Handler) -> Handler:
    """What the signed-in person may do, and who acts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user if request.user.is_authenticated else None
        request.access = Access(user) if user else NOBODY  # type: ignore[attr-defined]
        with acting.as_(user=user.pk if user else None):
            return handle(request)

    return middleware


class failing:  # noqa: N801 - named like its siblings in the list of middleware
    """A foreseen failure becomes a page with its one sentence."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._handle(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The page of a foreseen failure; None for a defect."""
        if not isinstance(fault, MadangError):
            return None
        from madang.portal.views.problems import failed

        return failed(request, fault)
