"""Whose matter a failed run is decides whether it costs quota and whether it is tried again."""

from __future__ import annotations

import pytest

from madang.kernel.jobs.record import CANCELLED, TIME_LIMIT, WORKER_LOST
from madang.kernel.sandbox.ending import Ending
from madang.trials.engine.cause import Cause
from madang.trials.engine.jailed import _CAUSES
from madang.trials.engine.proceedings import counts

FIRMS = {
    "crash",
    "timeout",
    "memory",
    "forbidden",
    "output_missing",
    "output_invalid",
    "output_too_large",
}


@pytest.mark.parametrize("cause", list(Cause))
def test_each_cause_is_the_firms_or_the_platforms(cause):
    assert cause.is_firms == (cause in FIRMS)
    assert counts("failed", cause) == (cause in FIRMS)
    assert cause.words.ko
    assert cause.words.en


def test_a_run_that_is_under_way_or_done_counts_and_a_cancelled_one_does_not():
    assert all(counts(state, "") for state in ("queued", "running", "done"))
    assert not counts("cancelled", CANCELLED)
    assert not counts("failed", "a cause of some later edition")


def test_the_queues_own_causes_are_among_them():
    assert {WORKER_LOST, TIME_LIMIT, "unavailable", "defect"} <= set(Cause)


def test_every_ending_of_the_jail_has_its_cause():
    assert set(_CAUSES) == set(Ending) - {Ending.DONE}
    assert [ending for ending, cause in _CAUSES.items() if not cause.is_firms] == [
        Ending.UNAVAILABLE
    ]
