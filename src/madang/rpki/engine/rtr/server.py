"""How do many routers get the feed at once, and none of them harm the others?

Every router has a conversation of its own over TCP or TLS (RFC 8210, section 9). A slow one holds
up nobody: pieces that all share are handed to its socket one at a time, each within a time limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.router import Limits, Router

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Sequence

    from madang.rpki.engine.rtr.feed import Feed

_BACKLOG: Final = 512
_PAUSE_S: Final = 0.1
_HANDSHAKE_S: Final = 10


class Endpoint(NamedTuple):
    """Where routers may connect."""

    host: str
    """A name or an address; empty for all addresses."""
    port: int
    """0 for one that is free."""
    tls: ssl.SSLContext | None = None


class Counts(NamedTuple):
    """What has happened since the start, for metrics."""

    accepted: int = 0
    refused: int = 0
    """Closed at once, since a limit was reached."""
    failed: int = 0
    """Times that the system could not accept a connection."""


class RouterServer:
    """Serves a feed to routers.

    Args:
        feed: What they hear.
        endpoints: Where they connect.
        versions: The protocol versions that may be agreed on.
    """

    def __init__(
        self,
        feed: Feed,
        endpoints: Sequence[Endpoint],
        *,
        limits: Limits | None = None,
        versions: tuple[int, ...] = pdu.VERSIONS,
    ) -> None:
        self._feed, self._endpoints = feed, tuple(endpoints)
        self._limits, self._versions = limits or Limits(), versions
        self.counts = Counts()
        self.routers: set[Router] = set()
        """Those that are connected now."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[socket.socket] = []
        self._by_address: dict[str, int] = {}
        self._deafen: Callable[[], None] | None = None

    async def start(self) -> list[tuple[str, int]]:
        """Open all endpoints; the addresses and ports that they have.

        Raises:
            Unavailable: An address cannot be had; none is open then.
        """
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._deafen = self._feed.listen(self._wake)
        try:
            for endpoint in self._endpoints:
                for listener in await _opened(endpoint):
                    self._listeners.append(listener)
                    self._begin(self._accept(listener, endpoint.tls))
        except BaseException:
            await self.close()
            raise
        return [listener.getsockname()[:2] for listener in self._listeners]

    async def close(self) -> None:
        """End all conversations and free the addresses."""
        if self._deafen:
            self._deafen()
            self._deafen = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._listeners:
            self._listeners.pop().close()

    async def __aenter__(self) -> RouterServer:
        self.addresses = await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _wake(self) -> None:
        # Editions come from whichever thread validates.
        self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for router in self.routers:
            router.news.set()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Accept for ever: no failure to accept one connection ends it."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listener)
            except OSError:
                # Too many open files, or a peer that left already: others are served meanwhile.
                self.counts = self.counts._replace(failed=self.counts.failed + 1)
                await asyncio.sleep(_PAUSE_S)
                continue
            address = str(peer[0])
            held = self._by_address.get(address, 0)
            full = sum(self._by_address.values()) >= self._limits.connections
            if full or held >= self._limits.per_address:
                self.counts = self.counts._replace(refused=self.counts.refused + 1)
                connection.close()
                continue
            self.counts = self.counts._replace(accepted=self.counts.accepted + 1)
            self._by_address[address] = held + 1
            self._begin(self._serve(connection, address, tls))

    async def _serve(
        self, connection: socket.socket, address: str, tls: ssl.SSLContext | None
    ) -> None:
        try:
            # A router that left, or did not keep a time limit, comes again by itself.
            with contextlib.suppress(OSError), contextlib.closing(connection):
                reader, writer = await _streams(connection, tls)
                router = Router(
                    self._feed,
                    (reader, writer),
                    address=address,
                    limits=self._limits,
                    versions=self._versions,
                )
                self.routers.add(router)
                try:
                    await router.talk()
                finally:
                    self.routers.discard(router)
        finally:
            left = self._by_address[address] - 1
            self._by_address[address] = left
            if not left:
                del self._by_address[address]


async def _streams(
    connection: socket.socket, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection as streams; TLS is agreed on within a time limit."""
    loop = asyncio.get_running_loop()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    reader = asyncio.StreamReader(limit=pdu.HEAD_BYTES << 10, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        connection,
        ssl=tls,
        ssl_handshake_timeout=_HANDSHAKE_S if tls else None,
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _opened(endpoint: Endpoint) -> list[socket.socket]:
    """Listening sockets for every address of an endpoint."""
    loop = asyncio.get_running_loop()
    opened: list[socket.socket] = []
    try:
        found = await loop.getaddrinfo(
            endpoint.host or None,
            endpoint.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            opened.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
            listener.setblocking(False)
    except OSError as fault:
        for listener in opened:
            listener.close()
        name = f"{endpoint.host}:{endpoint.port}"
        raise Unavailable(
            words(f"라우터용 주소 {name}", f"the address {name} for routers"),
            reason=str(fault),
            remedy=words(
                "다른 주소나 포트를 지정하십시오.", "Give another address or another port."
            ),
        ) from fault
    return opened
