"""Other makers' programs read what is written, and have exactly what was listed."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.outputs.configurations import bird_cache
from madang.rpki.engine.outputs.formats import written
from madang.rpki.engine.outputs.listing import listed
from madang.rpki.engine.rtr.client import everything
from madang.rpki.engine.rtr.feed import Feed
from madang.rpki.engine.validation.outcome import Sourced
from tests.rpki.engine.outputs.listings import AT, V4_ALL, small
from tests.rpki.engine.rtr.routers import ENVIRONMENT, bird, served, until

pytestmark = pytest.mark.rpki_peers

BIRD_NAMES = ("ROAS4", "ROAS6")


def test_bird_loads_the_static_tables():
    configuration = b"".join(written(small(), "bird")).decode()
    with bird(configuration, tables=BIRD_NAMES) as look:
        assert until(look, small().payloads.vrps) == small().payloads.vrps


def test_bird_follows_the_cache_it_is_told_of():
    feed = Feed()
    feed.publish(small().payloads)
    with served(feed) as port, bird(bird_cache("127.0.0.1", port), tables=BIRD_NAMES) as look:
        assert until(look, small().payloads.vrps) == small().payloads.vrps


@contextlib.contextmanager
def _stayrtr(file):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    options = ("-checktime=false", "-protocol", "1", "-metrics.addr", "127.0.0.1:0")
    command = ("stayrtr", "-bind", f"127.0.0.1:{port}", "-cache", str(file), *options)
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    ) as running:
        try:
            yield port
        finally:
            running.terminate()


@pytest.mark.parametrize("form", ["json", "routinator"])
def test_stayrtr_serves_the_json(form, tmp_path):
    # StayRTR leaves out a VRP of AS 0 for all addresses, and what has ended by its own clock.
    listing = listed(
        [Sourced(vrp, "kr", 0, "") for vrp in small().payloads.vrps - {V4_ALL}], generated=AT
    )
    file = tmp_path / "vrps.json"
    file.write_bytes(b"".join(written(listing, form)))
    with _stayrtr(file) as port:
        heard = _heard(port)
    assert heard.payloads.vrps == listing.payloads.vrps


def _heard(port):
    ends = time.monotonic() + 30
    while True:
        try:
            return everything("127.0.0.1", port, version=1, timeout_s=5)
        except Unreachable:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
