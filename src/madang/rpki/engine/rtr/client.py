"""What does this cache tell its routers? A plain client that asks for everything once.

For looking at a feed, comparing two, and showing what a router would hear.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.reading import (
    CacheResponse,
    EndOfData,
    ErrorReport,
    Malformed,
    Told,
    announced_run,
    length_of,
    read,
)

if TYPE_CHECKING:
    import ssl

_CHUNK = 1 << 18


class Heard(NamedTuple):
    """Everything that a cache told."""

    payloads: Payloads
    session: int
    serial: int


def everything(
    host: str,
    port: int,
    *,
    version: int = 2,
    timeout_s: float = 60.0,
    tls: ssl.SSLContext | None = None,
) -> Heard:
    """Ask a cache for all that it has, in one version of the protocol.

    Raises:
        Unreachable: It does not answer, speaks another version, has no data yet, or breaks off.
    """
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as line:
            stream = tls.wrap_socket(line, server_hostname=host) if tls else line
            stream.settimeout(timeout_s)
            stream.sendall(pdu.reset_query(version))
            return _listen(stream, time.monotonic() + timeout_s)
    except (OSError, Malformed) as fault:
        raise Unreachable(f"{host}:{port}", reason=str(fault)) from fault


def _listen(stream: socket.socket, end: float) -> Heard:
    vrps: set[Vrp] = set()
    others: set[Aspa | RouterKey | Vrp] = set()
    session, rest = -1, b""
    while True:
        if time.monotonic() > end:
            raise TimeoutError("no end of data in time")
        part = stream.recv(_CHUNK)
        if not part:
            raise ConnectionError("the cache broke off")
        rest += part
        at = 0
        while len(rest) - at >= pdu.HEAD_BYTES:
            prefixes, at = announced_run(rest, at)
            vrps.update(prefixes)
            if len(rest) - at < pdu.HEAD_BYTES:
                break
            length = length_of(rest[at : at + pdu.HEAD_BYTES])
            if not length:
                raise Malformed(0, "an impossible length")
            if len(rest) - at < length:
                break
            message = read(rest[at : at + length])
            at += length
            if isinstance(message, CacheResponse):
                session = message.session
            elif isinstance(message, Told) and message.announced:
                others.add(message.payload)
            elif isinstance(message, EndOfData):
                return Heard(_sorted_out(vrps, others), session, message.serial)
            elif isinstance(message, ErrorReport):
                raise Unreachable(
                    words("라우터 전달 서버", "the cache"),
                    reason=f"{message.code}: {message.text}",
                )
        rest = rest[at:]


def _sorted_out(vrps: set[Vrp], others: set[Aspa | RouterKey | Vrp]) -> Payloads:
    return Payloads(
        frozenset(vrps.union(each for each in others if isinstance(each, Vrp))),
        frozenset(each for each in others if isinstance(each, Aspa)),
        frozenset(each for each in others if isinstance(each, RouterKey)),
    )
