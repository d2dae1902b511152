"""A router's side of the protocol, as simple as can be, to ask a feed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.reading import CacheResponse, EndOfData, Told, read
from madang.rpki.engine.rtr.router import Limits
from madang.rpki.engine.rtr.server import Endpoint, RouterServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

    from madang.rpki.engine.rtr.feed import Feed

HERE = "127.0.0.1"
PROMPT = Limits(notify_gap_s=0)

P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + bytes([4] * 65)
"""A key of the one kind that RFC 8208 knows; routers refuse every other length."""
KEY = RouterKey(64500, bytes(range(20)), P256)
SMALL = Payloads(
    vrps=frozenset(
        {
            Vrp(4, 0xC0000200, 24, 24, 64500),
            Vrp(4, 0xC0000200, 24, 28, 64501),
            Vrp(4, 0, 0, 32, 0),
            Vrp(6, 0x20010DB8 << 96, 32, 48, 64500),
            Vrp(6, (1 << 128) - 1, 128, 128, 4294967295),
        }
    ),
    aspas=frozenset({Aspa(64500, (64501, 64502)), Aspa(64510, (0,))}),
    router_keys=frozenset({KEY}),
)


def known_to(version: int, payloads: Payloads) -> Payloads:
    """What a router of this version learns of the payloads."""
    return Payloads(
        payloads.vrps,
        payloads.aspas if version > 1 else frozenset(),
        payloads.router_keys if version else frozenset(),
    )


def messages(stream: bytes) -> list[bytes]:
    """The PDUs of a stream, whole."""
    found, at = [], 0
    while at < len(stream):
        length = int.from_bytes(stream[at + 4 : at + 8], "big")
        assert length >= 8
        found.append(stream[at : at + length])
        at += length
    return found


def applied(told: Iterable[Told], before: Payloads) -> Payloads:
    """What a router believes after hearing this; it fails where RFC 8210 calls for an error."""
    vrps, keys = set(before.vrps), set(before.router_keys)
    aspas = {aspa.customer: aspa for aspa in before.aspas}
    for announced, payload in told:
        if isinstance(payload, Aspa):
            if announced:
                assert aspas.get(payload.customer) != payload, "announced twice"
                aspas[payload.customer] = payload
            else:
                del aspas[payload.customer]
            continue
        held = vrps if isinstance(payload, Vrp) else keys
        assert (payload in held) != announced, "announced twice, or withdrawn while not there"
        (held.add if announced else held.remove)(payload)
    return Payloads(frozenset(vrps), frozenset(aspas.values()), frozenset(keys))


class Heard(NamedTuple):
    """A whole answer with data."""

    session: int
    told: list[Told]
    end: EndOfData


class Asker:
    """One connection to a cache."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def raw(self) -> bytes:
        """The next PDU; empty where the cache has ended the connection."""
        try:
            async with asyncio.timeout(20):
                head = await self.reader.readexactly(8)
                length = int.from_bytes(head[4:8], "big")
                return head + await self.reader.readexactly(length - 8)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def ask(self, message: bytes):
        """Send a PDU; the next one from the cache."""
        self.writer.write(message)
        return read(await self.raw())

    async def data(self, message: bytes) -> Heard:
        """Send a query that is answered with data."""
        begin = await self.ask(message)
        assert isinstance(begin, CacheResponse), begin
        told: list[Told] = []
        while True:
            found = read(await self.raw())
            if isinstance(found, EndOfData):
                return Heard(begin.session, told, found)
            assert isinstance(found, Told), found
            told.append(found)

    async def whole(self, version: int) -> Heard:
        """Everything there is."""
        return await self.data(pdu.reset_query(version))


@asynccontextmanager
async def serving(feed: Feed, limits: Limits = PROMPT, **more) -> AsyncIterator[RouterServer]:
    """A server on a free port."""
    tls = more.pop("tls", None)
    async with RouterServer(feed, [Endpoint(HERE, 0, tls)], limits=limits, **more) as server:
        yield server


@asynccontextmanager
async def asking(server: RouterServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Asker]:
    """A connection to it."""
    _, port = server.addresses[0]
    reader, writer = await asyncio.open_connection(HERE, port, ssl=tls)
    try:
        yield Asker(reader, writer)
    finally:
        writer.transport.abort()
        try:
            await writer.wait_closed()
        except OSError:
            pass
