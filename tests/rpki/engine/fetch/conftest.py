"""Repositories on loopback, and a fetcher that may ask them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.store.database import Database
from tests.rpki.engine.fetch.publisher import Authority, Publisher, Site, authority


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def site(trusted: Authority) -> Iterator[Site]:
    site = Site(trusted)
    yield site
    site.close()


@pytest.fixture
def publisher(site: Site) -> Publisher:
    return Publisher(site)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "store.sqlite")
    yield database
    database.close()


@pytest.fixture
def policy(trusted: Authority) -> Callable[..., Policy]:
    """A policy for loopback, with some limits set otherwise."""

    def made(**limits: Any) -> Policy:
        return Policy(**{"authorities": trusted.ca, "dubious": True, "time_s": 60.0} | limits)

    return made


@pytest.fixture
def fetcher(
    database: Database, tmp_path: Path, policy: Callable[..., Policy]
) -> Callable[..., Fetcher]:
    def made(**limits: Any) -> Fetcher:
        return Fetcher(database, tmp_path / "work", policy(**limits))

    return made


@pytest.fixture
def rsync_module(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A module of Debian's rsync on loopback: its address and its folder."""
    program = shutil.which("rsync")
    assert program
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path / "module"
    folder.mkdir()
    settings = tmp_path / "rsyncd.conf"
    settings.write_text(
        f"use chroot = no\npid file = {tmp_path}/rsyncd.pid\nlog file = {tmp_path}/rsyncd.log\n"
        f"[repo]\npath = {folder}\nread only = yes\n"
    )
    daemon = subprocess.Popen(
        [program, "--daemon", "--no-detach", f"--config={settings}", "--address=127.0.0.1",
         f"--port={port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < until, "rsync --daemon does not listen"
            time.sleep(0.02)
    yield f"rsync://localhost:{port}/repo/", folder
    daemon.kill()
    daemon.wait()
