"""The queue's file is shared, survives, and says what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import Unavailable
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.sqlite import SqliteLeaseStore
from tests.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queue.sqlite3"


def test_a_run_is_the_same_when_the_file_is_opened_again(file: Path) -> None:
    store = SqliteLeaseStore(file)
    leases = Leases(store)
    leases.enqueue("r1", "j", {"나이": [1, 2.5, None, True, {"x": ""}]}, priority=3, limit_s=7.5)
    lease = leases.claim("w", lease_s=5)
    assert lease
    leases.cancel("r1")
    leases.fail(lease, "crash", {"line": 3}, retry=False)
    before = leases.get("r1"), list(leases.history("r1"))
    store.close()

    again = Leases(SqliteLeaseStore(file))

    assert (again.get("r1"), list(again.history("r1"))) == before
    assert before[0].cancel_asked is True


def test_writes_are_durable_and_readers_pass_writers(file: Path) -> None:
    """WAL and FULL (2): https://www.sqlite.org/pragma.html#pragma_synchronous."""
    store = SqliteLeaseStore(file)
    connection = store._open()

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_nothing_of_a_transaction_that_fails_is_kept(file: Path) -> None:
    store = SqliteLeaseStore(file)
    leases = Leases(store)
    run = leases.enqueue("r1", "j", {})

    with pytest.raises(RuntimeError), store.writing() as rows:
        rows.change(run.__class__(**{**vars(run), "state": "done"}))
        raise RuntimeError

    assert leases.get("r1").state == "queued"


def test_threads_share_one_store(file: Path) -> None:
    leases = Leases(SqliteLeaseStore(file))
    for number in range(60):
        leases.enqueue(f"r{number}", "j", {})
    taken: list[str] = []

    def work() -> None:
        while lease := leases.claim("w", lease_s=60):
            taken.append(lease.id)
            leases.finish(lease, {})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(f"r{number}" for number in range(60))


def test_processes_never_take_the_same_run(file: Path) -> None:
    leases = Leases(SqliteLeaseStore(file))
    for number in range(60):
        leases.enqueue(f"r{number}", "j", {})
    source = (
        "import sys\n"
        "from madang.kernel.jobs.lease import Leases\n"
        "from madang.kernel.jobs.sqlite import SqliteLeaseStore\n"
        "leases = Leases(SqliteLeaseStore(sys.argv[1]))\n"
        "while lease := leases.claim('w', lease_s=60):\n"
        "    print(lease.id)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", source, str(file)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        for _ in range(3)
    ]
    taken = [id for process in processes for id in process.communicate()[0].split()]

    assert sorted(taken) == sorted(f"r{number}" for number in range(60))


def test_many_processes_may_make_the_file_at_once(file: Path) -> None:
    source = (
        "import sys\n"
        "from madang.kernel.jobs.lease import Leases\n"
        "from madang.kernel.jobs.sqlite import SqliteLeaseStore\n"
        "Leases(SqliteLeaseStore(sys.argv[1])).enqueue(sys.argv[2], 'j', {})\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", source, str(file), f"r{number}"], cwd=ROOT)
        for number in range(5)
    ]

    assert [process.wait() for process in processes] == [0] * 5
    assert len(Leases(SqliteLeaseStore(file)).list()) == 5


def test_a_forked_child_opens_the_file_for_itself(file: Path) -> None:
    store = SqliteLeaseStore(file)
    leases = Leases(store)
    leases.enqueue("r1", "j", {})
    inherited = store._open()

    child = os.fork()
    if not child:
        leases.enqueue("r2", "j", {})
        os._exit(store._open() is inherited)
    assert os.waitpid(child, 0)[1] == 0

    assert [run.id for run in leases.list()] == ["r1", "r2"]
    leases.enqueue("r3", "j", {})


def test_a_lock_that_is_held_too_long_is_told_to_the_operator(file: Path) -> None:
    holder = SqliteLeaseStore(file)
    impatient = Leases(SqliteLeaseStore(file, busy_s=0.05))

    with holder.writing(), pytest.raises(Unavailable, match="locked"):
        impatient.enqueue("r1", "j", {})

    assert impatient.enqueue("r1", "j", {}).state == "queued"


def test_a_reader_does_not_wait_for_a_writer(file: Path) -> None:
    holder = SqliteLeaseStore(file)
    impatient = Leases(SqliteLeaseStore(file, busy_s=0.05))
    impatient.enqueue("r1", "j", {})

    with holder.writing():
        assert impatient.get("r1").state == "queued"


@pytest.mark.parametrize(
    "content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_file_that_is_no_queue_is_named_and_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(Unavailable) as caught:
        SqliteLeaseStore(file)

    assert str(file) in caught.value.sentence("ko")
    assert file.read_bytes() == content


def test_a_file_of_a_later_edition_is_refused(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(Unavailable, match="later edition"):
        SqliteLeaseStore(file)


def test_a_folder_that_does_not_exist_is_told_to_the_operator(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="unable to open"):
        SqliteLeaseStore(tmp_path / "nowhere" / "queue.sqlite3")
