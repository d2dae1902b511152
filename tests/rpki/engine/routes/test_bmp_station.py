from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.bmp_station import Reporter, Station
from madang.rpki.engine.routes.live import Seen
from madang.rpki.engine.routes.route import Route
from tests.rpki.engine.routes import dumps, monitoring, routers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

V4 = read_prefix("10.1.0.0/16")
V6 = routers.V6
PEER = monitoring.head(64500, "192.0.2.1")
SAID = monitoring.monitoring(
    PEER, dumps.update_body(b"", dumps.path_attributes([64500, 9]), dumps.nlri(V4))
)


async def until(holds: Callable[[], object], wait_s: float = 5) -> None:
    """Wait until something holds; fail where it does not in time."""
    async with asyncio.timeout(wait_s):
        while not holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def called(port: int, *messages: bytes) -> AsyncIterator[asyncio.StreamWriter]:
    """A router that calls, says something and stays for the block."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"".join(messages))
        await writer.drain()
        yield writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def listening(station: Station) -> AsyncIterator[int]:
    """The port of a station that listens for the block."""
    try:
        yield await station.start("127.0.0.1", 0)
    finally:
        await station.close()


def test_keeps_what_a_router_sees_until_it_leaves() -> None:
    seen: list[Seen] = []

    async def play() -> None:
        station = Station(seen.extend)
        async with listening(station) as port:
            async with called(port, monitoring.initiation(), monitoring.up(PEER), SAID):
                await until(lambda: len(station.live))
                assert list(station.live.table().routes()) == [Route(V4, 9, 1)]
                reporter = next(iter(station.reporters.values()))
                assert reporter.hello and reporter.hello.name == "r1"
            await until(lambda: not station.reporters)
            assert len(station.live) == 0

    asyncio.run(play())
    assert [(each.prefix, each.origin) for each in seen] == [(V4, 9), (V4, None)]


def test_a_session_that_goes_down_loses_its_routes_and_no_others() -> None:
    async def play() -> None:
        station = Station()
        async with (
            listening(station) as port,
            called(port, monitoring.up(PEER), SAID) as first,
            called(port, monitoring.up(PEER), SAID),
        ):
            await until(lambda: len(station.live) == 2)
            first.write(monitoring.down(PEER))
            await until(lambda: len(station.live) == 1)
            assert len(station.reporters) == 2
        assert len(station.live) == 0

    asyncio.run(play())


def ended(*messages: bytes) -> Reporter:
    """How a session with these messages ends."""

    async def play() -> Reporter:
        station = Station()
        async with listening(station) as port, called(port) as writer:
            await until(lambda: station.reporters)
            reporter = next(iter(station.reporters.values()))
            writer.write(b"".join(messages))
            writer.write_eof()
            await until(lambda: not station.reporters)
            return reporter

    return asyncio.run(play())


def test_a_broken_message_is_counted_and_the_next_is_heard() -> None:
    reporter = ended(SAID, monitoring.bmp(9, b""), monitoring.initiation())

    assert [each.en for each in reporter.named] == [
        "routes of a peer that is not up",
        "its kind is unknown (9)",
    ]
    assert reporter.hello is not None


def test_a_stream_that_cannot_be_followed_is_closed() -> None:
    reporter = ended(b"GET / HTTP/1.1\r\n\r\n")

    assert reporter.ended and reporter.ended.en == "its version is unknown (71)"


def test_a_router_that_says_goodbye_is_believed() -> None:
    reporter = ended(monitoring.bmp(5, monitoring.item(1, b"\0\0")), SAID)

    assert (reporter.messages, reporter.ended and reporter.ended.en) == (1, "the router ended it")


def test_calls_from_elsewhere_are_refused() -> None:
    async def play() -> None:
        station = Station(allowed=(Prefix(4, 10 << 24, 8),))
        async with listening(station) as port, called(port, monitoring.up(PEER), SAID):
            await until(lambda: station.refused)
            assert not station.reporters

    asyncio.run(play())


def test_an_address_in_use_is_told() -> None:
    async def play() -> None:
        async with listening(Station()) as port:
            with pytest.raises(Unreachable):
                await Station().start("127.0.0.1", port)

    asyncio.run(play())


REPORTING = """ bmp targets madang
  bmp monitor ipv4 unicast pre-policy
  bmp monitor ipv4 unicast post-policy
  bmp monitor ipv6 unicast pre-policy
  bmp connect 127.0.0.1 port {port} min-retry 100 max-retry 200
 exit"""


@pytest.mark.rpki_peers
def test_hears_routes_from_frr(tmp_path: Path) -> None:
    """FRR reports what a neighbour announces, before and after policy, until it leaves."""

    async def play() -> None:
        station = Station()
        async with listening(station) as port:
            with routers.frr(tmp_path, within=REPORTING.format(port=port)) as neighbour:
                await until(lambda: len(station.live) >= 3, 30)
                views = {(peer.view, prefix) for peer, prefix, _ in station.live.routes()}
                assert {("pre", V4), ("post", V4), ("pre", V6)} <= views
                seen = set(station.live.table().routes())
                assert {Route(V4, 64777, 2), Route(V6, 64888, 1)} <= seen
                assert {peer.asn for peer, _, _ in station.live.routes()} == {64501}
                assert all(not each.faults for each in station.reporters.values())
                neighbour.leave()
                await until(lambda: not len(station.live), 30)

    asyncio.run(play())
