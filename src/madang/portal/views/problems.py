"""What does a reader see when a request fails? One page: what happened, what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.shortcuts import render
from django.urls import reverse

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import acting, ways
from madang.portal.access import NOBODY, of
from madang.portal.limits import TooMany

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from madang.kernel.errors import MadangError
    from madang.kernel.words import Words


def failed(request: HttpRequest, fault: MadangError) -> HttpResponse:
    """A foreseen failure: its one sentence."""
    title = words("처리하지 못했습니다", "This could not be done")
    if isinstance(fault, TooMany):
        return too_many(request, fault)
    status = 422 if isinstance(fault, InputError) else 503
    return _problem(request, title, str(fault), status=status)


def too_many(request: HttpRequest, fault: TooMany) -> HttpResponse:
    """More requests than the site bears from one person, organisation or address."""
    title = words("잠시 뒤에 다시 시도하십시오", "Try again in a while")
    response = _problem(request, title, str(fault), status=429)
    response["Retry-After"] = str(fault.wait_s)
    return response


def not_so(request: HttpRequest, allowed: str) -> HttpResponse:
    """An address that is only ever sent to, by the button of a form."""
    response = _problem(
        request,
        words("이 주소는 열어 볼 수 없습니다", "There is nothing to see here"),
        words(
            "단추를 눌러 보내는 곳입니다. 이전 화면에서 단추를 누르십시오.",
            "This is where a button sends to. Go back and press it.",
        ),
        status=405,
    )
    response["Allow"] = allowed
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """More than the site reads from this person; nothing of it was read."""
    return _problem(
        request,
        words("너무 큽니다", "This is too large"),
        words(
            "한 번에 보낼 수 있는 크기를 넘어 읽지 않았습니다. 나누거나 줄여서 보내십시오."
            " 파일을 올리려면 먼저 로그인하십시오.",
            "It is larger than what can be sent at once, and was not read. Send less, or in"
            " parts; to upload files, sign in first.",
        ),
        status=413,
    )


def unreachable(request: HttpRequest) -> HttpResponse:
    """Another service that this page needs does not answer, such as the one that signs in."""
    return _problem(
        request,
        words("다른 서비스가 응답하지 않습니다", "Another service does not answer"),
        words(
            "로그인을 맡은 곳처럼 이 화면에 필요한 서비스와 통하지 못했습니다. 잠시 뒤에 다시"
            " 시도하십시오.",
            "This page needs a service elsewhere, such as the one that signs you in, which could"
            " not be reached. Try again in a while.",
        ),
        status=503,
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer; nothing was changed."""
    _forget(request)
    response = _problem(
        request,
        words("잠시 멈추었습니다", "The site pauses"),
        words(
            "저장소가 응답하지 않습니다. 입력하신 내용은 저장되지 않았습니다. 1분 뒤에 다시"
            " 시도하십시오.",
            "Its database does not answer. Nothing was saved. Try again in a minute.",
        ),
        status=503,
    )
    response["Retry-After"] = "60"
    return response


def _forget(request: HttpRequest) -> None:
    """Take from a request whatever its page would ask the database for."""
    request.user, request.access = AnonymousUser(), NOBODY  # type: ignore[attr-defined]


def busy(request: HttpRequest) -> HttpResponse:
    """What allauth's own limits answer with: signing in, signing up, asking for mails."""
    return too_many(request, TooMany(wait_s=60))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that makes no sense."""
    return _problem(
        request,
        words("잘못된 요청입니다", "A request that cannot be read"),
        words("주소나 입력을 확인하십시오.", "Check the address and what was entered."),
        status=400,
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Signed in, but without the right."""
    return _problem(
        request,
        words("권한이 없습니다", "You may not see this page"),
        words(
            "이 화면에는 다른 역할이 필요합니다. 소속 기관의 관리자에게 문의하십시오.",
            "This page needs another role. Ask your organisation's administrator.",
        ),
        status=403,
    )


def forbidden_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: sent from elsewhere, or kept open too long."""
    return _problem(
        request,
        words("양식을 다시 열어 주십시오", "Open the form again"),
        words(
            "양식의 확인값이 없거나 오래되었습니다. 이전 화면에서 새로 고친 뒤 다시 제출하십시오.",
            "The form's check value is missing or old. Reload the page before and submit again.",
        ),
        status=403,
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page, or none that this reader may know of."""
    return _problem(
        request,
        words("페이지가 없습니다", "There is no such page"),
        words(
            "주소를 확인하십시오. 로그인해야 보이는 화면일 수 있습니다.",
            "Check the address. It may be a page for which you must sign in.",
        ),
        status=404,
    )


def broken(request: HttpRequest) -> HttpResponse:
    """A defect of ours, or a database that went away before a view was asked."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return unavailable(request)
    _forget(request)
    return _problem(
        request,
        words("오류가 발생했습니다", "Something went wrong"),
        words(
            "입력하신 내용은 저장되지 않았습니다. 잠시 뒤 다시 시도하십시오.",
            "Nothing was saved. Try again in a moment.",
        ),
        status=500,
    )


def _problem(
    request: HttpRequest, title: Words, sentence: Words | str, *, status: int
) -> HttpResponse:
    before = ways.before(request)
    context: dict[str, Any] = {
        "title": title,
        "sentence": sentence,
        "status": status,
        "back": "" if before == request.path else before,
        "sign_in": _sign_in(request) if status in (403, 404) else "",
        "number": acting.now().request if status >= 500 else "",
    }
    return render(request, "portal/problem.html", context, status=status)


def _sign_in(request: HttpRequest) -> str:
    """Where to sign in and come back, for who is not signed in; the page may be one for others."""
    if of(request).is_known:
        return ""
    return f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
