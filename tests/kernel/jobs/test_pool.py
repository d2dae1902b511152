"""A job in a process of its own takes nobody with it, and nobody leaves it behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from madang.kernel.jobs.errors import WorkerLost
from madang.kernel.jobs.run import run
from madang.kernel.words import Words
from tests.house import ROOT
from tests.kernel.jobs.samples import HERE


class Stop(Exception):
    """The caller has had enough."""


def is_alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_process_that_exits_without_an_answer_is_a_lost_worker_with_its_code() -> None:
    told: list[Any] = []

    with pytest.raises(WorkerLost) as caught:
        run(f"{HERE}:exit_silently", {"code": 5}, executor="pool",
            progress=lambda *said: told.append(said))  # fmt: skip

    assert caught.value.code == 5
    assert told == [(0.1, "about to die")]
    assert "exit code 5" in caught.value.sentence("en")


def test_a_killed_process_says_which_signal() -> None:
    with pytest.raises(WorkerLost) as caught:
        run(f"{HERE}:kill_itself", {}, executor="pool")

    assert caught.value.code == -signal.SIGKILL
    assert "신호 9" in caught.value.sentence("ko")


def test_a_grandchild_that_keeps_the_pipes_does_not_hide_the_death(tmp_path: Path) -> None:
    grandchild: list[int] = []
    file = tmp_path / "awake"

    with pytest.raises(WorkerLost) as caught:
        run(f"{HERE}:leave_a_child_and_die", {"file": str(file)}, executor="pool",
            progress=lambda share, text: grandchild.append(int(str(text))))  # fmt: skip

    assert not file.exists(), "the news waited for the grandchild's end"
    os.kill(grandchild[0], signal.SIGKILL)
    assert caught.value.code == 4


def test_an_exception_that_cannot_travel_arrives_as_its_text() -> None:
    with pytest.raises(RuntimeError, match="Untransportable: at line 3"):
        run(f"{HERE}:raise_untransportable", {}, executor="pool")


def test_an_exception_brings_the_traceback_of_its_process_along() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run(f"{HERE}:break_down", {"zero": 0}, executor="pool")

    assert "in break_down" in caught.value.__notes__[0]


def test_a_caller_that_raises_from_progress_ends_the_process(tmp_path: Path) -> None:
    pids: list[int] = []

    def stop(share: float, text: Words | str) -> None:
        if not share:
            pids.append(int(str(text)))
        else:
            raise Stop

    with pytest.raises(Stop):
        run(f"{HERE}:sleep", {"file": str(tmp_path / "awake")}, executor="pool", progress=stop)

    assert not is_alive(pids[0])
    assert not (tmp_path / "awake").exists(), "it was waited for"


def test_jobs_from_several_threads_wait_for_their_turn_and_all_end() -> None:
    results: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: results.append(
                run(f"{HERE}:double", {"n": n}, executor="pool")["n"]
            )
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [0, 2, 4, 6]


def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    source = (
        "from madang.kernel.jobs.run import run\n"
        "if __name__ == '__main__':\n"
        f"    run('{HERE}:sleep', {{'file': {str(tmp_path / 'awake')!r}}}, executor='pool',"
        " progress=lambda share, text: share or print(text, flush=True))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()

    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pid)
    assert not (tmp_path / "awake").exists(), "it slept to its end"
