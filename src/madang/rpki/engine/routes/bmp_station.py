"""What do the routers of a network see now? A station to which they report by BMP (RFC 7854).

Routers call; the station only listens. A message that cannot be read is counted and passed over;
a stream that cannot be followed any longer is closed, and its routes are forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.resources.prefix import BITS, Prefix
from madang.rpki.engine.routes.bmp import (
    FRONT,
    Bye,
    Counted,
    Fallen,
    Hello,
    Monitored,
    Router,
    Told,
    front,
)
from madang.rpki.engine.routes.live import Live, Peer, Seen
from madang.rpki.engine.routes.malformed import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.words import Words

MOST_ROUTERS: Final = 64
LOOPBACK: Final = (Prefix(4, 127 << 24, 8), Prefix(6, 1, 128))
MOST_NAMED: Final = 100


@dataclass
class Reporter:
    """One router that reports, or did."""

    name: str
    """Address and port it called from."""
    hello: Hello | None = None
    messages: int = 0
    faults: int = 0
    named: list[Words] = field(default_factory=list)
    """The first faults."""
    peers: set[Peer] = field(default_factory=set)
    """Those whose routes it monitors."""
    counters: dict[Peer, dict[int, int]] = field(default_factory=dict)
    ended: Words | None = None
    """Why it reports no longer; None while it does."""

    def fault(self, cause: Malformed) -> None:
        """Note a message that is passed over."""
        self.faults += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(cause.sentence)


class Station:
    """Listens to routers and keeps what they see.

    Args:
        follow: Called with what each message changed.
        allowed: From where routers may call.
        live: Where routes are kept.
    """

    def __init__(
        self,
        follow: Callable[[list[Seen]], None] | None = None,
        *,
        allowed: tuple[Prefix, ...] = LOOPBACK,
        live: Live | None = None,
    ) -> None:
        self.live = live or Live()
        self.reporters: dict[str, Reporter] = {}
        """Those that report now, by their name."""
        self.refused = 0
        """Calls from elsewhere, or beyond `MOST_ROUTERS`."""
        self._follow, self._allowed = follow, allowed
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; the port, which for 0 is any free one.

        Raises:
            Unreachable: The address cannot be used.
        """
        try:
            self._server = await asyncio.start_server(self._called, host, port)
        except OSError as fault:
            raise Unreachable(
                words(f"{host}:{port} 수신", f"listening on {host}:{port}"),
                reason=fault.strerror or str(fault),
            ) from fault
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Stop listening and end all sessions."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._session(reader, writer)
        except asyncio.CancelledError:
            # Raised by `close` alone; asyncio would report it as a defect of the handler.
            if self._server is not None and self._server.is_serving():
                raise
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        if not self._may(str(host)) or len(self.reporters) >= MOST_ROUTERS:
            self.refused += 1
            return
        reporter = Reporter(f"{host}:{port}")
        self.reporters[reporter.name] = reporter
        try:
            await self._listen(reader, reporter)
        except (asyncio.IncompleteReadError, OSError):
            reporter.ended = words("연결 끊김", "the connection ended")
        except Malformed as cause:
            reporter.fault(cause)
            reporter.ended = cause.sentence
        finally:
            del self.reporters[reporter.name]
            self._forget(tuple(reporter.peers))

    def _may(self, host: str) -> bool:
        from ipaddress import ip_address

        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        single = Prefix(address.version, int(address), BITS[address.version])
        return any(each.covers(single) for each in self._allowed)

    async def _listen(self, reader: asyncio.StreamReader, reporter: Reporter) -> None:
        router = Router(reporter.name)
        while True:
            length, kind = front(await reader.readexactly(FRONT))
            body = await reader.readexactly(length)
            reporter.messages += 1
            try:
                said = router.told(kind, body)
                if isinstance(said, Bye):
                    reporter.ended = words("라우터가 끝냄", "the router ended it")
                    return
                self._take(said, reporter)
            except Malformed as cause:
                reporter.fault(cause)

    def _take(self, said: Told, reporter: Reporter) -> None:
        if isinstance(said, Monitored):
            if said.update.fault:
                reporter.fault(Malformed(said.update.fault))
            seen = self.live.follow(said.peer, said.update)
            # Only now: the table bounds how many peers a router can make up.
            reporter.peers.add(said.peer)
            self._tell(seen)
        elif isinstance(said, Fallen):
            reporter.peers -= set(said.peers)
            self._forget(said.peers)
        elif isinstance(said, Hello):
            reporter.hello = said
        elif isinstance(said, Counted) and said.peer in reporter.peers:
            reporter.counters[said.peer] = said.counters

    def _forget(self, peers: tuple[Peer, ...]) -> None:
        """Drop the tables of sessions that are gone; their routes went with them."""
        for peer in peers:
            held = self.live.tables.get(peer, {})
            gone = [Seen(peer, prefix, None, None) for prefix, _ in held]
            self.live.drop(peer)
            self._tell(gone)

    def _tell(self, seen: list[Seen]) -> None:
        if seen and self._follow is not None:
            self._follow(seen)
