"""Other makers' routers have, after each step, exactly what was published."""

from __future__ import annotations

import pytest

from madang.rpki.engine.payloads import Payloads, Vrp
from madang.rpki.engine.rtr.feed import Feed
from tests.rpki.engine.rtr.asking import SMALL
from tests.rpki.engine.rtr.routers import bird, frr, rtrclient, served, until

pytestmark = pytest.mark.rpki_peers

FOUR = frozenset(Vrp(4, 10 << 24 | at << 8, 24, 24 + at % 3, 64500 + at % 7) for at in range(1500))
SIX = frozenset(Vrp(6, 0x20010DB8 << 96 | at << 80, 48, 64, 64500 + at % 3) for at in range(300))
FIRST = Payloads(FOUR | SIX, SMALL.aspas, SMALL.router_keys)
GONE = frozenset(sorted(FOUR)[::5]) | frozenset(sorted(SIX)[:20])
COME = frozenset(
    {Vrp(4, 0, 0, 32, 0), Vrp(6, 0, 0, 128, 4294967295), Vrp(4, 0x01000001, 32, 32, 9)}
)
SECOND = Payloads((FIRST.vrps - GONE) | COME)


@pytest.fixture
def feed():
    feed = Feed()
    feed.publish(FIRST)
    return feed


def _both(feed, look):
    assert until(look, FIRST.vrps) == FIRST.vrps
    feed.publish(SECOND)
    assert until(look, SECOND.vrps) == SECOND.vrps


def test_rtrclient_dumps_the_feed(feed):
    with served(feed) as port:
        assert rtrclient(port) == FIRST.vrps
        feed.publish(SECOND)
        assert rtrclient(port) == SECOND.vrps


def test_bird_follows_the_feed(feed):
    with served(feed) as port:
        tables = "roa4 table r4; roa6 table r6;\n"
        source = f'remote "127.0.0.1" port {port};'
        channels = "roa4 { table r4; }; roa6 { table r6; };"
        with bird(f"{tables}protocol rpki madang {{ {channels} {source} }}") as look:
            _both(feed, look)


def test_frr_follows_the_feed(feed):
    with served(feed) as port:
        cache = f"rpki\n rpki cache 127.0.0.1 {port} preference 1\nexit\n"
        with frr(f"{cache}router bgp 64999\n bgp router-id 127.0.0.1\n") as look:
            _both(feed, look)
