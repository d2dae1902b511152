"""How is a server reached, and cut off when it is silent or drips? TLS over TCP, or by a proxy."""

from __future__ import annotations

import functools
import io
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused, Unreachable
from madang.rpki.engine.fetch.message import Message
from madang.rpki.engine.fetch.uri import dubious, private

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words
    from madang.rpki.engine.fetch.budget import Budget
    from madang.rpki.engine.fetch.policy import Policy
    from madang.rpki.engine.fetch.uri import HttpsUri

_LONGEST_HEAD = 8192
_ADDRESSES = 4
"""Addresses of one name that are tried."""


class Line:
    """A connection to one origin that speaks HTTP/1.1."""

    def __init__(self, origin: tuple[str, int], guarded: Guarded) -> None:
        self.origin = origin
        self._guarded = guarded
        raw: io.RawIOBase = _Reading(guarded)
        self._stream = io.BufferedReader(raw, 1 << 16)

    def asked(self, uri: HttpsUri, headers: Mapping[str, str]) -> Message:
        """Send the question; gives the answer, whose body is still to be read."""
        host = uri.host if uri.port == 443 else f"{uri.host}:{uri.port}"
        lines = [f"{name}: {value}" for name, value in {"Host": host, **headers}.items()]
        head = "\r\n".join([f"GET {uri.path} HTTP/1.1", *lines, "", ""])
        self._guarded.sendall(head.encode("ascii"))
        return Message(self._stream)

    def close(self) -> None:
        """End the connection at once."""
        self._guarded.close()


class Guarded:
    """A socket whose bytes are counted and timed."""

    def __init__(self, wire: socket.socket, budget: Budget, policy: Policy) -> None:
        self._wire, self._budget, self._policy = wire, budget, policy
        self._since, self._size = time.monotonic(), 0

    def sendall(self, content: bytes) -> None:
        """Send, within the time that is left."""
        self._wire.settimeout(min(self._policy.silent_s, self._budget.left_s()))
        self._wire.sendall(content)
        self._since, self._size = time.monotonic(), 0

    def receive(self, into: bytearray | memoryview) -> int:
        """Some bytes, at least one until the end.

        Raises:
            BudgetSpent: The time or the bytes are used up.
            Unreachable: The server is silent, or too slow.
        """
        silent_s = self._policy.silent_s
        left_s = self._budget.left_s()
        self._wire.settimeout(min(silent_s, left_s))
        try:
            count = self._wire.recv_into(into)
        except TimeoutError as fault:
            self._budget.left_s()
            raise self._cut(
                words(f"{silent_s:g}초 동안 응답 없음", f"nothing came for {silent_s:g} s")
            ) from fault
        self._budget.receive(count)
        self._size += count
        self._watch()
        return count

    def close(self) -> None:
        """End the connection."""
        self._wire.close()

    def _watch(self) -> None:
        took, policy = time.monotonic() - self._since, self._policy
        if took < policy.slow_s:
            return
        if self._size < policy.slow_size:
            raise self._cut(
                words(
                    f"{took:.0f}초 동안 {self._size:,}바이트만 전송됨",
                    f"only {self._size:,} bytes came in {took:.0f} s",
                )
            )
        self._since, self._size = time.monotonic(), 0

    def _cut(self, reason: Words) -> Unreachable:
        return Unreachable(self._budget.source, reason=reason)


class _Reading(io.RawIOBase):
    """What a buffer is filled from."""

    def __init__(self, guarded: Guarded) -> None:
        super().__init__()
        self._guarded = guarded

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._guarded.receive(into)


def opened(origin: tuple[str, int], budget: Budget, policy: Policy) -> Line:
    """Connect to a server and prove who it is.

    Raises:
        BudgetSpent: No time is left.
        SettingRefused: The proxy or the file of certificates cannot be used.
        Unreachable: The server cannot be reached, or is not whom it says.
    """
    host, port = origin
    if policy.proxy:
        permitted(host, policy)
        wire = _by_proxy(host, port, budget, policy)
    else:
        wire = _connected(addresses(host, port, policy), budget, policy)
    try:
        wire.settimeout(min(policy.connect_s, budget.left_s()))
        safe = _context(policy).wrap_socket(wire, server_hostname=host)
    except (OSError, ValueError) as fault:
        wire.close()
        raise _unreached(host, fault) from fault
    except BaseException:
        wire.close()
        raise
    return Line(origin, Guarded(safe, budget, policy))


def permitted(host: str, policy: Policy) -> None:
    """Refuse a host that cannot be public, unless the policy allows it.

    Raises:
        Unreachable: The host is not asked.
    """
    if dubious(host) and not policy.dubious:
        raise _not_public(host)


def addresses(host: str, port: int, policy: Policy) -> list[tuple[int, tuple[object, ...]]]:
    """The addresses of a host that may be asked.

    Raises:
        Unreachable: It has none, or one of them is this machine's own network.
    """
    permitted(host, policy)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise _unreached(host, fault) from fault
    if not policy.dubious and any(private(str(place[0])) for *_, place in found):
        raise _not_public(host)
    return [(family, place) for family, _, _, _, place in found[:_ADDRESSES]]


def _connected(
    places: list[tuple[int, tuple[object, ...]]], budget: Budget, policy: Policy
) -> socket.socket:
    told: OSError = OSError("no address")
    for family, place in places:
        wire = socket.socket(family, socket.SOCK_STREAM)
        try:
            wire.settimeout(min(policy.connect_s, budget.left_s()))
            wire.connect(place)
        except OSError as fault:
            wire.close()
            told = fault
        except BaseException:
            wire.close()
            raise
        else:
            return wire
    raise _unreached(str(places[0][1][0]) if places else budget.source, told) from told


def _by_proxy(host: str, port: int, budget: Budget, policy: Policy) -> socket.socket:
    """A connection through the proxy, by CONNECT (RFC 9110 section 9.3.6)."""
    name, proxy_port = proxy_of(policy)
    try:
        found = socket.getaddrinfo(name, proxy_port, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise _unreached(name, fault) from fault
    wire = _connected([(family, place) for family, _, _, _, place in found], budget, policy)
    try:
        head = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        guarded = Guarded(wire, budget, policy)
        guarded.sendall(head.encode("ascii"))
        status = _head(guarded)
    except OSError as fault:
        wire.close()
        raise _unreached(name, fault) from fault
    except BaseException:
        wire.close()
        raise
    if status.split(b" ")[1:2] != [b"200"]:
        wire.close()
        shown = status[:80].decode("ascii", "replace")
        raise Unreachable(
            host, reason=words(f"프록시가 거부함 ({shown})", f"the proxy refused it ({shown})")
        )
    return wire


def _head(guarded: Guarded) -> bytes:
    """The first line of the proxy's answer, read byte by byte: what follows is the server's."""
    head, one = bytearray(), bytearray(1)
    while not head.endswith(b"\r\n\r\n") and len(head) < _LONGEST_HEAD:
        if not guarded.receive(one):
            break
        head += one
    return bytes(head.partition(b"\r\n")[0])


def proxy_of(policy: Policy) -> tuple[str, int]:
    """Host and port of the proxy.

    Raises:
        SettingRefused: The setting is no address of a proxy.
    """
    try:
        parts = urlsplit(policy.proxy)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "http" or parts.username or parts.path not in ("", "/"):
        raise SettingRefused(
            words(f"프록시 주소 {policy.proxy!r}", f"the proxy {policy.proxy!r}"),
            "http://host:port",
        )
    return host, port or 3128


def _context(policy: Policy) -> ssl.SSLContext:
    file = str(policy.authorities or ssl.get_default_verify_paths().cafile or "")
    try:
        # Reading the authorities of the world takes longer than asking a repository for news.
        changed = Path(file).stat().st_mtime_ns if file else 0
        return _context_of(file if policy.authorities else "", changed)
    except OSError as fault:
        raise SettingRefused(
            words(f"인증서 파일 {file}", f"the certificates {file}"),
            words("PEM 형식의 인증서", "certificates in PEM"),
        ) from fault


@functools.lru_cache(maxsize=4)
def _context_of(file: str, _changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _unreached(host: str, fault: Exception) -> Unreachable:
    told = (str(fault) or type(fault).__name__)[:200]
    return Unreachable(
        host, reason=words(f"연결할 수 없음 ({told})", f"no connection could be made ({told})")
    )


def _not_public(host: str) -> Unreachable:
    return Unreachable(
        host,
        reason=words("공개 서버의 주소가 아님", "it is no address of a public server"),
        remedy=words(
            "시험용 저장소라면 설정에서 허용하십시오.",
            "Allow such hosts in the settings if this is a repository for trials.",
        ),
    )
