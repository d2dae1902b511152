"""The processes of a site live and end together."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError, Unavailable
from madang.portal.serving import Household, check_address, commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLEEPER = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).open("a").write(f"{os.getpid()}\\n")
time.sleep(60)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pids(file: Path, count: int) -> list[int]:
    """The processes that have written themselves down, once there are so many."""
    for _ in range(200):
        found = file.read_text().split() if file.exists() else []
        if len(found) >= count:
            return [int(each) for each in found]
        time.sleep(0.05)
    raise AssertionError(f"{count} processes expected")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    """A server that answers and a worker that sleeps."""
    port = free_port()
    served = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    made = Household(
        {
            "server": [*served, "--directory", str(tmp_path / "nothing")],
            "worker 1": [sys.executable, "-c", SLEEPER, str(tmp_path / "pids")],
        },
        address=f"http://127.0.0.1:{port}",
    )
    yield made
    made.stop()


def test_a_worker_that_was_killed_is_started_again(household: Household, tmp_path: Path) -> None:
    household.start()
    (first,) = pids(tmp_path / "pids", 1)
    os.kill(first, signal.SIGKILL)
    second = first
    for _ in range(100):
        household.revive()
        found = pids(tmp_path / "pids", 1)
        if len(found) > 1:
            second = found[1]
            break
        time.sleep(0.05)

    assert second != first
    household.stop()
    assert not is_alive(second)


def test_a_server_that_ends_at_once_is_told_and_nothing_stays(tmp_path: Path) -> None:
    made = Household(
        {
            "server": [sys.executable, "-c", "raise SystemExit(3)"],
            "worker 1": [sys.executable, "-c", SLEEPER, str(tmp_path / "pids")],
        },
        address=f"http://127.0.0.1:{free_port()}",
    )
    with pytest.raises(Unavailable):
        made.start()

    started = (tmp_path / "pids").read_text().split() if (tmp_path / "pids").exists() else []
    assert not any(is_alive(int(pid)) for pid in started)


def test_an_address_in_use_or_open_to_others_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match=r"PORT=8001"):
            check_address("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(InputError, match=r"127\.0\.0\.1"):
        check_address("0.0.0.0", free_port())

    check_address("127.0.0.1", free_port())


def test_a_site_has_one_server_and_as_many_workers_as_asked() -> None:
    assert list(commands("127.0.0.1", 8000, workers=2)) == ["server", "worker 1", "worker 2"]
