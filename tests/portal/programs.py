"""Programs for tests: a token in one call, and a client that shows it."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

from django.test import Client

from madang.portal import tokens
from tests.portal.people import home_of, somebody

if TYPE_CHECKING:
    from django.http import HttpResponse

    from madang.portal.models import ApiToken, User

_numbers = count(1)
API = "/api/v1"


class Program:
    """A program with a token: calls the API as one outside would."""

    def __init__(self, user: User | None = None, **options: Any) -> None:
        self.user = user or somebody("company")
        self.organisation = home_of(self.user)
        made = tokens.mint(
            self.organisation,
            name=f"program {next(_numbers)}",
            rights=options.get("rights", ()),
            days=options.get("days", 90),
            by=self.user,
        )
        self.token: ApiToken = made.token
        self.text = made.text
        self._client = Client()

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._client.get(API + path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self._send(self._client.post, path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self._send(self._client.patch, path, body, headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self._client.delete(API + path, headers=self._headers(headers))

    def upload(self, path: str, parts: dict[str, Any], **headers: str) -> HttpResponse:
        return self._client.post(API + path, parts, headers=self._headers(headers))

    def raw(self, method: str, path: str, content: bytes, **headers: str) -> HttpResponse:
        media_type = headers.pop("content_type", "application/json")
        return self._client.generic(
            method, API + path, content, media_type, headers=self._headers(headers)
        )

    def _send(self, send: Any, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        content = b"" if body is None else json.dumps(body).encode()
        return send(
            API + path,
            content,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.text}", "Accept-Language": "en", **named}


def stranger(path: str, **headers: str) -> HttpResponse:
    """What somebody without a token gets."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().get(API + path, headers={"Accept-Language": "en", **named})
