"""How do all parts run in one process? Rounds in a thread, routers and HTTP in one loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel.errors import MadangError
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.rtr.feed import Feed, FeedSetting
from madang.rpki.engine.rtr.server import RouterServer
from madang.rpki.engine.service.api import Api
from madang.rpki.engine.service.history import History
from madang.rpki.engine.service.live import Live
from madang.rpki.engine.service.picture import Picture
from madang.rpki.engine.service.rounds import Equipment, Round, Rounds
from madang.rpki.engine.service.standby import Standby
from madang.rpki.engine.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import uvicorn

    from madang.rpki.engine.fetch.policy import Policy as Ways
    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.rtr.server import Endpoint
    from madang.rpki.engine.service.standby import Primary
    from madang.rpki.engine.service.workspace import Workspace
    from madang.rpki.engine.validation.policy import Policy

_log = logging.getLogger("madang.rpki.serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a validator serves."""

    routers: Sequence[Endpoint]
    http: tuple[str, int] | None
    """Where HTTP is answered; nowhere where None."""
    policy: Policy
    ways: Ways
    every_s: float = 600.0
    """Seconds from the end of one round to the beginning of the next."""
    workers: int = 1
    primary: Primary | None = None
    """The server that this one stands by for; none where None."""


class Service:
    """A validator with everything around it."""

    def __init__(self, workspace: Workspace, setting: Setting) -> None:
        self._setting = setting
        self.workspace = workspace.prepare()
        self.store = Database(workspace.store)
        self.history = History(workspace.history)
        self.feed = Feed(FeedSetting(memory=workspace.feed, sessions=_sessions(setting.primary)))
        self.live = Live(self.store, self.history)
        self._picture = Picture(workspace.picture)
        self.routers = RouterServer(self.feed, setting.routers)
        self._fetcher = Fetcher(self.store, workspace.fetching, setting.ways)
        self._ended = threading.Event()
        self.addresses: list[tuple[str, int]] = []
        self.http_address: tuple[str, int] | None = None

    def stop(self) -> None:
        """End after what is under way."""
        self._ended.set()
        self._fetcher.stop()

    async def run(self, *, opened: Callable[[Service], None] | None = None) -> None:
        """Serve until `stop`.

        Args:
            opened: Called once routers and HTTP can connect.

        Raises:
            Unavailable: An address cannot be had.
        """
        async with self.routers:
            self.addresses = self.routers.addresses
            async with _Http(self._setting.http, Api(self.live, self.feed, self.routers)) as http:
                self.http_address = http.address
                if opened:
                    opened(self)
                try:
                    await asyncio.to_thread(self._go_round)
                finally:
                    self.stop()
        self.feed.close()
        self.store.close()

    def _go_round(self) -> None:
        """Round after round; one that fails is told and tried again."""
        if self._setting.primary:
            Standby(self._setting.primary, self.feed, self._ended).follow()
            if not self._ended.is_set():
                _log.warning("the primary is silent: this server goes round by itself")
        rounds: Rounds | None = None
        known: tuple[Tal, ...] = ()
        while not self._ended.is_set():
            try:
                tals = self.workspace.tals()
                if rounds is None or tals != known:
                    rounds, known = self._rounds(tals), tals
                found = rounds.run()
                _log.info("round ended: %d payloads, serial %s", len(found.payloads), found.serial)
            except MadangError as fault:
                _log.error("round failed: %s", fault)
            self._ended.wait(self._setting.every_s)

    def _told(self, found: Round) -> None:
        self.live.hear(found)
        self._picture.draw(found)

    def _rounds(self, tals: tuple[Tal, ...]) -> Rounds:
        return Rounds(
            Equipment(
                fetcher=self._fetcher,
                tals=tals,
                policy=self._setting.policy,
                feed=self.feed,
                history=self.history,
                exceptions=self.workspace.slurm,
                told=self._told,
                workers=self._setting.workers,
            )
        )


def _sessions(primary: Primary | None) -> tuple[int, int, int] | None:
    """The primary's sessions; none of it where it cannot be reached at the start."""
    if primary is None:
        return None
    try:
        return primary.numbers().sessions
    except Unreachable as fault:
        _log.warning("the primary does not answer: %s", fault)
        return None


class _Http:
    """uvicorn in the loop that is there, without signals or logs of its own."""

    def __init__(self, where: tuple[str, int] | None, api: Api) -> None:
        self._where, self._api = where, api
        self.address: tuple[str, int] | None = None

    async def __aenter__(self) -> _Http:
        if self._where is None:
            return self
        import uvicorn

        host, port = self._where
        config = uvicorn.Config(
            self._api,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            limit_concurrency=200,
            timeout_keep_alive=10,
            server_header=False,
        )
        self._server = _server(config)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise OSError(f"{host}:{port} cannot be had")
            await asyncio.sleep(0.01)
        self.address = self._server.servers[0].sockets[0].getsockname()[:2]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._where is not None:
            self._server.should_exit = True
            await self._task


def _server(config: uvicorn.Config) -> uvicorn.Server:
    """A server that leaves signals to the command that runs it."""
    import uvicorn

    class Deaf(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Deaf(config)
