"""Other makers' routers and clients, each run on loopback in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.rtr.router import Limits
from madang.rpki.engine.rtr.server import Endpoint, RouterServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from madang.rpki.engine.rtr.feed import Feed

ENVIRONMENT = {
    "PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/frr")),
    "HOME": "/tmp",
}


def _run(*command: str, timeout_s: int = 60) -> str:
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout_s, env=ENVIRONMENT, check=False
    )
    return ended.stdout + ended.stderr


def until(look: Callable[[], object], expected: object) -> object:
    """Look until it is as expected, or for 30 s; what was seen last."""
    ends = time.monotonic() + 30
    while (seen := look()) != expected and time.monotonic() < ends:
        time.sleep(0.1)
    return seen


@contextmanager
def served(feed: Feed) -> Iterator[int]:
    """The feed on a free port, served by a thread of its own."""
    begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []
    ready = threading.Event()

    async def serve() -> None:
        endpoint = Endpoint("127.0.0.1", 0)
        async with RouterServer(feed, [endpoint], limits=Limits(notify_gap_s=0)) as server:
            end = asyncio.Event()
            begun.append((asyncio.get_running_loop(), end, server.addresses[0][1]))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    loop, end, port = begun[0]
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
        assert not thread.is_alive()


def rtrclient(port: int) -> frozenset[Vrp]:
    """What rtrclient (rtrlib) dumps."""
    with tempfile.TemporaryDirectory(prefix="rpki-rtr-") as folder:
        out = Path(folder) / "out.csv"
        log = _run("rtrclient", "-e", "-t", "csv", "-o", str(out), *_tcp(port))
        assert out.exists(), log
        found = []
        for line in out.read_text().splitlines():
            parts = [part.strip() for part in line.split(",")]
            if len(parts) == 4 and parts[1].isdigit():
                found.append(_vrp(f"{parts[0]}/{parts[1]}", parts[2], parts[3]))
        assert len(set(found)) == len(found)
        return frozenset(found)


def _tcp(port: int) -> tuple[str, str, str]:
    return "tcp", "127.0.0.1", str(port)


def _vrp(prefix: str, longest: str, asn: str) -> Vrp:
    # rtrclient prints the greatest AS number as -1.
    return Vrp(*read_prefix(prefix), int(longest), int(asn) % (1 << 32))


@contextmanager
def bird(
    configuration: str, *, tables: tuple[str, str] = ("r4", "r6")
) -> Iterator[Callable[[], frozenset[Vrp]]]:
    """BIRD 2; a look at what two tables hold together."""
    first, second = tables
    with tempfile.TemporaryDirectory(prefix="rpki-rtr-") as folder:
        at = Path(folder)
        (at / "bird.conf").write_text(
            f"router id 127.0.0.1;\nprotocol device {{}}\n{configuration}"
        )
        control = str(at / "ctl")
        begun = _run("bird", "-c", str(at / "bird.conf"), "-s", control, "-P", str(at / "pid"))
        assert not begun, begun
        try:
            yield lambda: _bird_table(control, first) | _bird_table(control, second)
        finally:
            _run("birdc", "-s", control, "down")


def _bird_table(control: str, table: str) -> frozenset[Vrp]:
    found = []
    for line in _run("birdc", "-s", control, "show", "route", "table", table).splitlines():
        # 10.0.0.0/24-24 AS64500  [madang 2026-11-24] * (100)
        place, _, rest = line.partition(" ")
        prefix, dash, longest = place.rpartition("-")
        if dash and "/" in prefix and rest.strip().startswith("AS"):
            found.append(_vrp(prefix, longest, rest.split()[0].removeprefix("AS")))
    return frozenset(found)


@contextmanager
def frr(configuration: str) -> Iterator[Callable[[], frozenset[Vrp]]]:
    """FRR's bgpd with rtrlib; a look at its prefix table."""
    with tempfile.TemporaryDirectory(prefix="rpki-rtr-") as folder:
        at = Path(folder)
        at.chmod(0o777)
        (at / "bgpd.conf").write_text(configuration)
        command = ["bgpd", "-M", "rpki", "-f", str(at / "bgpd.conf"), "-z", str(at / "zserv.api")]
        command += ["--vty_socket", folder, "-i", str(at / "bgpd.pid")]
        # No BGP port, no telnet port, no kernel, and the user that is there.
        command += ["-p", "0", "-P", "0", "-Z", "-S"]
        with (at / "log").open("wb") as log:
            running = subprocess.Popen(command, stdout=log, stderr=log, env=ENVIRONMENT)
        try:
            yield lambda: _frr_table(folder)
        finally:
            running.terminate()
            running.wait(20)


def _frr_table(folder: str) -> frozenset[Vrp]:
    shown = _run("vtysh", "--vty_socket", folder, "-c", "show rpki prefix-table")
    found = []
    for line in shown.splitlines():
        # 10.0.1.0     24 -  24        64501
        parts = line.split()
        if len(parts) == 5 and parts[2] == "-":
            found.append(_vrp(f"{parts[0]}/{parts[1]}", parts[3], parts[4]))
    return frozenset(found)
