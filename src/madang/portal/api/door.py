"""What does every call pass on its way in and out? Who calls, how often, with what body, once.

A session counts for nothing here: a program shows its token in `Authorization: Bearer mdg_…`, so
that no page of another site can make a reader's browser call. What is public is read without one.
"""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from madang.kernel.errors import MadangError
from madang.kernel.words import words
from madang.portal import acting, limits, tokens
from madang.portal.access import NOBODY, Access
from madang.portal.api import idempotency, problems
from madang.portal.api.bodies import Takes, check_address
from madang.portal.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest

    View = Callable[..., HttpResponse]

READING = "60/5s"
"""Calls of one token, or of one address without a token."""
WRITING = "60/m"
"""Calls of one token that change something."""
GUESSING = "20/m"
"""Tokens that are none, of one address."""


def door(view: View, *, takes: Mapping[str, Takes]) -> View:
    """A view that programs call.

    Args:
        view: What answers, once the caller is let in.
        takes: Method → what it takes.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, **address: Any) -> HttpResponse:
        method = request.method
        if method == "HEAD":
            request.method = "GET"  # the server leaves the content out
        try:
            response = _let_in(request, lambda: view(request, **address), takes)
        except Problem as problem:
            response = problems.answer(problem)
        except MadangError as fault:
            response = problems.answer(problems.of_fault(fault))
        response = _dressed(request, response)
        request.method = method
        return response

    opened.needs = "token"  # type: ignore[attr-defined]
    return opened


def _let_in(
    request: HttpRequest, act: Callable[[], HttpResponse], takes: Mapping[str, Takes]
) -> HttpResponse:
    wanted = takes.get(request.method or "", Takes(query=frozenset(request.GET)))
    check_address(request, wanted.query)
    access = _who(request)
    request.access = access  # type: ignore[attr-defined]
    _count(request, access)
    with acting.as_(user=access.user.pk if access.user else None):
        if wanted.media_type:
            if access.token is None:
                raise no_token()  # before anything of the body is read
            wanted.take(request)
        if request.method != "POST" or access.token is None:
            return act()
        return idempotency.once(request, access.token, act, media_type=wanted.media_type)


def _who(request: HttpRequest) -> Access:
    """Who calls: the holder of the token, or nobody.

    Raises:
        Problem: What is shown as a token is none, or has ended.
    """
    shown = request.headers.get("Authorization", "")
    if not shown:
        return NOBODY
    scheme, _, text = shown.partition(" ")
    token = tokens.holder(text.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        limits.spend("guess", GUESSING, f"address/{limits.address(request)}")
        raise no_token(was_shown=True)
    return Access(token.user, token)


def no_token(*, was_shown: bool = False) -> Problem:
    """Nobody is known, where somebody must be."""
    challenge = 'Bearer realm="Madang"' + (', error="invalid_token"' if was_shown else "")
    detail = (
        words(
            "없거나 폐기했거나 기한이 지난 토큰입니다. '프로그램' 화면에서 새로 만드십시오.",
            "The token is unknown, revoked or has run out. Make a new one on the page *Programs*.",
        )
        if was_shown
        else words(
            "Authorization: Bearer mdg_… 머리글로 토큰을 보내십시오.",
            "Send a token in the header Authorization: Bearer mdg_….",
        )
    )
    return Problem("no-token", detail, headers={"WWW-Authenticate": challenge})


def _count(request: HttpRequest, access: Access) -> None:
    who = f"token/{access.token.pk}" if access.token else f"address/{limits.address(request)}"
    is_reading = request.method == "GET"
    limits.spend("api", READING if is_reading else WRITING, who)


def _dressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with what every answer has; an error has the one form of errors."""
    if response.status_code >= 400 and not _is_problem(response):
        plain = problems.answer(problems.of_status(response.status_code))
        if "Allow" in response:
            plain["Allow"] = response["Allow"]
        response = plain
    patch_vary_headers(response, ("Authorization", "Accept-Language"))
    if "Cache-Control" not in response:
        response["Cache-Control"] = "private, no-cache"
    if request.method == "GET" and response.status_code == 200 and not response.streaming:
        mark = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = mark
        return get_conditional_response(request, etag=mark, response=response) or response
    return response


def _is_problem(response: HttpResponse) -> bool:
    return str(response.get("Content-Type", "")).startswith(problems.MEDIA_TYPE)
