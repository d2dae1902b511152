"""What surrounds a request: its identifier and size, the language, who acts, how it fails."""

from __future__ import annotations

import logging
import re
import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponseNotAllowed
from django.utils.translation import activate, get_language
from requests import RequestException

from madang.kernel import words
from madang.kernel.errors import MadangError
from madang.portal import acting, logs
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
        # What fails before the reader's language is found still speaks one.
        with acting.as_(request=identifier), words.speaking(_tongue(settings.LANGUAGE_CODE)):
            response = handle(request)
        response["X-Request-Id"] = identifier
        return response

    return middleware


def speaking(handle: Handler) -> Handler:
    """The house's own words follow the language that Django has found."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with words.speaking(_tongue(get_language() or settings.LANGUAGE_CODE)):
            return handle(request)

    return middleware


def _tongue(code: str) -> words.Language:
    return "en" if code.startswith("en") else "ko"


def access(handle: Handler) -> Handler:
    """What the signed-in person may do, who acts, and in which language they like to read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user if request.user.is_authenticated else None
        request.access = Access(user) if user else NOBODY  # type: ignore[attr-defined]
        with ExitStack() as stack:
            stack.enter_context(acting.as_(user=user.pk if user else None))
            if user and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                activate(user.language)
                stack.enter_context(words.speaking(_tongue(user.language)))
            response = handle(request)
        if user and "Cache-Control" not in response:
            # On a shared computer, the way back leads to no page of who has signed out.
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


class sized:  # noqa: N801 - named like its siblings in the list of middleware
    """Nobody makes the site read, or write down, more than it has asked for.

    The length is looked at before the body is: a form with files would otherwise lie on the disk
    before anybody knew who sent it.
    """

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._handle(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        """The page of a body that is too large; None for any other."""
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
        if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return None
        # Programs are known by their token, which the API reads before it reads the body.
        is_known = request.user.is_authenticated or request.path.startswith("/api/")
        if is_known and length <= settings.LARGEST_BODY:
            return None
        from madang.portal.views.problems import too_large

        return too_large(request)


class failing:  # noqa: N801 - named like its siblings in the list of middleware
    """A foreseen failure becomes a page with its one sentence."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; a refusal without words gets some."""
        response = self._handle(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            from madang.portal.views.problems import not_so

            return not_so(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The page of a foreseen failure; None for a defect."""
        from madang.portal.views.problems import failed, unavailable, unreachable

        if isinstance(fault, OperationalError | InterfaceError):
            logs.line("database away", level=logging.WARNING)
            return unavailable(request)
        if isinstance(fault, RequestException):
            logs.line("other service away", level=logging.WARNING)
            return unreachable(request)
        return failed(request, fault) if isinstance(fault, MadangError) else None
