"""How is a file fetched from a web server that may be hostile? (RFC 9112, 9674).

Every byte is received by a guard that knows the time left, how long the server was silent and how
slowly it drips; every byte unpacked is counted before it is passed on. A connection is kept for
the next file, since all files of a repository come from one origin.
"""

from __future__ import annotations

import http.client
import zlib
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused, Unreachable
from madang.rpki.engine.fetch.line import Line, opened
from madang.rpki.engine.fetch.uri import https_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from madang.kernel.words import Words
    from madang.rpki.engine.fetch.budget import Budget
    from madang.rpki.engine.fetch.message import Message
    from madang.rpki.engine.fetch.policy import Policy
    from madang.rpki.engine.fetch.uri import HttpsUri

_CHUNK = 1 << 16
_GRAIN = timedelta(seconds=2)
_MOVED = (301, 302, 303, 307, 308)


class Answer(NamedTuple):
    """What a server said."""

    changed: bool
    """False for 304: what was there before still stands."""
    etag: str
    modified: str
    size: int
    """Bytes passed on, unpacked."""


class Visit:
    """The files of one origin, fetched one after the other over one connection.

    Args:
        budget: What they may cost together.
        policy: How servers are reached.
    """

    def __init__(self, budget: Budget, policy: Policy) -> None:
        self._budget, self._policy = budget, policy
        self._line: Line | None = None

    def get(
        self,
        uri: HttpsUri,
        sink: Callable[[bytes], object],
        *,
        largest: int,
        etag: str = "",
        modified: str = "",
    ) -> Answer:
        """Fetch a file, passing it on as it comes.

        Args:
            uri: Where it is.
            sink: Takes the bytes, unpacked.
            largest: The bytes it may have.
            etag: The ETag of the file that is here already.
            modified: Its Last-Modified.

        Raises:
            BudgetSpent: The budget does not suffice.
            ExchangeRefused: What the server sent is not to be accepted.
            Unreachable: The server cannot be reached, or broke off.
        """
        headers = {"Accept-Encoding": "gzip", "User-Agent": "madang-rpki"}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        place = uri
        for _ in range(self._policy.redirects + 1):
            try:
                response = self._response(place, headers)
                if response.status not in _MOVED:
                    return self._read(place, response, sink, largest)
            except (OSError, http.client.HTTPException, zlib.error) as fault:
                self.close()
                raise _broken(place, fault) from fault
            except BaseException:
                self.close()
                raise
            self.close()
            place = _moved(place, response)
        count = self._policy.redirects
        raise ExchangeRefused(
            words(f"{uri}의 재지정 {count}회 초과", f"more than {count} redirects of {uri}"),
            words("파일", "a file"),
        )

    def close(self) -> None:
        """End the connection."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _response(self, uri: HttpsUri, headers: Mapping[str, str]) -> Message:
        """The head of the answer; a kept connection may have been closed meanwhile."""
        kept = self._line is not None and self._line.origin == uri.origin
        try:
            return self._asked(uri, headers)
        except (OSError, http.client.RemoteDisconnected):
            self.close()
            if not kept:
                raise
            self._budget.left_s()
        return self._asked(uri, headers)

    def _asked(self, uri: HttpsUri, headers: Mapping[str, str]) -> Message:
        if self._line is None or self._line.origin != uri.origin:
            self.close()
            self._line = opened(uri.origin, self._budget, self._policy)
        return self._line.asked(uri, headers)

    def _read(
        self,
        uri: HttpsUri,
        response: Message,
        sink: Callable[[bytes], object],
        largest: int,
    ) -> Answer:
        etag, modified = response.header("ETag"), _settled(response)
        if response.status == 304:
            self._settle(response)
            return Answer(False, etag, modified, 0)
        if response.status != 200:
            raise Unreachable(str(uri), reason=_status(response))
        size = 0
        for part in _unpacked(uri, response):
            size += len(part)
            if size > largest:
                raise ExchangeRefused(
                    words(
                        f"{largest:,}바이트를 넘는 {uri}", f"more than {largest:,} bytes at {uri}"
                    ),
                    words(f"{largest:,}바이트 이하", f"at most {largest:,} bytes"),
                )
            sink(part)
        self._settle(response)
        return Answer(True, etag, modified, size)

    def _settle(self, response: Message) -> None:
        """Keep the connection where the answer was read to its end and the server agrees."""
        if not (response.lasting and response.ended):
            self.close()


def _unpacked(uri: HttpsUri, response: Message) -> Iterator[bytes]:
    """The body in pieces of bounded size, however well it was packed."""
    coding = response.header("Content-Encoding").strip().lower()
    if coding in ("", "identity"):
        yield from response.pieces()
        return
    if coding not in ("gzip", "x-gzip"):
        raise ExchangeRefused(
            words(f"{uri}의 압축 방식 {coding!r}", f"the content coding {coding!r} of {uri}"),
            words("gzip 또는 압축 없음", "gzip or none, as was asked for"),
        )
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    for piece in response.pieces():
        yield unpack.decompress(piece, _CHUNK)
        while unpack.unconsumed_tail:
            yield unpack.decompress(unpack.unconsumed_tail, _CHUNK)
    # What the last piece still holds back is at most a window; a stream cut short shows here.
    yield unpack.flush(_CHUNK)
    if not unpack.eof or unpack.unused_data:
        raise http.client.IncompleteRead(b"")


def _moved(uri: HttpsUri, response: Message) -> HttpsUri:
    """Where a redirect leads to: the same origin, or nowhere (RFC 9674 section 3.3)."""
    location = response.header("Location")
    if location.startswith("/") and not location.startswith("//"):
        location = f"https://{uri.host}:{uri.port}{location}"
    target = https_uri(location)
    if target.origin != uri.origin:
        raise ExchangeRefused(
            words(f"{uri}에서 {target}(으)로의 재지정", f"a redirect of {uri} to {target}"),
            words("같은 출처의 주소", "an address of the same origin (RFC 9674)"),
        )
    return target


def _status(response: Message) -> Words:
    return words(
        f"서버가 상태 코드 {response.status}(으)로 답함",
        f"the server answered with status {response.status}",
    )


def _broken(uri: HttpsUri, fault: Exception) -> Unreachable:
    told = (str(fault) or type(fault).__name__)[:200]
    return Unreachable(
        str(uri), reason=words(f"연결이 끊어짐 ({told})", f"the connection broke ({told})")
    )


def _settled(response: Message) -> str:
    """Last-Modified, if nothing can have changed since within the same second.

    Its grain is a second: a file that was changed just before it was answered may change again
    under the same time, and would then never be seen (RFC 9110, section 8.8.2.2).
    """
    modified, date = response.header("Last-Modified"), response.header("Date")
    try:
        age = parsedate_to_datetime(date) - parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return ""
    return modified if age >= _GRAIN else ""
