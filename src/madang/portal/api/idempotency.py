"""Was this request already made? Then its answer is given again, and nothing is done twice.

A program that did not hear an answer asks again with the same `Idempotency-Key`. The key is
claimed in a transaction of its own, which the unique constraint decides where several ask at once.
What the request changes, and the answer that is kept, become true in one transaction: a site that
dies in between has done nothing, and the claim of the dead is taken over.

Source: draft-ietf-httpapi-idempotency-key-header-07: 422 for a key with another request, 409 for
one that is still at work.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.api.bodies import JSON
from madang.portal.api.problems import Problem
from madang.portal.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from madang.portal.models import ApiToken

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=48)
PATIENCE = timedelta(minutes=1)
"""After this, a claim without an answer belongs to a site that may have died. Should it live, it
finds its claim gone and takes back what it did."""

_KEY = re.compile(r"[!-~]{1,120}")


def once(
    request: HttpRequest,
    token: ApiToken,
    act: Callable[[], HttpResponse],
    *,
    media_type: str = "",
) -> HttpResponse:
    """Act, unless this token has asked for it with this key before.

    Args:
        request: The call.
        token: Who calls.
        act: What the call does.
        media_type: The form of its body, which was read; empty where it takes none.

    Raises:
        Problem: The key cannot be one, belongs to another request, or is still at work.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not _KEY.fullmatch(key):
        raise Problem(
            "unreadable",
            words(
                f"{HEADER}는 공백 없는 ASCII 문자 1~120자여야 합니다.",
                f"{HEADER} must be 1 to 120 ASCII characters without spaces.",
            ),
        )
    mark = digest(request, media_type)
    claim, is_ours = _claim(token, key, mark)
    return _first(claim, act) if is_ours else _again(claim, mark)


def digest(request: HttpRequest, media_type: str) -> str:
    """What makes two requests the same: method, address and body.

    The parts of a form are compared, since the boundary between them changes with every sending.
    """
    hashed = hashlib.sha256()
    hashed.update(f"{request.method}\0{request.get_full_path()}\0".encode())
    if not media_type:
        return hashed.hexdigest()
    if media_type == JSON:
        hashed.update(request.body)
        return hashed.hexdigest()
    fields = sorted((name, list(values)) for name, values in request.POST.lists())
    hashed.update(json.dumps(fields).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            inner = hashlib.sha256()
            for chunk in file.chunks():
                inner.update(chunk)
            file.seek(0)
            hashed.update(f"{name}\0{file.name}\0{inner.hexdigest()}\0".encode())
    return hashed.hexdigest()


def forget() -> int:
    """Let go of the answers whose time has passed.

    Returns:
        How many there were.
    """
    count, _ = IdempotencyKey.objects.filter(created__lt=clock.now() - KEPT).delete()
    return count


def _claim(token: ApiToken, key: str, request: str) -> tuple[IdempotencyKey, bool]:
    """The row of this key, and whether it is ours to fill."""
    now = clock.now()
    IdempotencyKey.objects.filter(token=token, key=key, created__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            made = IdempotencyKey.objects.create(
                token=token, key=key, request=request, created=now
            )
            return made, True
    except IntegrityError:
        found = IdempotencyKey.objects.filter(token=token, key=key).first()
    if found is None:
        raise _at_work()  # it was given up between the two questions
    if found.status == 0 and found.request == request and now - found.created > PATIENCE:
        mine = IdempotencyKey.objects.filter(pk=found.pk, status=0, created=found.created)
        if mine.update(created=now):
            found.created = now
            return found, True
    return found, False


def _first(claim: IdempotencyKey, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Act and keep the answer; of a failure of the site nothing is kept."""
    mine = IdempotencyKey.objects.filter(pk=claim.pk, status=0, created=claim.created)
    kept = False
    try:
        with transaction.atomic():
            response = act()
            if response.status_code >= 500:
                transaction.set_rollback(True)
            elif mine.update(status=response.status_code, body=_plain(response)):
                kept = True
            else:
                raise _at_work()  # another one took over what was thought to be dead
    finally:
        if not kept:
            mine.delete()
    return response


def _again(claim: IdempotencyKey, request: str) -> HttpResponse:
    """The answer that was given before."""
    if claim.request != request:
        raise Problem(
            "key-reused",
            words(
                f"이 {HEADER}는 다른 요청에 쓰였습니다. 새 요청에는 새 키를 쓰십시오.",
                f"This {HEADER} belongs to another request. Use a new key for a new request.",
            ),
        )
    if claim.status == 0:
        raise _at_work()
    kept = claim.body or {}
    response = HttpResponse(kept.get("content", ""), status=claim.status)
    for name, value in kept.get("headers", {}).items():
        response[name] = value
    response[REPLAYED] = "true"
    return response


_KEPT_HEADERS = ("Content-Type", "Content-Language", "Location")


def _plain(response: HttpResponse) -> dict[str, object]:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return {"content": response.content.decode(), "headers": headers}


def _at_work() -> Problem:
    return Problem(
        "still-at-work",
        words(
            "같은 키의 요청을 처리하고 있습니다. 잠시 뒤 같은 요청을 다시 보내십시오.",
            "A request of this key is at work. Send the same request again in a moment.",
        ),
        headers={"Retry-After": "2"},
    )
