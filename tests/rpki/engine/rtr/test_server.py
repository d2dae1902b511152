from __future__ import annotations

import asyncio
import contextlib
import errno
import random
import socket
import ssl

import pytest

from madang.kernel.errors import Unavailable
from madang.rpki.engine.payloads import Payloads, Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.feed import Feed
from madang.rpki.engine.rtr.reading import CacheReset, EndOfData, ErrorReport, SerialNotify, read
from madang.rpki.engine.rtr.router import Limits
from madang.rpki.engine.rtr.server import Endpoint, RouterServer
from madang.rpki.engine.rtr.transport import tls_context
from tests.rpki.engine.rtr.asking import (
    HERE,
    PROMPT,
    SMALL,
    applied,
    asking,
    known_to,
    serving,
)
from tests.rpki.engine.rtr.certificates import certificate


def _many(count: int) -> Payloads:
    return Payloads(frozenset(Vrp(4, number << 8, 24, 24, 7) for number in range(count)))


def _feed(payloads: Payloads = SMALL) -> Feed:
    feed = Feed()
    feed.publish(payloads)
    return feed


async def _until(holds) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("version", pdu.VERSIONS)
def test_a_router_gets_everything_then_news_then_the_difference(version):
    async def story():
        feed = _feed()
        async with serving(feed) as server, asking(server) as router:
            first = await router.whole(version)
            held = applied(first.told, Payloads())
            assert held == known_to(version, SMALL)

            await asyncio.to_thread(feed.publish, _many(3))
            news = read(await router.raw())
            assert isinstance(news, SerialNotify)
            assert news.session == first.session

            query = pdu.serial_query(version, first.session, first.end.serial)
            second = await router.data(query)
            assert applied(second.told, held) == _many(3)
            assert second.end.serial == news.serial

    asyncio.run(story())


def test_a_router_waits_for_the_first_data():
    async def story():
        feed = Feed()
        async with serving(feed) as server, asking(server) as router:
            refusal = await router.ask(pdu.reset_query(1))
            assert refusal.code == pdu.NO_DATA_AVAILABLE
            feed.publish(SMALL)
            assert isinstance(read(await router.raw()), SerialNotify)
            assert len((await router.whole(1)).told) == 6

    asyncio.run(story())


def test_notifications_are_limited_to_one_in_the_gap():
    async def story():
        feed = _feed()
        async with serving(feed, PROMPT._replace(notify_gap_s=3600)) as server:
            async with asking(server) as router:
                heard = await router.whole(1)
                for count in range(1, 6):
                    feed.publish(_many(count))
                    await asyncio.sleep(0)
                assert isinstance(read(await router.raw()), SerialNotify)
                feed.publish(_many(9))
                # The next thing heard is the answer, not a second notification.
                query = pdu.serial_query(1, heard.session, heard.end.serial)
                assert len((await router.data(query)).told) == 6 + 9

    asyncio.run(story())


def test_many_routers_share_what_is_sent():
    payloads = _many(30_000)

    async def story():
        async with serving(_feed(payloads), PROMPT._replace(per_address=40)) as server:

            async def one(version):
                async with asking(server) as router:
                    return applied((await router.whole(version)).told, Payloads())

            got = await asyncio.gather(*(one(number % 3) for number in range(12)))
            assert all(each == payloads for each in got)

    asyncio.run(story())


def test_a_router_that_reads_nothing_holds_up_nobody_and_takes_no_memory():
    payloads = _many(100_000)

    async def story():
        limits = PROMPT._replace(write_s=0.3)
        async with serving(_feed(payloads), limits) as server:
            with contextlib.closing(socket.socket()) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.setblocking(False)
                await asyncio.get_running_loop().sock_connect(slow, server.addresses[0])
                # Two million bytes each, asked for twenty times.
                await asyncio.get_running_loop().sock_sendall(slow, pdu.reset_query(1) * 20)
                await _until(lambda: server.routers)
                (stuck,) = server.routers
                async with asking(server) as router:
                    assert len((await router.whole(1)).told) == 100_000
                assert stuck._writer.transport.get_write_buffer_size() < 300_000
                await _until(lambda: stuck not in server.routers)

    asyncio.run(story())


def test_what_is_published_while_a_router_is_slow_does_not_mix_into_its_answer():
    async def story():
        feed = _feed(_many(60_000))
        async with serving(feed) as server, asking(server) as router:
            router.writer.write(pdu.reset_query(1))
            await _until(lambda: server.routers)
            feed.publish(_many(60_001))
            first = await router.data(b"")
            assert len(first.told) in (60_000, 60_001)
            if len(first.told) == 60_000:
                assert isinstance(read(await router.raw()), SerialNotify)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("sent", "limits"),
    [
        (b"", PROMPT._replace(first_query_s=0.1)),
        (b"\x01", PROMPT._replace(message_s=0.1)),
        (pdu.reset_query(1)[:7], PROMPT._replace(message_s=0.1)),
        (pdu.serial_query(1, 1, 1)[:9], PROMPT._replace(message_s=0.1)),
    ],
)
def test_half_open_and_halting_connections_are_closed(sent, limits):
    async def story():
        async with serving(_feed(), limits) as server, asking(server) as router:
            router.writer.write(sent)
            assert await router.raw() == b""
            await _until(lambda: not server.routers)

    asyncio.run(story())


def test_a_router_that_was_served_may_be_silent_for_longer_but_not_for_ever():
    async def story():
        limits = PROMPT._replace(first_query_s=20, idle_s=0.1)
        async with serving(_feed(), limits) as server, asking(server) as router:
            await router.whole(1)
            assert await router.raw() == b""

    asyncio.run(story())


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("01 02 0000 ffffffff", pdu.CORRUPT_DATA),
        ("01 02 0000 00000000", pdu.CORRUPT_DATA),
        ("01 02 0000 00010001", pdu.CORRUPT_DATA),
        ("01 01 0000 00010000" + "00" * 65528, pdu.CORRUPT_DATA),
        ("16 03 0100 00001000" + "00" * 4088, pdu.UNSUPPORTED_VERSION),
        ("01 03 0000 00000008", pdu.INVALID_REQUEST),
        ("01 ff 0000 00000008", pdu.UNSUPPORTED_TYPE),
    ],
)
def test_what_breaks_the_protocol_is_told_so_and_others_go_on(sent, code):
    async def story():
        async with serving(_feed()) as server, asking(server) as good:
            await good.whole(1)
            async with asking(server) as bad:
                report = await bad.ask(bytes.fromhex(sent))
                assert isinstance(report, ErrorReport)
                assert report.code == code
                if code != pdu.UNSUPPORTED_VERSION:
                    assert await bad.raw() == b""
            await good.whole(1)

    asyncio.run(story())


def test_random_bytes_harm_nobody():
    chance = random.Random(5)

    async def story():
        async with serving(_feed(), PROMPT._replace(message_s=0.2)) as server:
            for _ in range(60):
                async with asking(server) as bad:
                    bad.writer.write(chance.randbytes(chance.randrange(1, 400)))
                    bad.writer.write_eof()
                    await asyncio.wait_for(bad.reader.read(), 20)
            async with asking(server) as router:
                assert len((await router.whole(1)).told) == 6
            await _until(lambda: not server.routers)
            assert server._by_address == {}

    asyncio.run(story())


def test_downgrade_in_mid_session_is_refused():
    async def story():
        async with serving(_feed()) as server, asking(server) as router:
            await router.whole(2)
            report = await router.ask(pdu.reset_query(1))
            assert report.code == pdu.UNEXPECTED_VERSION
            assert await router.raw() == b""

    asyncio.run(story())


def test_serials_of_the_future_and_strange_sessions_are_reset():
    async def story():
        feed = _feed()
        async with serving(feed) as server, asking(server) as router:
            heard = await router.whole(1)
            ahead = pdu.serial_query(1, heard.session, heard.end.serial + 7)
            assert await router.ask(ahead) == CacheReset()
            strange = pdu.serial_query(1, heard.session ^ 1, heard.end.serial)
            assert await router.ask(strange) == CacheReset()
            assert isinstance((await router.whole(1)).end, EndOfData)

    asyncio.run(story())


def test_ten_thousand_connections_leave_room_for_no_more_than_the_limit():
    async def story():
        limits = PROMPT._replace(connections=20, per_address=20)
        async with serving(_feed(), limits) as server:
            loop = asyncio.get_running_loop()
            held = []
            most = 0
            for _ in range(10_000):
                link = socket.socket()
                link.setblocking(False)
                await loop.sock_connect(link, server.addresses[0])
                held.append(link)
                most = max(most, len(server.routers))
                if len(held) > 40:
                    held.pop(25).close()
            await _until(lambda: server.counts.accepted + server.counts.refused >= 10_000)
            assert most <= 20
            assert server.counts.accepted <= 25
            for link in held:
                link.close()
            await _until(lambda: not server.routers)
            async with asking(server) as router:
                assert len((await router.whole(1)).told) == 6

    asyncio.run(story())


def test_one_address_cannot_take_all_places():
    async def story():
        limits = PROMPT._replace(connections=100, per_address=2)
        async with serving(_feed(), limits) as server:
            async with asking(server) as one, asking(server) as two:
                await one.whole(1)
                await two.whole(1)
                async with asking(server) as three:
                    assert await three.raw() == b""
            await _until(lambda: not server.routers)
            async with asking(server) as four:
                await four.whole(1)
            assert server.counts.refused == 1

    asyncio.run(story())


def test_a_failure_to_accept_does_not_end_the_server(monkeypatch):
    async def story():
        async with serving(_feed()) as server:
            loop = asyncio.get_running_loop()
            real, failures = loop.sock_accept, iter(range(3))

            async def failing(listener):
                if next(failures, None) is not None:
                    raise OSError(errno.EMFILE, "Too many open files")
                return await real(listener)

            monkeypatch.setattr(loop, "sock_accept", failing, raising=False)
            async with asking(server) as first:
                await first.whole(1)
            async with asking(server) as second:
                await second.whole(1)
            assert server.counts.failed == 3

    asyncio.run(story())


def test_several_addresses_are_served_and_freed():
    async def story():
        feed = _feed()
        endpoints = [Endpoint(HERE, 0), Endpoint("127.0.0.2", 0)]
        async with RouterServer(feed, endpoints, limits=PROMPT) as server:
            for host, port in server.addresses:
                link = await asyncio.open_connection(host, port)
                link[1].write(pdu.reset_query(0))
                assert (await link[0].readexactly(8))[1] == pdu.CACHE_RESPONSE
                link[1].transport.abort()
            addresses = server.addresses
        for host, port in addresses:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(host, port)
        assert feed._listeners == []

    asyncio.run(story())


def test_an_address_in_use_is_named_and_nothing_stays_open():
    async def story():
        async with serving(_feed()) as server:
            taken = server.addresses[0][1]
            other = RouterServer(_feed(), [Endpoint(HERE, 0), Endpoint(HERE, taken)])
            with pytest.raises(Unavailable, match=str(taken)):
                await other.start()
            assert other._listeners == []
            assert other._tasks == set()

    asyncio.run(story())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = certificate(folder, "ca")
    for name in ("cache", "router"):
        certificate(folder, name, authority)
    return folder


def _router_side(folder, name=""):
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    if name:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def test_tls_serves_the_same_and_a_silent_handshake_takes_a_place_for_a_while(certificates):
    async def story():
        tls = tls_context(certificates / "cache.pem", certificates / "cache.key")
        async with serving(_feed(_many(20_000)), tls=tls) as server:
            with contextlib.closing(socket.create_connection(server.addresses[0])):
                async with asking(server, _router_side(certificates)) as router:
                    assert len((await router.whole(1)).told) == 20_000
                await _until(lambda: not server.routers)
                assert server._by_address == {HERE: 1}

    asyncio.run(story())


def test_routers_without_a_certificate_are_turned_away_where_one_is_asked_for(certificates):
    async def story():
        tls = tls_context(
            certificates / "cache.pem",
            certificates / "cache.key",
            clients=certificates / "ca.pem",
        )
        async with serving(_feed(), tls=tls) as server:
            async with asking(server, _router_side(certificates, "router")) as router:
                assert len((await router.whole(1)).told) == 6
            with pytest.raises((OSError, AssertionError)):
                async with asking(server, _router_side(certificates)) as router:
                    router.writer.write(pdu.reset_query(1))
                    assert await router.raw()

    asyncio.run(story())


def test_limits_have_the_standard_gap_between_notifications():
    # RFC 8210, section 5.2: no more often than once a minute.
    assert Limits().notify_gap_s >= 60
