"""What can be asked over HTTP? Health, metrics, payloads, validity and explanations.

A plain ASGI application that only reads; every answer is JSON or text.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.rpki.engine.errors import RpkiRefused
from madang.rpki.engine.explain.route import explain_route
from madang.rpki.engine.resources.prefix import Prefix, read_asn, read_prefix
from madang.rpki.engine.service.metrics import metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from madang.rpki.engine.rtr.feed import Feed
    from madang.rpki.engine.rtr.server import RouterServer
    from madang.rpki.engine.service.live import Live

    Send = Callable[[dict[str, Any]], Awaitable[None]]

_LONGEST = 2048
_JSON = "application/json"
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Answer(NamedTuple):
    """What is sent back."""

    body: bytes
    kind: str = _JSON
    status: int = 200


class Api:
    """Answers from the last round."""

    def __init__(self, live: Live, feed: Feed, routers: RouterServer) -> None:
        self._live, self._feed, self._routers = live, feed, routers

    async def __call__(self, scope: dict[str, Any], receive: object, send: Send) -> None:
        """One request, as ASGI hands it over."""
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            answer = _told(405, "method")
        else:
            # Explaining looks at the whole world: not in the loop that serves routers.
            answer = await asyncio.to_thread(self.answer, scope["path"], scope["query_string"])
        headers = [
            (b"content-type", answer.kind.encode()),
            (b"content-length", str(len(answer.body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        await send(start)
        body = answer.body if scope["method"] == "GET" else b""
        await send({"type": "http.response.body", "body": body})

    def answer(self, path: str, query: bytes) -> Answer:
        """The answer to a path and its question."""
        if len(path) + len(query) > _LONGEST:
            return _told(414, "too long")
        asked = {
            name: values[-1] for name, values in parse_qs(query.decode("ascii", "replace")).items()
        }
        try:
            return self._answer(path, asked)
        except InputError as fault:
            return _told(400, fault.sentence("en"), fault.sentence("ko"))
        except Unavailable as fault:
            return _told(503, fault.sentence("en"), fault.sentence("ko"))

    def _answer(self, path: str, asked: dict[str, str]) -> Answer:
        if path == "/health":
            ready = self._live.is_ready or self._feed.edition is not None
            return Answer(_dumped({"ready": ready}), status=200 if ready else 503)
        if path == "/metrics":
            return Answer(metrics(self._live, self._feed, self._routers).encode(), _TEXT)
        if path == "/api/v1/status":
            return Answer(_dumped(self._live.status()))
        if path == "/api/v1/edition":
            return self._edition()
        if path == "/api/v1/turns":
            return self._turns()
        if path == "/api/v1/explain":
            return self._explain(asked)
        if path == "/validity":
            return self._validity(asked.get("asn", ""), asked.get("prefix", ""))
        if path.startswith("/api/v1/validity/"):
            asn, _, prefix = path.removeprefix("/api/v1/validity/").partition("/")
            return self._validity(asn, unquote(prefix))
        return _told(404, "unknown path")

    def _validity(self, asn: str, prefix: str) -> Answer:
        return Answer(_dumped(self._live.validity(read_prefix(prefix), read_asn(asn))))

    def _explain(self, asked: dict[str, str]) -> Answer:
        if "uri" in asked:
            return Answer(_dumped(self._live.explain(asked["uri"]).facts()))
        if "prefix" not in asked or "asn" not in asked:
            raise RpkiRefused(
                words("설명할 대상이 없음", "nothing to explain"),
                words("uri, 또는 prefix와 asn", "uri, or prefix and asn"),
            )
        prefix: Prefix = read_prefix(asked["prefix"])
        now = self._live.round
        found = explain_route(
            now.outcome, self._live.store, prefix, asn=read_asn(asked["asn"]), applied=now.applied
        )
        turns = [
            turn for vrp in found.origin.covering for turn in self._live.history.of(vrp, limit=5)
        ]
        facts = found.facts()
        facts["turns"] = [turn._asdict() for turn in turns]
        facts["watched_since"] = self._live.history.began()
        return Answer(_dumped(facts))

    def _turns(self) -> Answer:
        return Answer(_dumped([turn._asdict() for turn in self._live.history.latest()]))

    def _edition(self) -> Answer:
        edition = self._feed.edition
        facts = {
            "sessions": list(self._feed.sessions),
            "serial": edition.serial if edition else None,
        }
        return Answer(_dumped(facts))


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _told(status: int, en: str, ko: str = "") -> Answer:
    return Answer(_dumped({"error": en, "error_ko": ko or en}), status=status)
