"""What does the demonstration show? Each step really done, with what came of it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.rpki.engine.demo import hosting, land
from madang.rpki.engine.explain.route import explain_route
from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.fetch.policy import Policy as Ways
from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.rtr.client import everything
from madang.rpki.engine.rtr.feed import Feed
from madang.rpki.engine.rtr.server import Endpoint, RouterServer
from madang.rpki.engine.service.rounds import Equipment, Rounds
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.validation.policy import PROFILE_2026

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.rpki.engine.explain.route import RouteExplanation
    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.payloads import Payloads
    from madang.rpki.engine.rtr.client import Heard
    from madang.rpki.engine.service.rounds import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What each step gave."""

    files: int
    """Objects that were published."""
    over_rrdp: Round
    over_rsync: Round
    heard: Heard
    """What a router was told, in the newest version of the protocol."""
    oldest: Heard
    """The same in version 0, which knows VRPs alone."""
    healthy: RouteExplanation
    hijacked: RouteExplanation
    port: int

    @property
    def payloads(self) -> Payloads:
        """What was believed."""
        return self.over_rrdp.payloads

    @property
    def holds(self) -> bool:
        """Whether every step gave what it should."""
        told = self.heard.payloads
        return (
            not list(self.over_rrdp.outcome.refused())
            and self.over_rsync.payloads == self.payloads
            and told == self.payloads
            and self.oldest.payloads.vrps == self.payloads.vrps
            and self.healthy.origin.state == "valid"
            and self.hijacked.origin.state == "invalid"
        )

    def facts(self) -> dict[str, Any]:
        """The demonstration for programs."""
        return {
            "holds": self.holds,
            "files": self.files,
            "vrps": sorted(str(each) for each in self.payloads.vrps),
            "aspas": sorted(str(each) for each in self.payloads.aspas),
            "rrdp": [each.way for each in self.over_rrdp.fetched],
            "rsync_equal": self.over_rsync.payloads == self.payloads,
            "rtr": {
                "port": self.port,
                "session": self.heard.session,
                "serial": self.heard.serial,
                "payloads": len(self.heard.payloads),
            },
            "healthy": self.healthy.facts(),
            "hijacked": self.hijacked.facts(),
        }


@contextmanager
def shown(folder: Path, *, port: int = 0) -> Iterator[Shown]:
    """Build, publish, fetch, judge, tell; everything stands while the block runs.

    Args:
        folder: An empty folder for all of it.
        port: Where routers connect on loopback; 0 for a free one.

    Raises:
        Unavailable: rsync is not installed, or a port cannot be had.
    """
    where = hosting.places(folder)
    registry = land.found(folder, where)
    published = registry.server.folder
    tal = read_tal(registry.tal, "demo")
    (folder / "demo.tal").write_bytes(registry.tal)
    feed = Feed()
    with hosting.handed_out(where, published), _routers(feed, port) as opened:
        web = _round(folder / "by-rrdp", where, tal, feed)
        plain = _round(folder / "by-rsync", where, tal, None)
        store = Database(folder / "by-rrdp" / "store.sqlite3")
        yield Shown(
            files=len(list((published / "rsync" / "current").resolve().rglob("*.*"))),
            over_rrdp=web,
            over_rsync=plain,
            heard=everything("127.0.0.1", opened),
            oldest=everything("127.0.0.1", opened, version=0),
            healthy=explain_route(web.outcome, store, land.HEALTHY.prefix, asn=land.HEALTHY.asn),
            hijacked=explain_route(
                web.outcome, store, land.HIJACKED.prefix, asn=land.HIJACKED.asn
            ),
            port=opened,
        )
        store.close()


def _round(folder: Path, where: hosting.Places, tal: Tal, feed: Feed | None) -> Round:
    """One round; with a feed over the web, without one over rsync alone."""
    folder.mkdir(parents=True, exist_ok=True)
    # Both servers stand on this machine, which no real repository may.
    ways = Ways(dubious=True, https=feed is not None, authorities=where.certificates)
    store = Database(folder / "store.sqlite3")
    try:
        fetcher = Fetcher(store, folder, ways)
        return Rounds(
            Equipment(fetcher=fetcher, tals=(tal,), policy=PROFILE_2026, feed=feed)
        ).run()
    finally:
        store.close()


@contextmanager
def _routers(feed: Feed, port: int) -> Iterator[int]:
    """Serve routers from a loop of its own while the block runs; the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = RouterServer(feed, [Endpoint("127.0.0.1", port)])
    try:
        opened = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        try:
            yield opened[0][1]
        finally:
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
