"""How is a program told what went wrong? One form for every error (RFC 9457).

The type of a problem is an address on the reference page; title and detail are in the language
that the caller asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from madang.kernel.errors import InputError, MadangError
from madang.kernel.words import Words, language, words
from madang.portal import acting
from madang.portal.limits import TooMany

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
REFERENCE = "/api/v1/reference"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of problem: its status, and its title for people."""

    status: int
    title: Words


KINDS = {
    "unreadable": Kind(status=400, title=words("읽을 수 없는 요청", "Unreadable request")),
    "no-token": Kind(status=401, title=words("토큰이 없거나 유효하지 않음", "No valid token")),
    "not-allowed": Kind(status=403, title=words("권한 없음", "Not allowed")),
    "not-found": Kind(status=404, title=words("찾을 수 없음", "Not found")),
    "wrong-method": Kind(
        status=405, title=words("이 주소에 없는 메서드", "The address has no such method")
    ),
    "not-acceptable": Kind(status=406, title=words("줄 수 없는 형식", "No such form")),
    "conflict": Kind(status=409, title=words("다른 요청과 충돌", "Conflict")),
    "still-at-work": Kind(
        status=409, title=words("같은 키의 요청을 처리 중", "A request of this key is at work")
    ),
    "not-prepared": Kind(
        status=412, title=words("필요한 자료를 보내지 않음", "What is needed was not sent")
    ),
    "too-large": Kind(status=413, title=words("너무 큰 요청", "Too large")),
    "wrong-media-type": Kind(
        status=415, title=words("받지 않는 본문 형식", "Unsupported media type")
    ),
    "refused": Kind(status=422, title=words("받을 수 없는 내용", "Refused")),
    "invalid": Kind(status=422, title=words("형식에 맞지 않는 값", "Values that do not fit")),
    "key-reused": Kind(status=422, title=words("다른 요청에 쓴 키", "A key of another request")),
    "too-many": Kind(status=429, title=words("너무 잦은 요청", "Too many requests")),
    "defect": Kind(status=500, title=words("사이트의 오류", "A fault of the site")),
    "unavailable": Kind(status=503, title=words("지금 처리할 수 없음", "Not available now")),
}
"""Every problem that the API can tell of; the reference page lists them."""

_OF_STATUS = {400: "unreadable", 401: "no-token", 403: "not-allowed", 404: "not-found"} | {
    405: "wrong-method",
    406: "not-acceptable",
    409: "conflict",
    413: "too-large",
    415: "wrong-media-type",
    422: "refused",
    429: "too-many",
    503: "unavailable",
}


class Problem(Exception):  # noqa: N818 - it is answered, not a fault of ours
    """Ends a call with a problem.

    Args:
        kind: One of `KINDS`.
        detail: What was found, what was expected, what to do.
        facts: Further members of the problem, as plain JSON.
        headers: Headers of the answer, such as `Retry-After`.
    """

    def __init__(
        self,
        kind: str,
        detail: Words | str,
        *,
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind, self.detail = kind, detail
        self.facts, self.headers = dict(facts or {}), dict(headers or {})
        super().__init__(kind)


def answer(problem: Problem) -> HttpResponse:
    """The answer that tells of a problem."""
    kind = KINDS[problem.kind]
    body = {
        "type": f"{REFERENCE}#{problem.kind}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": str(problem.detail),
        **problem.facts,
        "request": acting.now().request,
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), content_type=MEDIA_TYPE, status=kind.status
    )
    response["Content-Language"] = language()
    for name, value in problem.headers.items():
        response[name] = value
    return response


def of_fault(fault: MadangError) -> Problem:
    """A foreseen failure as a problem: the caller's matter, or the operator's."""
    if isinstance(fault, TooMany):
        return Problem("too-many", str(fault), headers={"Retry-After": str(fault.wait_s)})
    if isinstance(fault, InputError):
        facts = {
            "found": str(fault.found),
            "expected": str(fault.expected),
            "remedy": str(fault.remedy),
        }
        return Problem("refused", str(fault), facts=facts)
    return Problem("unavailable", str(fault), headers={"Retry-After": "30"})


def of_status(status: int) -> Problem:
    """The problem behind an answer of which only the status is known."""
    kind = _OF_STATUS.get(status, "unreadable" if status < 500 else "defect")
    return Problem(kind, _PLAIN.get(kind, KINDS[kind].title))


NOT_FOUND = words(
    "그런 것이 없거나, 이 토큰으로는 볼 수 없습니다.",
    "There is no such thing, or this token may not see it.",
)
DEFECT = words(
    "아무것도 저장하지 않았습니다. 잠시 뒤 다시 시도하고, 계속되면 request 값을 알려 주십시오.",
    "Nothing was stored. Try again in a moment; if it goes on, report the value of `request`.",
)
_PLAIN = {
    "not-found": NOT_FOUND,
    "defect": DEFECT,
    "wrong-method": words(
        "이 주소가 받는 메서드는 Allow 머리글에 있습니다.",
        "The header Allow names the methods of this address.",
    ),
    "not-allowed": words(
        "이 토큰의 권한으로는 할 수 없습니다.", "The token's rights do not allow this."
    ),
}
