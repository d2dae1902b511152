"""How is another server asked over HTTP? With limits, straight, and with one sentence if it fails.

A token that follows a redirection may reach anybody: none is followed.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.fhir.strict_json import read_json

TIMEOUT_S = 30.0
LARGEST = 64 * 2**20
"""Bytes of one answer."""


class _Straight(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def asked(
    address: str,
    content: bytes | None = None,
    media_type: str = "application/fhir+json",
    *,
    method: str = "",
    token: str = "",
) -> dict[str, Any]:
    """The JSON object that an address answers with.

    Args:
        address: Checked: https, or this machine.
        content: What is sent, or None.
        media_type: Of what is sent.
        method: GET without a content and POST with one, where left out.
        token: An access token, or empty.

    Raises:
        InputError: A refusal, or an answer that is no JSON object.
        Unavailable: No answer, or a fault of the server.
    """
    headers = {"Accept": "application/fhir+json, application/json", "Content-Type": media_type}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    how = method or ("GET" if content is None else "POST")
    request = Request(address, data=content, headers=headers, method=how)  # noqa: S310 - checked
    try:
        with build_opener(_Straight).open(request, timeout=TIMEOUT_S) as answer:
            raw = answer.read(LARGEST + 1)
    except HTTPError as fault:
        raise _refusal(address, fault) from fault
    except (OSError, HTTPException, ValueError) as fault:
        raise Unavailable(address, reason=shown(str(fault))) from fault
    return _object(raw)


def _refusal(address: str, fault: HTTPError) -> InputError | Unavailable:
    if fault.code >= 500 or fault.code == 429:
        return Unavailable(address, reason=f"HTTP {fault.code}")
    return odd(words(f"서버의 거절: HTTP {fault.code}", f"a refusal: HTTP {fault.code}"))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = read_json(raw.decode()) if len(raw) <= LARGEST else None
    except (UnicodeDecodeError, InputError):
        value = None
    if not isinstance(value, dict):
        raise odd(words("FHIR이 아닌 응답", "an answer that is no FHIR"))
    return value


def odd(found: Any) -> InputError:
    """The error of an answer that is none."""
    return InputError(found, words("FHIR R4 서버의 응답", "the answer of a FHIR R4 server"))
