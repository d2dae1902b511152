"""Where does a hospital's server let somebody in, and with which token? (SMART App Launch 2.0).

Only the server that was named is spoken to: no redirection is followed, and without TLS this
machine alone. Nothing of an answer is kept but what is named here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.asking import asked
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.hooks.launch import Opened, read_opened

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_TOKEN = 8192


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where a code is asked for, and where it is exchanged."""

    authorization: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What a launch was granted: the access token, and with whom it began."""

    token: str = field(repr=False)
    opened: Opened


def endpoints(server: str) -> Endpoints:
    """The endpoints of a server, from its `.well-known/smart-configuration`.

    Args:
        server: The FHIR server's address.

    Raises:
        InputError: The document is none, an address is not encrypted, or the server does not
            take S256.
        Unavailable: The server does not answer.
    """
    told = asked(f"{server.rstrip('/')}/.well-known/smart-configuration")
    found = Endpoints(
        authorization=_address(told, "authorization_endpoint"),
        token=_address(told, "token_endpoint"),
    )
    methods = told.get("code_challenge_methods_supported", ["S256"])
    if type(methods) is not list or "S256" not in methods:
        raise _odd("code_challenge_methods_supported", "S256")
    return found


def exchanged(endpoint: str, *, code: str, verifier: str, client: str, redirect: str) -> Granted:
    """Exchange the code of a launch for a token (PKCE, a public client).

    Args:
        endpoint: The token endpoint.
        code: As the browser brought it back.
        verifier: Of the challenge that was sent.
        client: The client id at the server.
        redirect: The address to which the browser came back.

    Raises:
        InputError: The server refused, or its answer holds no token or no patient.
        Unavailable: The server does not answer.
    """
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": client,
        "code_verifier": verifier,
    }
    told = asked(endpoint, urlencode(sent).encode(), "application/x-www-form-urlencoded")
    token, kind = told.get("access_token"), told.get("token_type")
    is_whole = type(token) is str and 0 < len(token) <= LONGEST_TOKEN and token.isprintable()
    if not is_whole or type(kind) is not str or kind.lower() != "bearer":
        raise _odd("access_token", "Bearer")
    return Granted(token=str(token), opened=read_opened(told))


def _address(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    parts = urlsplit(value) if type(value) is str else None
    is_local = parts is not None and parts.scheme == "http" and parts.hostname in _LOCAL
    if parts is None or not parts.hostname or not (parts.scheme == "https" or is_local):
        raise _odd(name, "https")
    return str(value)


def _odd(name: str, expected: str) -> InputError:
    return InputError(
        words(f"서버 응답의 잘못된 '{shown(name)}'", f"a malformed '{shown(name)}' of the server"),
        words(expected, expected),
    )
