"""How often may somebody do this? So many times within a span, however many processes serve.

Each use takes a numbered place in the shared cache, and a place is taken by one alone: `add` is
atomic where counting up is not (on a database cache, two that count at once count one). The span
slides: what was used in the last hour counts, not what was used since the clock struck.

    @limited("submission", "60/h")                       each organisation, person and address
    limits.spend("submission", "60/h", f"token/{id}")    anywhere else
"""

from __future__ import annotations

import hashlib
import math
import re
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.cache import cache

from madang.kernel import clock
from madang.kernel.errors import MadangError
from madang.kernel.words import Language, words
from madang.portal.access import of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

SPANS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"(\d+)/(\d*)([smhd])")


class TooMany(MadangError):
    """Somebody did something more often than the site bears; they may again in a while."""

    def __init__(self, *, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(wait_s)

    def sentence(self, language: Language) -> str:
        """After how long to try again."""
        minutes = math.ceil(self.wait_s / 60)
        text = (
            words(f"{self.wait_s}초", f"{self.wait_s} s")
            if self.wait_s < 60
            else words(f"{minutes}분", f"{minutes} min")
        )
        return words(
            f"짧은 시간에 너무 많이 요청하였습니다. {text.ko} 뒤에 다시 시도하십시오.",
            f"Too many requests in a short time. Try again in {text.en}.",
        ).within(language)


class Rate(NamedTuple):
    """So many uses within a span."""

    uses: int
    span_s: int


def rate(text: str) -> Rate:
    """Read `60/h`, `5/5m` or `10/s`.

    Raises:
        ValueError: It is none of these.
    """
    found = _RATE.fullmatch(text)
    if not found:
        raise ValueError(f"found rate {text!r}, expected such as '60/h' or '5/5m'")
    return Rate(int(found[1]), int(found[2] or 1) * SPANS_S[found[3]])


def spend(name: str, allowed: str, who: str) -> None:
    """Use one of somebody's places.

    Args:
        name: What is limited, such as `submission`.
        allowed: How often, such as `60/h`.
        who: Whose places they are, such as `user/7`.

    Raises:
        TooMany: All their places are taken; nothing was used.
    """
    if not settings.LIMITS:
        return
    uses, span_s = rate(allowed)
    now = clock.epoch_s()
    turn = int(now // span_s)
    mark = hashlib.sha256(f"{name}\n{allowed}\n{who}".encode()).hexdigest()[:32]
    before, places = ([f"{mark}:{each}:{n}" for n in range(uses)] for each in (turn - 1, turn))
    taken = {
        key: at for key, at in cache.get_many([*before, *places]).items() if at > now - span_s
    }
    # What is still within the span from the turn before takes its places in this turn too: two
    # that come at once reach for the same numbers, so that together they never pass the limit.
    left = uses - sum(key in taken for key in before)
    for key in places[:left]:
        if key not in taken and cache.add(key, now, timeout=2 * span_s):
            return
    oldest = min(taken.values(), default=now)
    raise TooMany(wait_s=max(1, math.ceil(oldest + span_s - now)))


def address(request: HttpRequest) -> str:
    """Where a request comes from, behind as many proxies as the site says it has."""
    hops = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
    told = hops[-settings.PROXIES] if 0 < settings.PROXIES <= len(hops) else ""
    for each in (told, str(request.META.get("REMOTE_ADDR", ""))):
        try:
            return str(ip_address(each))
        except ValueError:
            continue
    return "0.0.0.0"  # noqa: S104 - nobody listens there: a socket of this machine has no address


def _neighbourhood(text: str) -> str:
    """An IPv6 address stands for its /64: who has one of those has all of them."""
    if ":" not in text:
        return text
    return str(ip_network(f"{text}/64", strict=False))


def limited(
    name: str,
    allowed: str,
    *,
    by: Sequence[str] = ("organisation", "user"),
    methods: Sequence[str] = ("POST",),
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view that somebody may ask for only so often.

    Args:
        name: What is limited; views of one name share their places.
        allowed: How often, such as `60/h`.
        by: Whose uses are counted: of each `organisation` one acts for, of the `user`, of the
            `address`. Who is not signed in is counted by address.
        methods: Which requests count.

    Raises:
        TooMany: From the view.
    """
    rate(allowed)

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                for who in _who(request, by):
                    spend(name, allowed, who)
            return view(request, *args, **kwargs)

        return counted

    return wrap


def _who(request: HttpRequest, by: Sequence[str]) -> list[str]:
    access = of(request)
    found = []
    if access.user is not None:
        if "organisation" in by:
            found += [f"organisation/{each.pk}" for each in access.organisations]
        if "user" in by:
            found.append(f"user/{access.user.pk}")
    if "address" in by or not found:
        found.append(f"address/{_neighbourhood(address(request))}")
    return found
