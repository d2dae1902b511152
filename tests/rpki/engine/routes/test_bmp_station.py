from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import struct
import subprocess
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.bmp_station import Reporter, Station
from madang.rpki.engine.routes.live import Seen
from madang.rpki.engine.routes.route import Route
from tests.rpki.engine.routes import dumps, monitoring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

V4 = read_prefix("10.1.0.0/16")
V6 = read_prefix("2001:db8:7::/48")
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


BGPD = Path("/usr/lib/frr/bgpd")
CONFIGURATION = """
router bgp 64500
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 127.0.0.1 remote-as 64501
 neighbor 127.0.0.1 passive
 neighbor 127.0.0.1 disable-connected-check
 address-family ipv4 unicast
  neighbor 127.0.0.1 soft-reconfiguration inbound
 exit-address-family
 address-family ipv6 unicast
  neighbor 127.0.0.1 activate
  neighbor 127.0.0.1 soft-reconfiguration inbound
 exit-address-family
 bmp targets madang
  bmp monitor ipv4 unicast pre-policy
  bmp monitor ipv4 unicast post-policy
  bmp monitor ipv6 unicast pre-policy
  bmp connect 127.0.0.1 port {port} min-retry 100 max-retry 200
 exit
"""


class Neighbour:
    """A BGP speaker of a few messages: opens, announces, and stays until told to leave."""

    def __init__(self, port: int, *updates: bytes) -> None:
        self._port, self._updates = port, updates
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(10)

    def _speak(self) -> None:
        families = b"".join(bytes([1, 4, 0, family, 0, 1]) for family in (1, 2))
        capabilities = families + bytes([65, 4]) + struct.pack(">I", 64501)
        offered = bytes([2, len(capabilities)]) + capabilities
        hello = struct.pack(">BHHIB", 4, 64501, 90, 0xC0000202, len(offered)) + offered
        while not self._leave.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), 5) as line:
                    line.sendall(dumps.bgp(hello, 1) + dumps.bgp(b"", 4))
                    assert line.recv(19, socket.MSG_WAITALL)[18] == 1
                    line.sendall(b"".join(self._updates))
                    line.settimeout(0.1)
                    self._stay(line)
            except OSError:
                self._leave.wait(0.1)

    def _stay(self, line: socket.socket) -> None:
        while not self._leave.is_set():
            try:
                if not line.recv(4096):
                    return
            except TimeoutError:
                continue


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        found: int = line.getsockname()[1]
        return found


@pytest.mark.rpki_peers
def test_hears_routes_from_frr(tmp_path: Path) -> None:
    """FRR reports what a neighbour announces, before and after policy, until it leaves."""
    if not BGPD.exists() or not shutil.which("vtysh") or os.geteuid():
        pytest.skip("FRR's bgpd is missing, or tests do not run as root")
    updates = (
        dumps.bgp(dumps.update_body(b"", hop([64501, 64777]), dumps.nlri(V4))),
        dumps.bgp(
            dumps.update_body(
                b"",
                dumps.ORIGIN_IGP
                + dumps.attribute(2, dumps.segment([64501, 64888]))
                + dumps.mp_reach(dumps.nlri(V6)).replace(bytes(16), read_hop(), 1),
            )
        ),
    )
    bgp_port = free_port()

    async def play() -> None:
        station = Station()
        port = await station.start("127.0.0.1", 0)
        (tmp_path / "bgpd.conf").write_text(CONFIGURATION.format(port=port))
        daemon = subprocess.Popen(
            [str(BGPD), "-M", "bmp", "-f", str(tmp_path / "bgpd.conf"), "-Z", "-S"]
            + ["-z", str(tmp_path / "zserv"), "--vty_socket", str(tmp_path), "-P", "0"]
            + ["-p", str(bgp_port), "-l", "127.0.0.1", "-i", str(tmp_path / "pid")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        neighbour = Neighbour(bgp_port, *updates)
        try:
            await until(lambda: len(station.live) >= 3, 30)
            views = {(peer.view, str(prefix)) for peer, prefix, _ in station.live.routes()}
            assert {("pre", str(V4)), ("post", str(V4)), ("pre", str(V6))} <= views
            assert {Route(V4, 64777, 2), Route(V6, 64888, 1)} <= set(station.live.table().routes())
            assert {peer.asn for peer, _, _ in station.live.routes()} == {64501}
            assert all(not each.faults for each in station.reporters.values())
            neighbour.leave()
            await until(lambda: not len(station.live), 30)
        finally:
            neighbour.leave()
            daemon.terminate()
            daemon.wait(10)
            await station.close()

    asyncio.run(play())


def hop(ases: list[int]) -> bytes:
    # FRR ends a session whose next hop is a loopback address.
    return dumps.ORIGIN_IGP + dumps.attribute(2, dumps.segment(ases)) + dumps.NEXT_HOP


def read_hop() -> bytes:
    return read_prefix("2001:db8::1/128").address.to_bytes(16, "big")
