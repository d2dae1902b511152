"""Machines learn whether the site lives and whether it can do its work, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from madang.kernel import clock
from madang.portal import health
from madang.portal.models import SeenWorker
from madang.portal.queue import enqueue
from madang.portal.views import machines

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_folder")]
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    health._all_applied.cache_clear()
    monkeypatch.setattr(machines, "_ready", health.Remembered(health.readiness))


def check(name: str) -> Any:
    return health.readiness()["checks"][name]


def test_that_the_process_lives_needs_no_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_a_site_in_order_is_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert set(answer.json()["checks"]) == {"database", "migrations", "objects", "queue"}


def test_a_database_that_does_not_answer_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("password=secret")

    monkeypatch.setitem(health._CHECKS, "database", gone)
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "why": "no-answer"}
    assert b"secret" not in answer.content


def test_a_missing_migration_is_said() -> None:
    MigrationRecorder(connection).record_unapplied("portal", "0001_initial")

    assert check("migrations") == {"ok": False, "why": "not-applied"}


def test_an_object_store_that_cannot_be_written_is_said(
    tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.OBJECTS = str(tmp_path / "file" / "objects")
    (tmp_path / "file").write_text("no folder")

    assert check("objects") == {"ok": False, "why": "not-writable"}


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)

    assert check("objects") == {"ok": False, "why": "no-room"}


def test_a_queue_that_stands_is_said_and_one_that_is_long_is_not() -> None:
    with clock.stopped_at(START):
        enqueue("r1", "j", {})
        fresh = check("queue")
    with clock.stopped_at(START + timedelta(seconds=121)):
        standing = check("queue")
        SeenWorker.objects.create(name="w", since_s=0, seen_s=START.timestamp() + 121 - 59)
        long = check("queue")
    with clock.stopped_at(START + timedelta(seconds=200)):
        left = check("queue")

    assert fresh == {"ok": True, "oldest_due_s": 0.0, "workers": 0}
    assert standing == left == {"ok": False, "why": "no-worker"}
    assert long == {"ok": True, "oldest_due_s": 121.0, "workers": 1}


def test_who_asks_often_costs_little(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get("/readyz").json()
    with django_assert_num_queries(0):
        assert client.get("/readyz").json() == first
