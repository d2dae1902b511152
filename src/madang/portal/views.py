"""The pages that belong to no one system: front page, search, worklist, and how requests fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from madang.kernel.words import words
from madang.portal import frame
from madang.portal.access import needs, of, public

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.kernel.errors import MadangError
    from madang.kernel.words import Words

YEAR_S = 365 * 86_400


@public
def home(request: HttpRequest) -> HttpResponse:
    """The programme in one picture."""
    return render(request, "portal/home.html", {"tiles": frame.tiles()})


@public
def search(request: HttpRequest) -> HttpResponse:
    """What every system finds."""
    text = request.GET.get("q", "").strip()[:100]
    groups = frame.search(text, of(request)) if text else []
    return render(request, "portal/search.html", {"text": text, "groups": groups})


@needs("signed-in")
def worklist(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the reader."""
    return render(request, "portal/worklist.html", {"waiting": frame.worklist(of(request))})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the site for this reader."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request))
    if check_for_language(chosen) and chosen in ("ko", "en"):
        response.set_cookie("django_language", chosen, max_age=YEAR_S, samesite="Lax")
    return response


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark."""
    response = HttpResponseRedirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in ("light", "dark"):
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax")
    else:
        response.delete_cookie("theme")
    return response


def _back(request: HttpRequest) -> str:
    """The page the reader came from, on this site only."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return target
    return "/"


@public
def style(request: HttpRequest) -> HttpResponse:
    """Every part of the site's look on one page; in development only."""
    return render(request, "portal/style.html")


def failed(request: HttpRequest, fault: MadangError, *, status: int) -> HttpResponse:
    """A foreseen failure: its one sentence."""
    title = words("처리하지 못했습니다", "This could not be done")
    return _problem(request, title, str(fault), status=status)


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
