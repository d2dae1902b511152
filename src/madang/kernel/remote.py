"""How does a command use a site from afar? Through its API, with an organisation's token.

The token comes from `MADANG_SITE` and `MADANG_TOKEN`, else from what `madang login` kept in the
reader's own configuration. It goes to that site alone: nothing follows a redirection, and without
TLS only this machine is spoken to. What changes something carries a key of its own, so that asking
again after a lost answer does nothing twice.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import IO, TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from madang.kernel import ids
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import Language, language, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

API = "/api/v1"
TIMEOUT_S = 60.0
TRIES = 5
LONGEST_PAUSE_S = 60.0
LARGEST_JSON = 64 * 2**20
_AGAIN = (409, 429, 502, 503, 504)
"""Answers after which the same request may be made again, where the site says when."""


class Refused(InputError):
    """The site refused a request, and said why.

    Args:
        problem: The problem as the site told it (RFC 9457).
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.status = int(problem.get("status") or 0)
        super().__init__(str(problem.get("title", "")), str(problem.get("detail", "")))
        self.args = (self.problem,)

    @property
    def kind(self) -> str:
        """The kind of the problem, such as `not-found`."""
        return str(self.problem.get("type", "")).rpartition("#")[2]

    def sentence(self, language: Language) -> str:
        """What the site said, in the language in which it was asked."""
        return f"{self.problem.get('title', '')}: {self.problem.get('detail', '')}"


class _Straight(HTTPRedirectHandler):
    """A token that follows a redirection may reach anybody."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A site and the token with which it is used."""

    site: str
    """Scheme and host, such as `https://madang.example`."""
    token: str = field(repr=False)

    def get(self, path: str, **query: Any) -> Any:
        """What stands at a path below the API, as plain JSON.

        Raises:
            Refused: The site said no.
            Unavailable: It did not answer.
        """
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._json(self._request("GET", path + (f"?{urlencode(given)}" if given else "")))

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Every item of a long list."""
        found = self.get(path, **query)
        yield from found["items"]
        while found["next"]:
            found = self.get(str(found["next"]).removeprefix(API))
            yield from found["items"]

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Have something done, once.

        Args:
            path: Below the API.
            body: Plain JSON.
            key: The same key again does nothing twice; a new one where empty.
        """
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self._json(self._posting(path, content, "application/json", key))

    def delete(self, path: str) -> None:
        """Have something removed."""
        self._json(self._request("DELETE", path))

    def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, bytes],
        *,
        part: str = "files",
        key: str = "",
    ) -> Any:
        """Hand in files.

        Args:
            path: Below the API.
            fields: Name → text, beside the files.
            files: File name → content.
            part: The name under which the site takes files.
            key: As of `post`.
        """
        content, media_type = form(fields, files, part)
        return self._json(self._posting(path, content, media_type, key))

    def download(self, path: str, to: IO[bytes]) -> int:
        """Write what stands at a path into a file.

        Returns:
            How many bytes there were.
        """
        count = 0
        with self._answer(self._request("GET", path)) as answer:
            while chunk := answer.read(2**16):
                count += to.write(chunk)
        return count

    def _posting(self, path: str, content: bytes, media_type: str, key: str) -> Request:
        request = self._request("POST", path, content)
        request.add_header("Content-Type", media_type)
        request.add_header("Idempotency-Key", key or ids.new("key"))
        return request

    def _request(self, method: str, path: str, content: bytes | None = None) -> Request:
        request = Request(self.site + API + path, data=content, method=method)  # noqa: S310 - checked
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Accept", "application/json, application/problem+json, */*;q=0.5")
        request.add_header("Accept-Language", language())
        request.add_header("User-Agent", "madang")
        return request

    def _json(self, request: Request) -> Any:
        with self._answer(request) as answer:
            content = answer.read(LARGEST_JSON + 1)
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as fault:
            raise self._silent("an answer that is no JSON", "JSON이 아닌 응답") from fault

    def _answer(self, request: Request) -> HTTPResponse:
        """The answer, after as many tries as it is worth.

        Raises:
            Refused: The site said no.
            Unavailable: It did not answer.
        """
        opener = build_opener(_Straight, HTTPSHandler(context=ssl.create_default_context()))
        for left in range(TRIES - 1, -1, -1):
            pause_s = min(LONGEST_PAUSE_S, 2.0 ** (TRIES - 1 - left))
            try:
                found: HTTPResponse = opener.open(request, timeout=TIMEOUT_S)  # noqa: S310 - checked
                return found
            except HTTPError as fault:
                with fault:
                    refused = self._refusal(fault)
                    after = fault.headers.get("Retry-After", "")
                if not left or fault.code not in _AGAIN or not after.isdigit():
                    raise refused from None
                pause_s = float(after)
                if pause_s > LONGEST_PAUSE_S:
                    raise refused from None
            except (URLError, HTTPException, OSError) as fault:
                reason = getattr(fault, "reason", fault)
                if not left or isinstance(reason, ssl.SSLCertVerificationError):
                    raise self._silent(str(reason)[:200], str(reason)[:200]) from fault
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _refusal(self, fault: HTTPError) -> Refused | Unavailable:
        if 300 <= fault.code < 400:
            where = ascii(fault.headers.get("Location", ""))[:120]
            return self._silent(
                f"it sends on to {where}; use that site's own address",
                f"{where}로 넘겨 보냄. 그 사이트의 주소를 쓰십시오",
            )
        try:
            problem = json.loads(fault.read(2**20))
        except (ValueError, RecursionError, OSError, HTTPException):
            problem = None
        if not isinstance(problem, dict) or "detail" not in problem:
            return self._silent(f"it answered {fault.code}", f"응답 {fault.code}")
        return Refused({**problem, "status": fault.code})

    def _silent(self, en: str, ko: str) -> Unavailable:
        return Unavailable(
            words(f"사이트 {self.site}", f"the site {self.site}"),
            reason=words(ko, en),
            remedy=words(
                "주소와 네트워크를 확인하고 잠시 뒤 다시 시도하십시오.",
                "Check its address and the network, and try again in a moment.",
            ),
        )


def form(fields: Mapping[str, str], files: Mapping[str, bytes], part: str) -> tuple[bytes, str]:
    """A form with files, and its media type (RFC 7578)."""
    boundary = ids.new("form")
    lines = []
    for name, text in fields.items():
        lines += [_head(boundary, name), text.encode(), b"\r\n"]
    for file, content in files.items():
        lines += [_head(boundary, part, file), content, b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines), f"multipart/form-data; boundary={boundary}"


def _head(boundary: str, name: str, file: str = "") -> bytes:
    shown = file.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    of_file = f'; filename="{shown}"\r\nContent-Type: application/octet-stream' if file else ""
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n'
    ).encode()


def checked_site(text: str) -> str:
    """A site's address as scheme and host.

    Raises:
        InputError: It is none, or would send the token in the clear.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    is_here = host in ("localhost", "127.0.0.1", "::1")
    is_plain = not (parts.path.strip("/") or parts.query or parts.fragment) if host else False
    if not host or not is_plain or parts.username or parts.scheme not in ("https", "http"):
        raise _no_site(text)
    if parts.scheme == "http" and not is_here:
        raise _no_site(text)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def checked_token(text: str) -> str:
    """A token's text, without the spaces that copying adds.

    Raises:
        InputError: It is none.
    """
    token = text.strip()
    if not re.fullmatch(r"mdg_[0-9a-z]{1,40}_[0-9a-z]{1,100}", token):
        raise InputError(
            words(f"토큰이 아닌 글 ({len(token)}자)", f"a text of {len(token)} signs, no token"),
            words("mdg_로 시작하는 토큰", "a token, which begins with mdg_"),
        )
    return token


def _no_site(text: str) -> InputError:
    return InputError(
        words(f"사이트 주소 {ascii(text)[:120]}", f"the site {ascii(text)[:120]}"),
        words(
            "https://host 꼴의 주소 (이 컴퓨터만 http)",
            "an address such as https://host; http for this machine alone",
        ),
    )
