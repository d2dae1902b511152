"""A worker does what is queued, and every system learns once how its runs ended."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError, connection

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.jobs.worker import Claimed
from madang.portal import jobs, worker
from madang.portal.log import log
from madang.portal.models import JobEnding, JobRun, SeenWorker
from madang.portal.queue import enqueue, leases
from tests.portal import chores, elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chores_of_the_portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jobs, "JOBS", chores.JOBS)
    monkeypatch.setattr(jobs, "SETTLE", chores.SETTLE)
    return


def work() -> int:
    return worker.work(until_idle=True, lease_s=30, poll_s=0.01)


def said_in_the_log() -> list[str]:
    return [next(iter(entry.statement.subjects)) for entry in log().entries()]


def ended(*names: str, job: str = "portal.echo") -> None:
    """Runs that have ended, and that nobody has settled."""
    for name in names:
        enqueue(name, job, {})
        lease = leases().claim("w", lease_s=10)
        assert lease
        leases().finish(lease, {})


def test_what_is_queued_is_done_and_remembered() -> None:
    enqueue("r1", "portal.echo", {"n": 1})
    enqueue("r2", "portal.echo", {"n": 2})

    assert work() == 2
    assert [run.result for run in leases().list()] == [{"given": 1}, {"given": 2}]
    assert said_in_the_log() == ["run/r1", "run/r2"]
    assert not JobEnding.objects.exists()


def test_an_end_is_remembered_once_however_often_it_is_settled() -> None:
    ended("r1")

    assert [worker.settle("r1"), worker.settle("r1"), worker.settle("none")] == [
        True,
        False,
        False,
    ]
    assert worker.settle_ended() == 0
    assert said_in_the_log() == ["run/r1"]


def test_what_nobody_wants_to_remember_is_settled_too() -> None:
    ended("r1", job="nobody.knows")

    assert worker.settle_ended() == 1
    assert not JobEnding.objects.exists()


def test_a_system_that_fails_to_remember_holds_up_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with clock.stopped_at(START):
        ended("bad", job="portal.telling")
        ended("good")
        with caplog.at_level(logging.ERROR):
            assert worker.settle_ended() == 1
        row = JobEnding.objects.get()
        again = worker.settle_ended()

    assert said_in_the_log() == ["run/good"], "nothing of the failed try is kept"
    assert (row.run.id, row.tries, row.fault) == ("bad", 1, "ZeroDivisionError")
    assert row.not_before_s == START.timestamp() + 1
    assert again == 0
    assert "run bad could not be settled" in caplog.text


def test_pauses_between_tries_double_up_to_ten_minutes() -> None:
    now = START
    pauses = []
    with clock.stopped_at(now):
        ended("bad", job="portal.telling")
    for _ in range(12):
        with clock.stopped_at(now):
            worker.settle_ended()
            pauses.append(JobEnding.objects.get().not_before_s - now.timestamp())
        now += timedelta(seconds=pauses[-1])

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]


def test_once_its_system_is_mended_a_run_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.stopped_at(START):
        ended("bad", job="portal.telling")
        worker.settle_ended()
    monkeypatch.setitem(chores.SETTLE, "telling", f"{chores.HERE}:note")
    with clock.stopped_at(START + timedelta(seconds=2)):
        assert worker.settle_ended() == 1

    assert said_in_the_log() == ["run/bad"]


def test_a_database_that_is_gone_is_no_fault_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ended("r1")

    def gone(identifier: str) -> bool:
        monkeypatch.setattr(JobEnding.objects, "filter", broken)
        raise OperationalError("the server is gone")

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("the server is gone")

    monkeypatch.setattr(worker, "settle", gone)
    with pytest.raises(Unavailable):
        worker.settle_ended()


@pytest.mark.django_db(transaction=True)
def test_the_next_worker_settles_what_a_killed_one_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ended("r1", job="portal.kill_me")
    code = (
        "from tests.portal import chores\nfrom madang.portal import jobs, worker\n"
        "jobs.JOBS, jobs.SETTLE = chores.JOBS, chores.SETTLE\nworker.settle_ended()\n"
    )
    monkeypatch.setenv("MADANG_TEST_DIE", "1")
    killed = elsewhere.start(code)
    killed.communicate(timeout=60)
    before = said_in_the_log(), JobEnding.objects.count()
    monkeypatch.delenv("MADANG_TEST_DIE")
    elsewhere.run(code)

    assert killed.returncode == -9
    assert before == ([], 1)
    assert said_in_the_log() == ["run/r1"]
    assert not JobEnding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_settle_at_once_settle_each_run_once() -> None:
    names = [f"r{number}" for number in range(30)]
    ended(*names)
    code = (
        "from tests.portal import chores\nfrom madang.portal import jobs, worker\n"
        "jobs.JOBS, jobs.SETTLE = chores.JOBS, chores.SETTLE\n"
        "while worker.settle_ended(): pass\n"
    )
    processes = [elsewhere.start(code) for _ in range(3)]
    for process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint

    assert sorted(said_in_the_log()) == sorted(f"run/{name}" for name in names)


def test_progress_is_kept_within_its_bounds_and_its_column() -> None:
    enqueue("r1", "portal.telling", {})
    lease = leases().claim("w", lease_s=10)
    assert lease
    worker.execute(Claimed(lease))

    row = JobRun.objects.get(id="r1")
    assert row.share == 1.0
    assert row.saying_ko == row.saying_en == ("마지막" * 200)[:300]


def test_progress_that_cannot_be_written_ends_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue("r1", "portal.telling", {})
    lease = leases().claim("w", lease_s=10)
    assert lease

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("the server is gone")

    monkeypatch.setattr(JobRun.objects, "filter", gone)
    assert worker.execute(Claimed(lease)).result == {}


def test_a_worker_is_seen_while_it_is_there_and_no_longer() -> None:
    there = worker.SiteWorker(leases(), lease_s=10, name="w1")
    with clock.stopped_at(START):
        there._say_here()
        SeenWorker.objects.create(name="old", since_s=0, seen_s=START.timestamp() - 86_401)
    with clock.stopped_at(START + timedelta(seconds=4)):
        there._say_here()
        first = SeenWorker.objects.get(name="w1").seen_s
    with clock.stopped_at(START + timedelta(seconds=6)):
        there._say_here()
    names = list(SeenWorker.objects.values_list("name", "seen_s"))
    there.leave()

    assert first == START.timestamp()
    assert names == [("w1", START.timestamp() + 6)]
    assert not SeenWorker.objects.exists()


def test_the_jobs_of_every_system_and_of_the_portal_are_taken() -> None:
    assert {"trials.run", "portal.echo"} <= set(worker.runnable())
    assert connection.vendor in ("sqlite", "postgresql")
