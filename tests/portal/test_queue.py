"""The site's queue keeps every promise of the kernel's, on the database of the site."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from hypothesis import settings as hypothesis_settings

from madang.kernel import systems
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.jobs.lease import Leases
from madang.portal import queue
from madang.portal.models import JobEnding, JobRun
from madang.portal.queue import DatabaseLeaseStore, enqueue, leases
from tests.kernel.jobs import test_lease as promises
from tests.kernel.jobs.test_lease_model import Queue
from tests.portal.people import organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import DjangoAssertNumQueries

    from madang.kernel.jobs.record import Lease

pytestmark = pytest.mark.django_db

# Every promise of the kernel's queue is made here again, on the fixture `leases` below.
globals().update({name: each for name, each in vars(promises).items() if name.startswith("test_")})


@pytest.fixture(name="leases")
def site_leases() -> Iterator[Leases]:
    """The site's queue, with the clock stopped."""
    with promises.at(0):
        yield leases()


class SiteQueue(Queue):
    """The model of the kernel's queue beside the site's."""

    def store(self) -> DatabaseLeaseStore:
        """The site's, emptied."""
        JobRun.objects.all().delete()
        queue.JobTransition.objects.all().delete()
        return DatabaseLeaseStore()


TestSiteQueue = SiteQueue.TestCase
TestSiteQueue.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=30, deadline=None
)

STRANGE = {
    "large": 1e22,
    "negative": -0.0,
    "order": {"나": 1, "가": 2},
    "text": "a\u0000b\"\\'한",
    "deep": [[{"x": None}], True, ""],
}
"""What PostgreSQL's `jsonb` would change or refuse."""


def in_threads(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What the calls gave, each from a thread with a connection of its own."""
    found: list[Any] = [None] * number

    def one(place: int) -> None:
        try:
            found[place] = work(place)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_what_a_job_gave_back_is_kept_to_the_letter() -> None:
    done, failed = (enqueue(name, "j", {}).id for name in ("r1", "r2"))
    queued = leases()
    lease = queued.claim("w", lease_s=10)
    assert lease
    queued.finish(lease, STRANGE)
    lease = queued.claim("w", lease_s=10)
    assert lease
    queued.fail(lease, "crash", STRANGE, retry=False)

    result, detail = queued.get(done).result, queued.get(failed).detail
    assert repr(result) == repr(detail) == repr(STRANGE)
    assert repr(queued.history(failed)[-1].detail) == repr(STRANGE)


def test_a_text_that_no_database_keeps_is_refused_before_it_enters() -> None:
    for parameters in ({"a": "x\0"}, {"a": [{"b": "\0"}]}, {"a\0": 1}):
        with pytest.raises(InputError, match=r"U\+0000"):
            enqueue("r1", "j", parameters)

    assert enqueue("r2", "j", {"a": "\\u0000"}).parameters == {"a": "\\u0000"}
    assert JobRun.objects.count() == 1


def test_a_run_belongs_to_its_first_owner() -> None:
    first, second = organisation(), organisation()
    enqueue("r1", "j", {}, owner=first)
    enqueue("r1", "j", {}, owner=second)
    enqueue("r2", "j", {})
    enqueue("r2", "j", {}, owner=second)

    assert JobRun.objects.get(id="r1").owner == first
    assert JobRun.objects.get(id="r2").owner == second


def test_a_run_that_was_rolled_back_never_was() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("r1", "j", {})
        raise RuntimeError

    assert not leases().list()


@pytest.mark.django_db(transaction=True)
def test_many_that_ask_for_the_same_run_at_once_get_the_same_one() -> None:
    everybody = threading.Barrier(8)

    def ask(place: int) -> Any:
        everybody.wait()
        return enqueue("r1", "j", {"a": 1}).id

    assert in_threads(8, ask) == ["r1"] * 8
    assert JobRun.objects.count() == 1
    assert [each.state for each in leases().history("r1")] == ["queued"]


@pytest.mark.django_db(transaction=True)
def test_who_asks_at_once_with_other_parameters_is_refused() -> None:
    everybody = threading.Barrier(6)

    def ask(place: int) -> Any:
        everybody.wait()
        try:
            return enqueue("r1", "j", {"a": place}).parameters["a"]
        except InputError:
            return "refused"

    found = in_threads(6, ask)
    assert found.count("refused") == 5


@pytest.mark.django_db(transaction=True)
def test_no_run_is_handed_out_twice_to_workers_at_once() -> None:
    for number in range(40):
        enqueue(f"r{number}", "j", {})

    def work(place: int) -> list[str]:
        taken, queued = [], leases()
        while lease := queued.claim(f"w{place}", lease_s=60):
            taken.append(lease.id)
            queued.finish(lease, {})
        return taken

    taken = [id for each in in_threads(4, work) for id in each]

    assert sorted(taken) == sorted(f"r{number}" for number in range(40))
    assert JobEnding.objects.count() == 40


def test_every_ended_run_waits_for_its_system_once() -> None:
    for name in ("done", "failed", "cancelled", "queued"):
        enqueue(name, "j", {}, attempts=1)
    queued = leases()
    ends: list[Callable[[Lease], Any]] = [
        lambda lease: queued.finish(lease, {}),
        lambda lease: queued.fail(lease, "crash", retry=True),
    ]
    for end in ends:
        lease = queued.claim("w", lease_s=10)
        assert lease
        end(lease)
    queued.cancel("cancelled")
    queued.cancel("cancelled")

    waiting = JobEnding.objects.values_list("run__id", flat=True)
    assert sorted(waiting) == ["cancelled", "done", "failed"]


def test_the_indexes_that_systems_ask_for_are_laid_and_used() -> None:
    for number in range(300):
        enqueue(f"r{number}", "trials.run", {"demand": f"d{number % 30}", "firm": "f"})
    asked = queue.having(JobRun.objects.filter(job="trials.run"), {"demand": "d7", "firm": "f"})
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = asked.order_by().explain()

    assert any("found_by" for _ in systems.manifests())
    assert "run_by_demand_" in plan
    assert asked.count() == 10


def test_manifests_name_their_own_jobs_to_find_runs_by_and_to_do_anew() -> None:
    for system in systems.manifests():
        found = [*(group.split()[0] for group in system.found_by), *system.again]
        assert set(found) <= set(system.jobs)
        assert all(len(group.split()) >= 2 for group in system.found_by)
        for folder in system.keeps:
            assert folder.isidentifier()


def test_counting_reads_no_run(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(3):
        enqueue(f"r{number}", "trials.run", {"demand": "d", "firm": "f", "part": "board"})
    with django_assert_num_queries(1):
        found = leases().tally("trials.run", {"demand": "d", "firm": "f", "part": "board"})

    assert found == {("queued", ""): 3}


def test_a_database_that_does_not_answer_is_the_operators_business() -> None:
    with pytest.raises(Unavailable, match="the server is gone"), queue.telling():
        raise OperationalError("the server is gone\nand more")
