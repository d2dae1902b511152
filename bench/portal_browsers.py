"""Does the site stand 200 people who browse at once, for a minute, without one error?

`python -m bench.portal_browsers browse PORT SECONDS` is the process that plays them: each opens a
page, reads for about two seconds, opens the next over the same connection. The site runs as
`madang site` runs it, server and worker, on the same machine as those who browse.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
import statistics
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from bench.sites import kinds, site
from bench.table import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.sites import Site

_ME = "bench.portal_browsers"
_PEOPLE, _SECONDS = 200, 60
_DEMANDS, _SUBMISSIONS = 2_000, 40_000
_READS_S = 2.0
_LONGEST_S = 30.0
"""No answer for so long is an error."""
_PAGES = (
    "/",
    "/trials/",
    "/trials/?page=7",
    "/trials/?q=%EC%82%B0%EB%B6%88&state=open",
    "/trials/demands/copy-11",
    "/trials/demands/copy-0/board",
    "/trials/register",
    "/trials/companies/",
    "/search?q=%EB%AF%BC%EC%9B%90",
    "/account/login/",
)


def measure() -> list[Measurement]:
    """Both databases."""
    rows = []
    for kind in kinds():
        with site(kind) as made:
            made.ask("bench.portal_catalogue", "fill", str(_DEMANDS), str(_SUBMISSIONS))
            rows.append(_told(kind, _browsed(made)))
    return rows


def _told(kind: str, found: dict[str, Any]) -> Measurement:
    return Measurement(
        what=f"{_PEOPLE} people browse for {_SECONDS} s, {kind}",
        figure=f"{found['pages']:,} pages, {found['errors']} errors "
        f"({', '.join(found['kinds']) or 'none'}); median {found['median_ms']:.0f} ms, "
        f"p95 {found['p95_ms']:.0f} ms, longest {found['most_ms']:,.0f} ms",
        peer=f"{found['pages'] / _SECONDS:.0f} pages a second",
        goal="no error",
        kept=found["errors"] == 0 and found["pages"] > _PEOPLE,
        how=f"connections kept, {_READS_S:g} s of reading in the mean; {_DEMANDS:,} demands; "
        "site and browsers share the cores",
    )


def _browsed(made: Site) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = made.start("madang", "manage", "site", "--port", str(port), "--no-seed")
    try:
        _wait_for(port)
        found: dict[str, Any] = made.ask(_ME, "browse", str(port), str(_SECONDS))
    finally:
        served.send_signal(signal.SIGINT)
        served.wait()
    return found


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except urllib.error.URLError:
            time.sleep(0.3)
    raise RuntimeError("the site did not start")


async def _browse(port: int, seconds: float) -> dict[str, Any]:
    until = time.monotonic() + seconds
    people = [_person(port, until, random.Random(n)) for n in range(_PEOPLE)]
    took: list[float] = []
    faults: list[str] = []
    for pages, errors in await asyncio.gather(*people):
        took += pages
        faults += errors
    return {
        "pages": len(took),
        "errors": len(faults),
        "kinds": sorted(set(faults))[:5],
        "median_ms": 1000 * statistics.median(took),
        "p95_ms": 1000 * statistics.quantiles(took, n=20)[-1],
        "most_ms": 1000 * max(took),
    }


async def _person(
    port: int, until: float, chance: random.Random
) -> tuple[Sequence[float], Sequence[str]]:
    """One who browses until then: what each page took, and what went wrong."""
    took, faults = [], []
    await asyncio.sleep(chance.uniform(0, _READS_S))
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while time.monotonic() < until:
                start = time.perf_counter()
                status = await asyncio.wait_for(
                    _page(reader, writer, port, chance.choice(_PAGES)), _LONGEST_S
                )
                took.append(time.perf_counter() - start)
                if status != 200:
                    faults.append(str(status))
                await asyncio.sleep(chance.expovariate(1 / _READS_S))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as fault:
            faults.append(type(fault).__name__)
        finally:
            writer.close()
    return took, faults


async def _page(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, path: str
) -> int:
    """Ask for one page and read all of it; its status."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: ko\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    told = await reader.readuntil(b"\r\n\r\n")
    first, *lines = told.decode("latin-1").split("\r\n")
    named = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    if "content-length" in named:
        await reader.readexactly(int(named["content-length"]))
    else:
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(first.split()[1])


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_browse(int(sys.argv[2]), float(sys.argv[3])))))
