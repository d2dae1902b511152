"""The numbers of the site: what was asked of it, and how its queue and its log stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.portal import metrics
from madang.portal.log import remember
from madang.portal.queue import enqueue, leases
from tests.portal import elsewhere

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def number(name: str, **labels: str) -> float:
    """One number of what Prometheus would read."""
    from prometheus_client.parser import text_string_to_metric_families

    text = metrics.exposition().decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0


def test_answers_are_counted_by_route_and_status_never_by_address(client: Client) -> None:
    found = {"method": "GET", "status": "200", "route": "search"}
    before = number("madang_requests_total", **found)
    client.get("/search?q=홍길동")
    client.get("/search?q=x")
    client.get("/홍길동-hushed")

    assert number("madang_requests_total", **found) == before + 2
    assert number("madang_requests_total", method="GET", status="404", route="-") >= 1
    assert number("madang_request_seconds_count", route="search") >= 2
    text = metrics.exposition().decode()
    assert "hushed" not in text
    assert "홍길동" not in text


def test_a_made_up_method_makes_no_label_of_its_own(client: Client) -> None:
    client.generic("BREW", "/healthz")

    assert "BREW" not in metrics.exposition().decode()


def test_the_queue_is_counted_by_state_and_cause() -> None:
    with clock.stopped_at(START):
        for name in ("a", "b", "c", "d", "e"):
            enqueue(name, "trials.run", {}, attempts=1)
        queued = leases()
        lease = queued.claim("w", lease_s=10)
        assert lease
        queued.finish(lease, {})
        lease = queued.claim("w", lease_s=10)
        assert lease
        queued.fail(lease, "memory", retry=False)
        queued.claim("w", lease_s=10)
    with clock.stopped_at(START + timedelta(seconds=30)):
        queued.claim("w", lease_s=10)
        waited = number("madang_oldest_due_seconds")

    def ended(state: str, cause: str) -> float:
        return number("madang_run_endings_total", job="trials.run", state=state, cause=cause)

    assert ended("done", "") == ended("failed", "memory") == ended("failed", "worker_lost") == 1
    assert number("madang_runs", job="trials.run", state="queued") == 1
    assert number("madang_runs", job="trials.run", state="running") == 1
    assert number("madang_lost_leases_total", cause="worker_lost") == 1
    assert number("madang_unsettled_runs") == 3
    assert waited == 30


def test_the_log_is_counted() -> None:
    before = number("madang_log_entries")
    remember("tried", "thing/1", by=None)

    assert number("madang_log_entries") == before + 1


def test_the_numbers_are_for_this_machine_or_for_who_has_the_token(
    client: Client, settings: SettingsWrapper
) -> None:
    def status(**given: str) -> int:
        return client.get("/metrics", **given).status_code

    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    assert status() == status(REMOTE_ADDR="::1") == 200
    assert status(HTTP_X_FORWARDED_FOR="192.0.2.7") == 404
    assert status(**stranger, HTTP_AUTHORIZATION="Bearer ") == 404
    settings.METRICS_TOKEN = "long-and-secret"
    assert status(**stranger) == 404
    assert status(**stranger, HTTP_AUTHORIZATION="Bearer long-and-secret!") == 404
    assert status(**stranger, HTTP_AUTHORIZATION="Bearer 홍") == 404
    assert status(**stranger, HTTP_AUTHORIZATION="Bearer long-and-secret") == 200


@pytest.mark.django_db(transaction=True)
def test_processes_of_one_server_count_together() -> None:
    said = elsewhere.run(
        "from madang.portal import metrics\n"
        "def serve(): metrics.observe("
        "route='shared', method='GET', status=200, seconds=0.1, queries=2)\n"
        "serve()\n"
        "if (child := os.fork()) == 0:\n"
        "    serve()\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(metrics.exposition().decode())\n"
    )

    assert 'madang_requests_total{method="GET",route="shared",status="200"} 2.0' in said
    assert 'madang_request_queries_total{route="shared"} 4.0' in said


def test_counts_of_a_server_that_is_gone_are_forgotten_together(tmp_path: Path) -> None:
    dead, alive = 2**22 + 1, 1
    folder = tmp_path / "metrics"
    folder.mkdir()
    for name in (f"counter_{dead}.db", f"histogram_{dead}.db", "notes.txt"):
        (folder / name).touch()
    metrics._forget_the_dead(folder)
    gone = sorted(each.name for each in folder.iterdir())
    for process in (dead, alive):
        (folder / f"counter_{process}.db").touch()
    metrics._forget_the_dead(folder)

    assert gone == ["notes.txt"]
    assert (folder / f"counter_{dead}.db").exists(), "a sibling of one that lives still counts"
