"""What is remembered of every request? One line in the logs, and one more in the counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import connection

from madang.portal import logs, metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

NOWHERE = "-"
"""The route of an address that leads nowhere."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Questions:
    """Counts what the database is asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Count one question and ask it."""
        self.count += 1
        return execute(sql, params, many, context)


def watched(handle: Handler) -> Handler:
    """Time and count each request, and write its line."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked, start_s = Questions(), time.perf_counter()
        with connection.execute_wrapper(asked):
            response = handle(request)
        seconds = time.perf_counter() - start_s
        facts: dict[str, Any] = {
            "route": _route(request),
            "method": request.method if request.method in _METHODS else NOWHERE,
            "status": response.status_code,
        }
        metrics.observe(**facts, seconds=seconds, queries=asked.count)
        logs.line(
            "request", **facts, ms=round(1000 * seconds, 1), queries=asked.count, **_who(request)
        )
        return response

    return middleware


def _route(request: HttpRequest) -> str:
    """The pattern of the address: what people put into it is not remembered."""
    return request.resolver_match.route or "/" if request.resolver_match else NOWHERE


def _who(request: HttpRequest) -> dict[str, int]:
    user = getattr(getattr(request, "access", None), "user", None)
    return {"user": user.pk} if user else {}
