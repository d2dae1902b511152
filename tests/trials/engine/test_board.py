"""Every run is released once, one after another, and the ledger survives whoever is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from types import SimpleNamespace

import pytest

from madang.trials.engine.board import Ledger, board_rows
from madang.trials.engine.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "workspace").mkdir()
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def ledger(workspace):
    return Ledger(workspace)


def said(improved: bool, bits: float = 1.0, shown: float = 0.5):
    facts = {"improved": improved, "bits": bits, "step": 0.1}
    return facts | ({"shown": shown, "interval": [shown - 1, shown + 1]} if improved else {})


def release(ledger, run: str, facts, *, firm: str = "one", demand: str = "line", asked=None):
    def decide(best):
        if asked is not None:
            asked.append(best and best.run)
        return facts

    return ledger.release(
        run=run, demand=demand, firm=firm, answers=f"answers of {run}", decide=decide
    )


def test_a_run_is_released_once_however_often_it_is_asked(ledger):
    asked = []

    first = release(ledger, "r1", said(True), asked=asked)
    again = release(ledger, "r1", said(False), asked=asked)

    assert again == first
    assert asked == [None]
    assert len(ledger.releases("line")) == 1
    assert ledger.bits("line") == 1.0


def test_each_release_is_decided_against_the_firms_own_best(ledger):
    asked = []
    release(ledger, "r1", said(False), asked=asked)
    release(ledger, "r2", said(True), asked=asked)
    release(ledger, "r3", said(False), asked=asked)
    release(ledger, "x1", said(True), firm="two", asked=asked)
    release(ledger, "r4", said(True), asked=asked)
    release(ledger, "r5", said(True), asked=asked)

    assert asked == [None, None, "r2", None, "r2", "r4"]


def test_demands_do_not_mix(ledger):
    release(ledger, "r1", said(True), demand="line")
    release(ledger, "r2", said(True, bits=5.0), demand="other")

    assert [each.run for each in ledger.releases("line")] == ["r1"]
    assert ledger.bits("line") == 1.0
    assert ledger.bits("other") == 5.0
    assert ledger.bits("none") == 0.0


def test_a_decision_that_fails_writes_nothing(ledger):
    with pytest.raises(KeyError):
        release(ledger, "r1", {"bits": 1.0})

    assert ledger.releases("line") == []
    assert release(ledger, "r1", said(True)).improved


def test_the_board_has_one_row_a_firm_with_its_best_release(ledger):
    release(ledger, "r1", said(True, shown=0.9))
    release(ledger, "r2", said(False))
    release(ledger, "r3", said(True, shown=0.7), firm="one")
    release(ledger, "x1", said(False), firm="silent")
    release(ledger, "y1", said(True, shown=0.8), firm="가나")

    assert board_rows(ledger, "line") == [
        {"firm": "one", "run": "r3", "shown": 0.7, "interval": [0.7 - 1, 0.7 + 1], "releases": 3},
        {
            "firm": "가나",
            "run": "y1",
            "shown": 0.8,
            "interval": [0.8 - 1, 0.8 + 1],
            "releases": 1,
        },
    ]
    assert ledger.bits("line") == 5.0


def test_what_was_written_is_read_by_another_process(workspace, ledger):
    new = release(ledger, "r1", said(True, shown=0.1 + 0.2))

    assert Ledger(Workspace(workspace.folder)).releases("line") == [new]


def _many(folder, firm, numbers, start):
    ledger = Ledger(Workspace(folder))

    def decide(best, number):
        # Time enough for another process to decide against the same best, were there no lock.
        time.sleep(0.005)
        return said(best is None or number > int(best.answers))

    start.wait()
    for number in numbers:
        ledger.release(
            run=f"{firm}-{number}",
            demand="line",
            firm=firm,
            answers=str(number),
            decide=lambda best, n=number: decide(best, n),
        )


def test_processes_that_release_at_once_keep_one_order(workspace, ledger):
    context = multiprocessing.get_context("fork")
    start = context.Barrier(3)
    jobs = [("one", range(0, 40, 2)), ("one", range(1, 40, 2)), ("two", range(20))]
    workers = [context.Process(target=_many, args=(workspace.folder, *job, start)) for job in jobs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0

    found = ledger.releases("line", "one")
    assert len(found) == 40
    best = -1
    for each in found:
        assert each.improved == (int(each.answers) > best)
        best = max(best, int(each.answers))
    assert ledger.bits("line") == 60.0


def _killed_while_deciding(folder):
    def decide(_):
        os.kill(os.getpid(), signal.SIGKILL)

    Ledger(Workspace(folder)).release(
        run="r1", demand="line", firm="one", answers="a", decide=decide
    )


def test_a_process_killed_while_it_decides_leaves_no_lock_and_no_release(workspace, ledger):
    worker = multiprocessing.get_context("fork").Process(
        target=_killed_while_deciding, args=(workspace.folder,)
    )
    worker.start()
    worker.join(30)

    assert worker.exitcode == -signal.SIGKILL
    assert ledger.releases("line") == []
    assert release(ledger, "r1", said(True)).run == "r1"


def test_a_ledger_reads_no_file_before_the_first_release(tmp_path):
    assert Ledger(SimpleNamespace(folder=tmp_path)).releases("line") == []
    assert list(tmp_path.iterdir()) == []
