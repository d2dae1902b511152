"""How is one router served over its connection? In turn, within limits of time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.conversation import Conversation
from madang.rpki.engine.rtr.reading import length_of

if TYPE_CHECKING:
    from madang.rpki.engine.rtr.conversation import Answer
    from madang.rpki.engine.rtr.feed import Feed

_BUFFERED_BYTES: Final = 1 << 16
_CLOSING_S: Final = 5


class Limits(NamedTuple):
    """What routers may take, all together and each."""

    connections: int = 512
    per_address: int = 32
    first_query_s: float = 60
    """A connection that has asked nothing by then is closed."""
    idle_s: float = 3 * 3600
    """So is one that has been silent so long: three times the usual refresh."""
    message_s: float = 30
    """From the first byte of a PDU to its last."""
    write_s: float = 60
    """For a router to take some 80 KiB."""
    answer_s: float = 900
    """For a whole answer."""
    notify_gap_s: float = 60
    """Between two Serial Notify PDUs (RFC 8210, section 5.2)."""


class Router:
    """One connected router."""

    def __init__(
        self,
        feed: Feed,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        *,
        address: str,
        limits: Limits,
        versions: tuple[int, ...],
    ) -> None:
        self.address, self.since, self.sent_bytes = address, time.monotonic(), 0
        self.conversation = Conversation(feed, versions)
        self.news = asyncio.Event()
        """Set when there is a newer edition."""
        self._reader, self._writer = streams
        self._limits = limits
        self._speaking = asyncio.Lock()
        self._writer.transport.set_write_buffer_limits(high=_BUFFERED_BYTES)

    async def talk(self) -> None:
        """Answer until either side ends.

        Raises:
            OSError: The connection broke, or a time limit (TimeoutError) was not kept.
        """
        notifying = asyncio.create_task(self._notify())
        try:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await self._answer_all()
        except OSError:
            self._writer.transport.abort()
            raise
        finally:
            # First of all, since the server's end may interrupt whatever is awaited here.
            self._writer.close()
            notifying.cancel()
            await asyncio.gather(notifying, return_exceptions=True)
            await self._part()

    async def _answer_all(self) -> None:
        patience = self._limits.first_query_s
        while True:
            async with asyncio.timeout(patience):
                first = await self._reader.readexactly(1)
            async with asyncio.timeout(self._limits.message_s):
                head = first + await self._reader.readexactly(pdu.HEAD_BYTES - 1)
                length = length_of(head)
                rest = await self._reader.readexactly(length - pdu.HEAD_BYTES) if length else b""
            talk = self.conversation
            answer = talk.answer(head + rest) if length else talk.too_long(head)
            async with self._speaking:
                await self._send(answer)
            if answer.ends:
                return
            if talk.version is not None:
                patience = self._limits.idle_s

    async def _send(self, answer: Answer) -> None:
        async with asyncio.timeout(self._limits.answer_s):
            for piece in answer.pieces:
                self._writer.write(piece)
                self.sent_bytes += len(piece)
                async with asyncio.timeout(self._limits.write_s):
                    await self._writer.drain()

    async def _notify(self) -> None:
        """Say that there is something newer, now and then."""
        try:
            while True:
                await self.news.wait()
                self.news.clear()
                async with self._speaking:
                    message = self.conversation.news()
                    if not message:
                        continue
                    self._writer.write(message)
                    async with asyncio.timeout(self._limits.write_s):
                        await self._writer.drain()
                await asyncio.sleep(self._limits.notify_gap_s)
        except OSError:
            self._writer.transport.abort()

    async def _part(self) -> None:
        """What the router has not taken within a short time is thrown away."""
        try:
            async with asyncio.timeout(_CLOSING_S):
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()
