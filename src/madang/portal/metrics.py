"""How is the site doing, in numbers that Prometheus collects?

Requests are counted in files that all processes of one server share; the queue and the log are
counted where they stand, in the database, whenever somebody asks.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Min
from django.db.models.functions import Greatest

from madang.kernel import clock
from madang.kernel.jobs.record import LOST, TERMINAL
from madang.portal.models import JobEnding, JobRun, JobTransition, LogHead, SeenWorker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prometheus_client import Counter, Histogram
    from prometheus_client.core import Metric

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The buckets of the time that an answer takes; 150 ms is what was promised."""
LATELY_S = 60.0
"""A worker that was seen since then is there."""
_FILE = re.compile(r"[a-z_]+?_(\d+)\.db")


class _Requests(NamedTuple):
    answered: Counter
    seconds: Histogram
    queries: Counter


@cache
def _requests() -> _Requests:
    folder = settings.DATA / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # the very folder that was swept
    from prometheus_client import CollectorRegistry, Counter, Histogram

    nowhere = CollectorRegistry()
    return _Requests(
        answered=Counter(
            "madang_requests",
            "Answered requests.",
            ["route", "method", "status"],
            registry=nowhere,
        ),
        seconds=Histogram(
            "madang_request_seconds",
            "Time until the answer begins.",
            ["route"],
            registry=nowhere,
            buckets=SECONDS,
        ),
        queries=Counter(
            "madang_request_queries", "Questions to the database.", ["route"], registry=nowhere
        ),
    )


def _forget_the_dead(folder: Path) -> None:
    """Where no process of the last server lives, its counts end: those of this one begin."""
    files = [(file, found) for file in folder.iterdir() if (found := _FILE.fullmatch(file.name))]
    if any(_lives(int(found[1])) for _, found in files):
        return
    for file, _ in files:
        file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def observe(*, route: str, method: str, status: int, seconds: float, queries: int) -> None:
    """Count one answered request."""
    counted = _requests()
    counted.answered.labels(route, method, str(status)).inc()
    counted.seconds.labels(route).observe(seconds)
    counted.queries.labels(route).inc(queries)


def exposition() -> bytes:
    """Every number, as Prometheus reads it."""
    _requests()
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Counted())
    with suppress(FileNotFoundError):
        return generate_latest(registry)
    # A process that ended in the meantime took its file along.
    return generate_latest(registry)


class _Counted:
    """What is counted in the database."""

    def collect(self) -> Iterator[Metric]:
        """The numbers of the queue and of the log."""
        yield from _runs()
        yield from _queue()
        yield _gauge("madang_log_entries", "Entries of the evidence log.", _log_size())

    def describe(self) -> list[Any]:
        """Nothing: asking would cost as much as collecting."""
        return []


def _runs() -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    standing = GaugeMetricFamily("madang_runs", "Runs in the queue.", labels=["job", "state"])
    ended = CounterMetricFamily(
        "madang_run_endings", "Runs that have ended.", labels=["job", "state", "cause"]
    )
    found = JobRun.objects.order_by().values_list("job", "state", "cause")
    waiting: dict[tuple[str, str], int] = {}
    for job, state, cause, count in found.annotate(count=Count("pk")):
        if state in TERMINAL:
            ended.add_metric([job, state, cause], count)
        else:
            waiting[job, state] = waiting.get((job, state), 0) + count
    for labels, count in waiting.items():
        standing.add_metric(list(labels), count)
    yield standing
    yield ended


def _queue() -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    now_s = clock.epoch_s()
    lost = CounterMetricFamily("madang_lost_leases", "Leases that ran out.", labels=["cause"])
    found = JobTransition.objects.filter(cause__in=LOST).order_by().values_list("cause")
    for cause, count in found.annotate(count=Count("pk")):
        lost.add_metric([cause], count)
    yield lost
    yield _gauge(
        "madang_oldest_due_seconds",
        "How long the oldest run has been due without being taken.",
        waited_s(now_s),
    )
    yield _gauge(
        "madang_unsettled_runs",
        "Ended runs whose system has not remembered it.",
        JobEnding.objects.count(),
    )
    yield _gauge(
        "madang_workers",
        f"Workers seen within {LATELY_S:g} seconds.",
        SeenWorker.objects.filter(seen_s__gt=now_s - LATELY_S).count(),
    )


def waited_s(now_s: float) -> float:
    """How long the oldest due run has been waiting; 0 where none is due."""
    due = JobRun.objects.filter(state="queued", not_before_s__lte=now_s).order_by()
    since_s = due.aggregate(since=Min(Greatest(F("not_before_s"), F("enqueued_s"))))["since"]
    return 0.0 if since_s is None else max(0.0, now_s - since_s)


def _log_size() -> int:
    return LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def _gauge(name: str, meaning: str, value: float) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, meaning, value=value)
