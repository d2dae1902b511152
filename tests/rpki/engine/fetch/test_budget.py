"""A repository costs what it may and no more, and what was used up is told."""

from __future__ import annotations

import threading

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.fetch.budget import Budget, BudgetSpent
from madang.rpki.engine.fetch.policy import Policy


def test_bytes_are_counted_to_the_last() -> None:
    budget = Budget("r", Policy(size=1000))
    budget.receive(999)
    budget.receive(1)

    with pytest.raises(BudgetSpent) as caught:
        budget.receive(1)
    assert caught.value.sentence("en") == (
        "r is unavailable: the size of 1000 B was used up after 1001 B and 0 objects."
        " If the repository is sound, raise the limit of fetching."
    )
    assert "1000 B의 용량 한도를 모두 사용함" in caught.value.sentence("ko")


def test_objects_are_counted_to_the_last() -> None:
    budget = Budget("r", Policy(objects=1500))
    budget.receive(12 << 20)
    budget.hold(1500)

    with pytest.raises(
        BudgetSpent, match=r"1,500 objects was used up after 12\.0 MiB and 1,501 objects"
    ):
        budget.hold(1501)


def test_time_runs_from_the_beginning() -> None:
    assert 0 < Budget("r", Policy(time_s=60)).left_s() <= 60
    with pytest.raises(BudgetSpent, match="the time of 0 s was used up"):
        Budget("r", Policy(time_s=0)).left_s()


def test_whoever_stops_fetching_stops_every_budget() -> None:
    stopped = threading.Event()
    budget = Budget("r", Policy(), stopped=stopped)
    assert budget.left_s() > 0
    stopped.set()

    with pytest.raises(Unreachable, match="fetching was stopped"):
        budget.left_s()
