"""A worker reports every end with its cause, stops when asked, and may be killed at any moment."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from bench.chaos import storm
from madang.kernel.errors import InputError, MissingExtra, Unavailable
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.sqlite import SqliteLeaseStore
from madang.kernel.jobs.worker import Claimed, Done, Failed, Outcome, Worker
from madang.kernel.words import words
from tests.house import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.kernel.jobs.record import JobRun, Lease


@pytest.fixture
def leases(tmp_path: Path) -> Leases:
    return Leases(SqliteLeaseStore(tmp_path / "queue.sqlite3"), backoff_s=lambda attempt: 0.0)


def worked(leases: Leases, execute: Callable[[Claimed], Outcome], **more: Any) -> JobRun:
    """The run after a worker has had it."""
    leases.enqueue("r1", "j", {"n": 1}, attempts=2)
    Worker(leases, execute, poll_s=0.01, **more).run_until_idle()
    return leases.get("r1")


def raising(fault: Exception) -> Callable[[Claimed], Outcome]:
    def execute(claimed: Claimed) -> Outcome:
        raise fault

    return execute


def test_a_worker_does_everything_that_is_queued(leases: Leases) -> None:
    for number in range(5):
        leases.enqueue(f"r{number}", "double", {"n": number})

    count = Worker(
        leases, lambda claimed: Done(result={"n": 2 * claimed.parameters["n"]})
    ).run_until_idle()

    assert count == 5
    assert [run.result for run in leases.list()] == [{"n": 2 * n} for n in range(5)]


def test_a_worker_names_itself_in_the_history(leases: Leases) -> None:
    assert worked(leases, lambda _: Done(result={})).worker.endswith(f":{os.getpid()}")


def test_a_worker_leaves_the_jobs_of_others(leases: Leases) -> None:
    leases.enqueue("other", "other", {})

    Worker(leases, lambda _: Done(result={}), jobs={"mine"}).run_until_idle()

    assert leases.get("other").state == "queued"


def test_a_typed_failure_keeps_its_cause_and_detail(leases: Leases) -> None:
    run = worked(leases, lambda _: Failed(cause="memory", detail={"mib": 512}))

    assert (run.state, run.cause, run.detail, run.attempt) == (
        "failed",
        "memory",
        {"mib": 512},
        1,
    )


def test_a_failure_worth_another_attempt_gets_it(leases: Leases) -> None:
    run = worked(
        leases,
        lambda claimed: (
            Done(result={"attempt": claimed.attempt})
            if claimed.attempt == 2
            else Failed(cause="storage", retry=True)
        ),
    )

    assert run.result == {"attempt": 2}


@pytest.mark.parametrize(
    ("fault", "cause", "attempts"),
    [
        (InputError(words("행 3개", "3 rows"), words("4개", "4")), "input", 1),
        (Unavailable("disk", reason=words("가득 참", "full")), "unavailable", 2),
    ],
)
def test_a_foreseen_error_is_a_cause_with_its_sentence_in_both_languages(
    leases: Leases, fault: InputError | Unavailable, cause: str, attempts: int
) -> None:
    run = worked(leases, raising(fault))

    assert (run.state, run.cause, run.attempt) == ("failed", cause, attempts)
    assert run.detail == {
        "type": type(fault).__name__,
        "message_ko": fault.sentence("ko"),
        "message_en": fault.sentence("en"),
    }


@pytest.mark.parametrize(
    "fault", [ValueError("secret value 42"), MissingExtra(system="s", extra="e")]
)
def test_a_defect_ends_the_run_but_not_the_worker_and_its_message_stays_inside(
    leases: Leases, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    run = worked(leases, raising(fault))

    assert (run.state, run.cause, run.detail) == (
        "failed",
        "defect",
        {"type": type(fault).__name__},
    )


def test_a_result_that_is_no_json_is_a_defect(leases: Leases) -> None:
    run = worked(leases, lambda _: Done(result={"scores": (1, 2)}))

    assert (run.state, run.cause) == ("failed", "defect")
    assert "result.scores is tuple" in run.detail["message"]


def test_heartbeats_keep_a_long_job_from_being_given_away(leases: Leases) -> None:
    def execute(claimed: Claimed) -> Outcome:
        for _ in range(8):
            time.sleep(0.1)
            leases.expire()
        return Done(result={"attempt": claimed.attempt})

    run = worked(leases, execute, lease_s=0.3)

    assert (run.result, run.attempt) == ({"attempt": 1}, 1)


def test_a_long_job_learns_that_it_was_cancelled(leases: Leases) -> None:
    heard: list[bool] = []

    def execute(claimed: Claimed) -> Outcome:
        heard.append(claimed.is_wanted)
        leases.cancel(claimed.id)
        heard.append(claimed.wait_unwanted(20))
        heard.append(claimed.is_wanted)
        return Failed(cause="cancelled", retry=True)

    assert worked(leases, execute, lease_s=0.15).state == "cancelled"
    assert heard == [True, True, False]


def test_a_job_over_its_time_learns_it_and_its_late_answer_is_dropped(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=1, limit_s=0.3)
    heard: list[bool] = []

    def execute(claimed: Claimed) -> Outcome:
        heard.append(claimed.wait_unwanted(20))
        return Done(result={"late": True})

    count = Worker(leases, execute, lease_s=0.15, poll_s=0.01).run_until_idle()
    run = leases.get("r1")

    assert heard == [True]
    assert (count, run.state, run.cause, run.result) == (0, "failed", "time_limit", None)


class Restarting(Leases):
    """A queue whose database does not answer every other time."""

    asked = 0

    def stumble(self) -> None:
        self.asked += 1
        if self.asked % 2:
            raise Unavailable("queue", reason="restarting")

    def claim(self, *args: Any, **more: Any) -> Lease | None:
        self.stumble()
        return super().claim(*args, **more)

    def finish(self, *args: Any, **more: Any) -> JobRun:
        self.stumble()
        return super().finish(*args, **more)


def test_a_database_that_restarts_neither_ends_the_worker_nor_loses_the_result(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    executed: list[str] = []
    leases = Restarting(SqliteLeaseStore(tmp_path / "queue.sqlite3"))
    for number in range(3):
        leases.enqueue(f"r{number}", "j", {})

    def execute(claimed: Claimed) -> Outcome:
        executed.append(claimed.id)
        return Done(result={})

    assert Worker(leases, execute, poll_s=0.01).run_until_idle() == 3
    assert executed == ["r0", "r1", "r2"]


def test_a_database_that_stays_away_is_told_to_the_operator(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    class Gone(Leases):
        def claim(self, *args: Any, **more: Any) -> Lease | None:
            raise Unavailable("queue", reason="gone")

    worker = Worker(
        Gone(SqliteLeaseStore(tmp_path / "q")),
        lambda _: Done(result={}),
        poll_s=0.01,
        patience_s=0.05,
    )

    with pytest.raises(Unavailable, match="gone"):
        worker.run_until_idle()


def test_an_idle_worker_waits_for_what_another_holds_and_takes_over(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=2)
    dead = leases.claim("dead", lease_s=0.3)
    assert dead

    assert Worker(leases, lambda _: Done(result={}), poll_s=0.02).run_until_idle() == 1
    assert [each.cause for each in leases.history("r1")] == ["", "", "worker_lost", "", ""]


def test_a_worker_in_a_thread_stops_when_told(leases: Leases) -> None:
    worker = Worker(leases, lambda _: Done(result={}), poll_s=60)
    thread = threading.Thread(target=worker.run_until_stopped)
    thread.start()
    worker.stop()
    thread.join(20)

    assert not thread.is_alive()


def test_the_handlers_of_signals_are_put_back(leases: Leases) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    during: list[object] = []

    def execute(claimed: Claimed) -> Outcome:
        during.extend([signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)])
        return Done(result={})

    worked(leases, execute)

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert before[0] not in during


SLOW_WORKER = """
import sys, time
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.sqlite import SqliteLeaseStore
from madang.kernel.jobs.worker import Done, Worker

def execute(claimed):
    print(claimed.id, flush=True)
    time.sleep(0.6)
    return Done(result={"whole": True})

leases = Leases(SqliteLeaseStore(sys.argv[1]))
print(Worker(leases, execute, lease_s=5, poll_s=0.05).run_until_stopped(), flush=True)
"""


def test_sigterm_lets_the_run_at_hand_end_and_takes_no_other(tmp_path: Path) -> None:
    file = tmp_path / "queue.sqlite3"
    leases = Leases(SqliteLeaseStore(file))
    for id in ("first", "second"):
        leases.enqueue(id, "j", {})
    worker = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER, str(file)],
        stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    with worker.stdout:
        assert worker.stdout.readline() == "first\n"
        worker.terminate()
        assert worker.stdout.read() == "1\n"

    assert worker.wait() == 0
    assert leases.get("first").result == {"whole": True}
    assert leases.get("second").state == "queued"


def test_all_jobs_end_once_though_workers_are_killed_and_frozen(tmp_path: Path) -> None:
    seen = storm(tmp_path, jobs=100, workers=2, seed=7, pause_s=(0.1, 0.4))

    assert seen.ended == seen.done == 100
    assert seen.most_ends == seen.most_finishes == 1
    assert seen.unknown == 0
    assert seen.kills > 0
    assert seen.given_back > 0
    assert seen.latest_s <= 5
