"""What does a reader see when a request fails? One page: what happened, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from madang.kernel.errors import InputError
from madang.kernel.words import words
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
    """A defect of ours."""
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
    context: dict[str, Any] = {"title": title, "sentence": sentence, "status": status}
    return render(request, "portal/problem.html", context, status=status)
