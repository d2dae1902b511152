"""A queued job reaches one end, once, whatever its workers do."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.jobs.errors import Fenced, NotPlain
from madang.kernel.jobs.lease import Leases, doubling_s
from madang.kernel.jobs.sqlite import SqliteLeaseStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.kernel.jobs.record import Lease

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@contextmanager
def at(seconds: float) -> Iterator[None]:
    """So many seconds after the start."""
    with clock.stopped_at(START + timedelta(seconds=seconds)):
        yield


@pytest.fixture
def leases() -> Iterator[Leases]:
    with at(0):
        yield Leases(SqliteLeaseStore(":memory:"))


def claimed(leases: Leases, worker: str = "w", *, lease_s: float = 10) -> Lease:
    lease = leases.claim(worker, lease_s=lease_s)
    assert lease
    return lease


def states(leases: Leases, id: str) -> list[tuple[str, str]]:
    return [(each.state, each.cause) for each in leases.history(id)]


def test_a_run_goes_from_queued_through_running_to_done(leases: Leases) -> None:
    leases.enqueue("r1", "trials.score", {"demand": "가"})
    with at(1):
        lease = claimed(leases, "worker-1")
    with at(2):
        run = leases.finish(lease, {"score": 0.7})

    assert run == leases.get("r1")
    assert (run.state, run.result, run.ended_s) == (
        "done",
        {"score": 0.7},
        START.timestamp() + 2,
    )
    assert (lease.id, lease.job, lease.parameters) == ("r1", "trials.score", {"demand": "가"})
    assert [
        (each.state, each.at_s - START.timestamp(), each.worker, each.attempt, each.token)
        for each in leases.history("r1")
    ] == [
        ("queued", 0, "", 0, 0),
        ("running", 1, "worker-1", 1, 1),
        ("done", 2, "worker-1", 1, 1),
    ]


def test_enqueueing_twice_makes_one_run_even_after_its_end(leases: Leases) -> None:
    first = leases.enqueue("r1", "j", {"a": 1})
    assert leases.enqueue("r1", "j", {"a": 1}) == first
    done = leases.finish(claimed(leases), {})

    assert leases.enqueue("r1", "j", {"a": 1}) == done
    assert leases.claim("w", lease_s=10) is None
    assert len(leases.list()) == 1


@pytest.mark.parametrize(("job", "parameters"), [("other", {"a": 1}), ("j", {"a": 2})])
def test_an_identifier_belongs_to_its_first_content(
    leases: Leases, job: str, parameters: dict[str, int]
) -> None:
    leases.enqueue("r1", "j", {"a": 1})

    with pytest.raises(InputError, match="'r1'"):
        leases.enqueue("r1", job, parameters)
    assert leases.get("r1").parameters == {"a": 1}


def test_what_is_no_json_never_enters(leases: Leases) -> None:
    with pytest.raises(NotPlain, match=r"parameters\.a"):
        leases.enqueue("r1", "j", {"a": (1, 2)})
    leases.enqueue("r2", "j", {})
    lease = claimed(leases)
    with pytest.raises(NotPlain, match="result"):
        leases.finish(lease, {"a": float("nan")})
    with pytest.raises(NotPlain, match="detail"):
        leases.fail(lease, "c", {"a": {1}}, retry=False)

    assert [run.id for run in leases.list()] == ["r2"]
    assert leases.finish(lease, {}).state == "done", "the lease still stood"


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"limit_s": 0.0}, {"limit_s": -1.0}])
def test_a_run_that_could_never_end_is_not_taken(leases: Leases, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        leases.enqueue("r1", "j", {}, **wrong)
    with pytest.raises(ValueError):
        leases.claim("w", lease_s=0)

    assert leases.list() == []


def test_higher_priority_goes_first_and_equals_in_the_order_they_came(leases: Leases) -> None:
    for id, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5), ("e", -1)):
        leases.enqueue(id, "j", {}, priority=priority)

    assert [claimed(leases).id for _ in range(5)] == ["b", "d", "a", "c", "e"]


def test_a_worker_takes_only_the_jobs_it_knows(leases: Leases) -> None:
    leases.enqueue("a", "x", {})
    leases.enqueue("b", "y", {})

    taken = leases.claim("w", lease_s=10, jobs={"y", "z"})

    assert taken
    assert taken.id == "b"
    assert leases.claim("w", lease_s=10, jobs={"y", "z"}) is None
    assert leases.claim("w", lease_s=10, jobs=()) is None
    assert leases.is_work_left({"x"})
    assert not leases.is_work_left({"z"})


def test_a_lease_holds_to_its_last_moment_and_no_longer(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    first = claimed(leases, "a", lease_s=10)
    with at(9.999):
        assert leases.claim("b", lease_s=10) is None
    with at(10):
        second = claimed(leases, "b")

    assert (second.id, second.token, second.attempt) == ("r1", first.token + 1, 2)
    assert states(leases, "r1") == [
        ("queued", ""),
        ("running", ""),
        ("queued", "worker_lost"),
        ("running", ""),
    ]


def test_a_heartbeat_renews_the_lease_from_now(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    lease = claimed(leases, lease_s=10)
    with at(8):
        assert leases.heartbeat(lease)
    with at(17.9):
        assert leases.claim("b", lease_s=10) is None
    with at(18):
        assert leases.claim("b", lease_s=10)


def test_a_worker_that_comes_late_but_first_may_still_finish(leases: Leases) -> None:
    """The machine slept; nobody else took the run, so the work is not thrown away."""
    leases.enqueue("r1", "j", {})
    lease = claimed(leases, lease_s=10)
    with at(3600):
        assert leases.heartbeat(lease)
        assert leases.finish(lease, {}).state == "done"


def test_an_old_token_changes_nothing(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    old = claimed(leases, "a")
    with at(10):
        new = claimed(leases, "b")
        before = leases.get("r1"), leases.history("r1")
        for late in (
            lambda: leases.heartbeat(old),
            lambda: leases.finish(old, {"from": "a"}),
            lambda: leases.fail(old, "crash", retry=True),
        ):
            with pytest.raises(Fenced):
                late()
        assert (leases.get("r1"), leases.history("r1")) == before
        assert leases.finish(new, {"from": "b"}).result == {"from": "b"}


def test_a_run_ends_once(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    lease = claimed(leases)
    leases.finish(lease, {"n": 1})

    for again in (
        lambda: leases.finish(lease, {"n": 2}),
        lambda: leases.fail(lease, "crash", retry=True),
        lambda: leases.heartbeat(lease),
    ):
        with pytest.raises(Fenced):
            again()
    assert leases.cancel("r1").state == "done"
    assert leases.get("r1").result == {"n": 1}
    assert len(leases.history("r1")) == 3


def test_a_worker_that_keeps_dying_ends_the_run_with_its_cause(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=2)
    claimed(leases, "a", lease_s=10)
    with at(10):
        claimed(leases, "b", lease_s=10)
    with at(21.5):
        assert leases.claim("c", lease_s=10) is None
    run = leases.get("r1")

    assert (run.state, run.cause, run.attempt) == ("failed", "worker_lost", 2)
    assert run.detail == {"overdue_s": 1.5}
    assert run.ended_s == START.timestamp() + 21.5


def test_expire_gives_every_overdue_lease_back(leases: Leases) -> None:
    for number in range(3):
        leases.enqueue(f"r{number}", "j", {}, attempts=1 + number % 2)
    for lease_s in (5, 5, 50):
        claimed(leases, lease_s=lease_s)
    with at(5):
        assert leases.expire() == 2
        assert leases.expire() == 0

    assert [run.state for run in leases.list()] == ["failed", "queued", "running"]


def test_a_failure_that_another_attempt_may_mend_is_tried_again_after_a_pause(
    leases: Leases,
) -> None:
    leases.enqueue("r1", "j", {}, attempts=3)
    run = leases.fail(claimed(leases), "storage", {"place": "disk"}, retry=True)
    assert (run.state, run.cause, run.detail) == ("queued", "storage", {"place": "disk"})

    with at(0.9):
        assert leases.claim("w", lease_s=10) is None
    with at(1):
        second = claimed(leases)
        assert leases.get("r1").cause == ""
        leases.fail(second, "storage", retry=True)
    with at(2.9):
        assert leases.claim("w", lease_s=10) is None
    with at(3):
        last = leases.fail(claimed(leases), "storage", retry=True)

    assert (last.state, last.cause, last.attempt) == ("failed", "storage", 3)


def test_a_failure_for_good_is_not_tried_again(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=3)

    run = leases.fail(claimed(leases), "forbidden", retry=False)

    assert (run.state, run.cause, run.attempt) == ("failed", "forbidden", 1)


def test_a_failure_has_a_cause(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    with pytest.raises(ValueError):
        leases.fail(claimed(leases), "", retry=False)

    assert leases.get("r1").state == "running"


def test_pauses_double_to_a_minute() -> None:
    assert [doubling_s(attempt) for attempt in (1, 2, 3, 6, 7, 60)] == [1, 2, 4, 32, 60, 60]


def test_cancelling_a_queued_run_ends_it_at_once(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})

    run = leases.cancel("r1", by="user-7")

    assert (run.state, run.cause, run.detail) == ("cancelled", "cancelled", {"by": "user-7"})
    assert leases.claim("w", lease_s=10) is None
    assert leases.history("r1")[-1].detail == {"by": "user-7"}


def test_cancelling_a_running_run_is_told_by_its_next_heartbeat(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    lease = claimed(leases)
    assert leases.cancel("r1", by="user-7").state == "running"
    assert leases.cancel("r1").cancel_asked
    assert not leases.heartbeat(lease)

    run = leases.fail(lease, "cancelled", retry=True)

    assert run.state == "cancelled"
    assert states(leases, "r1")[2:] == [("running", "cancel_asked"), ("cancelled", "cancelled")]


def test_a_result_that_was_ready_when_the_cancel_came_counts(leases: Leases) -> None:
    leases.enqueue("r1", "j", {})
    lease = claimed(leases)
    leases.cancel("r1")

    assert leases.finish(lease, {}).state == "done"


def test_a_cancelled_run_whose_worker_died_is_not_begun_again(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=3)
    claimed(leases, lease_s=10)
    leases.cancel("r1")
    with at(10):
        assert leases.claim("w", lease_s=10) is None

    assert (leases.get("r1").state, leases.get("r1").cause) == ("cancelled", "worker_lost")


def test_a_worker_that_beats_but_never_ends_meets_the_time_limit(leases: Leases) -> None:
    leases.enqueue("r1", "j", {}, attempts=2, limit_s=25)
    lease = claimed(leases, lease_s=10)
    for second in (8, 16, 24):
        with at(second):
            assert leases.heartbeat(lease)
    with at(25), pytest.raises(Fenced):
        leases.heartbeat(lease)

    assert states(leases, "r1")[-1] == ("queued", "time_limit")
    with at(26):
        claimed(leases, lease_s=100)
    with at(51):
        assert leases.expire() == 1
    assert (leases.get("r1").state, leases.get("r1").cause) == ("failed", "time_limit")


def test_an_unknown_run_is_refused_by_name(leases: Leases) -> None:
    for ask in (leases.get, leases.cancel, leases.history):
        with pytest.raises(InputError, match="'nobody'"):
            ask("nobody")


def test_runs_are_listed_by_state_and_job(leases: Leases) -> None:
    for id, job in (("a", "x"), ("b", "y"), ("c", "x")):
        leases.enqueue(id, job, {})
    leases.finish(claimed(leases), {})

    assert [run.id for run in leases.list()] == ["a", "b", "c"]
    assert [run.id for run in leases.list(state="queued")] == ["b", "c"]
    assert [run.id for run in leases.list(state="queued", job="x")] == ["c"]
    assert [run.id for run in leases.list(job="y")] == ["b"]


def test_work_is_left_until_the_last_run_has_ended(leases: Leases) -> None:
    assert not leases.is_work_left()
    leases.enqueue("a", "x", {})
    assert leases.is_work_left()
    lease = claimed(leases)
    assert leases.is_work_left()
    leases.finish(lease, {})
    assert not leases.is_work_left()


def test_runs_are_counted_by_state_and_cause_among_those_with_the_same_parameters(
    leases: Leases,
) -> None:
    with at(1):
        for number, firm in enumerate(["가", "가", "가", "나"]):
            leases.enqueue(f"r{number}", "x", {"firm": firm, "a.b": "c"})
        leases.enqueue("other", "y", {"firm": "가", "a.b": "c"})
        leases.finish(claimed(leases), {})
        leases.fail(claimed(leases), "crash", retry=False)

    assert leases.tally("x", {"firm": "가"}) == {
        ("done", ""): 1,
        ("failed", "crash"): 1,
        ("queued", ""): 1,
    }
    assert leases.tally("x", {"firm": "나", "a.b": "c"}) == {("queued", ""): 1}
    assert leases.tally("x") == {("done", ""): 1, ("failed", "crash"): 1, ("queued", ""): 2}
    assert leases.tally("x", {"firm": "다"}) == leases.tally("z") == {}
    assert leases.tally("x", {"nothing": "가"}) == {}


def test_runs_are_found_by_their_parameters_in_the_order_of_their_arrival(leases: Leases) -> None:
    with at(1):
        for number, (firm, part) in enumerate(["가1", "나1", "가2", "가1"]):
            leases.enqueue(f"r{number}", "x", {"firm": firm, "part": part, "n": {"m": 1}})
        leases.enqueue("other", "y", {"firm": "가", "part": "1"})
        leases.finish(claimed(leases), {})

    def found(**asked: Any) -> list[str]:
        return [run.id for run in leases.list(**asked)]

    assert found(job="x", matching={"firm": "가"}) == ["r0", "r2", "r3"]
    assert found(job="x", matching={"firm": "가", "part": "1"}) == ["r0", "r3"]
    assert found(job="x", matching={"firm": "가"}, state="queued") == ["r2", "r3"]
    assert found(matching={"part": "1"}) == ["r0", "r1", "r3", "other"]
    assert found(matching={"firm": "'; DROP"}) == found(matching={"none": "가"}) == []
    with pytest.raises(ValueError):
        found(matching={"firm') OR ('1": "가"})
