"""How does a message reach the other party? By HTTP POST, within a time and a size."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Post: TypeAlias = Callable[[str, bytes, str], bytes]
    """The answer to a message, by the service's address, the message and its media type."""

UP_DOWN: Final = "application/rpki-updown"
PUBLICATION: Final = "application/rpki-publication"
_WAIT_S: Final = 60.0
_LARGEST_ANSWER: Final = 128 << 20


def post(uri: str, message: bytes, media_type: str) -> bytes:
    """Send a message and wait for its answer.

    Raises:
        Unreachable: The service does not answer, or not with success.
        ExchangeRefused: Its address is none of the web, or its answer is too large.
    """
    parts = urlsplit(uri)
    kinds = {"http": HTTPConnection, "https": HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise ExchangeRefused(
            words(f"주소 {uri[:100]!r}", f"the address {uri[:100]!r}"),
            words("http 또는 https 주소", "one of http or https"),
        )
    line = kinds[parts.scheme](parts.hostname, parts.port, timeout=_WAIT_S)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line.request("POST", target, message, {"Content-Type": media_type})
        answer = line.getresponse()
        content: bytes = answer.read(_LARGEST_ANSWER + 1)
    except (OSError, HTTPException) as fault:
        raise Unreachable(uri, reason=str(fault) or type(fault).__name__) from fault
    finally:
        line.close()
    if answer.status != 200:
        raise Unreachable(uri, reason=f"HTTP {answer.status}")
    if len(content) > _LARGEST_ANSWER:
        raise ExchangeRefused(
            words("너무 큰 응답", "an answer that is too large"),
            words(f"{_LARGEST_ANSWER}바이트 이하", f"{_LARGEST_ANSWER} bytes at most"),
        )
    return content
