"""Which operations does the site offer to programs? The portal's own, then each system's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from madang.kernel import systems
from madang.kernel.errors import MadangError
from madang.portal.access import of
from madang.portal.api import own, problems, validation
from madang.portal.api.description import PREFIX, Described, path_of
from madang.portal.api.door import door, no_token
from madang.portal.api.problems import DEFECT, NOT_FOUND, Problem
from madang.portal.api.reference import Reference

if TYPE_CHECKING:
    from madang.portal.models import ApiToken

_log = logging.getLogger("madang.api")


class Token(HttpBearer):
    """Who shows a token: the door has read it already."""

    def __call__(self, request: HttpRequest) -> ApiToken | None:
        """The token of this call."""
        return of(request).token

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """See `__call__`."""
        return self(request)


class _Read(Parser):
    """Gives the JSON that the door has read, strictly."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]


class _Plain(JSONRenderer):
    """Korean stands in answers as it is written."""

    json_dumps_params: dict[str, Any] = {"ensure_ascii": False}  # noqa: RUF012 - as its base has it


api = Described(
    title="마당 Madang",
    version="1",
    description=(
        "기관이 토큰으로 쓰는 API입니다. 모든 오류는 problem+json입니다. · "
        "The API that organisations use with a token. Every error is problem+json."
    ),
    auth=Token(),
    parser=_Read(),
    renderer=_Plain(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("", own.router, tags=["portal"])
for _system in systems.installed():
    if _system.api:
        api.add_router(
            f"/{_system.name}", systems.load(_system.api, extra=_system.extra), tags=[_system.name]
        )


@api.exception_handler(Problem)
def _told(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(MadangError)
def _foreseen(request: HttpRequest, fault: MadangError) -> HttpResponse:
    return problems.answer(problems.of_fault(fault))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, fault: Http404) -> HttpResponse:
    return problems.answer(Problem("not-found", NOT_FOUND))


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, fault: PermissionDenied) -> HttpResponse:
    return problems.answer(problems.of_status(403))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    return problems.answer(validation.problem(fault.errors))


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, fault: HttpError) -> HttpResponse:
    if fault.status_code == 401:
        return problems.answer(no_token())
    return problems.answer(problems.of_status(fault.status_code))


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
def _senseless(request: HttpRequest, fault: Exception) -> HttpResponse:
    return problems.answer(problems.of_status(400))


@api.exception_handler(Exception)
def _defect(request: HttpRequest, fault: Exception) -> HttpResponse:
    _log.error("a call has met a defect: %s", request.path, exc_info=fault)
    # As Django does for a page that fails: whoever watches for defects hears of it.
    got_request_exception.send(sender=None, request=request)
    return problems.answer(Problem("defect", DEFECT))


def _nothing(request: HttpRequest, **address: Any) -> HttpResponse:
    """An address at which nothing stands."""
    return problems.answer(Problem("not-found", NOT_FOUND))


def urlpatterns() -> list[URLPattern]:
    """Every address of the API, each behind the door."""
    takes, told = api.takes(), Reference(api.get_openapi_schema)
    return [
        path("openapi.json", told.openapi, name="openapi"),
        path("reference", told.page, name="reference"),
        *(
            URLPattern(
                each.pattern,
                door(each.callback, takes=takes[path_of(str(each.pattern))]),
                each.default_args,
                each.name,
            )
            for each in api.urls[0]
            if isinstance(each, URLPattern) and path_of(str(each.pattern)) in takes
        ),
        re_path(r"^.*$", door(_nothing, takes={})),
    ]


URLS = (urlpatterns(), "api", "api")
"""What stands below `PREFIX`."""

__all__ = ["PREFIX", "URLS", "api"]
