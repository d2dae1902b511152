"""What do machines ask of the site? Whether it lives, whether it works, and its numbers."""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.portal import health, metrics
from madang.portal.access import public

if TYPE_CHECKING:
    from django.http import HttpRequest

_ready = health.Remembered(health.readiness)


@public
@never_cache
@require_safe
def lives(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@public
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether the site can do its work, check by check; 503 where it cannot."""
    said = _ready()
    return JsonResponse(said, status=200 if said["ready"] else 503)


@public
@never_cache
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers of this server, for its own machine or for whoever has the token."""
    if not (_is_from_here(request) or _has_token(request)):
        raise Http404
    return HttpResponse(
        metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _is_from_here(request: HttpRequest) -> bool:
    """Asked from this machine itself, and by no proxy on somebody's behalf."""
    if any(request.headers.get(name) for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    token, given = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
