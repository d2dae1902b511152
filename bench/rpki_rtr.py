"""How soon do 50 routers have 788,000 payloads, beside StayRTR? How soon is one change told?"""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.table import Measurement, median_cpu_s
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.outputs.formats import written
from madang.rpki.engine.outputs.listing import listed
from madang.rpki.engine.payloads import Change, Payloads, Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.client import everything
from madang.rpki.engine.rtr.feed import Feed, FeedSetting
from madang.rpki.engine.validation.outcome import Sourced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.outputs.listing import Listing

PAYLOADS, ROUTERS, SEED = 788_000, 50, 8
_V4_SHARE = 0.8
_CLOCK = os.sysconf("SC_CLK_TCK")


def world() -> frozenset[Vrp]:
    """As many VRPs as the Internet had at the end of 2025, four of five for IPv4."""
    chance = random.Random(SEED)
    found: set[Vrp] = set()
    while len(found) < PAYLOADS:
        if chance.random() < _V4_SHARE:
            length = chance.choice((16, 20, 22, 24, 24, 24))
            address = chance.getrandbits(length) << (32 - length)
            most = chance.choice((length, max(length, 24)))
            found.add(Vrp(4, address, length, most, chance.randrange(1, 400_000)))
        else:
            length = chance.choice((32, 40, 44, 48))
            address = 2 << 124 | chance.getrandbits(length - 4) << (128 - length)
            found.add(Vrp(6, address, length, length, chance.randrange(1, 400_000)))
    return frozenset(found)


class Server(NamedTuple):
    """A cache in a process of its own."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Processor seconds so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK

    def peak_mib(self) -> float:
        """The most memory it has held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


class Synchronised(NamedTuple):
    """How the routers fared."""

    first_s: float
    last_s: float
    parsing_s: float
    received_bytes: int
    parsed: int
    server_cpu_s: float
    peak_mib: float


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@contextmanager
def _server(command: list[str], port: int) -> Iterator[Server]:
    """Run a cache until it has told one router everything."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        try:
            ends = time.monotonic() + 120
            while not _is_ready(port):
                if time.monotonic() > ends:
                    raise TimeoutError(command[0])
                time.sleep(0.2)
            yield Server(run.pid, port)
        finally:
            run.terminate()


def _is_ready(port: int) -> bool:
    """Whether a cache answers with data; the first PDUs suffice."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(pdu.reset_query(1))
            return line.recv(8)[1:2] == bytes([pdu.CACHE_RESPONSE])
    except OSError:
        return False


def _parse(port: int, told: multiprocessing.SimpleQueue) -> None:
    told.put("ready")
    begin = time.monotonic()
    try:
        found = len(everything("127.0.0.1", port, version=1, timeout_s=120).payloads)
    except Unreachable:
        found = 0
    told.put((time.monotonic() - begin, found))


def synchronise(server: Server) -> Synchronised:
    """Have 49 routers count bytes and one parse them, all at once."""
    # Not forked from here, where a million values would be looked through for garbage.
    apart = multiprocessing.get_context("spawn")
    told = apart.SimpleQueue()
    parsing = apart.Process(target=_parse, args=(server.port, told))
    parsing.start()
    told.get()
    before, begin = server.cpu_s(), time.monotonic()
    ends, received = _count(server.port, ROUTERS - 1)
    parsing_s, parsed = told.get()
    parsing.join()
    return Synchronised(
        first_s=min(ends) - begin,
        last_s=max(ends) - begin,
        parsing_s=parsing_s,
        received_bytes=received,
        parsed=parsed,
        server_cpu_s=server.cpu_s() - before,
        peak_mib=server.peak_mib(),
    )


def _count(port: int, routers: int) -> tuple[list[float], int]:
    """When each router had End of Data, and how many bytes came."""
    waiting = selectors.DefaultSelector()
    for number in range(routers):
        # Each from an address of its own: a cache may limit what one address takes.
        line = socket.create_connection(
            ("127.0.0.1", port), source_address=(f"127.0.1.{number + 1}", 0)
        )
        line.sendall(pdu.reset_query(1))
        line.setblocking(False)
        waiting.register(line, selectors.EVENT_READ, bytearray())
    ends: list[float] = []
    received = 0
    buffer = bytearray(1 << 18)
    while len(ends) < routers:
        for key, _ in waiting.select(60):
            line, tail = key.fileobj, key.data
            count = line.recv_into(buffer)
            received += count
            tail += buffer[max(0, count - 24) : count]
            del tail[:-24]
            if tail[1:2] == bytes([pdu.END_OF_DATA]) or not count:
                ends.append(time.monotonic())
                waiting.unregister(line)
                line.close()
    return ends, received


def _side_by_side(listing: Listing, folder: Path) -> list[Measurement]:
    file = folder / "vrps.json"
    file.write_bytes(b"".join(written(listing, "json")))
    port, other = _free_port(), _free_port()
    command = [sys.executable, "-m", "madang", "rpki", "rtr", str(file)]
    with _server([*command, "--listen", f"127.0.0.1:{port}"], port) as server:
        ours = synchronise(server)
    peer = None
    if shutil.which("stayrtr"):
        options = "-checktime=false -protocol 1 -loglevel error -metrics.addr 127.0.0.1:0"
        command = ["stayrtr", "-bind", f"127.0.0.1:{other}", "-cache", str(file)]
        with _server([*command, *options.split()], other) as server:
            peer = synchronise(server)
    return [*_rows(ours, peer)]


def _rows(ours: Synchronised, peer: Synchronised | None) -> Iterator[Measurement]:
    how = f"{PAYLOADS:,} payloads, {ROUTERS} routers on the same 2 cores, version 1, loopback"

    def row(what: str, form: str, value: object, goal: str = "", kept: bool | None = None):
        def shown(of: Synchronised | None) -> str:
            return "" if of is None else form.format(value(of))

        beside = f"StayRTR {shown(peer)}" if peer else ""
        return Measurement(
            what=what, figure=shown(ours), peer=beside, goal=goal, kept=kept, how=how
        )

    yield row(
        "Full synchronisation, last of 49 counting routers",
        "{:.2f} s",
        lambda of: of.last_s,
        "≤ 5 s",
        ours.last_s <= 5,
    )
    yield row(
        "The same, the router that parses (ours, in Python)",
        "{:.2f} s",
        lambda of: of.parsing_s,
        "≤ 5 s",
        ours.parsing_s <= 5 and ours.parsed == PAYLOADS,
    )
    yield row("Processor time of the cache for it", "{:.2f} s CPU", lambda of: of.server_cpu_s)
    yield row(
        "Most memory of the cache",
        "{:.0f} MiB",
        lambda of: of.peak_mib,
        "≤ 1 GiB",
        ours.peak_mib <= 1024,
    )


def _publishing(vrps: frozenset[Vrp], folder: Path) -> Iterator[Measurement]:
    taken = median_cpu_s(lambda: Feed().publish(Payloads(vrps)), times=3)
    yield Measurement(
        what="All payloads into the first edition",
        figure=f"{taken:.2f} s CPU",
        goal="≤ 2 s",
        kept=taken <= 2,
        how=f"{PAYLOADS:,} payloads sorted into blocks; median of 3",
    )
    for name, memory in (("", None), (", on the disk too", folder / "feed")):
        feed = Feed(FeedSetting(memory=memory))
        feed.publish(Payloads(vrps))
        # As `madang rpki rtr` does: what is held is not looked through for garbage again.
        gc.collect()
        gc.freeze()
        worst = max(_one_change(feed, vrps, number) for number in range(5))
        yield Measurement(
            what=f"One payload changes: new serial number{name}",
            figure=f"{worst * 1000:.1f} ms",
            goal="≤ 100 ms",
            kept=worst <= 0.1,
            how=f"wall time with {PAYLOADS:,} held and the change given; worst of 5",
        )
        feed.close()


def _one_change(feed: Feed, vrps: frozenset[Vrp], number: int) -> float:
    one = Payloads(frozenset({Vrp(4, (203 << 24) + (number << 8), 24, 32, 7)}))
    more = Payloads(vrps | one.vrps)
    begin = time.perf_counter()
    feed.publish(more, Change(one, Payloads()))
    taken = time.perf_counter() - begin
    feed.publish(Payloads(vrps), Change(Payloads(), one))
    return taken


def _writing(listing: Listing) -> Iterator[Measurement]:
    for form, goal_s in (("csv", 1.5), ("json", None), ("bird", None), ("ccr", None)):
        taken = median_cpu_s(lambda form=form: sum(map(len, written(listing, form))), times=3)
        yield Measurement(
            what=f"Writing {form}",
            figure=f"{taken:.2f} s CPU",
            goal=f"≤ {goal_s} s" if goal_s else "",
            kept=taken <= goal_s if goal_s else None,
            how=f"{PAYLOADS:,} VRPs that are sorted; median of 3",
        )


def measure() -> list[Measurement]:
    """Synchronisation, changes and outputs at the size of the Internet."""
    vrps = world()
    listing = listed((Sourced(vrp, "kr", 0, "") for vrp in vrps), generated=1764000000)
    with tempfile.TemporaryDirectory(prefix="rpki-rtr-bench-") as name:
        rows = _side_by_side(listing, Path(name))
        rows += _publishing(vrps, Path(name))
    return [*rows, *_writing(listing)]
